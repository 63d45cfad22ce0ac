"""What is recorded of vision transformers and of models that join images and texts.

Images have one channel where that makes files smaller, and towers differ in every size, so that one of the other's shows.
"""

from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from .case import Case

IMAGES, TEXTS, WORDS = 2, 3, 7

VIT = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "image_size": 12,
    "patch_size": 4,
    "num_channels": 1,
    "layer_norm_eps": 0.05,
    "pooler_output_size": 10,
}
DINOV2 = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "mlp_ratio": 1.5,
    "image_size": 12,
    "patch_size": 4,
    "num_channels": 1,
    "layer_norm_eps": 0.05,
}
TEXT_TOWER = {
    "vocab_size": 60,
    "hidden_size": 16,
    "intermediate_size": 20,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "max_position_embeddings": 20,
    "layer_norm_eps": 0.05,
    "pad_token_id": 1,
    "bos_token_id": 3,
    "eos_token_id": 4,
}
VISION_TOWER = {
    "hidden_size": 12,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 3,
    "num_channels": 1,
    "image_size": 8,
    "patch_size": 4,
    "layer_norm_eps": 0.05,
}
TEXT = {"token_type_ids": False}
END = {"eos_token_id": 4}
CLIP = {"text_config": TEXT_TOWER, "vision_config": VISION_TOWER, "projection_dim": 10}
SIGLIP_TEXT = TEXT_TOWER | {"projection_size": 12}
SIGLIP = {"text_config": SIGLIP_TEXT, "vision_config": VISION_TOWER}
OWLVIT_TEXT = TEXT_TOWER | {"pad_token_id": 0}
# Texts are compared with patches, which are made as wide as the tower of texts.
OWLVIT = {"text_config": OWLVIT_TEXT, "vision_config": VISION_TOWER, "projection_dim": 16}
BLIP_TEXT = {
    "vocab_size": 60,
    "hidden_size": 16,
    "intermediate_size": 20,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "max_position_embeddings": 20,
    "layer_norm_eps": 0.05,
    "bos_token_id": 3,
    "eos_token_id": 2,
    "sep_token_id": 4,
}
# BLIP's images have three channels, whatever the configuration says.
BLIP_VISION = {key: value for key, value in VISION_TOWER.items() if key != "num_channels"}
BLIP = {
    "text_config": BLIP_TEXT,
    "vision_config": BLIP_VISION,
    "projection_dim": 10,
    "image_text_hidden_size": 10,
}

# A decoder as wide as the encoder says, and one that what the encoder gives is projected for.
TROCR = {
    "encoder": VIT | {"model_type": "vit", "num_hidden_layers": 1},
    "decoder": {
        "model_type": "trocr",
        "vocab_size": 60,
        "d_model": 12,
        "decoder_layers": 1,
        "decoder_attention_heads": 3,
        "decoder_ffn_dim": 20,
        "max_position_embeddings": 20,
        "activation_function": "relu",
        "scale_embedding": True,
        "cross_attention_hidden_size": 16,
        "is_decoder": True,
        "add_cross_attention": True,
    },
    "decoder_start_token_id": 2,
    "pad_token_id": 1,
}
DEIT_GPT2 = {
    "encoder": VIT | {"model_type": "deit", "num_hidden_layers": 1},
    "decoder": {
        "model_type": "gpt2",
        "vocab_size": 60,
        "n_positions": 20,
        "n_embd": 12,
        "n_layer": 2,
        "n_head": 3,
        "layer_norm_epsilon": 0.05,
        "scale_attn_by_inverse_layer_idx": True,
        "bos_token_id": 3,
        "eos_token_id": 3,
        "is_decoder": True,
        "add_cross_attention": True,
    },
    "decoder_start_token_id": 3,
    "pad_token_id": 3,
}
DONUT = {
    "encoder": {
        "model_type": "donut-swin",
        "image_size": [8, 12],
        "patch_size": 2,
        "num_channels": 1,
        "embed_dim": 8,
        "depths": [1, 2],
        "num_heads": [2, 4],
        "window_size": 2,
        "mlp_ratio": 1.5,
        "layer_norm_eps": 0.05,
    },
    "decoder": {
        "model_type": "mbart",
        "vocab_size": 60,
        "d_model": 16,
        "encoder_layers": 1,
        "decoder_layers": 1,
        "encoder_attention_heads": 2,
        "decoder_attention_heads": 4,
        "encoder_ffn_dim": 8,
        "decoder_ffn_dim": 20,
        "max_position_embeddings": 20,
        "scale_embedding": True,
        "is_decoder": True,
        "add_cross_attention": True,
        "is_encoder_decoder": False,
    },
    "decoder_start_token_id": 3,
    "pad_token_id": 1,
}
IMAGE_TOKEN = 5
SMOLVLM = {
    "vision_config": VISION_TOWER | {"image_size": 16, "num_hidden_layers": 1},
    "text_config": {
        "model_type": "llama",
        "vocab_size": 60,
        "hidden_size": 16,
        "intermediate_size": 20,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "rms_norm_eps": 0.05,
        "pad_token_id": 1,
    },
    "image_token_id": IMAGE_TOKEN,
    "pad_token_id": 1,
    "scale_factor": 2,
}


def written(height: int, width: int | None = None):
    """Images, and what a decoder has written about each."""

    def make(model: PreTrainedModel, random: torch.Generator) -> dict[str, Tensor]:
        pad = model.config.pad_token_id
        decoder = {f"decoder_{name}": values for name, values in text(random, pad=pad).items()}
        return pixels(height, width or height, images=TEXTS)(model, random) | decoder

    return make


def among_words(model: PreTrainedModel, random: torch.Generator) -> dict[str, Tensor]:
    """Texts with two images each, whose words have their places among others; of one image a part is padding."""
    config = model.config
    side = config.vision_config.image_size
    words = (side // config.vision_config.patch_size // config.scale_factor) ** 2
    image = [IMAGE_TOKEN] * words
    ids, keep = [], []
    for row in range(TEXTS):
        own = torch.randint(6, 60, [6], generator=random).tolist()
        before = row + 1
        pad = 2 * (row == 1)
        ids.append([1] * pad + own[:before] + image + own[before:5] + image + own[5:] * (1 + 2 * (row != 1)))
        keep.append([0] * pad + [1] * (len(ids[-1]) - pad))
    mask = torch.ones([TEXTS, 2, side, side], dtype=torch.int32)
    mask[1, 1, 9:] = 0
    mask[2, 0, :, 5:] = 0
    values = torch.randn([TEXTS, 2, 1, side, side], generator=random)
    return {
        "input_ids": torch.tensor(ids, dtype=torch.int32),
        "attention_mask": torch.tensor(keep, dtype=torch.int32),
        "pixel_values": values,
        "pixel_attention_mask": mask,
    }


def pixels(height: int, width: int, channels: int = 1, images: int = IMAGES):
    """Pixels of that size."""

    def make(model: PreTrainedModel, random: torch.Generator) -> dict[str, Tensor]:
        return {"pixel_values": torch.randn([images, channels, height, width], generator=random)}

    return make


def text(random: torch.Generator, end: int | None = None, *, pad: int = 1, left: int = 1) -> dict[str, Tensor]:
    """Ids with padding on the right of one text and on both sides of another; each ends with `end`."""
    ids = torch.randint(6, 60, [TEXTS, WORDS], generator=random, dtype=torch.int32)
    keep = torch.ones_like(ids)
    keep[-1, -2:] = 0
    keep[1, :left] = 0
    keep[1, -3:] = 0
    if end is not None:
        for row, last in enumerate((keep * torch.arange(WORDS)).argmax(dim=1)):
            ids[row, last] = end
    ids[keep == 0] = pad
    return {"input_ids": ids, "attention_mask": keep}


def pairs(size: int, channels: int = 1, images: int = IMAGES, **options: Any):
    """Some texts and some images."""

    def make(model: PreTrainedModel, random: torch.Generator) -> dict[str, Tensor]:
        return text(random, **options) | pixels(size, size, channels, images)(model, random)

    return make


def queries(size: int, each: int, *, padded: bool = False):
    """Some images, and for each as many texts; the last text may be one that only fills a place."""

    def make(model: PreTrainedModel, random: torch.Generator) -> dict[str, Tensor]:
        ids = torch.randint(6, 59, [IMAGES * each, WORDS], generator=random, dtype=torch.int32)
        keep = torch.ones_like(ids)
        keep[1, -2:] = 0
        keep[-1, -3:] = 0
        for row, length in enumerate(keep.sum(dim=1)):
            ids[row, length - 1] = 59
        ids[keep == 0] = 0
        if padded:
            ids[-1, 0] = 0
        return pixels(size, size)(model, random) | {"input_ids": ids, "attention_mask": keep}

    return make


def towers(model: PreTrainedModel, inputs: dict[str, Tensor]) -> dict[str, Any]:
    """What a model gives, and the lists of its towers, which Python gives inside of other outputs, or not at all."""
    lists: dict[str, Any] = {}

    def attended(name: str):
        return lambda _, given, output: lists.setdefault(f"{name}_attentions", []).append(output[1])

    def computed(name: str):
        def keep(_: torch.nn.Module, given: tuple[Tensor, ...], output: Any) -> None:
            states = lists.setdefault(f"{name}_hidden_states", [given[0]])
            states.append(output[0] if isinstance(output, tuple) else output)

        return keep

    handles = []
    base = getattr(model, model.base_model_prefix, model)
    for name in ("text", "vision"):
        for layer in getattr(base, f"{name}_model").encoder.layers:
            handles.append(layer.self_attn.register_forward_hook(attended(name)))
            handles.append(layer.register_forward_hook(computed(name)))
    outputs = model(**inputs, output_attentions=True)
    for handle in handles:
        handle.remove()
    return {name: value for name, value in outputs.items() if isinstance(value, Tensor)} | lists


def blip_outputs(model: PreTrainedModel, inputs: dict[str, Tensor]) -> dict[str, Any]:
    """What BLIP gives, and what it keeps to itself of the parts that read and write."""
    found: dict[str, Any] = {}

    def keep(prefix: str):
        def hook(module: torch.nn.Module, given: Any, output: Any) -> None:
            names = ["hidden_states", "attentions"] + (["cross_attentions"] if prefix == "decoder" else [])
            for name in names:
                found[name if name == "cross_attentions" else f"{prefix}_{name}"] = getattr(output, name)
            if prefix == "decoder":
                found["logits"] = output.logits

        return hook

    parts = {"text_decoder": "decoder", "text_encoder": "text"}
    handles = [
        getattr(model, part).register_forward_hook(keep(prefix))
        for part, prefix in parts.items()
        if hasattr(model, part)
    ]
    outputs = dict(model(**inputs, output_hidden_states=True, output_attentions=True).items())
    for handle in handles:
        handle.remove()
    return outputs | found


def blip_model_outputs(model: PreTrainedModel, inputs: dict[str, Tensor]) -> dict[str, Any]:
    """What the model that compares gives, and the lists of both parts."""
    outputs = dict(model(**inputs, output_hidden_states=True, output_attentions=True).items())
    lists = {
        f"{name}_{kind}": getattr(outputs[f"{name}_model_output"], kind)
        for name in ("text", "vision")
        for kind in ("hidden_states", "attentions")
    }
    return {key: value for key, value in outputs.items() if isinstance(value, Tensor)} | lists


RIGHT = {"pad": 0, "left": 0}
"""In a text that begins with padding BLIP rounds scores to thousandths."""


def with_answers(size: int):
    """Images, questions, and what a decoder begins with."""

    def make(model: PreTrainedModel, random: torch.Generator) -> dict[str, Tensor]:
        decoder = {f"decoder_{name}": values for name, values in text(random, pad=0, left=0).items()}
        return pairs(size, 3, TEXTS, **RIGHT)(model, random) | decoder

    return make


def next_words(model: PreTrainedModel, outputs: dict[str, Tensor], random: torch.Generator) -> dict[str, Tensor]:
    """Labels of a text, some of which don't count."""
    labels = torch.randint(6, 60, outputs["logits"].shape[:2], generator=random)
    labels[torch.rand(labels.shape, generator=random) < 0.3] = -100
    labels[0, 0] = 1  # nothing predicts the first token
    return {"labels": labels}


UNASKED = ("owlvit.logit_scale", "owlv2.logit_scale", "visual_projection")
"""Whole images are not compared with texts where objects are found."""


def no_labels(model: PreTrainedModel, outputs: dict[str, Tensor], random: torch.Generator) -> dict[str, Tensor]:
    return {}


VISION_CASES: dict[str, list[Case]] = {
    "deit": [
        Case("base", "DeiTModel", VIT),
        Case("image-classification", "DeiTForImageClassification", VIT | {"num_labels": 5, "qkv_bias": False}),
        Case(
            "with-teacher",
            "DeiTForImageClassificationWithTeacher",
            VIT | {"num_labels": 5, "num_hidden_layers": 1},
            labels=no_labels,
        ),
    ],
    "dinov2": [
        Case("base", "Dinov2Model", DINOV2, unused=("mask_token",)),
        Case(
            "image-classification",  # of another size than the positions are stored for
            "Dinov2ForImageClassification",
            DINOV2 | {"num_labels": 5, "use_swiglu_ffn": True, "qkv_bias": False, "use_mask_token": False},
            inputs=pixels(19, 26),
        ),
        Case(
            "backbone",
            "Dinov2Backbone",
            DINOV2 | {"out_features": ["stem", "stage2"]},
            inputs=pixels(8, 16),
            unused=("mask_token",),
        ),
    ],
    "clip": [
        Case("base", "CLIPModel", CLIP, inputs=pairs(8, end=4), outputs=towers),
        Case(
            "image-classification",
            "CLIPForImageClassification",
            CLIP | {"num_labels": 5},
            inputs=pixels(8, 8, images=3),
            unused=("post_layernorm",),
        ),
        Case(
            "text-with-projection",  # the end of old configurations: the largest id
            "CLIPTextModelWithProjection",
            TEXT_TOWER | {"eos_token_id": 2, "projection_dim": 10, "hidden_act": "gelu"},
            inputs=lambda _, random: text(random, 59),
        ),
        Case("vision-with-projection", "CLIPVisionModelWithProjection", VISION_TOWER | {"projection_dim": 10}),
    ],
    "siglip": [
        Case("base", "SiglipModel", SIGLIP, inputs=pairs(8), outputs=towers),
        Case(
            "image-classification",
            "SiglipForImageClassification",
            SIGLIP | {"num_labels": 5},
            inputs=pixels(8, 8, images=3),
            unused=(".head.",),
        ),
    ],
    "owlvit": [
        Case("base", "OwlViTModel", OWLVIT | {"vision_config": VISION_TOWER | {"image_size": 12}}, inputs=pairs(12, images=TEXTS, pad=0), outputs=towers),
        Case(
            "object-detection",
            "OwlViTForObjectDetection",
            OWLVIT,
            inputs=queries(8, 3),
            outputs=towers,
            labels=no_labels,
            unused=UNASKED,
        ),
        Case(
            "filled-up",
            "OwlViTForObjectDetection",
            OWLVIT | {"vision_config": VISION_TOWER | {"num_hidden_layers": 1, "hidden_act": "gelu", "image_size": 12}},
            inputs=queries(12, 2, padded=True),
            outputs=towers,
            labels=no_labels,
            unused=UNASKED,
        ),
        Case("text", "OwlViTTextModel", OWLVIT_TEXT | {"hidden_act": "gelu"}, inputs=lambda _, random: text(random, 59, pad=0)),
        Case("vision", "OwlViTVisionModel", VISION_TOWER),
    ],
    "owlv2": [
        Case("base", "Owlv2Model", OWLVIT, inputs=pairs(8, images=TEXTS, pad=0), outputs=towers),
        Case(
            "object-detection",
            "Owlv2ForObjectDetection",
            OWLVIT,
            inputs=queries(8, 3),
            outputs=towers,
            labels=no_labels,
            unused=UNASKED,
        ),
    ],
    "blip": [
        Case(
            "base",
            "BlipModel",
            BLIP | {"projection_dim": 6},
            inputs=pairs(8, 3, **RIGHT),
            outputs=blip_model_outputs,
            unused=("crossattention",),
        ),
        Case(
            "conditional-generation",
            "BlipForConditionalGeneration",
            BLIP | {"text_config": BLIP_TEXT | {"label_smoothing": 0.1, "num_hidden_layers": 2}},
            inputs=pairs(8, 3, TEXTS, **RIGHT),
            outputs=blip_outputs,
            labels=next_words,
        ),
        Case(
            "question-answering",
            "BlipForQuestionAnswering",  # what writes looks at the question as if it were an image: both are as wide
            BLIP | {"vision_config": BLIP_VISION | {"hidden_size": 16, "num_attention_heads": 4}},
            inputs=with_answers(8),
            outputs=blip_outputs,
            labels=next_words,
        ),
        Case(
            "image-text-retrieval",
            "BlipForImageTextRetrieval",
            BLIP,
            inputs=pairs(8, 3, TEXTS, **RIGHT),
            outputs=blip_outputs,
            labels=no_labels,
            unused=("vision_proj", "text_proj"),
        ),
    ],
    "vision-encoder-decoder": [
        Case("trocr", "VisionEncoderDecoderModel", TROCR, inputs=written(12), labels=next_words, unused=("pooler",)),
        Case("donut", "VisionEncoderDecoderModel", DONUT, inputs=written(8, 12), labels=next_words),
        Case("gpt2", "VisionEncoderDecoderModel", DEIT_GPT2, inputs=written(12), labels=next_words, unused=("pooler",)),
    ],
    "smolvlm": [
        Case("base", "SmolVLMModel", SMOLVLM, inputs=among_words),
        Case("conditional-generation", "SmolVLMForConditionalGeneration", SMOLVLM, inputs=among_words, labels=next_words),
    ],
}
