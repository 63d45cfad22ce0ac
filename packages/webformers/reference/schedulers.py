"""Record the factors of every learning-rate schedule of transformers 4.57.6, for schedulers.test.ts.

    python packages/webformers/reference/schedulers.py

Writes packages/webformers/fixtures/trainer/schedulers.json. Each case has the schedule's name, warm-up steps, training steps,
keyword arguments and the learning rate at each step over the initial one. `reduce_lr_on_plateau` has the metric given at each
evaluation instead, the learning rate after it, and the schedule's state in the middle.
"""

import json
from pathlib import Path

import torch
from transformers import get_scheduler

TARGET = Path(__file__).parent.parent / "fixtures/trainer/schedulers.json"
LEARNING_RATE = 2.0**-10  # a power of two: dividing by it gives the factor to the last bit

CASES = [
    ("linear", 10, 100, None),
    ("linear", 0, 60, None),
    ("cosine", 10, 100, None),
    ("cosine", 5, 60, {"num_cycles": 1.5}),
    ("cosine_with_restarts", 10, 100, None),
    ("cosine_with_restarts", 7, 100, {"num_cycles": 3}),
    ("polynomial", 10, 100, None),
    ("polynomial", 6, 60, {"lr_end": 1e-5, "power": 2.5}),
    ("constant", 0, 50, None),
    ("constant_with_warmup", 10, 50, None),
    ("inverse_sqrt", 10, 100, None),
    ("inverse_sqrt", 0, 50, None),
    ("cosine_with_min_lr", 10, 100, {"min_lr": 1e-4}),
    ("cosine_with_min_lr", 4, 60, {"min_lr_rate": 0.2, "num_cycles": 0.75}),
    ("cosine_warmup_with_min_lr", 10, 100, {"min_lr": 1e-4}),
    ("cosine_warmup_with_min_lr", 10, 60, {"min_lr_rate": 0.1, "warmup_lr_rate": 0.05}),
    ("warmup_stable_decay", 10, 100, {"num_decay_steps": 30}),
    ("warmup_stable_decay", 10, 100, {"num_decay_steps": 20, "num_stable_steps": 40, "warmup_type": "cosine",
                                      "decay_type": "linear", "min_lr_ratio": 0.1}),
    ("warmup_stable_decay", 8, 60, {"num_decay_steps": 25, "warmup_type": "1-sqrt", "decay_type": "1-sqrt"}),
    ("warmup_stable_decay", 8, 60, {"num_decay_steps": 25, "decay_type": "cosine", "num_cycles": 1.5, "min_lr_ratio": 0.05}),
]  # fmt: skip

PLATEAUS = [
    {},
    {"factor": 0.5, "patience": 2, "cooldown": 3, "min_lr": 1e-4},
    {"mode": "max", "patience": 1, "threshold": 0.05, "threshold_mode": "abs"},
    {"mode": "max", "factor": 0.3, "patience": 3, "threshold": 0.01, "threshold_mode": "rel", "eps": 1e-5},
]


def optimizer():
    return torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=LEARNING_RATE)


def record(name, warmup, steps, kwargs):
    adamw = optimizer()
    schedule = get_scheduler(name, adamw, warmup, steps, kwargs)
    factors = []
    for _ in range(steps + 5):
        factors.append(schedule.get_last_lr()[0] / LEARNING_RATE)
        adamw.step()
        schedule.step()
    return {"name": name, "warmup": warmup, "steps": steps, "kwargs": kwargs or {}, "factors": factors}


def record_plateau(kwargs):
    generator = torch.Generator().manual_seed(7)
    noise = torch.rand(80, generator=generator, dtype=torch.float64)
    sign = 1 if kwargs.get("mode") == "max" else -1
    metrics = [sign * (1 - 2.0 ** (-i / 10)) + 0.1 * noise[i].item() for i in range(80)]
    schedule = get_scheduler("reduce_lr_on_plateau", optimizer(), scheduler_specific_kwargs=kwargs)
    rates, state = [], None
    for i, metric in enumerate(metrics):
        schedule.step(metric)
        rates.append(schedule.optimizer.param_groups[0]["lr"])
        if i == 39:
            keys = ("best", "num_bad_epochs", "cooldown_counter", "last_epoch")
            state = {key: schedule.state_dict()[key] for key in keys}
    return {"kwargs": kwargs, "metrics": metrics, "rates": rates, "state": state}


recorded = {
    "learning_rate": LEARNING_RATE,
    "cases": [record(*case) for case in CASES],
    "plateaus": [record_plateau(kwargs) for kwargs in PLATEAUS],
}
TARGET.parent.mkdir(parents=True, exist_ok=True)
TARGET.write_text(json.dumps(recorded, separators=(",", ":")) + "\n")
