"""Record what Python makes of generation configurations, for src/generation/: defaults, values from a model's configuration, lengths, modes,
special tokens, what is refused and what has no effect.

    python packages/webformers/reference/generation_config.py

Writes packages/webformers/fixtures/generation-config.json. Wants transformers 4.57.6 and torch.
"""

import json
import re
import warnings
from pathlib import Path

import torch
import transformers
from transformers import BartConfig, EncoderDecoderConfig, GenerationConfig, GPT2Config, GPT2LMHeadModel, MarianConfig, T5Config
from transformers.generation.configuration_utils import METADATA_FIELDS

warnings.filterwarnings("ignore")
transformers.logging.set_verbosity_error()
TARGET = Path(__file__).parent.parent / "fixtures/generation-config.json"


def plain(config):
    return {key: value for key, value in config.to_dict().items() if key not in METADATA_FIELDS}


defaults = plain(GenerationConfig())


def differing(config):
    return {key: value for key, value in plain(config).items() if value != defaults.get(key) and not key.startswith("_")}


def relevant(config):
    """What of a model's configuration could matter."""
    keep = {*defaults, "is_encoder_decoder", "model_type"}
    found = {key: value for key, value in config.to_dict().items() if key in keep}
    if isinstance(config, EncoderDecoderConfig):
        found["decoder"] = relevant(config.decoder)
    return found


MODELS = [
    GPT2Config(),
    GPT2Config(max_length=50, do_sample=True, top_p=0.5, output_scores=True),
    T5Config(decoder_start_token_id=0),
    BartConfig(num_beams=4, early_stopping=True, no_repeat_ngram_size=3, forced_bos_token_id=0),
    MarianConfig(bad_words_ids=[[58100]], num_beams=6, max_length=512),
    EncoderDecoderConfig(
        encoder=T5Config().to_dict(), decoder=GPT2Config(max_length=99, num_beams=3, temperature=0.7).to_dict(), num_beams=2
    ),
]
from_model = [{"config": relevant(config), "values": differing(GenerationConfig.from_model_config(config))} for config in MODELS]

model = GPT2LMHeadModel(GPT2Config(vocab_size=20, n_embd=4, n_layer=1, n_head=1, n_positions=40, bos_token_id=1, eos_token_id=2))


def outcome(ask):
    try:
        return ask()
    except (ValueError, TypeError, ZeroDivisionError) as error:
        return {"error": type(error).__name__}


def prepared(own, given, options, prompt, use_model_defaults=None, version=None):
    """The steps of `generate` before its loop."""
    model.generation_config = GenerationConfig(**own)
    if version:
        model.generation_config.transformers_version = version
    config = None if given is None else GenerationConfig(**given)
    config, _ = model._prepare_generation_config(config, use_model_defaults, **options)
    mode = config.get_generation_mode()
    model._prepare_special_tokens(config, True, device="cpu")
    model._prepare_generated_length(
        generation_config=config,
        has_default_max_length=options.get("max_length") is None and config.max_length is not None,
        has_default_min_length=options.get("min_length") is None and config.min_length is not None,
        model_input_name="input_ids",
        inputs_tensor=torch.zeros(1, prompt),
        input_ids_length=prompt,
    )
    model._validate_generated_length(config, prompt, options.get("max_length") is None)
    eos, pad = config._eos_token_tensor, config._pad_token_tensor
    return {
        "mode": mode.value,
        "max_length": config.max_length,
        "min_length": config.min_length,
        "eos": None if eos is None else eos.tolist(),
        "pad": None if pad is None else pad.tolist(),
        "values": {key: value for key, value in differing(config).items() if key not in ("max_length", "min_length")},
    }


TOKENS = {"bos_token_id": 1, "eos_token_id": 2}
CALLS = [
    ({}, None, {}, 5),
    (TOKENS, None, {}, 5),
    (TOKENS, None, {}, 30),  # no longer than the model's positions
    (TOKENS, None, {"max_length": 12}, 5),
    (TOKENS, None, {"max_length": 5}, 5),
    (TOKENS, None, {"max_new_tokens": 7}, 5),
    (TOKENS, None, {"max_new_tokens": 7, "max_length": 9}, 5),
    ({**TOKENS, "max_length": 15}, None, {}, 5),
    ({**TOKENS, "max_length": 15}, None, {}, 16),
    ({**TOKENS, "max_length": 15}, None, {"max_new_tokens": 3}, 16),
    ({**TOKENS, "max_new_tokens": 4}, None, {"max_length": 30}, 5),
    (TOKENS, None, {"min_length": 9}, 5),
    (TOKENS, None, {"min_new_tokens": 6}, 5),
    (TOKENS, None, {"min_new_tokens": 6, "min_length": 2}, 5),
    (TOKENS, None, {"min_new_tokens": 50}, 5),
    ({"eos_token_id": [2, 7]}, None, {}, 3),
    ({"eos_token_id": [2, 7], "pad_token_id": 0}, None, {}, 3),
    ({"eos_token_id": 2}, None, {"eos_token_id": [3, 4]}, 3),
    (TOKENS, None, {"do_sample": True, "temperature": 0.7}, 3),
    (TOKENS, None, {"num_beams": 3}, 3),
    (TOKENS, None, {"num_beams": 3, "do_sample": True}, 3),
    (TOKENS, None, {"num_beams": 4, "num_beam_groups": 2, "diversity_penalty": 1.0}, 3),
    (TOKENS, None, {"penalty_alpha": 0.6, "top_k": 4}, 3),
    (TOKENS, None, {"penalty_alpha": 0.6, "top_k": 1}, 3),
    (TOKENS, None, {"penalty_alpha": 0.6, "do_sample": True}, 3),
    (TOKENS, None, {"prompt_lookup_num_tokens": 3}, 3),
    (TOKENS, None, {"dola_layers": "low"}, 3),
    (TOKENS, None, {"dola_layers": [0], "do_sample": True}, 3),
    # A configuration is given.
    ({**TOKENS, "temperature": 0.6, "do_sample": True}, {"max_new_tokens": 4}, {}, 3),
    ({**TOKENS, "temperature": 0.6, "do_sample": True}, {"max_new_tokens": 4}, {}, 3, False),
    ({**TOKENS, "temperature": 0.6, "do_sample": True}, {"max_new_tokens": 4}, {}, 3, None, "4.31.0"),
    ({**TOKENS, "temperature": 0.6, "do_sample": True}, {"max_new_tokens": 4}, {}, 3, True, "4.31.0"),
    ({**TOKENS, "temperature": 0.6, "do_sample": True}, {"top_k": 7, "eos_token_id": 9}, {"top_k": 3}, 3, None, "4.50.1"),
    ({**TOKENS, "do_sample": True}, {"temperature": 0.0}, {}, 3),
    ({**TOKENS, "cache_implementation": "hybrid"}, None, {}, 3),
]
calls = [
    {"own": own, "given": given, "options": options, "prompt": prompt, "rest": rest, "outcome": outcome(lambda: prepared(own, given, options, prompt, *rest))}
    for own, given, options, prompt, *rest in CALLS
]  # fmt: skip


def issues(values):
    """What `validate` has to say: the keys it warns of."""
    config = GenerationConfig(**values)
    try:
        config.validate(strict=True)
    except ValueError as error:
        return re.findall(r"^- `(\w+)`", str(error), re.M)
    return []


VALUES = [
    {},
    {"temperature": 0.7},
    {"temperature": 0.7, "top_p": 0.9, "min_p": 0.1, "typical_p": 0.8, "top_k": 7, "epsilon_cutoff": 0.1, "eta_cutoff": 0.1},
    {"temperature": 0.7, "top_p": 0.9, "do_sample": True},
    {"early_stopping": True, "length_penalty": 2.0},
    {"early_stopping": True, "length_penalty": 2.0, "num_beams": 2},
    {"early_stopping": "sometimes"},
    {"early_stopping": "never", "num_beams": 2},
    {"max_new_tokens": 0},
    {"num_return_sequences": 2},
    {"num_return_sequences": 2, "do_sample": True},
    {"num_return_sequences": 3, "num_beams": 2},
    {"num_return_sequences": 2, "num_beams": 2},
    {"pad_token_id": -1},
    {"cache_implementation": "large"},
    {"cache_implementation": "static", "use_cache": False},
    {"output_scores": True},
    {"output_scores": True, "output_logits": True, "return_dict_in_generate": True},
]
validations = [{"values": values, "outcome": outcome(lambda: issues(values))} for values in VALUES]

found = {"defaults": defaults, "fromModel": from_model, "calls": calls, "validations": validations}
TARGET.write_text(json.dumps(found, indent=1) + "\n")
