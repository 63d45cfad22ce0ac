"""Record what detectors lose and learn of objects on images, for detection.browser.test.ts.

    HF_HUB_OFFLINE=1 python packages/webformers/reference/detection.py        # needs SciPy, timm and accelerate

Writes packages/webformers/fixtures/detection.json:
  losses    by model, for the images that are recorded with it: the objects on them, the loss, and digests of some gradients
  training  of Python's Trainer: the objects on each image, the loss of each step, the loss of evaluation, and digests of weights

A digest is [shape, sum(x · cos(0, 1, 2, …)), norm]. Pixel j of image i in training is sin(i + j).
"""

import json
import tempfile
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file
from transformers import Trainer, TrainingArguments
from transformers.utils import logging

logging.set_verbosity_error()
torch.set_num_threads(1)
PACKAGES = Path(__file__).parent.parent.parent
CLASSES = 4
LOSSES = {
    "detr/object-detection": ["class_labels_classifier.weight", "bbox_predictor.layers.0.weight", "model.decoder.layers.0.fc1.weight"],
    "detr/segmentation": ["detr.class_labels_classifier.weight", "detr.bbox_predictor.layers.0.weight", "mask_head.lay1.weight"],
    "yolos/object-detection": ["class_labels_classifier.layers.2.weight", "bbox_predictor.layers.0.weight", "vit.embeddings.detection_tokens"],
}
ARGUMENTS = {"max_steps": 8, "per_device_train_batch_size": 2, "per_device_eval_batch_size": 2, "learning_rate": 0.002, "weight_decay": 0.05,
             "warmup_steps": 2, "max_grad_norm": 1.0, "adam_epsilon": 1e-6, "seed": 42}  # fmt: skip
STEPS = {"logging_steps": 1, "save_strategy": "no", "report_to": [], "disable_tqdm": True, "use_cpu": True, "prediction_loss_only": True}
random = torch.Generator().manual_seed(7)


def load(name):
    kind, case = name.split("/")
    fixture = PACKAGES / "models/src" / kind / "fixture" / case
    made = getattr(transformers, json.loads((fixture / "config.json").read_text())["architectures"][0])
    return made.from_pretrained(fixture, attn_implementation="eager").eval(), fixture


def objects(count, size=None):
    """So many objects on an image."""
    middles = 0.2 + 0.6 * torch.rand([count, 2], generator=random)
    boxes = torch.cat([middles, 0.1 + 0.3 * torch.rand([count, 2], generator=random)], -1)
    made = {"class_labels": torch.randint(0, CLASSES, [count], generator=random), "boxes": boxes}
    if size:
        made["masks"] = (torch.rand([count, *size], generator=random) < 0.4).float()
    return made


def digest(x):
    flat = x.detach().double().flatten()
    dot = (flat * torch.cos(torch.arange(len(flat), dtype=torch.float64))).sum().item()
    return [list(x.shape), float(f"{dot:.7g}"), float(f"{flat.norm().item():.7g}")]


def listed(labels):
    return [{key: value.tolist() for key, value in each.items()} for each in labels]


def losses(name, parameters):
    model, fixture = load(name)
    inputs = {key: value.long() if value.dtype == torch.int32 else value for key, value in load_file(fixture / "inputs.safetensors").items()}
    labels = [objects(count, (9, 11) if "segmentation" in name else None) for count in (3, 1)]
    outputs = model(**inputs, labels=labels)
    outputs.loss.backward()
    found = dict(model.named_parameters())
    gradients = {each: digest(found[each].grad) for each in parameters}
    return {"labels": listed(labels), "loss": outputs.loss.item(), "gradients": gradients}


class Exact(Trainer):
    """A Trainer that does not round what it logs."""

    def training_step(self, *given):
        loss = super().training_step(*given)
        self.exact.append(loss.item())
        return loss


def training():
    model, _ = load("yolos/object-detection")
    height, width = model.config.image_size
    size = height * width
    dataset = [
        {"pixel_values": torch.sin(i + torch.arange(size, dtype=torch.float64)).float().reshape(1, height, width), "labels": objects(1 + i % 3)}
        for i in range(6)
    ]

    def collate(items):
        return {"pixel_values": torch.stack([item["pixel_values"] for item in items]), "labels": [item["labels"] for item in items]}

    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(folder, **ARGUMENTS, **STEPS)
        trainer = Exact(model, arguments, data_collator=collate, train_dataset=dataset, eval_dataset=dataset[:3])
        trainer.exact = []
        trainer.train()
        evaluated = trainer.evaluate()
    weights = {name: digest(parameter) for name, parameter in model.named_parameters() if "classifier" in name or "embeddings" in name}
    return {
        "labels": listed(item["labels"] for item in dataset),
        "args": ARGUMENTS,
        "losses": trainer.exact,
        "eval_loss": evaluated["eval_loss"],
        "weights": weights,
    }


if __name__ == "__main__":
    recorded = {"losses": {name: losses(name, parameters) for name, parameters in LOSSES.items()}, "training": training()}
    (PACKAGES / "webformers/fixtures/detection.json").write_text(json.dumps(recorded, separators=(",", ":")) + "\n")
