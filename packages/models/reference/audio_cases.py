"""What is recorded of models that hear, and what they are given.

Sounds in a batch differ in length where a model has a mask for that: one has padding behind it.
"""

from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from .case import BATCH, DECODER_SEQUENCE, Case

WHISPER: dict[str, Any] = {
    "vocab_size": 60,
    "num_mel_bins": 6,
    "d_model": 16,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "encoder_ffn_dim": 24,
    "decoder_ffn_dim": 20,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 2,
    "max_source_positions": 14,
    "max_target_positions": 20,
    "pad_token_id": 1,
    "bos_token_id": 2,
    "eos_token_id": 2,
    "decoder_start_token_id": 3,
    "suppress_tokens": [],
    "begin_suppress_tokens": None,
}
WAV2VEC2: dict[str, Any] = {
    "vocab_size": 14,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "conv_dim": [8, 10],
    "conv_kernel": [5, 3],
    "conv_stride": [3, 2],
    "num_conv_pos_embeddings": 6,
    "num_conv_pos_embedding_groups": 2,
    "layer_norm_eps": 0.05,
    "pad_token_id": 0,
    "mask_time_prob": 0.0,
    "ctc_loss_reduction": "mean",
}
AST: dict[str, Any] = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "layer_norm_eps": 0.05,
    "patch_size": 4,
    "frequency_stride": 3,
    "time_stride": 2,
    "max_length": 13,
    "num_mel_bins": 11,
}
CLAP_TEXT: dict[str, Any] = {
    "vocab_size": 40,
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 20,
    "max_position_embeddings": 20,
    "layer_norm_eps": 0.05,
    "projection_dim": 10,
}
CLAP_AUDIO: dict[str, Any] = {
    "window_size": 4,
    "num_mel_bins": 8,
    "spec_size": 16,
    "patch_size": 2,
    "patch_stride": [2, 2],
    "hidden_size": 16,
    "depths": [2, 1],
    "num_attention_heads": [2, 4],
    "patch_embeds_hidden_size": 8,
    "mlp_ratio": 1.5,
    "layer_norm_eps": 0.05,
    "projection_dim": 10,
}
CLAP: dict[str, Any] = {"text_config": CLAP_TEXT, "audio_config": CLAP_AUDIO, "projection_dim": 10}
SOUNDS, TEXTS, WORDS, LENGTH = 2, 3, 7, 27
SAMPLES = 70
IGNORED = -100


def spectrograms(model: PreTrainedModel, random: torch.Generator) -> dict[str, Tensor]:
    c = model.config
    return {"input_features": torch.randn([BATCH, c.num_mel_bins, 2 * c.max_source_positions], generator=random)}


def spectrograms_and_text(model: PreTrainedModel, random: torch.Generator) -> dict[str, Tensor]:
    """With what a decoder begins with: padding before one text, and behind another."""
    shape = [BATCH, DECODER_SEQUENCE]
    ids = torch.randint(5, model.config.vocab_size, shape, generator=random, dtype=torch.int32)
    keep = torch.ones(shape, dtype=torch.int32)
    keep[1, -2:] = 0
    keep[2, :2] = 0
    return spectrograms(model, random) | {"decoder_input_ids": ids, "decoder_attention_mask": keep}


def patches(model: PreTrainedModel, random: torch.Generator) -> dict[str, Tensor]:
    c = model.config
    return {"input_values": torch.randn([BATCH, c.max_length, c.num_mel_bins], generator=random)}


def samples(model: PreTrainedModel, random: torch.Generator) -> dict[str, Tensor]:
    """Sounds of which two have padding behind them."""
    input_values = torch.randn([BATCH, SAMPLES], generator=random)
    attention_mask = torch.ones([BATCH, SAMPLES], dtype=torch.int32)
    attention_mask[1, SAMPLES - 23 :] = 0
    attention_mask[2, SAMPLES - 8 :] = 0
    return {"input_values": input_values * attention_mask, "attention_mask": attention_mask}


def texts(model: PreTrainedModel, outputs: dict[str, Tensor], random: torch.Generator) -> dict[str, Tensor]:
    """What is said in each sound: one text has a token twice, others are shorter."""
    labels = torch.randint(1, model.config.vocab_size, [BATCH, 4], generator=random)
    labels[0, 2] = labels[0, 1]
    labels[1, 2:] = IGNORED
    labels[2, 3:] = IGNORED
    return {"labels": labels}


def of_frames(model: PreTrainedModel, outputs: dict[str, Tensor], random: torch.Generator) -> dict[str, Tensor]:
    """Labels of each frame, some of which have several, or none."""
    return {"labels": torch.randint(0, 2, outputs["logits"].shape, generator=random)}


def speakers(model: PreTrainedModel, outputs: dict[str, Tensor], random: torch.Generator) -> dict[str, Tensor]:
    """Who says each sound."""
    return {"labels": torch.randint(0, model.config.num_labels, [BATCH], generator=random)}


def captions(model: PreTrainedModel, random: torch.Generator) -> dict[str, Tensor]:
    """Texts, two of them with padding."""
    ids = torch.randint(5, 40, [TEXTS, WORDS], generator=random, dtype=torch.int32)
    keep = torch.ones_like(ids)
    keep[1, -3:] = 0
    keep[2, -1:] = 0
    ids[keep == 0] = 1
    return {"input_ids": ids, "attention_mask": keep}


def filterbanks(model: PreTrainedModel, random: torch.Generator) -> dict[str, Tensor]:
    c = getattr(model.config, "audio_config", model.config)
    shape = [SOUNDS, 4 if c.enable_fusion else 1, LENGTH, c.num_mel_bins]
    longer = {"is_longer": torch.tensor([[True], [False]])} if c.enable_fusion else {}
    return {"input_features": torch.randn(shape, generator=random)} | longer


def sounds_and_captions(model: PreTrainedModel, random: torch.Generator) -> dict[str, Tensor]:
    return captions(model, random) | filterbanks(model, random)


def towers_that_hear(model: PreTrainedModel, inputs: dict[str, Tensor]) -> dict[str, Any]:
    """What CLAP gives, and the lists of its towers, which Python gives inside of other outputs."""
    outputs = dict(model(**inputs, output_hidden_states=True, output_attentions=True).items())
    lists = {
        f"{name}_{kind}": getattr(outputs[f"{name}_model_output"], kind)
        for name in ("text", "audio")
        for kind in ("hidden_states", "attentions")
    }
    return {key: value for key, value in outputs.items() if isinstance(value, Tensor)} | lists


def whisper(name: str, architecture: str, config: dict[str, Any] = {}) -> Case:
    classifies = architecture.endswith("Classification")
    inputs = spectrograms if classifies else spectrograms_and_text
    return Case(name, architecture, WHISPER | config, inputs=inputs)


def raw(prefix: str, **deep: Any) -> list[Case]:
    """Models of raw sound: with one norm behind the first convolution, or one behind each, and norms before layers."""
    stable = {"feat_extract_norm": "layer", "do_stable_layer_norm": True, "conv_bias": True}
    classifier = {"num_labels": 5, "classifier_proj_size": 9, "use_weighted_layer_sum": True}
    one_layer = {"num_hidden_layers": 1, "ctc_loss_reduction": "sum"}
    return [
        Case("base", f"{prefix}Model", WAV2VEC2 | {"num_hidden_layers": 3} | deep, inputs=samples),
        Case("stable", f"{prefix}Model", WAV2VEC2 | stable | {"num_conv_pos_embeddings": 5}, inputs=samples),
        Case("ctc", f"{prefix}ForCTC", WAV2VEC2 | stable | one_layer, inputs=samples, labels=texts),
        Case(
            "sequence-classification",
            f"{prefix}ForSequenceClassification",
            WAV2VEC2 | classifier,
            inputs=samples,
        ),
    ]


AUDIO_CASES: dict[str, list[Case]] = {
    "whisper": [
        whisper("base", "WhisperModel", {"decoder_layers": 2}),
        whisper("conditional-generation", "WhisperForConditionalGeneration"),
        whisper(
            "audio-classification",
            "WhisperForAudioClassification",
            {"num_labels": 5, "classifier_proj_size": 9, "use_weighted_layer_sum": True},
        ),
    ],
    "wav2vec2": [
        *raw("Wav2Vec2"),
        Case(
            "audio-frame-classification",
            "Wav2Vec2ForAudioFrameClassification",
            WAV2VEC2 | {"num_labels": 5, "use_weighted_layer_sum": True},
            inputs=samples,
            labels=of_frames,
        ),
        Case(
            "x-vector",
            "Wav2Vec2ForXVector",
            WAV2VEC2
            | {"num_labels": 5, "tdnn_dim": [6, 7, 8], "tdnn_kernel": [3, 2, 1], "tdnn_dilation": [1, 3, 1], "xvector_output_dim": 9},
            inputs=samples,
            labels=speakers,
            unused=("objective",),
        ),
        Case(
            "x-vector-weighted",
            "Wav2Vec2ForXVector",
            WAV2VEC2
            | {
                "num_labels": 3,
                "num_hidden_layers": 1,
                "use_weighted_layer_sum": True,
                "tdnn_dim": [6, 5],
                "tdnn_kernel": [2, 3],
                "tdnn_dilation": [2, 1],
                "xvector_output_dim": 4,
            },
            inputs=samples,
            labels=speakers,
            unused=("objective",),
        ),
    ],
    "hubert": raw("Hubert", feat_proj_layer_norm=False),
    "audio-spectrogram-transformer": [
        Case("base", "ASTModel", AST | {"num_hidden_layers": 3}, inputs=patches),
        Case(
            "audio-classification",
            "ASTForAudioClassification",
            AST | {"num_labels": 5, "qkv_bias": False},
            inputs=patches,
        ),
    ],
    "clap": [
        Case("base", "ClapModel", CLAP, inputs=sounds_and_captions, outputs=towers_that_hear),
        Case("text-with-projection", "ClapTextModelWithProjection", CLAP_TEXT, inputs=captions),
        Case(
            "audio-with-projection",  # fused of several pieces
            "ClapAudioModelWithProjection",
            CLAP_AUDIO | {"enable_fusion": True, "aff_block_r": 2, "qkv_bias": False},
            inputs=filterbanks,
        ),
    ],
}
