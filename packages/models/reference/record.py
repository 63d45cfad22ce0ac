"""Record what transformers answers, so that a graph written elsewhere can be held against it.

    python -m reference.record            # every architecture, from packages/models
    python -m reference.record bert mpnet

Each fixture is a folder `src/<model_type>/fixture/<name>/` with `config.json` and `model.safetensors` as
`save_pretrained` writes them, `inputs.safetensors` (ids and masks as int32, pixels as float32) and `expected.safetensors`
(float32: every output, every hidden state, every attention map, named as in Python: `logits`, `hidden_states.0`,
`attentions.0`).
Beside them `defaults.json` holds the configuration that Python's config class gives to an empty `config.json`.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Any
from zlib import crc32

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import PretrainedConfig, PreTrainedModel
from transformers.pytorch_utils import Conv1D
from transformers.utils import logging

from .case import BATCH, CHOICES, DECODER_SEQUENCE, Case
from .cases import CASES

SOURCE = Path(__file__).parent.parent / "src"
TOLERANCE = 1e-4  # of whoever compares
WITHOUT_ATTENTION = ("resnet", "mobilenet_v2", "convnext")
THINNED = 64
SPECIAL = 5  # the first ids, kept out of the random ones: padding is among them


def randomize(model: PreTrainedModel, random: torch.Generator) -> None:
    """Draw every parameter anew, so large that leaving one out, or swapping two, moves the outputs."""
    for name, parameter in model.named_parameters():
        if not is_fixed(name, model):
            parameter.data = draw(model.get_submodule(name.rpartition(".")[0]), parameter, random)
    for name, buffer in model.named_buffers():
        owner, _, own = name.rpartition(".")
        if name == "final_logits_bias":
            buffer.normal_(generator=random)
        elif own in ("running_mean", "positional_embedding"):
            buffer.copy_(0.4 * torch.randn(buffer.shape, generator=random))
        elif own == "running_var":
            buffer.copy_(0.5 + torch.rand(buffer.shape, generator=random))
        elif "FrozenBatchNorm" in type(model.get_submodule(owner)).__name__:
            buffer.copy_(draw(model.get_submodule(owner), buffer, random))


def draw(owner: nn.Module, parameter: Tensor, random: torch.Generator) -> Tensor:
    """Values that keep activations near one, and softmaxes neither flat nor saturated."""
    normal = torch.randn(parameter.shape, generator=random)
    if isinstance(owner, nn.Embedding):
        return 0.5 * normal
    if isinstance(owner, (nn.Linear, nn.Conv1d, nn.Conv2d, nn.ConvTranspose2d)) and parameter.dim() > 1:
        return 1.2 * normal / parameter[0].numel() ** 0.5
    if isinstance(owner, Conv1D) and parameter.dim() == 2:  # [in, out]
        return 1.2 * normal / parameter.shape[0] ** 0.5
    if isinstance(owner, nn.LayerNorm) or "Norm" in type(owner).__name__:
        around = 0 if parameter is getattr(owner, "bias", None) or adds_one(owner) else 1
        return around + 0.3 * normal
    if parameter is getattr(owner, "original0", None):  # the lengths of a weight's parts
        return 3 + normal
    return 0.3 * normal


def adds_one(norm: nn.Module) -> bool:
    """Whether a norm's weight is what it multiplies with, less one, as Gemma's."""
    return type(norm).__name__.startswith("Gemma")


def adds_to_keys(name: str, model: PreTrainedModel) -> bool:
    """Whether it is a bias of keys that no position turns."""
    turned = hasattr(model.config.get_text_config(), "rope_theta") and "vision_model" not in name
    return name.endswith("k_proj.bias") and not turned


def is_fixed(name: str, model: PreTrainedModel) -> bool:
    """Whether it is a table of sines, which nobody trains and whoever compares makes for himself."""
    fixed = {"marian": "embed_positions", "whisper": "encoder.embed_positions"}
    return fixed.get(model.config.model_type, name + "?") in name


def is_unused(name: str, model: PreTrainedModel, case: Case | None = None) -> bool:
    """Whether it looks at an encoder that is not there, or the case says that nothing depends on it."""
    alone = type(model).__name__.endswith("ForCausalLM") and not model.config.add_cross_attention
    return (alone and ".encoder_attn" in name) or any(part in name for part in (case.unused if case else ()))


def make_inputs(case: Case, model: PreTrainedModel, random: torch.Generator) -> dict[str, Tensor]:
    """What `forward` takes: pixels, or ids and masks of texts, and of the texts that a decoder begins with."""
    if case.inputs:
        return case.inputs(model, random)
    if model.main_input_name == "pixel_values":
        config = model.config
        shape = [BATCH, config.num_channels, *pair(config.image_size)]
        return {"pixel_values": torch.randn(shape, generator=random)}
    choices = [CHOICES] if "MultipleChoice" in case.architecture else []
    inputs = make_text(case, model, [BATCH, *choices, case.sequence], random)
    if case.decoder:
        text = make_text(case, model, [BATCH, DECODER_SEQUENCE], random)
        inputs |= {f"decoder_{name}": values for name, values in text.items()}
    if case.encoder_states:
        shape = [BATCH, case.encoder_states]
        keep = torch.ones(shape, dtype=torch.int32)
        keep[1, -2:] = 0
        inputs |= {
            "encoder_hidden_states": torch.randn([*shape, model.config.hidden_size], generator=random),
            "encoder_attention_mask": keep,
        }
    return inputs


def pair(size: int | list[int]) -> list[int]:
    """Height and width of a size that may be given as one number."""
    return [size, size] if isinstance(size, int) else list(size)


def make_text(
    case: Case, model: PreTrainedModel, shape: list[int], random: torch.Generator
) -> dict[str, Tensor]:
    """Ids with padding on the right of one row and on both sides of another, int32 [batch, sequence]."""
    input_ids = torch.randint(SPECIAL, model.config.vocab_size, shape, generator=random, dtype=torch.int32)
    for place in case.ends:
        input_ids[..., place] = model.config.eos_token_id
    inputs = {"input_ids": input_ids}
    if case.attention_mask:
        keep = torch.ones(shape, dtype=torch.int32)
        keep[1, ..., -2:] = 0
        keep[2, ..., :2] = 0
        keep[2, ..., -3:] = 0
        inputs["attention_mask"] = keep
        input_ids[keep == 0] = model.config.pad_token_id
        input_ids[0, ..., 4] = model.config.pad_token_id  # kept by the mask, but RoBERTa counts no position here
    if case.token_type_ids:
        inputs["token_type_ids"] = torch.randint(0, 2, shape, generator=random, dtype=torch.int32)
    return inputs


def outputs_of(model: PreTrainedModel, inputs: dict[str, Tensor], case: Case | None = None) -> dict[str, Any]:
    """What a model gives, lists and all."""
    if case and case.outputs:
        return case.outputs(model, inputs)
    maps = {} if model.config.model_type in WITHOUT_ATTENTION else {"output_attentions": True}
    return dict(model(**inputs, output_hidden_states=True, **maps).items())


@torch.inference_mode()
def run(model: PreTrainedModel, inputs: dict[str, Tensor], case: Case | None = None) -> dict[str, Tensor]:
    """Every output under its own name; those that are tuples in Python get the position appended."""
    named: dict[str, Tensor] = {}
    for name, output in outputs_of(model, inputs, case).items():
        if name == "past_key_values":
            continue  # of a part that has a configuration of its own
        if isinstance(output, Tensor):
            named[name] = output.clone().contiguous()
        else:
            named |= {f"{name}.{i}": part.clone().contiguous() for i, part in enumerate(output)}
    return named


def refuse_silent_parameters(
    case: Case,
    model: PreTrainedModel,
    inputs: dict[str, Tensor],
    expected: dict[str, Tensor],
    random: torch.Generator,
) -> None:
    """Fail if some parameter could be wrong without an output showing it a hundred times over the tolerance."""
    for name, parameter in model.named_parameters():
        if name.endswith(("key.bias", "k_lin.bias", "k.bias")) or adds_to_keys(name, model):
            continue  # it adds the same to every score of a row, which softmax cannot see
        if is_unused(name, model, case) or is_fixed(name, model):
            continue
        kept = parameter.data
        parameter.data = draw(model.get_submodule(name.rpartition(".")[0]), parameter, random)
        change = max((run(model, inputs, case)[output] - value).abs().max().item() for output, value in expected.items())
        parameter.data = kept
        if change < 100 * TOLERANCE:
            raise AssertionError(f"{type(model).__name__}: {name} hardly shows ({change:.1e}); draw larger weights")


def spell_old(checkpoint: Path) -> None:
    """Give layer norms the parameter names of checkpoints converted from TensorFlow."""
    tensors = {
        name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): tensor
        for name, tensor in load_file(checkpoint).items()
    }
    save_file(tensors, checkpoint, metadata={"format": "pt"})


def halve(checkpoint: Path) -> None:
    """Write weights in half precision."""
    tensors = {name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in load_file(checkpoint).items()}
    save_file(tensors, checkpoint, metadata={"format": "pt"})


def thin_out(model: PreTrainedModel, parts: tuple[str, ...], random: torch.Generator) -> None:
    """Leave one entry in so many of these parameters other than zero, and what is computed as large as it was."""
    for name, parameter in model.named_parameters():
        if any(part in name for part in parts):
            kept = torch.rand(parameter.shape, generator=random) < 1 / THINNED
            parameter.data = torch.where(kept, parameter.data * THINNED**0.5, 0.0)


def record(folder: Path, case: Case) -> None:
    """Write one fixture, its outputs computed by the model that comes back from the written files."""
    random = torch.Generator().manual_seed(crc32(f"{case.architecture} {case.name}".encode()))
    model = case.model_class(case.model_class.config_class(**case.config))
    randomize(model, random)
    thin_out(model, case.thin, random)
    model.save_pretrained(folder)
    if case.old_spelling:
        spell_old(folder / "model.safetensors")
    if case.half:
        halve(folder / "model.safetensors")

    model = case.model_class.from_pretrained(folder, attn_implementation="eager").eval()
    model.config.use_cache = False  # what a cache holds is no output
    inputs = make_inputs(case, model, random)
    expected = run(model, inputs, case)
    refuse_silent_parameters(case, model, inputs, expected, random)
    save_file(inputs, folder / "inputs.safetensors")
    save_file(expected, folder / "expected.safetensors")

    size = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{folder.relative_to(SOURCE)}: {case.architecture}, {len(expected)} outputs, {size / 1000:.0f} kB")


def beyond_common(own: dict[str, Any]) -> dict[str, Any]:
    """What a configuration has of its own; those inside of it have no more than that, either.

    Some classes write what the library keeps for itself, which no file holds.
    """
    common = PretrainedConfig().to_dict()
    parts = {key: beyond_common(value) if key.endswith("_config") and value else value for key, value in own.items()}
    return {
        key: value
        for key, value in parts.items()
        if not key.startswith("_") and key != "transformers_version" and (key not in common or value != common[key])
    }


def record_defaults(file: Path, case: Case) -> None:
    """Write what the configuration class of an architecture fills in beyond what all of them do."""
    config_class = case.model_class.config_class
    own = {} if config_class.has_no_defaults_at_init else config_class().to_dict()
    defaults = beyond_common(own)
    file.write_text(json.dumps(defaults, indent=2) + "\n")


def main(model_types: list[str]) -> None:
    torch.set_num_threads(1)
    logging.set_verbosity_error()
    for model_type in model_types or CASES:
        fixtures = SOURCE / model_type / "fixture"
        shutil.rmtree(fixtures, ignore_errors=True)
        for case in CASES[model_type]:
            record(fixtures / case.name, case)
        record_defaults(fixtures / "defaults.json", CASES[model_type][0])


if __name__ == "__main__":
    main(sys.argv[1:])
