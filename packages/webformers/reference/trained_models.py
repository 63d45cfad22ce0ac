"""Record 50 steps of Python's Trainer over real architectures, for src/trainer/models.browser.test.ts.

    HF_HUB_OFFLINE=1 venv/bin/python packages/webformers/reference/trained_models.py

(The environment is that of trainer.py.) Dropout is off, everything else as people use it: AdamW with warm-up, decay,
accumulation and clipping, batches with padding. Writes packages/webformers/fixtures/trainer/models.json: for each model the loss
and the norm of the gradients at each step, and of each final weight its shape, its product with cos(0), cos(1), … and its norm.
"""

import json
import tempfile
from pathlib import Path

import torch
import transformers
from transformers import Trainer, TrainingArguments
from transformers.utils import logging

logging.set_verbosity_error()
torch.set_num_threads(1)
PACKAGES = Path(__file__).parent.parent.parent
TARGET = PACKAGES / "webformers/fixtures/trainer/models.json"

# A bias of keys changes no attention: its gradient is noise, which an epsilon of 1e-8 would make as large as any other.
ARGUMENTS = {"max_steps": 50, "learning_rate": 0.002, "per_device_train_batch_size": 4, "gradient_accumulation_steps": 2,
             "warmup_steps": 5, "weight_decay": 0.1, "max_grad_norm": 1.0, "adam_epsilon": 1e-6, "logging_steps": 1,
             "save_strategy": "no", "seed": 42}  # fmt: skip
DROPOUTS = ("hidden_dropout_prob", "attention_probs_dropout_prob", "attn_pdrop", "embd_pdrop", "resid_pdrop", "dropout_rate", "classifier_dropout")
LENGTH = 10
COUNT = 60


def text(i):
    """Tokens with padding behind them; src/trainer/models.browser.test.ts makes the same."""
    length = 6 + i % 5
    ids = [4 + (i * 31 + k * 17 + (i * k) % 7) % 56 for k in range(length)]
    rest = LENGTH - length
    return ids + [0] * rest, [1] * length + [0] * rest, ids + [-100] * rest


def sequence_classification(i):
    ids, mask, _ = text(i)
    return {"input_ids": ids, "attention_mask": mask, "labels": (i * 7) % 5}


def causal_lm(i):
    ids, mask, labels = text(i)
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def conditional_generation(i):
    ids, mask, _ = text(i)
    return {"input_ids": ids, "attention_mask": mask, "labels": text(i + 3)[2]}


def image_classification(i):
    pixels = [[[((i * 13 + c * 5 + y * 3 + x * 7 + (x * y * i) % 11) % 32) / 16 - 1 for x in range(12)] for y in range(12)]
              for c in range(3)]  # fmt: skip
    return {"pixel_values": pixels, "labels": (i * 7) % 5}


CASES = {
    "bert/sequence-classification": sequence_classification,
    "gpt2/causal-lm": causal_lm,
    "t5/conditional-generation": conditional_generation,
    "vit/image-classification": image_classification,
}


def digest(x):
    flat = x.detach().double().flatten()
    dot = (flat * torch.cos(torch.arange(len(flat), dtype=torch.float64))).sum().item()
    return [list(x.shape), float(f"{dot:.7g}"), float(f"{flat.norm().item():.7g}")]


class Recording(Trainer):
    """Keeps losses as they are; the log rounds them."""

    losses = ()

    def training_step(self, *args, **kwargs):
        loss = super().training_step(*args, **kwargs)
        self.losses = [*self.losses, loss.item()]
        return loss


def record(name, make):
    folder = PACKAGES / "models/src" / name.replace("/", "/fixture/")
    config = transformers.AutoConfig.from_pretrained(folder)
    off = {name: 0.0 for name in DROPOUTS if hasattr(config, name)}
    model = getattr(transformers, config.architectures[0]).from_pretrained(folder, **off)
    args = TrainingArguments(tempfile.mkdtemp(), use_cpu=True, report_to="none", disable_tqdm=True, dataloader_pin_memory=False, **ARGUMENTS)
    trainer = Recording(model=model, args=args, train_dataset=[make(i) for i in range(COUNT)])
    trainer.train()
    steps = [entry for entry in trainer.state.log_history if "loss" in entry]
    # 15 batches an epoch: the last step of each has one.
    losses, at = [], 0
    for step in range(len(steps)):
        size = 1 if step % 8 == 7 else 2
        losses.append(sum(trainer.losses[at : at + size]))
        at += size
    assert all(abs(loss - entry["loss"]) < 1e-4 for loss, entry in zip(losses, steps, strict=True))
    return {
        "losses": [float(f"{loss:.7g}") for loss in losses],
        "grad_norms": [float(f"{entry['grad_norm']:.7g}") for entry in steps],
        "weights": {key: digest(value) for key, value in model.named_parameters()},
    }


recorded = {"args": ARGUMENTS, "models": {name: record(name, make) for name, make in CASES.items()}}
TARGET.write_text(json.dumps(recorded, separators=(",", ":")) + "\n")
