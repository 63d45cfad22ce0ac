"""Record whole runs of Python's Trainer over linear regression, for the tests in src/trainer.

    python -m venv venv && venv/bin/pip install torch==2.13.0 transformers==4.57.6 accelerate==1.15.0
    HF_HUB_OFFLINE=1 venv/bin/python packages/webformers/reference/trainer.py

Everything is in double precision, so that a few lines of JavaScript (src/testing/regression.ts) compute the same. Writes

- packages/webformers/fixtures/trainer/runs.json: for each case the arguments, the examples of each batch in order, each callback
  with its step and the control's flags, the log, the state, the checkpoints that are left, the final weights, a prediction;
- packages/webformers/fixtures/trainer/architectures.json: for every model in packages/models the parameters that do not decay,
  whether its `forward` takes keyword arguments for its loss, and how many labels its loss divides by when told their number.
"""

import json
import re
import shutil
import tempfile
from pathlib import Path

import numpy as np
import torch
import transformers
from safetensors.torch import load_file
from torch import nn
from transformers import EarlyStoppingCallback, Trainer, TrainerCallback, TrainingArguments
from transformers.utils import logging

logging.set_verbosity_error()
torch.set_num_threads(1)
PACKAGES = Path(__file__).parent.parent.parent
TARGET = PACKAGES / "webformers/fixtures/trainer"

TIMES = re.compile(r"_(runtime|per_second|preparation_time)$")
EVENTS = ["init_end", "train_begin", "epoch_begin", "step_begin", "substep_end", "pre_optimizer_step", "optimizer_step", "step_end",
          "epoch_end", "evaluate", "predict", "save", "log", "prediction_step", "train_end"]  # fmt: skip
FLAGS = ["should_training_stop", "should_epoch_stop", "should_save", "should_evaluate", "should_log"]


class Regression(nn.Module):
    """y = w·x + b, with the mean of the squared errors as loss."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 1).double()
        with torch.no_grad():
            self.linear.weight.copy_(torch.tensor([[0.5, -0.25, 0.125]]))
            self.linear.bias.zero_()

    def outputs(self, x, labels, count=None):
        logits = self.linear(x)[:, 0]
        if labels is None:
            return {"logits": logits}
        errors = (logits - labels) ** 2
        return {"loss": errors.mean() if count is None else errors.sum() / count, "logits": logits}

    def forward(self, x, labels=None):
        return self.outputs(x, labels)


class CountingRegression(Regression):
    """The same, divided by the number of items of the whole accumulation where that is told."""

    def forward(self, x, labels=None, **kwargs):
        return self.outputs(x, labels, kwargs.get("num_items_in_batch"))


def examples(count, first):
    """Numbers that a float32 holds exactly, and that `src/testing/regression.ts` computes as well."""
    made = []
    for i in range(first, first + count):
        x = [((i * 37 + k * 101) % 256) / 128 - 1 for k in range(3)]
        noise = ((i * 53) % 32) / 64 - 0.25
        made.append({"id": i, "x": x, "input_ids": [0] * (1 + (i * 7) % 13), "labels": 1.5 * x[0] - 2 * x[1] + 0.5 * x[2] + 0.75 + noise})
    return made


class Recorder(TrainerCallback):
    def __init__(self):
        self.events = []


def recording(event):
    def method(self, args, state, control, **kwargs):
        flags = "".join("1" if getattr(control, flag) else "0" for flag in FLAGS)
        self.events.append([event, state.global_step, state.epoch, flags])

    return method


for event in EVENTS:
    setattr(Recorder, f"on_{event}", recording(event))


def collator(batches):
    def collate(features):
        if features[0]["id"] < 1000:
            batches.append([feature["id"] for feature in features])
        return {
            "x": torch.tensor([feature["x"] for feature in features], dtype=torch.float64),
            "labels": torch.tensor([feature["labels"] for feature in features], dtype=torch.float64),
        }

    return collate


def compute_metrics(prediction):
    return {"mae": float(np.abs(prediction.predictions - prediction.label_ids).mean())}


COMMON = {"learning_rate": 0.05, "per_device_train_batch_size": 4, "per_device_eval_batch_size": 3, "seed": 42,
          "remove_unused_columns": False}
CASES = {
    "steps": {"args": {"num_train_epochs": 3, "weight_decay": 0.1, "warmup_steps": 3, "max_grad_norm": 0.5, "logging_steps": 2,
                       "eval_strategy": "steps", "eval_steps": 3, "save_steps": 6, "load_best_model_at_end": True,
                       "save_total_limit": 2}},
    "epochs": {"args": {"num_train_epochs": 2.5, "gradient_accumulation_steps": 4, "logging_strategy": "epoch", "eval_strategy": "epoch",
                        "save_strategy": "epoch", "logging_first_step": True, "lr_scheduler_type": "cosine", "weight_decay": 0.01}},
    "counted": {"model": "counting", "args": {"num_train_epochs": 2, "gradient_accumulation_steps": 4, "logging_steps": 1, "save_strategy": "no",
                                              "eval_strategy": "epoch"}},
    "max-steps": {"args": {"max_steps": 11, "dataloader_drop_last": True, "logging_steps": 3, "save_strategy": "no", "data_seed": 7,
                           "lr_scheduler_type": "constant_with_warmup", "warmup_ratio": 0.25, "max_grad_norm": 0}},
    "early-stopping": {"patience": 2, "args": {"num_train_epochs": 6, "learning_rate": 0.9, "lr_scheduler_type": "constant", "logging_steps": 4,
                                               "eval_strategy": "steps", "eval_steps": 2, "save_steps": 2, "load_best_model_at_end": True,
                                               "metric_for_best_model": "mae", "greater_is_better": False, "save_total_limit": 1}},
    "plateau": {"args": {"num_train_epochs": 4, "learning_rate": 1.5, "lr_scheduler_type": "reduce_lr_on_plateau", "logging_steps": 2,
                         "lr_scheduler_kwargs": {"factor": 0.5, "patience": 1}, "eval_strategy": "steps", "eval_steps": 2,
                         "save_strategy": "no"}},
    "ratios": {"args": {"num_train_epochs": 3, "logging_steps": 0.15, "eval_strategy": "steps", "eval_steps": 0.2, "save_steps": 0.4,
                        "warmup_ratio": 0.2, "optim": "sgd", "eval_delay": 5, "eval_on_start": True}},
    "grouped": {"args": {"num_train_epochs": 3, "group_by_length": True, "logging_steps": 5, "save_strategy": "no"}},
    "several": {"several": True, "args": {"num_train_epochs": 1, "logging_steps": 2, "eval_strategy": "epoch", "save_strategy": "epoch",
                                          "load_best_model_at_end": True, "metric_for_best_model": "eval_far_loss"}},
}  # fmt: skip


def record_run(name, case):
    folder = Path(tempfile.mkdtemp())
    batches, recorder = [], Recorder()
    arguments = {**COMMON, **case["args"]}
    args = TrainingArguments(output_dir=str(folder), use_cpu=True, report_to="none", disable_tqdm=True, dataloader_pin_memory=False, **arguments)
    model = (CountingRegression if case.get("model") == "counting" else Regression)()
    evaluation = examples(8, 1000)
    if case.get("several"):
        evaluation = {"near": evaluation, "far": examples(5, 2000)}
    stopping = [EarlyStoppingCallback(case["patience"])] if "patience" in case else []
    trainer = Trainer(
        model=model,
        args=args,
        train_dataset=examples(22, 0),
        eval_dataset=evaluation,
        data_collator=collator(batches),
        compute_metrics=compute_metrics,
        callbacks=[recorder, *stopping],
    )
    result = trainer.train()
    predicted = trainer.predict(examples(7, 3000))
    state = trainer.state
    keys = ["epoch", "global_step", "max_steps", "logging_steps", "eval_steps", "save_steps", "train_batch_size", "num_train_epochs",
            "best_metric", "best_global_step"]  # fmt: skip
    recorded = {
        "args": arguments,
        "model": case.get("model", "plain"),
        "patience": case.get("patience"),
        "several": case.get("several", False),
        "batches": batches,
        "events": recorder.events,
        "log": [{key: value for key, value in entry.items() if not TIMES.search(key)} for entry in state.log_history],
        "timed": sorted({key for entry in state.log_history for key in entry if TIMES.search(key)} - {"eval_model_preparation_time"}),
        "state": {key: getattr(state, key) for key in keys},
        "best_model_checkpoint": state.best_model_checkpoint and Path(state.best_model_checkpoint).name,
        "checkpoints": sorted((path.name for path in folder.glob("checkpoint-*")), key=lambda path: int(path.split("-")[1])),
        "train_loss": result.training_loss,
        "weights": model.linear.weight.flatten().tolist() + model.linear.bias.tolist(),
        "predictions": predicted.predictions.tolist(),
        "label_ids": predicted.label_ids.tolist(),
        "test_metrics": {key: value for key, value in predicted.metrics.items() if not TIMES.search(key)},
    }
    shutil.rmtree(folder)
    return recorded


def trained_of(model):
    """Names of parameters that have a gradient: Marian's tables of sines have none."""
    fixed = model.config.model_type == "marian"
    return [name for name, _ in model.named_parameters() if not (fixed and "embed_positions" in name)]


def decay_of(model):
    trainer = Trainer.__new__(Trainer)
    decaying = set(trainer.get_decay_parameter_names(model))
    return [name for name in trained_of(model) if name not in decaying]


def labels_for(name, model, inputs):
    batch = next(iter(inputs.values())).shape[0]
    ids = inputs.get("decoder_input_ids", inputs.get("input_ids"))
    if any(head in name for head in ("ForMaskedLM", "ForCausalLM", "LMHeadModel", "ForConditionalGeneration", "MTModel")):
        return {"labels": torch.zeros_like(ids)}
    if "ForTokenClassification" in name:
        return {"labels": torch.zeros_like(ids)}
    if "ForQuestionAnswering" in name:
        return {"start_positions": torch.zeros(batch).long(), "end_positions": torch.zeros(batch).long()}
    if any(head in name for head in ("ForSequenceClassification", "ForMultipleChoice", "ForImageClassification")):
        return {"labels": torch.zeros(batch).long()}
    return None


def record_architecture(folder):
    name = json.loads((folder / "config.json").read_text())["architectures"][0]
    model = getattr(transformers, name).from_pretrained(folder).eval()
    inputs = {key: value.long() if not value.is_floating_point() else value for key, value in load_file(folder / "inputs.safetensors").items()}
    recorded = {"class": name, "parameters": len(trained_of(model)), "without_decay": decay_of(model)}
    labels = labels_for(name, model, inputs)
    if labels is None:
        return recorded
    import inspect

    kinds = [parameter.kind for parameter in inspect.signature(model.forward).parameters.values()]
    accepts = getattr(model, "accepts_loss_kwargs", inspect.Parameter.VAR_KEYWORD in kinds)
    recorded["accepts_loss_kwargs"] = accepts
    if accepts and "labels" in labels:
        if "ForConditionalGeneration" in name:
            inputs.pop("decoder_input_ids", None)
        with torch.no_grad():
            mean = model(**inputs, **labels).loss.item()
            one = model(**inputs, **labels, num_items_in_batch=1).loss.item()
        recorded["labels"] = labels["labels"].numel()
        recorded["divided_by"] = round(one / mean)
    return recorded




if __name__ == "__main__":
    TARGET.mkdir(parents=True, exist_ok=True)
    runs = {name: record_run(name, case) for name, case in CASES.items()}
    (TARGET / "runs.json").write_text(json.dumps(runs, separators=(",", ":"), allow_nan=False) + "\n")
    architectures = {
        f"{folder.parent.parent.name}/{folder.name}": record_architecture(folder)
        for folder in sorted(path.parent for path in PACKAGES.glob("models/src/*/fixture/*/config.json"))
        if hasattr(transformers, json.loads((folder / "config.json").read_text())["architectures"][0])
    }
    (TARGET / "architectures.json").write_text(json.dumps(architectures, separators=(",", ":")) + "\n")
