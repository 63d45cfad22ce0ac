"""Record what the losses of transformers give for random logits, and the gradients of these.

    python -m reference.record_losses > src/fixture/losses.json    # from packages/models

A case holds the head, what of its configuration matters, the outputs the loss is computed from, the labels, and the options:
`label_smoothing` as Trainer's LabelSmoother applies it, `num_items_in_batch` as Trainer passes it.
"""

import json
import sys

import torch
from torch import Tensor
from transformers import BertConfig
from transformers.loss.loss_utils import LOSS_MAPPING
from transformers.models.clip.modeling_clip import clip_loss
from transformers.trainer_pt_utils import LabelSmoother

BATCH, SEQUENCE, CLASSES, CHOICES, IGNORED = 3, 7, 5, 4, -100
random = torch.Generator().manual_seed(0)
cases: dict[str, dict] = {}


def logits(*shape: int) -> Tensor:
    return (2 * torch.randn(shape, generator=random)).requires_grad_()


def classes(count: int, *shape: int, ignored: float = 0.0) -> Tensor:
    labels = torch.randint(0, count, shape, generator=random)
    labels[torch.rand(shape, generator=random) < ignored] = IGNORED
    return labels


def tensor(values: Tensor) -> dict:
    dtype = "float32" if values.is_floating_point() else "int32"
    return {"dtype": dtype, "shape": list(values.shape), "data": values.detach().flatten().tolist()}


def add(
    name: str,
    head: str,
    outputs: dict[str, Tensor],
    labels: dict[str, Tensor],
    loss: Tensor,
    config: dict | None = None,
    **options: float,
) -> None:
    found = torch.autograd.grad(loss, list(outputs.values()))
    cases[name] = {
        "head": head,
        "config": config or {},
        "outputs": {name: tensor(values) for name, values in outputs.items()},
        "labels": {name: tensor(values) for name, values in labels.items()},
        "options": options,
        "loss": loss.item(),
        "gradients": {name: tensor(gradient) for name, gradient in zip(outputs, found)},
    }


def add_tokens(name: str, head: str, **options: float) -> None:
    smoothing = options.get("label_smoothing")
    x, labels = logits(BATCH, SEQUENCE, CLASSES), classes(CLASSES, BATCH, SEQUENCE, ignored=0.3)
    if smoothing:
        loss = LabelSmoother(smoothing)({"logits": x}, labels, shift_labels=head == "ForCausalLM")
    elif head == "ForTokenClassification":
        loss = LOSS_MAPPING[head](x, labels, BertConfig(num_labels=CLASSES), **options)
    else:
        loss = LOSS_MAPPING[head](x, labels, CLASSES, **options)
    add(name, head, {"logits": x}, {"labels": labels}, loss, **options)


def add_classes(name: str, labels: Tensor, count: int, head: str = "ForSequenceClassification", **options: float) -> None:
    """A classifier that is not told what kind of problem it has, or, of several numbers, that it has to find these."""
    several = labels.dim() > 1 and labels.min() < 0
    problem_type = "regression" if several else None
    config = BertConfig(num_labels=count, problem_type=problem_type)
    x = logits(BATCH, count)
    loss = LOSS_MAPPING[head](labels, x, config, **options)
    add(name, head, {"logits": x}, {"labels": labels}, loss, {"num_labels": count, "problem_type": problem_type}, **options)


add_tokens("masked language model", "ForMaskedLM")
add_tokens("causal language model", "ForCausalLM")
add_tokens("tokens", "ForTokenClassification")
add_tokens("causal language model, items counted", "ForCausalLM", num_items_in_batch=29)
add_tokens("masked language model, smoothed", "ForMaskedLM", label_smoothing=0.1)
add_tokens("causal language model, smoothed", "ForCausalLM", label_smoothing=0.1)
add_tokens("tokens, smoothed", "ForTokenClassification", label_smoothing=0.1)
add_tokens("from text to text, smoothed", "ForConditionalGeneration", label_smoothing=0.1)

add_classes("one label of several", classes(CLASSES, BATCH), CLASSES)
add_classes("several labels", classes(2, BATCH, CLASSES).float(), CLASSES)
add_classes("a number", torch.randn(BATCH, generator=random), 1)
add_classes("numbers", torch.randn(BATCH, CHOICES, generator=random), CHOICES)
add_classes("images, items counted", classes(CLASSES, BATCH), CLASSES, "ForImageClassification", num_items_in_batch=7)

starts, ends = torch.tensor([SEQUENCE + 4, 0, SEQUENCE - 1]), torch.tensor([2, -3, SEQUENCE])
spans = {"start_logits": logits(BATCH, SEQUENCE), "end_logits": logits(BATCH, SEQUENCE)}
places = {"start_positions": starts, "end_positions": ends}
add("a span", "ForQuestionAnswering", spans, places, LOSS_MAPPING["ForQuestionAnswering"](**spans, **places))

x, labels = logits(BATCH, CHOICES), classes(CHOICES, BATCH)
loss = LabelSmoother(epsilon=0.2)({"logits": x}, labels)
add("choices, smoothed", "ForMultipleChoice", {"logits": x}, {"labels": labels}, loss, label_smoothing=0.2)

# Python's BartForCausalLM, which its Trainer's smoothing moves all the same.
for smoothing in [{}, {"label_smoothing": 0.1}]:
    x, labels = logits(BATCH, SEQUENCE, CLASSES), classes(CLASSES, BATCH, SEQUENCE, ignored=0.3)
    if smoothing:
        loss = LabelSmoother(0.1)({"logits": x}, labels, shift_labels=True)
    else:
        loss = torch.nn.CrossEntropyLoss()(x.view(-1, CLASSES), labels.view(-1))
    name = f"a decoder alone{', smoothed' if smoothing else ''}"
    add(name, "ForCausalLM", {"logits": x}, {"labels": labels}, loss, {"model_type": "bart"}, **smoothing)

# What compares images with texts takes no labels: each text goes with the image at its own place.
x = logits(BATCH, BATCH)
add("images and texts", "Model", {"logits_per_text": x}, {}, clip_loss(x), {"model_type": "clip"})
x = logits(BATCH, BATCH)
signs = 2 * torch.eye(BATCH) - 1
loss = -torch.nn.functional.logsigmoid(signs * x).sum(dim=-1).mean()
add("pairs of images and texts", "Model", {"logits_per_text": x}, {}, loss, {"model_type": "siglip"})

json.dump(cases, sys.stdout, separators=(",", ":"))
