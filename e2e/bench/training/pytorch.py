"""Milliseconds of the forward pass and of a training step of all-MiniLM-L6-v2 in PyTorch on the CPU, as JSON.

    python pytorch.py <folder of the model> <threads> <dropout> <warm-up> <runs> <the batch as JSON> <the optimizer's settings as JSON>
"""

import json
import sys
import time

import torch
from transformers import AutoModelForSequenceClassification
from transformers.utils import logging

folder, threads, dropout, warm_up, runs, batch, adamw = sys.argv[1:]
batch, adamw = json.loads(batch), json.loads(adamw)
torch.set_num_threads(int(threads))
logging.set_verbosity_error()

model = AutoModelForSequenceClassification.from_pretrained(
    folder, hidden_dropout_prob=float(dropout), attention_probs_dropout_prob=float(dropout)
)
inputs = {name: torch.tensor(rows) for name, rows in batch.items()}
labels = inputs.pop("labels")
optimizer = torch.optim.AdamW(
    model.parameters(), lr=adamw["learningRate"], betas=adamw["betas"], eps=adamw["eps"], weight_decay=0.01
)


def forward():
    model.eval()
    with torch.inference_mode():
        model(**inputs)


def step():
    model.train()
    model(**inputs, labels=labels).loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), adamw["maxGradNorm"])
    optimizer.step()
    optimizer.zero_grad()


def milliseconds(work):
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


times = {"forward": [], "step": []}
for run in range(-int(warm_up), int(runs)):
    forward_time, step_time = milliseconds(forward), milliseconds(step)
    if run >= 0:
        times["forward"].append(forward_time)
        times["step"].append(step_time)
print(json.dumps(times))
