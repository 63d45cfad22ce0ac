"""What is recorded of models that look at images through windows: ResNet, MobileNetV2, ConvNeXt, Swin, SegFormer.

Images have one channel, which makes files smaller, and sizes that no stride divides.
"""

from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from .case import Case

IMAGES = 2


def images(height: int, width: int):
    """Pixels of that size."""

    def make(model: PreTrainedModel, random: torch.Generator) -> dict[str, Tensor]:
        return {"pixel_values": torch.randn([IMAGES, 1, height, width], generator=random)}

    return make


def label_map(height: int, width: int):
    """A class for each pixel, some of which do not count; the scores are drawn to its size."""

    def make(model: PreTrainedModel, outputs: dict[str, Tensor], random: torch.Generator) -> dict[str, Tensor]:
        labels = torch.randint(0, model.config.num_labels, [IMAGES, height, width], generator=random)
        labels[torch.rand(labels.shape, generator=random) < 0.2] = model.config.semantic_loss_ignore_index
        return {"labels": labels}

    return make


RESNET: dict[str, Any] = {"num_channels": 1, "embedding_size": 6, "hidden_sizes": [8, 12], "depths": [2, 1]}
MOBILENET: dict[str, Any] = {
    "num_channels": 1,
    "depth_multiplier": 0.1,
    "depth_divisible_by": 4,
    "min_depth": 4,
    "expand_ratio": 2,
    "finegrained_output": False,
}
CONVNEXT: dict[str, Any] = {"num_channels": 1, "num_stages": 2, "hidden_sizes": [8, 12], "depths": [1, 2]}
SWIN: dict[str, Any] = {
    "num_channels": 1,
    "image_size": [20, 17],
    "patch_size": 2,
    "embed_dim": 8,
    "depths": [2, 1],
    "num_heads": [2, 4],
    "window_size": 4,
    "mlp_ratio": 2,
    "layer_norm_eps": 0.05,
}
SEGFORMER: dict[str, Any] = {
    "num_channels": 1,
    "num_encoder_blocks": 2,
    "depths": [2, 1],
    "sr_ratios": [2, 1],
    "hidden_sizes": [8, 12],
    "patch_sizes": [7, 3],
    "strides": [4, 2],
    "num_attention_heads": [2, 3],
    "mlp_ratios": [2, 1],
    "decoder_hidden_size": 10,
}

CONVOLUTION_CASES: dict[str, list[Case]] = {
    "resnet": [
        Case("base", "ResNetModel", RESNET, inputs=images(29, 38)),
        Case(
            "image-classification",
            "ResNetForImageClassification",
            RESNET | {"layer_type": "basic", "downsample_in_first_stage": True, "hidden_act": "gelu", "num_labels": 5},
            inputs=images(33, 40),
        ),
        Case(
            "backbone",
            "ResNetBackbone",
            RESNET | {"downsample_in_bottleneck": True, "out_features": ["stem", "stage2"]},
            inputs=images(30, 26),
        ),
    ],
    "mobilenet_v2": [
        Case("base", "MobileNetV2Model", MOBILENET, inputs=images(40, 33)),
        Case(
            "image-classification",
            "MobileNetV2ForImageClassification",
            MOBILENET
            | {"tf_padding": False, "first_layer_is_expansion": False, "hidden_act": "relu", "num_labels": 5},
            inputs=images(37, 30),
        ),
        Case(
            "semantic-segmentation",
            "MobileNetV2ForSemanticSegmentation",
            MOBILENET | {"output_stride": 8, "num_labels": 4},
            inputs=images(33, 47),
            labels=label_map(17, 13),
            half=True,  # of its head nothing is as small as the rest
            unused=("mobilenet_v2.conv_1x1",),
        ),
    ],
    "convnext": [
        Case("base", "ConvNextModel", CONVNEXT | {"layer_norm_eps": 0.05}, inputs=images(22, 31)),
        Case(
            "image-classification",
            "ConvNextForImageClassification",
            CONVNEXT | {"layer_scale_init_value": 0, "hidden_act": "gelu_new", "num_labels": 5},
            inputs=images(24, 19),
        ),
        Case("backbone", "ConvNextBackbone", CONVNEXT | {"out_indices": [1, 2]}, inputs=images(16, 27)),
    ],
    "swin": [
        Case("base", "SwinModel", SWIN, inputs=images(20, 17)),
        Case(
            "image-classification",
            "SwinForImageClassification",
            SWIN
            | {"image_size": 16, "depths": [1, 2], "num_heads": [1, 4], "qkv_bias": False, "hidden_act": "relu"}
            | {"num_labels": 5},
            inputs=images(16, 16),
        ),
        Case(
            "backbone",
            "SwinBackbone",
            SWIN | {"image_size": [16, 16], "depths": [1, 2], "out_features": ["stage1", "stage2"]},
            inputs=images(16, 16),
        ),
    ],
    "segformer": [
        Case("base", "SegformerModel", SEGFORMER | {"reshape_last_stage": False}, inputs=images(29, 22)),
        Case(
            "image-classification",
            "SegformerForImageClassification",
            SEGFORMER | {"hidden_act": "relu", "num_labels": 5},
            inputs=images(21, 34),
        ),
        Case(
            "semantic-segmentation",
            "SegformerForSemanticSegmentation",
            SEGFORMER | {"num_labels": 4},
            inputs=images(30, 37),
            labels=label_map(19, 23),
        ),
    ],
}
