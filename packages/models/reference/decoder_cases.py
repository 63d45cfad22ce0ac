"""What is recorded of decoders: Llama and its relatives, Gemma, Phi-3, GPT-NeoX.

Every text has padding on the right of one row and on both sides of another, so rows that may see nothing are among
them. Python gives those the mean over all positions, and so must whoever compares: nothing is left out.
"""

from typing import Any

from .case import SHAPE, TAGS, Case

# Two heads of the queries share one of the keys. An epsilon this large shows where a smaller one, or none, was used.
SIZES = SHAPE | {
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 28,
    "rms_norm_eps": 0.05,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
# Heads large enough, and waves short enough, for several frequencies to matter over a short text.
ROPE = {"head_dim": 12, "num_attention_heads": 2, "num_key_value_heads": 1, "rope_theta": 100.0}
LLAMA3 = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 40,
}
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32, "beta_fast": 4.0}


def case(name: str, architecture: str, sequence: int = 9, *, attention_mask: bool = True, **config: Any) -> Case:
    return Case(
        name,
        architecture,
        SIZES | config,
        token_type_ids=False,
        attention_mask=attention_mask,
        sequence=sequence,
    )


def heads(prefix: str, *names: str, activation: str = "hidden_act", **config: Any) -> list[Case]:
    """The base model and those of the heads that `names` lists, all over `config`; `activation` is that key's name."""
    varied = {
        "Model": ("base", {"num_hidden_layers": 3}),
        "ForCausalLM": ("causal-lm", {"num_hidden_layers": 2, "num_key_value_heads": 1, activation: "gelu"}),
        "ForSequenceClassification": ("sequence-classification", {"num_labels": 5}),
        "ForTokenClassification": ("token-classification", {"id2label": dict(enumerate(TAGS))}),
        "ForQuestionAnswering": ("question-answering", {}),
    }
    return [case(varied[name][0], prefix + name, **(config | varied[name][1])) for name in names]


# Half of the channels of a head turn.
NEOX = SHAPE | {
    "rotary_pct": 0.5,
    "rotary_emb_base": 100,
    "layer_norm_eps": 0.05,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}


def neox(name: str, head: str, sequence: int = 9, **config: Any) -> Case:
    return Case(name, "GPTNeoX" + head, NEOX | config, token_type_ids=False, sequence=sequence)


CLASSIFIERS = ("ForSequenceClassification", "ForTokenClassification")
ALL = ("Model", "ForCausalLM", *CLASSIFIERS, "ForQuestionAnswering")

DECODER_CASES: dict[str, list[Case]] = {
    "llama": [
        *heads("Llama", *ALL),
        case("causal-lm-tied", "LlamaForCausalLM", tie_word_embeddings=True, attention_bias=True, mlp_bias=True),
        case("head-dim", "LlamaModel", head_dim=6),
        case("every-head-its-keys", "LlamaModel", num_key_value_heads=4),
        case("without-mask", "LlamaModel", attention_mask=False),
        case("rope-linear", "LlamaModel", 20, **ROPE, rope_scaling={"type": "linear", "factor": 4.0}),
        case("rope-llama3", "LlamaModel", 20, **ROPE, rope_scaling=LLAMA3),
    ],
    "mistral": [
        *heads("Mistral", *ALL, sliding_window=3),
        case("without-window", "MistralForCausalLM", head_dim=6, sliding_window=None, tie_word_embeddings=True),
        case("long", "MistralModel", 40, num_attention_heads=2, num_key_value_heads=1, sliding_window=8),
    ],
    "qwen2": [
        *heads("Qwen2", *ALL, tie_word_embeddings=True),
        case(
            "windows-above",
            "Qwen2ForCausalLM",
            num_hidden_layers=3,
            use_sliding_window=True,
            sliding_window=3,
            max_window_layers=1,
        ),
        case("rope-yarn", "Qwen2Model", 20, **(ROPE | {"hidden_size": 24}), rope_scaling=YARN),
    ],
    "qwen3": [
        *heads("Qwen3", *ALL, head_dim=6),
        case(
            "layer-types",
            "Qwen3ForCausalLM",
            num_hidden_layers=3,
            head_dim=6,
            attention_bias=True,
            use_sliding_window=True,
            sliding_window=4,
            layer_types=["sliding_attention", "full_attention", "sliding_attention"],
            tie_word_embeddings=True,
        ),
        case("rope-yarn", "Qwen3Model", 20, **ROPE, rope_scaling=YARN | {"attention_factor": 0.8, "truncate": False}),
    ],
    "gemma2": [
        *heads(
            "Gemma2",
            "Model",
            "ForCausalLM",
            *CLASSIFIERS,
            activation="hidden_activation",
            head_dim=6,
            query_pre_attn_scalar=5,
            sliding_window=3,
            attn_logit_softcapping=1.5,
            final_logit_softcapping=2.0,
        ),
        case(
            "without-softcaps",
            "Gemma2ForCausalLM",
            head_dim=6,
            attention_bias=True,
            attn_logit_softcapping=None,
            final_logit_softcapping=None,
            tie_word_embeddings=False,
        ),
    ],
    "gemma3_text": [
        *heads(
            "Gemma3Text",
            "Model",
            "ForSequenceClassification",
            activation="hidden_activation",
            head_dim=6,
            query_pre_attn_scalar=5,
            sliding_window=3,
            sliding_window_pattern=2,
            rope_theta=1000.0,
            rope_local_base_freq=10.0,
        ),
        case("causal-lm", "Gemma3ForCausalLM", num_key_value_heads=1, head_dim=6, attention_bias=True),
        case("softcap", "Gemma3ForCausalLM", head_dim=6, final_logit_softcapping=2.0, tie_word_embeddings=False),
        case(
            "rope-linear",
            "Gemma3TextModel",
            20,
            num_hidden_layers=2,
            **ROPE,
            rope_local_base_freq=10.0,
            layer_types=["full_attention", "sliding_attention"],
            sliding_window=8,
            rope_scaling={"rope_type": "linear", "factor": 8.0},
        ),
        case(
            "bidirectional",
            "Gemma3TextModel",
            num_hidden_layers=2,
            head_dim=6,
            sliding_window=8,
            layer_types=["sliding_attention", "full_attention"],
            use_bidirectional_attention=True,
        ),
    ],
    "smollm3": [
        *heads("SmolLM3", *ALL, no_rope_layer_interval=2),
        case(
            "windows",  # in the layers that positions don't turn
            "SmolLM3ForCausalLM",
            num_hidden_layers=3,
            no_rope_layers=[0, 1, 0],
            use_sliding_window=True,
            sliding_window=3,
            mlp_bias=True,
            tie_word_embeddings=False,
        ),
        case(
            "rope-yarn",
            "SmolLM3Model",
            20,
            num_hidden_layers=2,
            **ROPE,
            attention_bias=True,
            layer_types=["sliding_attention", "full_attention"],
            sliding_window=8,
            rope_scaling=YARN,
        ),
    ],
    "gpt_neox": [
        neox("base", "Model", num_hidden_layers=3),
        neox("causal-lm", "ForCausalLM", num_hidden_layers=2, attention_bias=False, hidden_act="gelu_new"),
        neox(
            "causal-lm-tied",
            "ForCausalLM",
            num_hidden_layers=2,
            use_parallel_residual=False,
            tie_word_embeddings=True,
        ),
        neox("sequence-classification", "ForSequenceClassification", num_labels=5, rotary_pct=1.0),
        neox(
            "token-classification",
            "ForTokenClassification",
            id2label=dict(enumerate(TAGS)),
            use_parallel_residual=False,
            hidden_act="relu",
        ),
        neox("question-answering", "ForQuestionAnswering"),
        neox("rope-linear", "Model", 20, rope_scaling={"type": "linear", "factor": 4.0}),
    ],
    "phi3": [
        *heads("Phi3", "Model", "ForCausalLM", *CLASSIFIERS, hidden_size=32, partial_rotary_factor=0.75),
        case("window", "Phi3ForCausalLM", sliding_window=3, tie_word_embeddings=True),
        *(
            case(
                f"longrope-{name}",
                "Phi3Model",
                20,
                hidden_size=32,
                num_attention_heads=2,
                num_key_value_heads=1,
                partial_rotary_factor=0.5,
                rope_theta=100.0,
                max_position_embeddings=64,
                original_max_position_embeddings=original,
                rope_scaling={
                    "type": "longrope",
                    "short_factor": [1.0, 1.1, 1.3, 1.5],
                    "long_factor": [1.0, 1.5, 2.5, 4.0],
                },
            )
            for name, original in (("short", 20), ("long", 19))
        ),
    ],
}
