"""What is recorded of models that find things in images: objects, depth, masks.

Images have one channel where that makes files smaller; their sizes are not those that positions are stored for.
"""

from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from .case import Case

IMAGES = 2
VIT = {
    "hidden_size": 16,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "patch_size": 4,
    "num_channels": 1,
    "layer_norm_eps": 0.05,
}
YOLOS = VIT | {"num_hidden_layers": 2, "image_size": [16, 24], "num_detection_tokens": 5}
DETR = {
    "num_channels": 1,
    "d_model": 16,
    "encoder_layers": 1,
    "decoder_layers": 2,
    "encoder_ffn_dim": 24,
    "decoder_ffn_dim": 20,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 2,
    "num_queries": 5,
    "use_pretrained_backbone": False,
}
RESNET = {
    "use_timm_backbone": False,
    "backbone_config": {
        "model_type": "resnet",
        "num_channels": 1,
        "embedding_size": 6,
        "hidden_sizes": [6, 8, 8, 10],
        "depths": [1, 1, 1, 1],
        "layer_type": "basic",
        "out_features": ["stage4"],
    },
}


def timm(backbone: str, channels: list[int], **more: Any) -> dict[str, Any]:
    """A ResNet of timm, as small as it gets."""
    kwargs = {"out_indices": [1, 2, 3, 4], "in_chans": 1, "layers": [1, 1, 1, 2], "channels": channels}
    return {"backbone": backbone, "backbone_kwargs": kwargs | more}


NECK = {"neck_hidden_sizes": [4, 6, 8, 10], "fusion_hidden_size": 8}
DPT = VIT | NECK | {"num_hidden_layers": 4, "image_size": 16, "backbone_out_indices": [0, 1, 2, 3]}
DINOV2 = {
    "model_type": "dinov2",
    "hidden_size": 16,
    "num_hidden_layers": 4,
    "num_attention_heads": 2,
    "mlp_ratio": 2,
    "patch_size": 4,
    "image_size": 16,
    "num_channels": 1,
    "layer_norm_eps": 0.05,
    "out_indices": [1, 2, 3, 4],
    "reshape_hidden_states": False,
}
DEPTH_ANYTHING = NECK | {
    "backbone_config": DINOV2,
    "patch_size": 4,
    "reassemble_hidden_size": 16,
    "head_hidden_size": 6,
}
SAM_VISION = {
    "hidden_size": 16,
    "output_channels": 16,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "num_channels": 1,
    "image_size": 20,
    "patch_size": 4,
    "window_size": 3,  # does not divide the five rows
    "global_attn_indexes": [1],
    "num_pos_feats": 8,
    "mlp_dim": 24,
    "layer_norm_eps": 0.05,
}
SAM = {
    "vision_config": SAM_VISION,
    "prompt_encoder_config": {
        "hidden_size": 16,
        "image_size": 20,
        "patch_size": 4,
        "mask_input_channels": 16,  # a fourth of them are normed together: of two, hardly more than a sign is left
    },
    "mask_decoder_config": {
        "hidden_size": 16,
        "mlp_dim": 20,
        "num_attention_heads": 2,
        "iou_head_hidden_dim": 12,
        "layer_norm_eps": 0.05,
    },
}

VITPOSE_BACKBONE = {
    "model_type": "vitpose_backbone",
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "mlp_ratio": 1.5,
    "image_size": [18, 20],
    "patch_size": [6, 5],  # of the zeros around an image none are enough for another patch
    "num_channels": 1,
    "layer_norm_eps": 0.05,
}
EXPERTS = VITPOSE_BACKBONE | {"num_experts": 3, "part_features": 5}
VITPOSE = {"backbone_config": VITPOSE_BACKBONE | {"out_indices": [2]}, "num_labels": 5}

SUPERPOINT = {
    "encoder_hidden_sizes": [4, 6, 8, 10],
    "decoder_hidden_size": 12,
    "descriptor_decoder_dim": 9,
    "keypoint_threshold": 0.03,
    "nms_radius": 2,
    "border_removal_distance": 3,
}


def images(height: int, width: int):
    """Pixels of that size."""

    def make(model: PreTrainedModel, random: torch.Generator) -> dict[str, Tensor]:
        return {"pixel_values": torch.randn([IMAGES, 1, height, width], generator=random)}

    return make


def padded_images(height: int, width: int):
    """Pixels, of which those of the second image are padding at the right and below."""

    def make(model: PreTrainedModel, random: torch.Generator) -> dict[str, Tensor]:
        mask = torch.ones([IMAGES, height, width], dtype=torch.int32)
        mask[1, height * 2 // 3 :] = 0
        mask[1, :, width * 2 // 3 :] = 0
        pixels = torch.randn([IMAGES, 1, height, width], generator=random)
        return {"pixel_values": pixels * mask[:, None], "pixel_mask": mask}

    return make


def prompted(*kinds: str):
    """Pixels, and for each image three prompts of these kinds.

    Six in all: as images of a gradient's convolution, so many go wrong in a kernel of onnxruntime's for GPUs.
    """

    def make(model: PreTrainedModel, random: torch.Generator) -> dict[str, Tensor]:
        inputs = images(20, 20)(model, random)
        if "points" in kinds:
            inputs["input_points"] = 20 * torch.rand([IMAGES, 3, 2, 2], generator=random)
            labels = torch.tensor([[1, 0], [1, 1], [0, -1]], dtype=torch.int32)
            inputs["input_labels"] = torch.stack([labels, labels.flip(0)])
            inputs["input_labels"][1, 0, 1] = -10
        if "boxes" in kinds:
            inputs["input_boxes"] = 20 * torch.rand([IMAGES, 3, 4], generator=random)
        if "masks" in kinds:
            inputs["input_masks"] = torch.randn([IMAGES, 1, 20, 20], generator=random)
        return inputs

    return make


def no_labels(model: PreTrainedModel, outputs: dict[str, Tensor], random: torch.Generator) -> dict[str, Tensor]:
    """A loss that matches objects is recorded by `record_detection_loss.py`."""
    return {}


def label_map(model: PreTrainedModel, outputs: dict[str, Tensor], random: torch.Generator) -> dict[str, Tensor]:
    """A class for each pixel, some of which do not count; larger than the scores, which are drawn to its size."""
    labels = torch.randint(0, model.config.num_labels, [IMAGES, 18, 21], generator=random)
    labels[torch.rand(labels.shape, generator=random) < 0.2] = model.config.semantic_loss_ignore_index
    return {"labels": labels}


def one_mask(model: PreTrainedModel, inputs: dict[str, Tensor]) -> dict[str, Any]:
    """What SAM gives to who wants a single mask for each prompt."""
    lists = {"output_hidden_states": True, "output_attentions": True}
    return dict(model(**inputs, multimask_output=False, **lists).items())


# Queries begin as zeros, so all that they can learn of each other in the first layer is one bias.
# In the second they still know little.
FIRST_SELF = (
    "decoder.layers.0.self_attn.v_proj.weight",
    "decoder.layers.0.encoder_attn.q_proj",
    *(f"decoder.layers.{layer}.self_attn.{name}" for layer in range(2) for name in ("q_proj", "k_proj")),
)
# All heads share one softmax, so each shows little; gradients tell. The rest is that of the other head.
HEAD_LOOKS = ("bbox_attention.", "mask_head.", "detr.")
# Much is added to what SAM's attention finds, so it shows little; gradients tell.
TWO_WAYS = ("mask_decoder.transformer.",)
# What is added to a channel that is a group of its own, its norm takes away again.
LONE_BIASES = tuple(f"mask_head.lay{i}.bias" for i in range(2, 6))
# Nothing comes before the smallest map that could be added to it, nothing is
# masked, and what DPT reads is not normed.
FIRST_FUSION = ("fusion_stage.layers.0.residual_layer1", "mask_token", "dpt.layernorm")

def bodies(*, datasets: bool = False, pairs: bool = False):
    """Images of bodies, which of the experts each is for, and which keypoints are left and right of a body."""

    def make(model: PreTrainedModel, random: torch.Generator) -> dict[str, Tensor]:
        channels = getattr(model.config, "backbone_config", model.config).num_channels
        inputs = {"pixel_values": torch.randn([IMAGES, channels, 18, 20], generator=random)}
        if datasets:
            inputs["dataset_index"] = torch.tensor([2, 0], dtype=torch.int32)
        if pairs:
            inputs["flip_pairs"] = torch.tensor([[1, 2], [4, 3], [3, 0]], dtype=torch.int32)  # the last has a say in two
        return inputs

    return make


def pose(model: PreTrainedModel, inputs: dict[str, Tensor]) -> dict[str, Any]:
    """What a model gives, and the attention maps of its backbone, which it is not asked for."""
    model.backbone.config.output_attentions = True
    return dict(model(**inputs, output_hidden_states=True).items())


def colours(count: int, height: int, width: int):
    """Images in three channels, of which SuperPoint reads one."""

    def make(model: PreTrainedModel, random: torch.Generator) -> dict[str, Tensor]:
        return {"pixel_values": torch.randn([count, 3, height, width], generator=random)}

    return make


def everywhere(model: PreTrainedModel, inputs: dict[str, Tensor]) -> dict[str, Any]:
    """What SuperPoint chooses its keypoints from: the score of each pixel, and a descriptor of each cell."""
    pixels = model.extract_one_channel_pixel_values(inputs["pixel_values"])
    encoded = model.encoder(pixels, output_hidden_states=True, return_dict=True)
    decoder = model.descriptor_decoder
    map = decoder.conv_descriptor_b(decoder.relu(decoder.conv_descriptor_a(encoded.last_hidden_state)))
    return {
        "pixel_scores": model.keypoint_decoder._get_pixel_scores(encoded.last_hidden_state),
        "cell_descriptors": torch.nn.functional.normalize(map, p=2, dim=1),
        "hidden_states": encoded.hidden_states,
    }


UNASKED_EXPERT = ("experts.1.",)
"""No image is for it."""


DETECTION_CASES: dict[str, list[Case]] = {
    "yolos": [
        Case("base", "YolosModel", YOLOS | {"num_hidden_layers": 3}, inputs=images(12, 20)),
        Case(
            "object-detection",
            "YolosForObjectDetection",
            YOLOS | {"num_labels": 4, "qkv_bias": False, "use_mid_position_embeddings": False},
            inputs=images(16, 24),
            labels=no_labels,
        ),
    ],
    "detr": [
        Case("base", "DetrModel", DETR | RESNET, inputs=padded_images(36, 54), unused=FIRST_SELF),
        Case(
            "object-detection",
            "DetrForObjectDetection",
            DETR
            | timm("resnet18", [4, 4, 6, 8])
            | {"num_labels": 4, "position_embedding_type": "learned", "activation_function": "gelu"},
            inputs=padded_images(36, 54),
            labels=no_labels,
            half=True,
            unused=FIRST_SELF,
        ),
        Case(
            "segmentation",
            "DetrForSegmentation",
            DETR
            | timm("resnet50", [4, 4, 4, 4], output_stride=16)
            | {"num_labels": 4, "encoder_attention_heads": 8, "auxiliary_loss": True},
            inputs=padded_images(36, 50),  # of others, what the encoder looks at saturates: gradients are rounding
            labels=no_labels,
            half=True,
            unused=(*FIRST_SELF, *LONE_BIASES, *HEAD_LOOKS),
        ),
    ],
    "dpt": [
        Case(
            "base",
            "DPTModel",
            DPT | {"num_hidden_layers": 2, "pooler_output_size": 10, "pooler_act": "relu"},
            inputs=images(24, 24),
        ),
        Case("depth-estimation", "DPTForDepthEstimation", DPT, inputs=images(12, 12), half=True, unused=FIRST_FUSION),
        Case(
            "on-dinov2",
            "DPTForDepthEstimation",
            NECK | {"backbone_config": DINOV2, "readout_type": "ignore"},
            inputs=images(12, 20),
            half=True,
            unused=FIRST_FUSION,
        ),
        Case(
            "semantic-segmentation",
            "DPTForSemanticSegmentation",
            DPT | {"num_labels": 2, "readout_type": "add", "use_batch_norm_in_fusion_residual": True},
            inputs=images(12, 12),
            labels=label_map,
            half=True,
            unused=(*FIRST_FUSION, "auxiliary_head"),
        ),
    ],
    "depth_anything": [
        Case(
            "depth-estimation",
            "DepthAnythingForDepthEstimation",
            DEPTH_ANYTHING,
            inputs=images(12, 20),
            half=True,
            unused=FIRST_FUSION,
        ),
        Case(
            "metric",
            "DepthAnythingForDepthEstimation",
            DEPTH_ANYTHING | {"depth_estimation_type": "metric", "max_depth": 20},
            inputs=images(16, 16),
            half=True,
            unused=FIRST_FUSION,
        ),
    ],
    "vitpose": [
        Case(
            "simple",  # in colour, as what a processor gives
            "VitPoseForPoseEstimation",
            VITPOSE | {"scale_factor": 2, "backbone_config": VITPOSE_BACKBONE | {"num_channels": 3}},
            inputs=bodies(),
            outputs=pose,
        ),
        Case(
            "classic",
            "VitPoseForPoseEstimation",
            VITPOSE | {"use_simple_decoder": False, "backbone_config": VITPOSE_BACKBONE | {"hidden_size": 8, "num_hidden_layers": 1}},
            inputs=bodies(),
            outputs=pose,
            half=True,
            thin=("deconv",),
        ),
        Case(
            "flipped",
            "VitPoseForPoseEstimation",
            VITPOSE | {"scale_factor": 3, "backbone_config": VITPOSE_BACKBONE | {"num_hidden_layers": 1}},
            inputs=bodies(pairs=True),
            outputs=pose,
        ),
        Case(
            "experts",
            "VitPoseForPoseEstimation",
            VITPOSE | {"backbone_config": EXPERTS | {"out_features": ["stage1"], "qkv_bias": False}},
            inputs=bodies(datasets=True),
            outputs=pose,
            unused=(*UNASKED_EXPERT, "encoder.layer.1."),
        ),
        Case(
            "backbone",
            "VitPoseBackbone",
            EXPERTS | {"out_indices": [0, 2], "hidden_act": "gelu_new"},
            inputs=bodies(datasets=True),
            unused=UNASKED_EXPERT,
        ),
    ],
    "superpoint": [
        Case("two", "SuperPointForKeypointDetection", SUPERPOINT, inputs=colours(2, 26, 43), outputs=everywhere),
        Case(
            "best",
            "SuperPointForKeypointDetection",
            SUPERPOINT | {"max_keypoints": 7, "nms_radius": 1, "border_removal_distance": 0},
            inputs=colours(1, 32, 24),
            outputs=everywhere,
        ),
    ],
    "sam": [
        Case(
            "points",
            "SamModel",
            SAM,
            inputs=prompted("points"),
            half=True,
            unused=("mask_embed", "point_embed.2", "point_embed.3", "mlps.0.", *TWO_WAYS),
        ),
        Case(
            "boxes-and-masks",
            "SamModel",
            SAM | {"multimask_output": False},
            inputs=prompted("points", "boxes", "masks"),
            half=True,
            outputs=one_mask,
            unused=("no_mask_embed", "not_a_point_embed", "mlps.1.", "mlps.2.", "mlps.3.", *TWO_WAYS),
        ),
        Case("vision", "SamVisionModel", SAM_VISION | {"qkv_bias": False}, inputs=images(20, 20)),
    ],
}
