"""Record what transformers answers once attention heads are pruned, and which weights it is left with.

    python -m reference.record_heads            # every architecture, from packages/models
    python -m reference.record_heads bert t5

Each fixture is a folder `src/<model_type>/fixture-heads/<name>/`: a model with all its heads (`config.json`,
`model.safetensors`), `inputs.safetensors`, the heads that are pruned one step after another (`steps.json`), and
`expected.safetensors`: every output without them, attention maps of the heads that are left.

Where Python can prune, the outputs are those of the pruned model, loaded from its saved files, and beside them lie
`pruned-config.json` and `pruned.safetensors` with the weights that became smaller. Where it can't, because it has no
`prune_heads` or can't run what is left, the columns of these heads in the projection that follows attention are zero
instead, which is what masking them means; where it can, both must agree. The masks of T5 and BART must agree too.
"""

import inspect
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zlib import crc32

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D
from transformers.utils import logging

from .audio_cases import AST, CLAP, CLAP_TEXT, WAV2VEC2, WHISPER, patches, samples, sounds_and_captions, spectrograms_and_text, towers_that_hear
from .case import SHAPE, Case
from .cases import BERT, GPT2, MT5, ONE_TYPE, T5, TEXT, UMT5, VIT
from .convolution_cases import SEGFORMER, SWIN, images
from .decoder_cases import NEOX, SIZES
from .detection_cases import (
    DEPTH_ANYTHING,
    DETR,
    DINOV2 as DEPTH_DINOV2,
    DPT,
    RESNET,
    SAM,
    SAM_VISION,
    VITPOSE,
    VITPOSE_BACKBONE,
    YOLOS,
    bodies,
    images,
    padded_images,
    pose,
    prompted,
)
from .encoder_decoder_cases import BART, M2M100, MARIAN, MBART
from .record import SOURCE, TOLERANCE, make_inputs, randomize, run
from .vision_cases import (
    BLIP,
    CLIP,
    DINOV2,
    DONUT,
    OWLVIT,
    RIGHT,
    SIGLIP,
    SMOLVLM,
    TROCR,
    among_words,
    blip_model_outputs,
    pairs,
    towers,
    written,
)
from .vision_cases import VIT as DEIT

Step = dict[str, list[int]]

FOUR: dict[str, Any] = {"vocab_size": 30, "num_attention_heads": 4, "num_hidden_layers": 2}
ENCODER = SHAPE | FOUR
# Three groups of two heads that share keys and values, and their width is not that of the model.
DECODER = SIZES | FOUR | {"num_attention_heads": 6, "num_key_value_heads": 3, "head_dim": 4}
# The second step names a head that is gone, and one whose place has changed with that.
STEPS: list[Step] = [{"0": [1]}, {"0": [1, 3], "1": [0]}]
GROUPS: list[Step] = [{"0": [2, 3]}, {"0": [3, 2], "1": [0, 1, 4, 5]}]
LAYERS = "encoder.layer.{}.attention.output.dense"
SELF = "layers.{}.self_attn.o_proj"


@dataclass(frozen=True)
class Pruning:
    """One fixture: the model, what is pruned, and where each attention's projection lies by the key of its layer."""

    case: Case
    projections: dict[str, str]
    steps: list[Step]
    python: str
    """`reloads` where Python prunes, saves and loads what is left, `runs` where it can't load it, `prunes` where it can't
    run it, `masks` where it can't prune."""


def plain(
    architecture: str, config: dict[str, Any], path: str = LAYERS, python: str = "reloads", **case: Any
) -> list[Pruning]:
    return [Pruning(Case("base", architecture, config, **case), paths(path), STEPS, python)]


def paths(path: str, prefix: str = "") -> dict[str, str]:
    return {f"{prefix}{layer}": path.format(layer) for layer in range(2)}


def grouped(architecture: str, **config: Any) -> list[Pruning]:
    return [Pruning(Case("base", architecture, DECODER | config, **TEXT), paths(SELF), GROUPS, "masks")]


ALBERT = {"embedding_size": 12, "num_hidden_layers": 4, "num_hidden_groups": 2, "inner_group_num": 2}
ALBERT_PATHS = {
    str(2 * group + inner): f"encoder.albert_layer_groups.{group}.albert_layers.{inner}.attention.dense"
    for group in range(2)
    for inner in range(2)
}
T5_HEADS = {"vocab_size": 30, "num_heads": 4}
T5_ENCODER = paths("encoder.block.{}.layer.0.SelfAttention.o")
T5_ALL = (
    T5_ENCODER
    | paths("decoder.block.{}.layer.0.SelfAttention.o", "decoder.")
    | paths("decoder.block.{}.layer.1.EncDecAttention.o", "cross.")
)
BART_HEADS = {"vocab_size": 30, "encoder_layers": 2, "decoder_layers": 2, "decoder_attention_heads": 8}
BART_ALL = (
    paths("encoder.layers.{}.self_attn.out_proj")
    | paths("decoder.layers.{}.self_attn.out_proj", "decoder.")
    | paths("decoder.layers.{}.encoder_attn.out_proj", "cross.")
)
T5_STEPS: list[Step] = [
    {"0": [1], "decoder.1": [2], "cross.0": [0, 3]},
    {"1": [3], "0": [2], "decoder.0": [0], "decoder.1": [3], "cross.1": [1, 2]},
]

def pair(architecture: str, config: dict[str, Any]) -> list[Pruning]:
    case = Case("base", architecture, config | BART_HEADS, decoder=True, **TEXT)
    return [Pruning(case, BART_ALL, T5_STEPS, "masks")]


def hearing(architecture: str, config: dict[str, Any], inputs: Any) -> list[Pruning]:
    case = Case("base", architecture, config | {"num_attention_heads": 4}, inputs=inputs)
    return [Pruning(case, paths("encoder.layers.{}.attention.out_proj"), STEPS, "masks")]


def part(config: dict[str, Any], **parts: dict[str, Any]) -> dict[str, Any]:
    """A configuration whose parts are others."""
    return config | {name: config[name] | changes for name, changes in parts.items()}


TWO_LAYERS = {"num_hidden_layers": 2}
TOWERS = {
    "text_config": TWO_LAYERS | {"num_attention_heads": 4},
    "vision_config": TWO_LAYERS | {"num_attention_heads": 3},
}
TOWER_PATHS = paths("text_model.encoder.layers.{}.self_attn.out_proj", "text.") | paths(
    "vision_model.encoder.layers.{}.self_attn.out_proj", "vision."
)
TOWER_STEPS: list[Step] = [
    {"text.0": [1], "vision.1": [2]},
    {"text.0": [1, 3], "text.1": [0], "vision.0": [1]},
]
BLIP_PATHS = paths("text_model.encoder.layer.{}.attention.output.dense", "text.") | paths(
    "vision_model.encoder.layers.{}.self_attn.projection", "vision."
)
WRITER = {
    "encoder": TWO_LAYERS | {"num_attention_heads": 4},
    "decoder": {"decoder_layers": 2, "decoder_attention_heads": 4, "cross_attention_hidden_size": 16},
}
WRITER_PATHS = (
    paths("encoder.encoder.layer.{}.attention.output.dense")
    | paths("decoder.model.decoder.layers.{}.self_attn.out_proj", "decoder.")
    | paths("decoder.model.decoder.layers.{}.encoder_attn.out_proj", "cross.")
)



def places(path: str, depths: list[int], prefix: str = "") -> dict[str, str]:
    """Layers of stages, which are counted through all of them."""
    layers = [(stage, layer) for stage, depth in enumerate(depths) for layer in range(depth)]
    return {f"{prefix}{i}": path.format(*layer) for i, layer in enumerate(layers)}


def staged(architecture: str, config: dict[str, Any], path: str, inputs: Any) -> list[Pruning]:
    """Layers of stages; Python's own pruning and masks look for others."""
    projections = places(f"{path}.attention.output.dense", config["depths"])
    steps: list[Step] = [{"0": [1]}, {"1": [0], "2": [2, 1]}]
    return [Pruning(Case("base", architecture, config, inputs=inputs), projections, steps, "masks")]


PRUNINGS: dict[str, list[Pruning]] = {
    "bert": plain("BertModel", ENCODER | BERT),
    "distilbert": plain(
        "DistilBertModel", ENCODER | {"hidden_dim": 24}, "transformer.layer.{}.attention.out_lin", **TEXT
    ),
    "roberta": plain("RobertaModel", ENCODER | BERT),
    "xlm-roberta": plain("XLMRobertaModel", ENCODER | ONE_TYPE, **TEXT),
    "camembert": plain("CamembertModel", ENCODER | ONE_TYPE, **TEXT),
    # Its position biases keep all heads, so they no longer fit.
    "mpnet": plain(
        "MPNetModel", ENCODER | {"layer_norm_eps": 0.05}, "encoder.layer.{}.attention.attn.o", "prunes", **TEXT
    ),
    "albert": [
        Pruning(
            Case("base", "AlbertModel", ENCODER | BERT | ALBERT, sequence=6),
            ALBERT_PATHS,
            [{"0": [1], "3": [2]}, {"0": [3], "1": [0], "3": [2, 1]}],
            "reloads",
        )
    ],
    "electra": plain("ElectraModel", ENCODER | BERT | {"embedding_size": 12}),
    "gpt2": plain("GPT2Model", GPT2 | {"vocab_size": 30, "n_head": 4}, "h.{}.attn.c_proj", **TEXT),
    "vit": plain("ViTModel", VIT | {"num_attention_heads": 4}),
    "t5": [
        Pruning(Case("base", "T5Model", T5 | T5_HEADS, decoder=True, **TEXT), T5_ALL, T5_STEPS, "masks"),
        Pruning(Case("encoder", "T5EncoderModel", T5 | T5_HEADS, **TEXT), T5_ENCODER, STEPS, "runs"),
    ],
    "mt5": [
        Pruning(Case("base", "MT5Model", MT5 | T5_HEADS, decoder=True, **TEXT), T5_ALL, T5_STEPS, "masks"),
        Pruning(Case("encoder", "MT5EncoderModel", MT5 | T5_HEADS, **TEXT), T5_ENCODER, STEPS, "runs"),
    ],
    "umt5": [
        Pruning(Case("base", "UMT5Model", UMT5 | T5_HEADS, decoder=True, **TEXT), T5_ALL, T5_STEPS, "masks"),
        Pruning(Case("encoder", "UMT5EncoderModel", UMT5 | T5_HEADS, **TEXT), T5_ENCODER, STEPS, "masks"),
    ],
    "bart": pair("BartModel", BART),
    "mbart": pair("MBartModel", MBART),
    "marian": pair("MarianModel", MARIAN),
    "m2m_100": pair("M2M100Model", M2M100),
    "gpt_neox": plain("GPTNeoXModel", NEOX | FOUR, "layers.{}.attention.dense", "masks", **TEXT),
    "llama": grouped("LlamaModel"),
    "mistral": grouped("MistralModel", sliding_window=4),
    "qwen2": grouped("Qwen2Model"),
    "qwen3": grouped("Qwen3Model", attention_bias=True),
    "gemma2": grouped("Gemma2Model", query_pre_attn_scalar=5, sliding_window=4, attn_logit_softcapping=1.5),
    "gemma3_text": grouped("Gemma3TextModel", query_pre_attn_scalar=5, sliding_window=4, sliding_window_pattern=2),
    "phi3": grouped("Phi3Model"),
    "whisper": [
        Pruning(
            Case("base", "WhisperModel", WHISPER | BART_HEADS, inputs=spectrograms_and_text),
            BART_ALL,
            T5_STEPS,
            "masks",
        )
    ],
    "clap": [
        Pruning(
            Case(
                "base",
                "ClapModel",
                CLAP | {"text_config": CLAP_TEXT | {"num_attention_heads": 4, "num_hidden_layers": 2}},
                inputs=sounds_and_captions,
                outputs=towers_that_hear,
            ),
            paths("text_model.encoder.layer.{}.attention.output.dense", "text.")
            | places("audio_model.audio_encoder.layers.{}.blocks.{}.attention.output.dense", [2, 1], "audio."),
            [{"text.0": [1], "audio.1": [0]}, {"text.0": [1, 3], "text.1": [0], "audio.2": [3, 1]}],
            "masks",
        )
    ],
    "wav2vec2": hearing("Wav2Vec2Model", WAV2VEC2, samples),
    "hubert": hearing("HubertModel", WAV2VEC2, samples),
    "audio-spectrogram-transformer": plain("ASTModel", AST | {"num_attention_heads": 4}, inputs=patches),
    "segformer": staged(
        "SegformerModel", SEGFORMER | {"depths": [1, 2], "num_attention_heads": [2, 3]}, "encoder.block.{}.{}", images(13, 18)
    ),
    "swin": staged(
        "SwinModel",
        SWIN | {"image_size": 12, "depths": [1, 2], "num_heads": [2, 4], "window_size": 2},
        "encoder.layers.{}.blocks.{}",
        images(12, 12),
    ),
    "deit": plain("DeiTModel", DEIT | {"num_attention_heads": 4}),
    "dinov2": plain("Dinov2Model", DINOV2 | {"num_attention_heads": 4}),
    "clip": [
        Pruning(
            Case("base", "CLIPModel", part(CLIP, **TOWERS), inputs=pairs(8, end=4), outputs=towers),
            TOWER_PATHS,
            TOWER_STEPS,
            "masks",
        )
    ],
    "siglip": [
        Pruning(
            Case("base", "SiglipModel", part(SIGLIP, **TOWERS), inputs=pairs(8), outputs=towers),
            TOWER_PATHS,
            TOWER_STEPS,
            "masks",
        )
    ],
    **{
        model_type: [
            Pruning(
                Case("base", architecture, part(OWLVIT, **TOWERS), inputs=pairs(8, pad=0), outputs=towers),
                TOWER_PATHS,
                TOWER_STEPS,
                "masks",
            )
        ]
        for model_type, architecture in [("owlvit", "OwlViTModel"), ("owlv2", "Owlv2Model")]
    },
    "blip": [
        Pruning(
            Case("base", "BlipModel", part(BLIP, **TOWERS), inputs=pairs(8, 3, **RIGHT), outputs=blip_model_outputs),
            BLIP_PATHS,
            TOWER_STEPS,
            "masks",
        )
    ],
    "vision-encoder-decoder": [
        Pruning(
            Case("trocr", "VisionEncoderDecoderModel", part(TROCR, **WRITER), inputs=written(12)),
            WRITER_PATHS,
            T5_STEPS,
            "masks",
        ),
        Pruning(
            Case("donut", "VisionEncoderDecoderModel", DONUT, inputs=written(8, 12)),
            places("encoder.encoder.layers.{}.blocks.{}.attention.output.dense", [1, 2])
            | {"decoder.0": "decoder.model.decoder.layers.0.self_attn.out_proj"},
            [{"0": [1]}, {"2": [3, 0], "decoder.0": [1]}],
            "masks",
        ),
    ],
    "smolvlm": [
        Pruning(
            Case("base", "SmolVLMModel", SMOLVLM, inputs=among_words),
            paths("text_model.layers.{}.self_attn.o_proj") | {"vision.0": "vision_model.encoder.layers.0.self_attn.out_proj"},
            [{"0": [2, 3], "vision.0": [1]}, {"1": [0, 1], "vision.0": [2]}],
            "masks",
        )
    ],
    "yolos": plain("YolosModel", YOLOS | {"num_attention_heads": 4}, inputs=images(12, 20)),
    "dpt": plain("DPTModel", DPT | TWO_LAYERS | {"num_attention_heads": 4}, inputs=images(16, 16)),
    "depth_anything": [
        Pruning(
            Case(
                "depth-estimation",
                "DepthAnythingForDepthEstimation",
                DEPTH_ANYTHING | {"backbone_config": DEPTH_DINOV2 | {"num_attention_heads": 4}},
                inputs=images(12, 20),
            ),
            paths("backbone.encoder.layer.{}.attention.output.dense"),
            STEPS,
            "masks",
        )
    ],
    "vitpose": [
        Pruning(
            Case(
                "simple",
                "VitPoseForPoseEstimation",
                VITPOSE | {"backbone_config": VITPOSE_BACKBONE | {"num_attention_heads": 4}},
                inputs=bodies(),
                outputs=pose,
            ),
            paths("backbone.encoder.layer.{}.attention.output.dense"),
            STEPS,
            "masks",
        )
    ],
    "detr": [
        Pruning(
            Case(
                "base",
                "DetrModel",
                DETR | RESNET | {"encoder_layers": 2, "decoder_attention_heads": 8},
                inputs=padded_images(36, 54),
            ),
            BART_ALL,
            T5_STEPS,
            "masks",
        )
    ],
    "sam": [
        Pruning(
            Case(
                "points",
                "SamModel",
                SAM | {"vision_config": SAM_VISION | TWO_LAYERS | {"num_attention_heads": 4}},
                inputs=prompted("points"),
            ),
            paths("vision_encoder.layers.{}.attn.proj", "vision."),
            [{"vision.0": [1]}, {"vision.0": [1, 3], "vision.1": [0]}],
            "masks",
        )
    ],
    "smollm3": grouped("SmolLM3Model", no_rope_layer_interval=2, attention_bias=True),
}


def union(steps: list[Step]) -> Step:
    keys = sorted({key for step in steps for key in step})
    return {key: sorted({head for step in steps for head in step.get(key, [])}) for key in keys}


def load(folder: Path, case: Case) -> PreTrainedModel:
    model = case.model_class.from_pretrained(folder, attn_implementation="eager").eval()
    model.config.use_cache = False  # what a cache holds is no output
    return model


def heads_of(model: PreTrainedModel, key: str) -> int:
    """How many heads a layer has."""
    config, [stack, *_] = model.config, (key.split(".") if "." in key else ["encoder"])
    parts = {"text": "text_config", "vision": "vision_config", "audio": "audio_config", "encoder": "encoder", "decoder": "decoder", "cross": "decoder"}
    config = getattr(config, parts[stack], config)
    if not hasattr(config, "num_attention_heads"):
        config = getattr(config, "backbone_config", None) or config.get_text_config()
    count = config.num_attention_heads
    if isinstance(count, list):
        return [heads for heads, depth in zip(count, config.depths) for _ in range(depth)][int(key.rpartition(".")[2])]
    return getattr(config, "decoder_attention_heads", count) if "." in key else count


def silence(model: PreTrainedModel, pruning: Pruning, heads: Step) -> None:
    """Give these heads no say: zeros where the projection reads them."""
    for key, silent in heads.items():
        count = heads_of(model, key)
        projection = model.get_submodule(pruning.projections[key])
        weight = projection.weight.data
        if isinstance(projection, Conv1D):  # [in, out]
            weight.view(count, -1, weight.shape[1])[silent] = 0
        else:
            weight.view(weight.shape[0], count, -1)[:, silent] = 0


def key_of(output: str, pruning: Pruning, model: PreTrainedModel) -> str:
    """The key of the layer that an attention map is of."""
    kind, _, place = output.partition(".")
    prefixes = {"decoder": "decoder.", "cross": "cross.", "text": "text.", "vision": "vision.", "audio": "audio."}
    prefix = prefixes.get(kind.partition("_")[0], "")
    stages = {"attentions": model.config, "encoder_attentions": getattr(model.config, "encoder", None), "audio_attentions": getattr(model.config, "audio_config", None)}.get(kind)
    if "swin" in getattr(stages, "model_type", "") or prefix == "audio.":  # it shows those of the last layer of each stage
        return prefix + str(sum(stages.depths[: int(place) + 1]) - 1)
    if model.config.model_type != "albert":
        return prefix + place
    c = model.config
    layer, within = divmod(int(place), c.inner_group_num)
    group = int(layer / (c.num_hidden_layers / c.num_hidden_groups))
    return str(group * c.inner_group_num + within)


def run_without(folder: Path, pruning: Pruning, heads: Step, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
    """What the whole model answers when these heads have no say, and the maps of the others."""
    model = load(folder, pruning.case)
    silence(model, pruning, heads)
    outputs = run(model, inputs, pruning.case)
    for name, output in outputs.items():
        if "attentions" in name:
            gone = heads.get(key_of(name, pruning, model), [])
            maps = output.unflatten(0, (-1, heads_of(model, key_of(name, pruning, model)))) if output.dim() == 3 else output
            left = [head for head in range(maps.shape[1]) if head not in gone]
            kept = maps[:, left].contiguous()
            outputs[name] = kept.flatten(0, 1) if output.dim() == 3 else kept  # SAM's heads are one below the other
    return outputs


def distance(outputs: dict[str, Tensor], others: dict[str, Tensor]) -> float:
    """The largest difference; of attention maps, which may be of other heads, there is none."""
    names = [name for name in outputs if "attentions" not in name]
    return max((outputs[name] - others[name]).abs().max().item() for name in names)


def refuse_silent_heads(
    folder: Path, pruning: Pruning, heads: Step, inputs: dict[str, Tensor], expected: dict[str, Tensor]
) -> None:
    """Fail if some head could have stayed without an output showing it a hundred times over the tolerance."""
    for key, gone in heads.items():
        for head in gone:
            others = heads | {key: [other for other in gone if other != head]}
            change = distance(run_without(folder, pruning, others, inputs), expected)
            if change < 100 * TOLERANCE:
                raise AssertionError(f"{folder}: head {head} of layer {key} hardly shows ({change:.1e})")


def refuse_other_masks(
    folder: Path, pruning: Pruning, heads: Step, inputs: dict[str, Tensor], expected: dict[str, Tensor]
) -> None:
    """Fail if Python's masks, which T5 and BART take, say something else."""
    model = load(folder, pruning.case)
    masks = {"": "head_mask", "decoder.": "decoder_head_mask", "cross.": "cross_attn_head_mask"}
    given = {name: torch.ones(2, heads_of(model, prefix)) for prefix, name in masks.items()}
    for key, gone in heads.items():
        given[masks[key.rstrip("0123456789")]][int(key[-1]), gone] = 0
    require(distance(run(model, inputs | given), expected) < TOLERANCE / 10, f"{folder}: masks say something else")


def prune(folder: Path, pruning: Pruning) -> tuple[dict[str, Tensor], PreTrainedModel]:
    """Let Python prune step by step and save: the weights that became smaller, and the model, loaded again if it can be."""
    model = pruning.case.model_class.from_pretrained(folder)
    for step in pruning.steps:
        model.prune_heads({int(key): heads for key, heads in step.items()})
    with TemporaryDirectory() as saved:
        model.save_pretrained(saved)
        shutil.copy(Path(saved) / "config.json", folder / "pruned-config.json")
        whole, left = load_file(folder / "model.safetensors"), load_file(Path(saved) / "model.safetensors")
        require(whole.keys() == left.keys(), f"{folder}: pruning renamed weights")
        changed = {name: weight for name, weight in left.items() if weight.shape != whole[name].shape}
        same = left.keys() - changed.keys()
        require(all(left[name].equal(whole[name]) for name in same), f"{folder}: pruning changed other weights")
        return changed, load(Path(saved), pruning.case) if pruning.python == "reloads" else model


def require(truth: bool, otherwise: str) -> None:
    if not truth:
        raise AssertionError(otherwise)


def record(folder: Path, pruning: Pruning) -> None:
    """Write one fixture."""
    case, heads = pruning.case, union(pruning.steps)
    random = torch.Generator().manual_seed(crc32(f"heads {case.architecture} {case.name}".encode()))
    model = case.model_class(case.model_class.config_class(**case.config))
    randomize(model, random)
    model.save_pretrained(folder)
    inputs = make_inputs(case, model, random)
    expected = run_without(folder, pruning, heads, inputs)
    refuse_silent_heads(folder, pruning, heads, inputs, expected)
    if "decoder_head_mask" in inspect.signature(type(model).forward).parameters:
        refuse_other_masks(folder, pruning, heads, inputs, expected)
    if pruning.python != "masks":
        weights, pruned = prune(folder, pruning)
        save_file(weights, folder / "pruned.safetensors")
        if pruning.python != "prunes":
            outputs = run(pruned, inputs, case)
            agree = all(torch.allclose(outputs[name], expected[name], atol=TOLERANCE / 10) for name in expected)
            require(agree and outputs.keys() == expected.keys(), f"{folder}: pruned is not masked")
            expected = outputs
    save_file(inputs, folder / "inputs.safetensors")
    save_file(expected, folder / "expected.safetensors")
    (folder / "steps.json").write_text(json.dumps(pruning.steps) + "\n")

    size = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{folder.relative_to(SOURCE)}: {case.architecture}, {len(expected)} outputs, {size / 1000:.0f} kB")


def main(model_types: list[str]) -> None:
    torch.set_num_threads(1)
    logging.set_verbosity_error()
    for model_type in model_types or PRUNINGS:
        fixtures = SOURCE / model_type / "fixture-heads"
        shutil.rmtree(fixtures, ignore_errors=True)
        for pruning in PRUNINGS[model_type]:
            record(fixtures / pruning.case.name, pruning)


if __name__ == "__main__":
    main(sys.argv[1:])
