"""Record trainings of Python's Trainer over real architectures, for src/trainer/training.browser.test.ts and its neighbours.

    HF_HUB_OFFLINE=1 venv/bin/python packages/webformers/reference/training.py

(The environment is that of trainer.py.) The models are those recorded in packages/models, dropout off; the rest is as people use
it: texts of several lengths that a collator pads, groups of batches of which the last is incomplete, clipping, schedules. Writes

- packages/webformers/fixtures/training/tokenizer.json and tokenizer_config.json: a tokenizer of 60 words;
- packages/webformers/fixtures/training/cases.json: the examples, and for each case its arguments, the loss, the norm of the
  gradients, the learning rate and the epoch of each step, what evaluation and prediction give in the end, and of each final
  weight its shape, its product with cos(0), cos(1), … and its norm.
"""

import json
import random
import tempfile
from pathlib import Path

import numpy as np
import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    DataCollatorForLanguageModeling,
    DataCollatorForSeq2Seq,
    DataCollatorForTokenClassification,
    DataCollatorWithPadding,
    PreTrainedTokenizerFast,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    default_data_collator,
)
from transformers.utils import logging

logging.set_verbosity_error()
torch.set_num_threads(1)
PACKAGES = Path(__file__).parent.parent.parent
TARGET = PACKAGES / "webformers/fixtures/training"

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = """ant bear cat deer elk fox goat hare ibis jay koala lion mole newt owl pig quail rat seal toad black blue brown gold green
grey pink red white yellow big fast kind loud new old shy slow small wild eats finds hears helps likes meets sees seeks wakes warns
and but in on under""".split()  # fmt: skip
DROPOUTS = ("hidden_dropout_prob", "attention_probs_dropout_prob", "attn_pdrop", "embd_pdrop", "resid_pdrop", "dropout_rate")
TRAIN, EVALUATE = 58, 11


def make_tokenizer():
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate([*SPECIAL, *WORDS])}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]"}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_input_names=["input_ids", "attention_mask"], **names)


def make_examples():
    """Sentences whose first word tells their class, and whose words tell their tags."""
    choice = random.Random(5)
    examples = []
    for _ in range(TRAIN + EVALUATE):
        words = [choice.choice(WORDS) for _ in range(choice.randint(2, 10))]
        examples.append({"text": " ".join(words), "label": WORDS.index(words[0]) % 5, "target": " ".join(reversed(words[:6]))})
    return examples


def pixels(i):
    """src/testing/training.ts makes the same."""
    return [[[((i * 13 + c * 5 + y * 3 + x * 7 + (x * y * i) % 11) % 32) / 16 - 1 for x in range(12)] for y in range(12)] for c in range(3)]


def with_ids(tokenizer, example):
    encoding = tokenizer(example["text"])
    return {"input_ids": encoding["input_ids"], "attention_mask": encoding["attention_mask"]}


def classified(tokenizer, example, i):
    return {**with_ids(tokenizer, example), "label": example["label"]}


def language(tokenizer, example, i):
    return with_ids(tokenizer, example)


def translated(tokenizer, example, i):
    return {**with_ids(tokenizer, example), "labels": tokenizer(example["target"])["input_ids"]}


def tagged(tokenizer, example, i):
    given = with_ids(tokenizer, example)
    return {**given, "labels": [-100 if id < len(SPECIAL) else id % 7 for id in given["input_ids"]]}


def pictured(tokenizer, example, i):
    return {"pixel_values": pixels(i), "labels": example["label"]}


# A bias of keys changes no attention: its gradient is noise, which an epsilon of 1e-8 would make as large as any other's. Adafactor
# makes it so whatever its epsilon is, in torch's float32 against its float64 as well.
NOISE = "key.bias"
COMMON = {"max_steps": 50, "per_device_train_batch_size": 4, "per_device_eval_batch_size": 4, "gradient_accumulation_steps": 2,
          "learning_rate": 0.005, "max_grad_norm": 0.5, "adam_epsilon": 1e-6, "seed": 42}  # fmt: skip
CASES = {
    "bert": {
        "model": "bert/sequence-classification", "items": classified, "collator": DataCollatorWithPadding,
        "args": {"warmup_steps": 5, "weight_decay": 0.1}, "measured": True,
    },
    "gpt2": {
        "model": "gpt2/causal-lm", "items": language, "collator": lambda tokenizer: DataCollatorForLanguageModeling(tokenizer, mlm=False),
        "args": {"lr_scheduler_type": "cosine", "warmup_ratio": 0.1, "weight_decay": 0.05},
    },
    "t5": {
        "model": "t5/conditional-generation", "items": translated, "collator": DataCollatorForSeq2Seq,
        "args": {"lr_scheduler_type": "polynomial", "warmup_steps": 3, "weight_decay": 0.01},
    },
    "vit": {
        "model": "vit/image-classification", "items": pictured, "collator": lambda tokenizer: default_data_collator,
        "args": {"adam_epsilon": 1e-8, "lr_scheduler_type": "constant_with_warmup", "warmup_steps": 8, "weight_decay": 0.1},
        "measured": True,
    },
    "masked-lm": {
        "model": "bert/masked-lm", "items": language,
        "collator": lambda tokenizer: DataCollatorForLanguageModeling(tokenizer, mlm_probability=0.3, seed=11),
        "args": {"lr_scheduler_type": "inverse_sqrt", "warmup_steps": 5, "data_seed": 7},
    },
    "adafactor": {
        "model": "bert/token-classification", "items": tagged, "collator": DataCollatorForTokenClassification,
        "args": {"optim": "adafactor", "label_smoothing_factor": 0.1, "weight_decay": 0.01, "warmup_steps": 5}, "measured": True,
    },
    "sgd": {
        "model": "bert/sequence-classification", "items": classified, "collator": DataCollatorWithPadding,
        "args": {"learning_rate": 0.05}, "sgd": {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
        "frozen": ["bert.embeddings", "bert.encoder.layer.0.attention"],
    },
    "smoothed-t5": {
        "model": "t5/conditional-generation", "items": translated, "collator": DataCollatorForSeq2Seq,
        "args": {"max_steps": 10, "label_smoothing_factor": 0.2, "group_by_length": True},
    },
    "new-words": {
        "model": "gpt2/causal-lm", "items": language, "collator": lambda tokenizer: DataCollatorForLanguageModeling(tokenizer, mlm=False),
        "args": {"max_steps": 20}, "words": ["zebra", "<city>", "wren"],
    },
}  # fmt: skip


def digest(x):
    flat = x.detach().double().flatten()
    dot = (flat * torch.cos(torch.arange(len(flat), dtype=torch.float64))).sum().item()
    return [list(x.shape), float(f"{dot:.7g}"), float(f"{flat.norm().item():.7g}")]


def rounded(values):
    return [float(f"{value:.7g}") for value in values]


class Recording(Trainer):
    """Keeps losses as they are; the log rounds them."""

    pending = 0.0

    def training_step(self, *args, **kwargs):
        loss = super().training_step(*args, **kwargs)
        self.pending += loss.item()
        return loss


class Steps(TrainerCallback):
    def __init__(self):
        self.losses = []

    def on_step_end(self, args, state, control, **kwargs):
        self.losses.append(self.trainer.pending)
        self.trainer.pending = 0.0


def accuracy(prediction):
    counted = prediction.label_ids != -100
    return {"accuracy": float((prediction.predictions.argmax(-1) == prediction.label_ids)[counted].mean())}


def new_row(i, size):
    return torch.tensor([((i * 5 + k * 7) % 13 - 6) / 32 for k in range(size)])


def record(case, tokenizer, examples):
    folder = PACKAGES / "models/src" / case["model"].replace("/", "/fixture/")
    config = transformers.AutoConfig.from_pretrained(folder)
    off = {name: 0.0 for name in DROPOUTS if hasattr(config, name)}
    model = getattr(transformers, config.architectures[0]).from_pretrained(folder, **off)
    if "words" in case:
        known = len(tokenizer)
        tokenizer.add_tokens(case["words"])
        model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
        with torch.no_grad():
            for i in range(known, len(tokenizer)):
                model.get_input_embeddings().weight[i] = new_row(i, config.hidden_size)
        examples = [{**e, "text": f"{case['words'][i % 3]} {e['text']}"} for i, e in enumerate(examples)]
    for module in case.get("frozen", []):
        model.get_submodule(module).requires_grad_(False)
    items = [case["items"](tokenizer, example, i) for i, example in enumerate(examples)]
    collator = case["collator"](tokenizer)
    if case["collator"] is DataCollatorForSeq2Seq:
        collator = DataCollatorForSeq2Seq(tokenizer, model=model)
    args = TrainingArguments(
        tempfile.mkdtemp(), use_cpu=True, report_to="none", disable_tqdm=True, dataloader_pin_memory=False, save_strategy="no",
        logging_steps=1, **{**COMMON, **case["args"]},
    )  # fmt: skip
    steps = Steps()
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    sgd = torch.optim.SGD(trained, lr=args.learning_rate, **case["sgd"]) if "sgd" in case else None
    trainer = Recording(
        model=model, args=args, train_dataset=items[:TRAIN], eval_dataset=items[TRAIN:], data_collator=collator, callbacks=[steps],
        optimizers=(sgd, None), compute_metrics=accuracy if case.get("measured") else None,
    )  # fmt: skip
    steps.trainer = trainer
    result = trainer.train()
    log = [entry for entry in trainer.state.log_history if "loss" in entry]
    assert all(abs(loss - entry["loss"]) < 1e-4 for loss, entry in zip(steps.losses, log, strict=True))
    recorded = {
        "model": case["model"],
        "args": {**COMMON, **case["args"]},
        **{key: case[key] for key in ("sgd", "frozen", "words") if key in case},
        "losses": rounded(steps.losses),
        "grad_norms": rounded(entry["grad_norm"] for entry in log),
        "learning_rates": [entry["learning_rate"] for entry in log],
        "epochs": [entry["epoch"] for entry in log],
        "train_loss": result.training_loss,
        "weights": {key: digest(value) for key, value in model.named_parameters() if args.optim != "adafactor" or NOISE not in key},
    }
    if not collator_draws(collator):
        recorded["eval_loss"] = trainer.evaluate()["eval_loss"]
    if case.get("measured"):
        predicted = trainer.predict(items[TRAIN:])
        recorded["accuracy"] = predicted.metrics["test_accuracy"]
        recorded["predictions"] = {"shape": predicted.predictions.shape, "values": rounded(predicted.predictions.flatten().tolist())}
        recorded["label_ids"] = np.asarray(predicted.label_ids).flatten().tolist()
    return recorded


def collator_draws(collator):
    return getattr(collator, "mlm", False)


if __name__ == "__main__":
    TARGET.mkdir(parents=True, exist_ok=True)
    make_tokenizer().save_pretrained(TARGET)
    (TARGET / "special_tokens_map.json").unlink()
    examples = make_examples()
    cases = {name: record(case, make_tokenizer(), examples) for name, case in CASES.items()}
    for name, case in cases.items():
        print(name, case["losses"][0], "→", case["losses"][-1], "norms", min(case["grad_norms"]), max(case["grad_norms"]), case.get("eval_loss"), case.get("accuracy"))
    recorded = {"train": TRAIN, "examples": examples, "cases": cases}
    (TARGET / "cases.json").write_text(json.dumps(recorded, separators=(",", ":"), allow_nan=False) + "\n")
