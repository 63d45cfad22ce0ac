"""Record what Python finds missing, unexpected and mismatched when a checkpoint is loaded into another class.

Writes packages/webformers/fixtures/loading-info.json, from the checkpoints of packages/models/src/*/fixture: each of some
checkpoints of an architecture, loaded into each of some of its classes (transformers 4.57.6, torch, CPU).

Run it with:  python packages/webformers/reference/loading_info.py
"""

import json
from pathlib import Path

import torch
import transformers
from transformers import AutoConfig, logging

logging.set_verbosity_error()
torch.set_num_threads(1)

HERE = Path(__file__).parent
MODELS = HERE.parent.parent / "models" / "src"
OUTPUT = HERE.parent / "fixtures" / "loading-info.json"

CLASSES = {
    "albert": "Albert",
    "bert": "Bert",
    "camembert": "Camembert",
    "distilbert": "DistilBert",
    "electra": "Electra",
    "mpnet": "MPNet",
    "roberta": "Roberta",
    "xlm-roberta": "XLMRoberta",
}
HEADS = ["Model", "ForMaskedLM", "ForSequenceClassification", "ForTokenClassification", "ForQuestionAnswering"]
CHECKPOINTS = ["base", "masked-lm", "sequence-classification"]
KEYS = ["missing_keys", "unexpected_keys", "mismatched_keys"]


def load(model_type: str, checkpoint: str, head: str, **options) -> dict:
    """One load, and what it told; options are spelled as webformers spells them."""
    changes = options.get("config", {})
    folder = MODELS / model_type / "fixture" / checkpoint
    config = AutoConfig.from_pretrained(folder, **changes)
    if head == "ForQuestionAnswering":
        config.num_labels = 2  # start and end, whatever the checkpoint's labels; DistilBERT insists
    model_class = getattr(transformers, CLASSES[model_type] + head)
    _, info = model_class.from_pretrained(
        folder,
        config=config,
        output_loading_info=True,
        ignore_mismatched_sizes=options.get("ignoreMismatchedSizes", False),
        key_mapping=options.get("keyMapping"),
    )
    return {
        "checkpoint": f"{model_type}/{checkpoint}",
        "head": head,
        "options": options,
        "info": {key: sorted(info[key]) for key in KEYS},
    }


cases = [
    load(model_type, checkpoint, head)
    for model_type in CLASSES
    for checkpoint in CHECKPOINTS
    for head in HEADS
]
labels = {"id2label": {str(i): f"LABEL_{i}" for i in range(9)}}
cases += [
    load("bert", "sequence-classification", "ForSequenceClassification", config=labels, ignoreMismatchedSizes=True),
    load("roberta", "sequence-classification", "ForSequenceClassification", config=labels, ignoreMismatchedSizes=True),
    load("bert", "base", "ForSequenceClassification", keyMapping={"^pooler": "bird", "^encoder[.]layer": "encoder.layer"}),
    load("bert", "sequence-classification", "ForTokenClassification", keyMapping={"^classifier[.](weight|bias)$": "old"}),
]
OUTPUT.write_text(json.dumps(cases, indent=1) + "\n")
print(f"{len(cases)} loads recorded")
