"""Record what torch makes of a small attention model in 20 updates of two batches each, for src/training/: a table with a row for padding,
decay groups, clipping, a learning rate that falls, all with AdamW.

Needs torch 2.13; run from this folder: python training.py
"""

import json
from pathlib import Path

import torch
from torch.nn import functional as F

STEPS, WORDS, WIDTH, HEADS, LABELS = 20, 19, 8, 2, 3
torch.manual_seed(0)


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.words = torch.nn.Embedding(WORDS, WIDTH, padding_idx=0)
        self.query, self.value = (torch.nn.Linear(WIDTH, WIDTH) for _ in range(2))
        # A key's bias changes no probability: its gradient would be noise, of which AdamW makes whole steps.
        self.key = torch.nn.Linear(WIDTH, WIDTH, bias=False)
        self.norm = torch.nn.LayerNorm(WIDTH, eps=1e-5)
        self.head = torch.nn.Linear(WIDTH, LABELS)

    def forward(self, ids):
        x = self.words(ids)
        split = [f(x).unflatten(-1, (HEADS, -1)).transpose(1, 2) for f in (self.query, self.key, self.value)]
        context = F.scaled_dot_product_attention(*split).transpose(1, 2).flatten(2)
        return self.head(self.norm(x + context).mean(1))


def rounded(tensor):
    return torch.tensor([float("%.5g" % value) for value in tensor.flatten().tolist()]).view(tensor.shape)


model = Model()
model.load_state_dict({name: rounded(value) for name, value in model.state_dict().items()})
initial = {name: value.flatten().tolist() for name, value in model.state_dict().items()}
shapes = {name: list(value.shape) for name, value in model.state_dict().items()}
decayed = [name for name in shapes if name.endswith("weight") and not name.startswith("norm")]
# Few words: some rows of the table never have a gradient, and some only once.
batches = [
    [{"ids": torch.randint(0, 3 + step // 2, (4, 5)), "labels": torch.randint(0, LABELS, (4,))} for _ in range(2)]
    for step in range(STEPS)
]
rates = [0.02 * (1 - step / STEPS) for step in range(STEPS)]
parameters = dict(model.named_parameters())
optimizer = torch.optim.AdamW(
    [
        {"params": [parameters[n] for n in decayed], "weight_decay": 0.1},
        {"params": [p for n, p in parameters.items() if n not in decayed], "weight_decay": 0.0},
    ]
)
losses, norms = [], []
for step, pair in enumerate(batches):
    optimizer.zero_grad()
    for batch in pair:
        loss = F.cross_entropy(model(batch["ids"]), batch["labels"])
        losses.append(loss.item())
        (loss * 0.5).backward()
    norms.append(torch.nn.utils.clip_grad_norm_(parameters.values(), 0.5).item())
    for group in optimizer.param_groups:
        group["lr"] = rates[step]
    optimizer.step()

probe = torch.arange(10).view(2, 5)
recorded = {
    "shapes": shapes,
    "decayed": decayed,
    "initial": {name: [float("%.5g" % x) for x in values] for name, values in initial.items()},
    "batches": [[{name: x.tolist() for name, x in batch.items()} for batch in pair] for pair in batches],
    "rates": rates,
    "losses": losses,
    "norms": norms,
    "weights": {name: value.flatten().tolist() for name, value in model.state_dict().items()},
    "probe": {"ids": probe.tolist(), "logits": model(probe).tolist()},
}
out = Path(__file__).parent.parent / "src/fixture/training.json"
out.write_text(json.dumps(recorded) + "\n")
