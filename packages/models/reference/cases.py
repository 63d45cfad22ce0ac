"""What is recorded: for every architecture one tiny model a head.

A head's fixture also carries a variation of the configuration (another activation, another depth, untied
embeddings), so that every key is seen at work without a fixture of its own.
"""

from typing import Any

from .audio_cases import AUDIO_CASES
from .case import SHAPE, TAGS, Case
from .convolution_cases import CONVOLUTION_CASES
from .decoder_cases import DECODER_CASES
from .detection_cases import DETECTION_CASES
from .encoder_decoder_cases import ENCODER_DECODER_CASES
from .vision_cases import VISION_CASES


def heads(
    prefix: str, *, token_type_ids: bool = True, activation: str = "hidden_act", **config: Any
) -> list[Case]:
    """The base model and the five heads of an architecture, all over `config`; `activation` is that key's name."""
    varied = {
        "Model": ("base", {"num_hidden_layers": 3}),
        "ForMaskedLM": ("masked-lm", {"num_hidden_layers": 2, activation: "gelu_new"}),
        "ForSequenceClassification": (
            "sequence-classification",
            {"num_labels": 5, activation: "relu", "problem_type": "single_label_classification"},
        ),
        "ForTokenClassification": (
            "token-classification",
            {"id2label": dict(enumerate(TAGS)), activation: "silu"},
        ),
        "ForQuestionAnswering": ("question-answering", {}),
        "ForMultipleChoice": ("multiple-choice", {}),
    }
    return [
        Case(name, prefix + head, SHAPE | config | variation, token_type_ids=token_type_ids)
        for head, (name, variation) in varied.items()
    ]


# An epsilon this large shows where a smaller one, or none, was used.
BERT = {"layer_norm_eps": 0.05, "type_vocab_size": 2}
ONE_TYPE = {"layer_norm_eps": 0.05, "type_vocab_size": 1}

TEXT = {"token_type_ids": False}
"""What a case of a model says that tells no segments of a text apart."""

GPT2 = {
    "vocab_size": 60,
    "n_positions": 20,
    "n_embd": 16,
    "n_layer": 2,
    "n_head": 2,
    "layer_norm_epsilon": 0.05,
    "bos_token_id": 1,
    "eos_token_id": 1,
    "pad_token_id": 3,
}
T5 = {
    "vocab_size": 60,
    "d_model": 16,
    "d_kv": 6,  # not d_model / num_heads
    "d_ff": 24,
    "num_layers": 2,
    "num_heads": 2,
    "relative_attention_num_buckets": 8,
    "relative_attention_max_distance": 12,
    "layer_norm_epsilon": 0.05,
    "decoder_start_token_id": 0,
}
MT5 = {key: size for key, size in T5.items() if key != "decoder_start_token_id"}
UMT5 = MT5
VIT = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "image_size": 12,
    "patch_size": 4,
    "layer_norm_eps": 0.05,
    "pooler_output_size": 10,
}

CASES: dict[str, list[Case]] = {
    "gpt2": [
        Case("base", "GPT2Model", GPT2 | {"n_layer": 3}, **TEXT),
        Case("causal-lm", "GPT2LMHeadModel", GPT2, **TEXT),
        Case(
            "causal-lm-untied",
            "GPT2LMHeadModel",
            GPT2 | {"tie_word_embeddings": False, "n_inner": 24, "scale_attn_by_inverse_layer_idx": True},
            **TEXT,
        ),
        Case(
            "sequence-classification",
            "GPT2ForSequenceClassification",
            GPT2 | {"num_labels": 5, "scale_attn_weights": False},
            **TEXT,
        ),
        Case(
            "token-classification",
            "GPT2ForTokenClassification",
            GPT2 | {"id2label": dict(enumerate(TAGS)), "activation_function": "relu"},
            **TEXT,
        ),
        Case("question-answering", "GPT2ForQuestionAnswering", GPT2, **TEXT),
    ],
    "t5": [
        Case("base", "T5Model", T5 | {"num_decoder_layers": 3}, decoder=True, **TEXT),
        Case("conditional-generation", "T5ForConditionalGeneration", T5, decoder=True, **TEXT),
        Case(
            "gated",  # version 1.1
            "T5ForConditionalGeneration",
            T5 | {"feed_forward_proj": "gated-gelu", "tie_word_embeddings": False},
            decoder=True,
            **TEXT,
        ),
        Case("encoder", "T5EncoderModel", T5, sequence=30, **TEXT),
        Case(
            "sequence-classification",
            "T5ForSequenceClassification",
            T5 | {"num_labels": 5, "decoder_start_token_id": 4},
            ends=(2, 5),
            **TEXT,
        ),
        Case(
            "token-classification",
            "T5ForTokenClassification",
            T5 | {"id2label": dict(enumerate(TAGS)), "feed_forward_proj": "gated-silu"},
            **TEXT,
        ),
        Case("question-answering", "T5ForQuestionAnswering", T5, **TEXT),
    ],
    "mt5": [
        Case("base", "MT5Model", MT5, decoder=True, **TEXT),
        Case("conditional-generation", "MT5ForConditionalGeneration", MT5, decoder=True, **TEXT),
        Case("encoder", "MT5EncoderModel", MT5, **TEXT),
        Case("sequence-classification", "MT5ForSequenceClassification", MT5 | {"num_labels": 5}, ends=(2, 5), **TEXT),
        Case("token-classification", "MT5ForTokenClassification", MT5 | {"id2label": dict(enumerate(TAGS))}, **TEXT),
        Case("question-answering", "MT5ForQuestionAnswering", MT5, **TEXT),
    ],
    "umt5": [
        Case("base", "UMT5Model", UMT5, decoder=True, **TEXT),
        Case("conditional-generation", "UMT5ForConditionalGeneration", UMT5, decoder=True, **TEXT),
        Case("encoder", "UMT5EncoderModel", UMT5, sequence=30, **TEXT),
        Case("sequence-classification", "UMT5ForSequenceClassification", UMT5 | {"num_labels": 5}, ends=(2, 5), **TEXT),
        Case(
            "token-classification",
            "UMT5ForTokenClassification",
            UMT5 | {"id2label": dict(enumerate(TAGS)), "feed_forward_proj": "relu"},
            **TEXT,
        ),
        Case("question-answering", "UMT5ForQuestionAnswering", UMT5, **TEXT),
    ],
    "vit": [
        Case("base", "ViTModel", VIT | {"num_hidden_layers": 3}),
        Case(
            "image-classification",
            "ViTForImageClassification",
            VIT | {"num_labels": 5, "qkv_bias": False, "hidden_act": "gelu_new"},
        ),
        Case(
            "oblong",  # and a margin that is in no patch
            "ViTModel",
            VIT | {"image_size": [9, 14], "patch_size": [4, 3], "num_channels": 1, "pooler_act": "relu"},
        ),
    ],
    "bert": [
        *heads("Bert", **BERT),
        Case("masked-lm-untied", "BertForMaskedLM", SHAPE | BERT | {"tie_word_embeddings": False}),
        Case("gamma-beta", "BertForMaskedLM", SHAPE | BERT, old_spelling=True),
        Case(
            "multi-label",
            "BertForSequenceClassification",
            SHAPE | BERT | {"num_labels": 6, "problem_type": "multi_label_classification"},
        ),
        Case(
            "regression",
            "BertForSequenceClassification",
            SHAPE | BERT | {"num_labels": 1, "problem_type": "regression"},
        ),
        Case("without-mask", "BertModel", SHAPE | BERT, token_type_ids=False, attention_mask=False),
    ],
    "distilbert": heads("DistilBert", token_type_ids=False, activation="activation", hidden_dim=24),
    "roberta": [
        *heads("Roberta", **BERT, pad_token_id=3),
        Case("masked-lm-untied", "RobertaForMaskedLM", SHAPE | BERT | {"tie_word_embeddings": False}),
    ],
    "xlm-roberta": heads("XLMRoberta", token_type_ids=False, **ONE_TYPE),
    "camembert": heads("Camembert", token_type_ids=False, **ONE_TYPE),
    "mpnet": [
        *heads("MPNet", token_type_ids=False, layer_norm_eps=0.05),
        # Long enough for the relative positions that share logarithmic buckets.
        Case("long", "MPNetModel", SHAPE | {"max_position_embeddings": 60}, token_type_ids=False, sequence=40),
    ],
    "albert": [
        *heads("Albert", **BERT, embedding_size=12),
        Case(
            "groups",
            "AlbertModel",
            SHAPE | BERT | {"embedding_size": 12, "num_hidden_layers": 4, "num_hidden_groups": 2, "inner_group_num": 2},
        ),
    ],
    "electra": [
        *heads("Electra", **BERT, embedding_size=12),
        Case(
            "masked-lm-untied",
            "ElectraForMaskedLM",
            SHAPE | BERT | {"embedding_size": 16, "tie_word_embeddings": False},
        ),
        Case(
            "summary-last",
            "ElectraForMultipleChoice",
            SHAPE | BERT | {"embedding_size": 12, "summary_type": "last", "summary_activation": "tanh"},
        ),
        Case(
            "summary-mean",
            "ElectraForMultipleChoice",
            SHAPE | BERT | {"embedding_size": 12, "summary_type": "mean", "summary_use_proj": False},
        ),
    ],
} | DECODER_CASES | ENCODER_DECODER_CASES | AUDIO_CASES | CONVOLUTION_CASES | DETECTION_CASES | VISION_CASES
