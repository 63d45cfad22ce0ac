"""Record how fast rotary embeddings turn in configurations as real checkpoints have them.

    python -m reference.record_rope > src/fixture/rope.json    # from packages/models
"""

import json
import sys

import torch
from transformers import (
    Gemma3TextConfig,
    GPTNeoXConfig,
    LlamaConfig,
    MistralConfig,
    Phi3Config,
    PretrainedConfig,
    Qwen2Config,
    SmolLM3Config,
)
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

factors = [1 + 0.07 * i**1.3 for i in range(48)]  # as long a list as Phi-3-mini's, whose heads have 96 channels
phi = {"max_position_embeddings": 131072, "original_max_position_embeddings": 4096}
llama3 = {"low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}
yarn = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}

CONFIGS: dict[str, PretrainedConfig] = {
    "SmolLM2": LlamaConfig(hidden_size=576, num_attention_heads=9, rope_theta=100000.0),
    "Llama 3.1": LlamaConfig(rope_theta=500000.0, rope_scaling={"rope_type": "llama3", "factor": 8.0} | llama3),
    "Llama 3.2": LlamaConfig(
        rope_theta=500000.0, head_dim=64, rope_scaling={"rope_type": "llama3", "factor": 32.0} | llama3
    ),
    "Mistral Nemo": MistralConfig(rope_theta=1000000.0, head_dim=128),
    "Gemma 3": Gemma3TextConfig(rope_scaling={"rope_type": "linear", "factor": 8.0}),
    "Qwen2.5, yarn": Qwen2Config(hidden_size=3584, num_attention_heads=28, num_key_value_heads=4, rope_theta=1000000.0, rope_scaling=yarn),
    "SmolLM3, yarn": SmolLM3Config(rope_theta=5000000.0, rope_scaling={"rope_type": "yarn", "factor": 2.0}),
    "Pythia": GPTNeoXConfig(hidden_size=512, num_attention_heads=8, rotary_pct=0.25),
    "yarn, with every key": Qwen2Config(
        rope_theta=10000.0,
        rope_scaling=yarn
        | {"beta_fast": 16.0, "beta_slow": 2.0, "mscale": 0.7, "mscale_all_dim": 1.1, "truncate": False},
    ),
    "yarn, told how loud": Qwen2Config(rope_scaling={"rope_type": "yarn", "factor": 2.0, "attention_factor": 0.9}),
    "Phi-3, 128k": Phi3Config(
        **phi, rope_scaling={"type": "longrope", "short_factor": factors, "long_factor": factors[::-1]}
    ),
    "Phi-4-mini": Phi3Config(
        **phi,
        num_attention_heads=24,
        num_key_value_heads=8,
        partial_rotary_factor=0.75,
        rope_scaling={"type": "longrope", "short_factor": factors, "long_factor": factors[::-1]},
    ),
}


def record(config: PretrainedConfig) -> dict:
    scaling = getattr(config, "rope_scaling", None) or {}
    compute = ROPE_INIT_FUNCTIONS[scaling.get("rope_type", scaling.get("type", "default"))]
    frequencies, scale = compute(config, torch.device("cpu"))
    recorded = {"config": config.to_dict(), "frequencies": frequencies.tolist(), "scale": scale}
    if scaling.get("type") == "longrope":
        original = config.original_max_position_embeddings
        long, _ = compute(config, torch.device("cpu"), seq_len=original + 1)
        recorded |= {"longerThan": original, "longFrequencies": long.tolist()}
    return recorded


json.dump({name: record(config) for name, config in CONFIGS.items()}, sys.stdout, indent=1)
print()
