"""What is recorded of BART and its relatives.

Encoder and decoder have different numbers of heads and other sizes where they may, so that one of the other's shows.
"""

from typing import Any

from .case import Case

SIZES = {
    "vocab_size": 60,
    "d_model": 16,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "encoder_ffn_dim": 24,
    "decoder_ffn_dim": 20,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 2,
    "max_position_embeddings": 20,
}
BART = SIZES | {"decoder_start_token_id": 3}
MBART = SIZES | {"scale_embedding": True, "decoder_start_token_id": 3}
MARIAN = SIZES | {"pad_token_id": 4, "eos_token_id": 0, "decoder_start_token_id": 4}
M2M100 = SIZES | {"decoder_start_token_id": 3}
DEEPER = {"decoder_layers": 2}


def case(name: str, architecture: str, config: dict[str, Any], **more: Any) -> Case:
    return Case(name, architecture, config, token_type_ids=False, **more)


def translators(prefix: str, config: dict[str, Any], generation: str = "ForConditionalGeneration", **varied: Any) -> list[Case]:
    """The heads that all of them have; that which generates is over `config` with `varied`."""
    return [
        case("base", f"{prefix}Model", config | DEEPER, decoder=True),
        case("conditional-generation", prefix + generation, config | varied, decoder=True),
        case("encoder", f"{prefix}EncoderModel", config, sequence=14),
    ]


def classifiers(prefix: str, config: dict[str, Any]) -> list[Case]:
    return [
        case(
            "sequence-classification",
            f"{prefix}ForSequenceClassification",
            config | {"num_labels": 5},
            ends=(2, 5),
        ),
        case("question-answering", f"{prefix}ForQuestionAnswering", config),
    ]


ENCODER_DECODER_CASES: dict[str, list[Case]] = {
    "bart": [
        *translators("Bart", BART, activation_function="relu"),
        case("causal-lm", "BartForCausalLM", BART),
        case("causal-lm-cross", "BartForCausalLM", BART | {"add_cross_attention": True}, encoder_states=7),
        *classifiers("Bart", BART | {"scale_embedding": True}),
    ],
    "mbart": [
        *translators("MBart", MBART, activation_function="gelu_new"),
        case("causal-lm", "MBartForCausalLM", MBART),
        *classifiers("MBart", MBART),
    ],
    "marian": [
        *translators("Marian", MARIAN, "MTModel", activation_function="swish", scale_embedding=True),
        case(
            "own-words",
            "MarianMTModel",
            MARIAN | {"share_encoder_decoder_embeddings": False, "decoder_vocab_size": 60},
            decoder=True,
        ),
        case("causal-lm", "MarianForCausalLM", MARIAN),
    ],
    "m2m_100": translators("M2M100", M2M100, activation_function="gelu", scale_embedding=False),
}
