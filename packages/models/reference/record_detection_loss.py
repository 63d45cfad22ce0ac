"""Record what the losses of detectors give for random outputs and labels, and the gradients of these.

    python -m reference.record_detection_loss > src/fixture/detection-losses.json    # from packages/models; needs SciPy

A case holds what of the configuration matters, the outputs that the loss is computed from, the objects of each image, which
query was matched with which object, the loss and its gradients.
"""

import json
import sys

import torch
from torch import Tensor
from transformers import DetrConfig
from transformers.loss.loss_for_object_detection import ForObjectDetectionLoss, ForSegmentationLoss, HungarianMatcher

BATCH, QUERIES, CLASSES = 3, 6, 4
random = torch.Generator().manual_seed(0)
cases: dict[str, dict] = {}


def rounded(value: float) -> float:
    """What of a number float32 knows."""
    return float(f"{value:.7g}")


def tensor(values: Tensor) -> dict:
    """A tensor as JSON."""
    dtype = "float32" if values.is_floating_point() else "int32"
    return {"dtype": dtype, "shape": list(values.shape), "data": [rounded(value) for value in values.detach().flatten().tolist()]}


def boxes(*shape: int) -> Tensor:
    """Middles within the image, and sizes that a box may have."""
    return torch.cat([torch.rand([*shape, 2], generator=random), 0.1 + 0.5 * torch.rand([*shape, 2], generator=random)], -1)


def objects(count: int, size: tuple[int, int] | None) -> dict[str, Tensor]:
    """As many objects of one image, with masks of that size where there is one."""
    labels = {"class_labels": torch.randint(0, CLASSES, [count], generator=random), "boxes": boxes(count)}
    if size:
        labels["masks"] = (torch.rand([count, *size], generator=random) < 0.4).float()
    return labels


def add(name: str, counts: list[int], sizes: list[tuple[int, int]] | None = None, before: int = 0, **config: float) -> None:
    """One case; `before` counts the layers before the last, which have losses too."""
    c = DetrConfig(num_labels=CLASSES, auxiliary_loss=before > 0, decoder_layers=before + 1, **config)
    labels = [objects(count, sizes[i] if sizes else None) for i, count in enumerate(counts)]
    outputs = {
        "logits": (2 * torch.randn([BATCH, QUERIES, CLASSES + 1], generator=random)).requires_grad_(),
        "pred_boxes": boxes(BATCH, QUERIES).requires_grad_(),
    }
    if sizes:
        outputs["pred_masks"] = torch.randn([BATCH, QUERIES, 5, 7], generator=random).requires_grad_()
    given = {key: outputs[key] for key in ("pred_boxes", "pred_masks") if key in outputs}
    if before:
        outputs["auxiliary_logits"] = (2 * torch.randn([before, BATCH, QUERIES, CLASSES + 1], generator=random)).requires_grad_()
        outputs["auxiliary_boxes"] = boxes(before, BATCH, QUERIES).requires_grad_()
        given["outputs_class"] = torch.cat([outputs["auxiliary_logits"], outputs["logits"][None]])
        given["outputs_coord"] = torch.cat([outputs["auxiliary_boxes"], outputs["pred_boxes"][None]])
    compute = ForSegmentationLoss if sizes else ForObjectDetectionLoss
    loss, _, _ = compute(outputs["logits"], labels, torch.device("cpu"), config=c, **given)
    found = torch.autograd.grad(loss, list(outputs.values()))
    matched = HungarianMatcher(c.class_cost, c.bbox_cost, c.giou_cost)(outputs, labels)
    cases[name] = {
        "config": {"num_labels": CLASSES, **{key: value for key, value in c.to_dict().items() if "co" in key and key.endswith(("cost", "coefficient"))}},
        "outputs": {key: tensor(values) for key, values in outputs.items()},
        "labels": [{key: tensor(values) for key, values in each.items()} for each in labels],
        "matched": [[[i, j] for i, j in zip(*(x.tolist() for x in pair))] for pair in matched],
        "loss": loss.item(),
        "gradients": {key: tensor(gradient) for key, gradient in zip(outputs, found)},
    }


add("objects", [2, 0, 3])
add("one object", [0, 1, 0], class_cost=3, bbox_cost=1, giou_cost=1, eos_coefficient=0.4)
add("as many as queries", [QUERIES, 1, 2], bbox_loss_coefficient=2, giou_loss_coefficient=3)
add("masks", [2, 1, 2], [(10, 9), (8, 12), (10, 12)], mask_loss_coefficient=2, dice_loss_coefficient=3)
add("more than queries", [QUERIES + 2, 1, 0])
add("earlier layers", [2, 0, 3], before=2)
add("earlier layers of masks", [1, 0, 2], [(8, 9), (8, 9), (10, 7)], before=1, eos_coefficient=0.3)

json.dump(cases, sys.stdout, separators=(",", ":"))
