"""Record what `generate` of transformers makes of a toy model, for src/generation/: each strategy with its options, ten prompts each.

Needs torch 2.13 and transformers 4.57.6; run from this folder: python generation.py
Strategies that 4.57.6 has on the Hub only (groups of beams, contrastive search, DoLa) are recorded by a version that still has them:
transformers 4.54.1, tokenizers 0.21.4: python generation.py moved
"""

import json
import random
import sys
import warnings
from pathlib import Path

import torch
import transformers
from toy_model import EOS, PAD, VOCABULARY, toy

warnings.filterwarnings("ignore")
transformers.logging.set_verbosity_error()
random.seed(0)
PROMPTS = [[random.randrange(2, VOCABULARY) for _ in range(6)] for _ in range(10)]
PADDED = [[PAD] * (i % 3) + prompt[i % 3 :] for i, prompt in enumerate(PROMPTS)]
REPEATING = [prompt[:3] + prompt[:2] + prompt[2:5] + prompt[:2] for prompt in PROMPTS]
model, draft = toy(), toy(0.15)
BEAMS = {"num_beams": 4, "max_new_tokens": 12}

GREEDY = {
    "greedy": {"max_new_tokens": 16},
    "greedy, two ends": {"max_new_tokens": 16, "eos_token_id": [1, 5]},
    "greedy, no end": {"max_new_tokens": 16, "eos_token_id": -1, "pad_token_id": 0},
    "greedy, max_length": {"max_length": 11},
    "min_length and min_new_tokens": {"max_new_tokens": 14, "min_new_tokens": 9},
    "repetition_penalty": {"max_new_tokens": 14, "repetition_penalty": 1.3},
    "encoder_repetition_penalty": {"max_new_tokens": 14, "encoder_repetition_penalty": 1.4},
    "no_repeat_ngram_size": {"max_new_tokens": 20, "no_repeat_ngram_size": 1, "min_new_tokens": 15},
    "encoder_no_repeat_ngram_size": {"max_new_tokens": 14, "encoder_no_repeat_ngram_size": 1},
    "bad_words_ids": {"max_new_tokens": 14, "bad_words_ids": [[7], [9, 12], [20], [1], [28, 3]]},
    "sequence_bias": {"max_new_tokens": 14, "sequence_bias": [[[7], 2.5], [[9, 12], 4.0], [[1], -1.5]]},
    "suppress and forced end": {"max_new_tokens": 12, "suppress_tokens": [1, 4, 8], "begin_suppress_tokens": [9, 10], "forced_eos_token_id": 1},
    "exponential_decay_length_penalty": {"max_new_tokens": 20, "exponential_decay_length_penalty": [3, 1.3], "min_new_tokens": 4},
    "guidance_scale": {"max_new_tokens": 14, "guidance_scale": 1.7},
    "watermark, lefthash": {"max_new_tokens": 14, "watermarking_config": {"bias": 2.5, "seeding_scheme": "lefthash"}},
    "watermark, selfhash": {"max_new_tokens": 8, "watermarking_config": {"bias": 2.5, "seeding_scheme": "selfhash", "context_width": 2, "greenlist_ratio": 0.4}},
    "prompt lookup": {"max_new_tokens": 16, "prompt_lookup_num_tokens": 3},
    "prompt lookup, longer matches": {"max_new_tokens": 16, "prompt_lookup_num_tokens": 5, "max_matching_ngram_size": 3, "min_new_tokens": 12},
    "assisted": {"max_new_tokens": 16, "assisted": True},
    "assisted, processors": {"max_new_tokens": 16, "assisted": True, "repetition_penalty": 1.2, "suppress_tokens": [1]},
}  # fmt: skip
BEAM_SEARCH = {
    **{
        f"beams, early_stopping {early}, length_penalty {penalty}": {**BEAMS, "early_stopping": early, "length_penalty": penalty}
        for early in (False, True, "never")
        for penalty in (1.0, 0.3, 2.0, -0.7)
    },
    "two beams": {**BEAMS, "num_beams": 2},
    "all beams returned": {**BEAMS, "num_return_sequences": 4},
    "two of three beams, longer": {"num_beams": 3, "max_new_tokens": 24, "num_return_sequences": 2, "min_new_tokens": 5},
    "beams, two ends": {**BEAMS, "eos_token_id": [1, 5], "num_return_sequences": 2},
    "beams, no end": {**BEAMS, "eos_token_id": -1, "max_new_tokens": 7},
    "beams, another padding": {**BEAMS, "pad_token_id": 3, "num_return_sequences": 4, "max_new_tokens": 16},
    "beams, processors": {**BEAMS, "repetition_penalty": 1.3, "no_repeat_ngram_size": 2, "bad_words_ids": [[7], [9, 12]]},
    "beams, renormalized": {**BEAMS, "suppress_tokens": [4, 8, 9], "renormalize_logits": True},
    "beams, forced end": {**BEAMS, "bad_words_ids": [[1, 5], [2]], "forced_eos_token_id": 1, "min_length": 18},
}  # fmt: skip
GROUPS = {"num_beams": 6, "num_beam_groups": 3, "diversity_penalty": 0.8, "max_new_tokens": 10}
MOVED = {
    "groups": GROUPS,
    "groups, all returned": {**GROUPS, "num_return_sequences": 6},
    "groups, early stopping": {**GROUPS, "early_stopping": True, "num_return_sequences": 3},
    "groups, never": {**GROUPS, "early_stopping": "never", "length_penalty": 1.5, "diversity_penalty": 2.0},
    "groups of one": {**GROUPS, "num_beam_groups": 6, "num_return_sequences": 6, "diversity_penalty": 0.3},
    "groups, processors": {**GROUPS, "repetition_penalty": 1.2, "min_new_tokens": 4},
    "contrastive": {"penalty_alpha": 0.6, "top_k": 4, "max_new_tokens": 14},
    "contrastive, more candidates": {"penalty_alpha": 0.3, "top_k": 8, "max_new_tokens": 14, "repetition_penalty": 1.1},
    "dola, low": {"dola_layers": "low", "max_new_tokens": 14},
    "dola, high": {"dola_layers": "high", "max_new_tokens": 14, "repetition_penalty": 1.2},
    "dola, one layer": {"dola_layers": [2], "max_new_tokens": 14},
}  # fmt: skip


def listed(value):
    return value.tolist() if isinstance(value, torch.Tensor) else value


def run(config, prompts, mask=None, detailed=False):
    config = dict(config)
    watermark = config.pop("watermarking_config", None)
    if watermark:
        config["watermarking_config"] = transformers.WatermarkingConfig(**watermark)
    if config.pop("assisted", False):
        config["assistant_model"] = draft
    if config.get("eos_token_id") == -1:
        model.generation_config.eos_token_id = config.pop("eos_token_id") and None
    ids = torch.tensor(prompts)
    mask = torch.ones_like(ids) if mask is None else torch.tensor(mask)
    out = model.generate(ids, attention_mask=mask, return_dict_in_generate=True, output_scores=True, output_logits=detailed, **config)
    model.generation_config.eos_token_id = EOS
    result = {"sequences": out.sequences.tolist()}
    if "sequences_scores" in out:
        result["sequences_scores"] = [float(f"{x:.6g}") for x in out.sequences_scores.tolist()]
    if detailed:
        beams = out.get("beam_indices")
        result["beam_indices"] = listed(beams)
        for normalize in (False, True):
            scores = model.compute_transition_scores(out.sequences, out.scores, beams, normalize_logits=normalize)
            result["transitions" + (", normalized" if normalize else "")] = [[float(f"{x:.6g}") for x in row] for row in scores.tolist()]
    return result


def recorded(cases, alone=()):
    """Each prompt alone where a strategy wants that, all together otherwise."""
    found = []
    for name, config in cases.items():
        prompts = REPEATING if "lookup" in name else PROMPTS
        if name.startswith(("assisted", "prompt lookup")):
            runs = [{"prompts": [prompt], **run(config, [prompt])} for prompt in prompts]
        else:
            mask = [[int(token != PAD) for token in prompt] for prompt in PADDED]
            runs = [{"prompts": prompts[:1], **run(config, prompts[:1])}, {"prompts": PADDED, **run(config, PADDED, mask)}]
        found.append({"name": name, "config": config, "runs": runs})
    return found


fixture = Path(__file__).parent.parent / "src/generation/fixture"
if "moved" in sys.argv:
    (fixture / "moved-strategies.json").write_text(json.dumps(recorded(MOVED)) + "\n")
else:
    details = [
        {"name": f"transitions: {name}", "config": config, "runs": [{"prompts": PROMPTS[:3], **run(config, PROMPTS[:3], detailed=True)}]}
        for name, config in [("greedy", GREEDY["greedy"]), ("beams", {**BEAMS, "num_return_sequences": 2})]
    ]
    (fixture / "strategies.json").write_text(json.dumps([*recorded(GREEDY), *recorded(BEAM_SEARCH), *details]) + "\n")
