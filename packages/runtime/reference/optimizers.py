"""Record what the optimizers of torch and transformers make of given gradients over 20 steps, for src/training/: groups with and without decay,
accumulation of two batches, clipping by the norm, a learning rate that changes with each step.

Needs torch 2.13 and transformers 4.57.6; run from this folder: python optimizers.py
"""

import json
from pathlib import Path

import torch
from transformers.optimization import Adafactor

STEPS = 20
SHAPES = {"dense.weight": [6, 5], "dense.bias": [6], "norm.weight": [5], "stack.weight": [2, 3, 4]}
DECAYED = ["dense.weight", "stack.weight"]
torch.manual_seed(0)


def rounded(tensor, digits=5):
    """Few digits, so that the file stays small: the recorded numbers are the given ones, exactly."""
    return torch.tensor([float(f"%.{digits}g" % value) for value in tensor.flatten().tolist()]).view(tensor.shape)


initial = {name: rounded(torch.randn(shape)) for name, shape in SHAPES.items()}
# Two batches a step; the magnitudes range over four orders.
batches = [
    [{name: rounded(torch.randn(shape) * 10 ** (-(step % 5))) for name, shape in SHAPES.items()} for _ in range(2)]
    for step in range(STEPS)
]
rates = [[0.01 * min(1, (step + 1) / 5), 0.002 * (STEPS - step) / STEPS] for step in range(STEPS)]

adafactor = {"eps": (1e-30, 1e-3), "clip_threshold": 1.0, "decay_rate": -0.8, "beta1": None}
CASES = {
    "adamw": (torch.optim.AdamW, {"betas": (0.9, 0.999), "eps": 1e-8}, 0.1, None),
    "adamw, clipped": (torch.optim.AdamW, {"betas": (0.8, 0.95), "eps": 1e-6}, 0.01, 0.5),
    "sgd": (torch.optim.SGD, {}, 0.1, None),
    "sgd with momentum": (torch.optim.SGD, {"momentum": 0.9}, 0.1, 1.0),
    "sgd with Nesterov's momentum": (torch.optim.SGD, {"momentum": 0.9, "nesterov": True}, 0.0, None),
    "adafactor": (Adafactor, {**adafactor, "scale_parameter": True, "relative_step": True, "warmup_init": False}, 0.0, None),
    "adafactor, warming up": (Adafactor, {**adafactor, "scale_parameter": True, "relative_step": True, "warmup_init": True}, 0.0, 1.0),
    "adafactor, given rates": (Adafactor, {**adafactor, "scale_parameter": False, "relative_step": False, "warmup_init": False}, 0.1, 1.0),
    "adafactor with a first moment": (
        Adafactor,
        {**adafactor, "beta1": 0.9, "clip_threshold": 0.7, "scale_parameter": True, "relative_step": False, "warmup_init": False},
        0.01,
        None,
    ),
}


def run(kind, options, decay, max_norm):
    weights = {name: torch.nn.Parameter(value.clone()) for name, value in initial.items()}
    relative = options.get("relative_step", False)
    groups = [
        {"params": [weights[n] for n in DECAYED], "weight_decay": decay},
        {"params": [weights[n] for n in weights if n not in DECAYED], "weight_decay": 0.0},
    ]
    optimizer = kind(groups, lr=None if relative else 0.01, **options)
    norms = []
    for step in range(STEPS):
        if not relative:
            for group, rate in zip(optimizer.param_groups, rates[step]):
                group["lr"] = rate
        for name, weight in weights.items():
            first, second = (batch[name] for batch in batches[step])
            weight.grad = first * 0.5 + second * 0.5
        if max_norm is not None:
            norms.append(torch.nn.utils.clip_grad_norm_(weights.values(), max_norm).item())
        optimizer.step()
    return {
        "options": options,
        "weight_decay": decay,
        "max_norm": max_norm,
        "norms": norms,
        "weights": {name: weight.detach().flatten().tolist() for name, weight in weights.items()},
    }


def flat(tensors):
    return {name: [float("%.5g" % value) for value in tensor.flatten().tolist()] for name, tensor in tensors.items()}


out = Path(__file__).parent.parent / "src/fixture/optimizers.json"
recorded = {
    "shapes": SHAPES,
    "decayed": DECAYED,
    "initial": flat(initial),
    "batches": [[flat(batch) for batch in pair] for pair in batches],
    "rates": rates,
    "cases": {name: run(*case) for name, case in CASES.items()},
}
out.write_text(json.dumps(recorded) + "\n")
