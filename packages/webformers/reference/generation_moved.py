"""Record contrastive search, diverse beams and DoLa of recorded models, for src/generation/: transformers 4.57.6 has them on the Hub only.

    python packages/webformers/reference/generation_moved.py

Writes packages/webformers/fixtures/generation-moved.json. Wants a version that still has them: transformers 4.54.1, tokenizers 0.21.4, torch.
"""

import json
import warnings
from pathlib import Path

import torch
import transformers
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

warnings.filterwarnings("ignore")
transformers.logging.set_verbosity_error()
PACKAGES = Path(__file__).parent.parent.parent
CASES = {
    "contrastive_search": {"penalty_alpha": 0.6, "top_k": 4},
    "group_beam_search": {"num_beams": 4, "num_beam_groups": 2, "diversity_penalty": 0.7, "num_return_sequences": 2},
    "dola_generation": {"dola_layers": "low", "repetition_penalty": 1.2},
    "dola_generation, some layers": {"dola_layers": [0, 1]},
}
MODELS = {
    "llama/causal-lm": AutoModelForCausalLM,
    "gpt2/causal-lm": AutoModelForCausalLM,
    "t5/conditional-generation": AutoModelForSeq2SeqLM,
}


def recorded(name, model_class):
    folder = PACKAGES / "models/src" / name.replace("/", "/fixture/")
    model = model_class.from_pretrained(folder, attn_implementation="eager").eval()
    given = json.loads((folder / "generation.json").read_text())
    inputs = {key: torch.tensor(given[key]) for key in ("input_ids", "attention_mask")}
    return {
        mode: model.generate(
            **inputs, **options, max_new_tokens=given["new_tokens"], eos_token_id=given["eos_token_id"], pad_token_id=given["pad_token_id"]
        ).tolist()
        for mode, options in CASES.items()
        if not (mode.startswith("dola") and model.config.is_encoder_decoder)
    }  # fmt: skip


found = {name: recorded(name, model_class) for name, model_class in MODELS.items()}
target = PACKAGES / "webformers/fixtures/generation-moved.json"
target.write_text(json.dumps({"options": CASES, "models": found}) + "\n")
