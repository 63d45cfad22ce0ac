"""Record what Whisper's own generate makes of spectrograms, for generation/whisper/generate.browser.test.ts.

    HF_HUB_OFFLINE=1 python packages/webformers/reference/speech.py

Writes packages/webformers/fixtures/speech/: a tiny model with random weights (config.json, generation_config.json,
model.safetensors) and cases.json: spectrograms, and of each case the options as webformers spells them and what comes out.
Temperatures above 0 draw among one token only, so that nothing depends on how numbers are drawn.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from transformers import GenerationConfig, WhisperConfig, WhisperForConditionalGeneration
from transformers.utils import logging

logging.set_verbosity_error()
torch.set_num_threads(1)
FOLDER = Path(__file__).parent.parent / "fixtures/speech"
BINS, POSITIONS = 4, 20
FRAMES = 2 * POSITIONS
END, START, ENGLISH, GERMAN, FRENCH, TRANSLATE, TRANSCRIBE, BEFORE, SILENCE, NO_TIMES = range(50, 60)
VOCABULARY = NO_TIMES + 1 + POSITIONS + 1
random = torch.Generator().manual_seed(7)


def make_model() -> WhisperForConditionalGeneration:
    config = WhisperConfig(
        vocab_size=VOCABULARY,
        num_mel_bins=BINS,
        d_model=16,
        encoder_layers=1,
        decoder_layers=2,
        encoder_attention_heads=2,
        decoder_attention_heads=4,
        encoder_ffn_dim=24,
        decoder_ffn_dim=24,
        max_source_positions=POSITIONS,
        max_target_positions=48,
        pad_token_id=END,
        bos_token_id=END,
        eos_token_id=END,
        decoder_start_token_id=START,
        suppress_tokens=None,
        begin_suppress_tokens=None,
        median_filter_width=3,
    )
    model = WhisperForConditionalGeneration(config).eval()
    for name, weight in model.named_parameters():
        normal = torch.randn(weight.shape, generator=random)
        if "encoder.embed_positions" in name:
            continue
        if weight.dim() > 1:
            weight.data = normal * (0.7 if "embed" in name else 1.6 / weight[0].numel() ** 0.5)
        elif name.endswith("weight"):
            weight.data = 1 + 0.3 * normal
        else:
            weight.data = 0.3 * normal
    model.generation_config = GenerationConfig(
        max_length=36,
        pad_token_id=END,
        bos_token_id=END,
        eos_token_id=END,
        decoder_start_token_id=START,
        suppress_tokens=[3, 17, *range(START, NO_TIMES)],
        begin_suppress_tokens=[0, END],
        lang_to_id={"<|en|>": ENGLISH, "<|de|>": GERMAN, "<|fr|>": FRENCH},
        task_to_id={"translate": TRANSLATE, "transcribe": TRANSCRIBE},
        is_multilingual=True,
        no_timestamps_token_id=NO_TIMES,
        max_initial_timestamp_index=6,
        prev_sot_token_id=BEFORE,
        alignment_heads=[[0, 1], [1, 0], [1, 3]],
    )
    return model


def sounds(batch: int, frames: int) -> torch.Tensor:
    return (torch.randn([batch, BINS, frames], generator=random) * 16).round() / 16


def mask(*lengths: int) -> torch.Tensor:
    return (torch.arange(max(lengths)) < torch.tensor(lengths).unsqueeze(1)).long()


INPUTS = {
    "short": {"input_features": sounds(3, FRAMES)},
    "masked": {"input_features": sounds(2, FRAMES), "attention_mask": mask(FRAMES, 27)},
    "brief": {"input_features": sounds(1, 23)},
    "long": {"input_features": sounds(1, 137)},
    "batch": {"input_features": sounds(2, 101), "attention_mask": mask(101, 66)},
}
TIMES = {"return_timestamps": True}
SEGMENTS = TIMES | {"return_segments": True}
PROMPT = torch.tensor([BEFORE, 11, 12, 13])
AGAIN = {"temperature": (0.0, 0.4, 0.8), "top_k": 1}
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "the language is found": ("short", {}),
    "the language is found, the task is the model's own": ("short", {}),
    "a sound that is no segment long": ("brief", {"language": "en"}),
    "a language by its name, and a task": ("short", {"language": "german", "task": "translate"}),
    "a language by its token": ("short", {"language": "<|fr|>"}),
    "languages": ("short", {"language": ["en", "de", "french"], "task": "transcribe"}),
    "times": ("short", SEGMENTS),
    "beams": ("short", {"num_beams": 3, "language": "en"}),
    "beams with times": ("short", SEGMENTS | {"num_beams": 3, "language": "en"}),
    "a prompt": ("short", {"prompt_ids": PROMPT, "language": "en"}),
    "few tokens": ("short", {"max_new_tokens": 5}),
    "several texts": ("brief", {"num_beams": 2, "num_return_sequences": 2, "language": "de"}),
    "token times": ("short", {"return_token_timestamps": True, "language": "en"}),
    "token times of sounds with padding": ("masked", SEGMENTS | {"return_token_timestamps": True}),
    "token times of beams": ("masked", {"return_token_timestamps": True, "num_beams": 2, "language": "en"}),
    "a long sound": ("long", SEGMENTS),
    "a long sound, words only": ("long", {"language": "en"}),
    "long sounds": ("batch", SEGMENTS),
    "long sounds, token times": ("batch", SEGMENTS | {"return_token_timestamps": True}),
    "told what was said": ("long", SEGMENTS | {"condition_on_prev_tokens": True, "temperature": 0.0}),
    "long sounds, told what was said": ("batch", SEGMENTS | {"condition_on_prev_tokens": True, "temperature": 0.0}),
    "a prompt for the first segment": (
        "long",
        SEGMENTS | {"condition_on_prev_tokens": True, "prompt_ids": PROMPT, "temperature": 0.0},
    ),
    "a prompt for all segments": (
        "long",
        SEGMENTS
        | {"condition_on_prev_tokens": True, "prompt_ids": PROMPT, "prompt_condition_type": "all-segments", "temperature": 0.0},
    ),
    "a prompt for each segment by itself": ("long", SEGMENTS | {"prompt_ids": PROMPT}),
    "too unlikely": ("long", SEGMENTS | AGAIN | {"logprob_threshold": -1.2}),
    "too repetitive": ("long", SEGMENTS | AGAIN | {"compression_ratio_threshold": 0.72, "condition_on_prev_tokens": True}),
    "silence": ("long", SEGMENTS | AGAIN | {"logprob_threshold": -0.9, "no_speech_threshold": 0.004}),
    "beams too unlikely": ("long", SEGMENTS | AGAIN | {"logprob_threshold": -0.9, "num_beams": 2}),
    "one call": ("short", {"force_unique_generate_call": True, "language": "en"}),
    "all of one call": (
        "short",
        {"return_dict_in_generate": True, "output_scores": True, "language": "en", "max_new_tokens": 3},
    ),
}
# What a model's own generation_config.json says besides, as those on the Hub do.
OWN: dict[str, dict[str, Any]] = {
    "the language is found, the task is the model's own": {"forced_decoder_ids": [[1, None], [2, TRANSCRIBE]]},
}


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def plain(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.tolist()
    return list(value) if isinstance(value, tuple) else value


def told(output: Any) -> dict[str, Any]:
    if isinstance(output, torch.Tensor):
        return {"sequences": output.tolist()}
    found = {name: output[name].tolist() for name in ("sequences", "token_timestamps") if name in output}
    if output.get("scores") is not None:
        found["scores"] = [[round(value, 5) for value in row] for row in output["scores"][-1].tolist()]
    if "segments" in output:
        keys = ("start", "end", "tokens", "token_timestamps", "idxs")
        found["segments"] = [
            [{key: plain(segment[key]) for key in keys if key in segment} for segment in segments]
            for segments in output["segments"]
        ]
    return found


def finite(value: Any) -> Any:
    if isinstance(value, list):
        return [finite(each) for each in value]
    if isinstance(value, dict):
        return {key: finite(each) for key, each in value.items()}
    return "-inf" if value == float("-inf") else value


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    make_model().save_pretrained(FOLDER)
    written = {}
    for name, (inputs, options) in CASES.items():
        model = WhisperForConditionalGeneration.from_pretrained(FOLDER, attn_implementation="eager").eval()
        own = OWN.get(name, {})
        for key, value in own.items():
            setattr(model.generation_config, key, value)
        with torch.inference_mode():
            output = model.generate(**INPUTS[inputs], **options)
        case = {"inputs": inputs, "options": {camel(key): plain(value) for key, value in options.items()}}
        written[name] = case | ({"own": own} if own else {}) | finite(told(output))
    model = WhisperForConditionalGeneration.from_pretrained(FOLDER).eval()
    with torch.inference_mode():
        languages = model.detect_language(INPUTS["short"]["input_features"]).tolist()
    texts = [[7] * 200, list(range(40)), [1, 2, 3] * 9 + [70000]]
    ratios = [[text, size, model._retrieve_compression_ratio(torch.tensor(text), size)] for text, size in zip(texts, [51865, 60, 80000])]
    inputs = {name: {key: plain(value) for key, value in values.items()} for name, values in INPUTS.items()}
    recorded = {"inputs": inputs, "languages": languages, "ratios": ratios, "cases": written}
    (FOLDER / "cases.json").write_text(json.dumps(recorded, separators=(",", ":")) + "\n")
    for name, case in written.items():
        print(f"{name}: {[len(row) for row in case['sequences']]}, {[len(row) for row in case.get('segments', [])]}")
    for file in sorted(FOLDER.iterdir()):
        print(f"{file.name}: {file.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
