"""Record torch's gradients for every fixture of `record.py`, which stay as they are.

    python -m reference.record_gradients            # every architecture, from packages/models
    python -m reference.record_gradients bert mpnet

Run it after `record.py`, which clears the folders it writes to.

Each fixture gets a `gradients.safetensors`: `loss`, the labels it was computed from under the names that `forward` gives
them (int32; float32 for regression and several labels at once), and for each parameter, under its name, what is known of its
gradient. The loss is the one `forward` gives; of a model without one it is the sum of its outputs, each weighted along every
axis with cos(0, 1, 2, …).

A gradient that is a vector is recorded whole. Of a larger one, taken as a matrix G [rows, columns], these are kept in turn:
G · w, wᵀ · G, the norm of G and its largest absolute entry, where w = 1.5 + cos(0, 1, 2, …). No weight lies under one half,
so an entry that is wrong shows at half its error at least, in its row as well as in its column; errors that cancel under
equal weights don't under these.
"""

import json
import sys
from pathlib import Path
from zlib import crc32

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import PreTrainedModel
from transformers.utils import logging

from .case import Case, class_of
from .cases import CASES
from .record import adds_to_keys, is_fixed, is_unused, outputs_of

SOURCE = Path(__file__).parent.parent / "src"
IGNORED = -100
TOLERANCE = 1e-3  # of whoever compares, relative to a gradient's largest entry
NOISE = 2e-6  # of float32 in a gradient, relative to the largest of all


def read(file: Path) -> dict[str, Tensor]:
    """Tensors of a file, ids as torch wants them."""
    return {name: values.long() if values.dtype == torch.int32 else values for name, values in load_file(file).items()}


def make_labels(model: PreTrainedModel, outputs: dict[str, Tensor], random: torch.Generator) -> dict[str, Tensor]:
    """Labels such as a head takes, some of them not to be counted where that is allowed; none without a head."""
    name, config = type(model).__name__, model.config

    def classes(shape: list[int], count: int) -> Tensor:
        return torch.randint(0, count, shape, generator=random)

    if "start_logits" in outputs:
        batch, sequence = outputs["start_logits"].shape
        starts, ends = (classes([batch], sequence) for _ in range(2))
        starts[0], ends[1] = sequence + 4, -3  # beyond the end: not counted; before the start: the first
        return {"start_positions": starts, "end_positions": ends}
    if "logits" not in outputs:
        return {}
    *shape, count = outputs["logits"].shape
    if config.problem_type == "regression":
        return {"labels": torch.randn(shape, generator=random)}
    if config.problem_type == "multi_label_classification":
        return {"labels": classes([*shape, count], 2).float()}
    labels = classes(shape, count)
    if len(shape) > 1:
        labels[torch.rand(shape, generator=random) < 0.3] = IGNORED
        labels[0, 0] = 1 if name.endswith(("CausalLM", "LMHeadModel")) else IGNORED  # nothing predicts the first token
    return {"labels": labels}


def summarize(gradient: Tensor) -> Tensor:
    """What is kept of a gradient: see above."""
    if gradient.dim() < 2:
        return gradient
    matrix = gradient.double().flatten(1)
    rows, columns = (1.5 + cosines(size) for size in matrix.shape)
    return torch.cat([matrix @ columns, rows @ matrix, matrix.norm()[None], matrix.abs().max()[None]]).float()


def case_of(folder: Path) -> Case:
    """The case that a folder was recorded for."""
    [case] = [case for case in CASES[folder.parent.parent.name] if case.name == folder.name]
    return case


def is_silent(name: str, model: PreTrainedModel, case: Case) -> bool:
    """Whether a parameter adds the same to all that one softmax compares, and so has no gradient but rounding."""
    head = type(model).__name__
    silent = ["key.bias", "k_lin.bias", "attn.k.bias"]
    if head.endswith("ForQuestionAnswering"):  # positions are compared, and what the last norm adds is the same for each
        silent += ["qa_outputs.bias", "LayerNorm.bias", "layer_norm.bias", "ln_f.bias"]
    if head.endswith("ForMultipleChoice"):
        silent += ["classifier.bias"]
    return name.endswith(tuple(silent)) or adds_to_keys(name, model) or is_unused(name, model, case)


def record(folder: Path) -> int:
    """Write the gradients of one fixture; gives the size of their file."""
    [architecture] = json.loads((folder / "config.json").read_text())["architectures"]
    model: PreTrainedModel = class_of(architecture).from_pretrained(folder, attn_implementation="eager").eval()
    model.config.use_cache = False
    random = torch.Generator().manual_seed(crc32(str(folder.relative_to(SOURCE)).encode()))
    inputs = read(folder / "inputs.safetensors")
    case = case_of(folder)
    given = outputs_of(model, inputs, case) if case.outputs else model(**inputs)
    outputs = {name: output for name, output in given.items() if isinstance(output, Tensor)}
    outputs |= {f"feature_maps.{i}": each for i, each in enumerate(given.get("feature_maps", ()))}
    labels = (case.labels or make_labels)(model, outputs, random)
    loss = model(**inputs, **labels).loss if labels else sum(map(weigh, outputs.values()))
    loss.backward()

    trained = {name: parameter for name, parameter in model.named_parameters() if not is_fixed(name, model)}
    asked = {name: parameter for name, parameter in trained.items() if parameter.requires_grad}
    unused = {name: torch.zeros_like(parameter) for name, parameter in asked.items() if is_unused(name, model, case)}
    found = unused | {name: parameter.grad for name, parameter in trained.items() if parameter.grad is not None}
    refuse_hidden(folder, model, found, case)
    recorded = {name: values.int() if values.dtype == torch.int64 else values for name, values in labels.items()}
    recorded |= {"loss": loss.detach()} | {name: summarize(gradient) for name, gradient in found.items()}
    file = folder / "gradients.safetensors"
    save_file(recorded, file)
    return file.stat().st_size


def cosines(size: int) -> Tensor:
    return torch.arange(size, dtype=torch.float64).cos()


def weigh(output: Tensor) -> Tensor:
    """The sum of an output weighted along every axis."""
    return output if output.dim() == 0 else weigh(output @ cosines(output.shape[-1]).float())


def refuse_hidden(folder: Path, model: PreTrainedModel, gradients: dict[str, Tensor], case: Case) -> None:
    """Fail if some gradient is missing, or so small that its rounding is more than whoever compares tolerates."""
    largest = max(gradient.abs().max().item() for gradient in gradients.values())
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        size = gradients[name].abs().max().item() / largest if name in gradients else 0.0
        if size * TOLERANCE < NOISE and not is_silent(name, model, case) and not is_fixed(name, model):
            raise AssertionError(f"{folder.relative_to(SOURCE)}: the gradient of {name} hardly shows ({size:.1e})")


def main(model_types: list[str]) -> None:
    torch.set_num_threads(1)
    logging.set_verbosity_error()
    total = 0
    for model_type in model_types or sorted(path.parent.name for path in SOURCE.glob("*/fixture")):
        for config in sorted((SOURCE / model_type / "fixture").glob("*/config.json")):
            size = record(config.parent)
            total += size
    print(f"{total / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
