"""Record what transformers generates with the models of the fixtures, so that a cache kept elsewhere can be held against it.

    python -m reference.record_generation              # every architecture, from packages/models
    python -m reference.record_generation llama t5

Beside the model of each fixture that generates, `generation.json` holds ten prompts as one batch (padded on the left, or on the
right where an encoder reads them) and what greedy search, greedy search with an end, and beam search make of them, and
`generation.safetensors` what the model gave on the way to the first tokens: `logits.0` is [batch, vocabulary] after the prompt,
`hidden_states.1.2` [batch, 1, hidden] the second layer's output for the first token, `attentions.1.0` [batch, heads, 1, keys].
"""

import json
import sys
from pathlib import Path
from zlib import crc32

import torch
import transformers
from safetensors.torch import save_file
from torch import Tensor
from transformers import GenerationConfig, GenerationMixin, PreTrainedModel
from transformers.utils import logging

from .record import SOURCE, SPECIAL

PROMPTS = 10
SOUNDS = 4
LONGEST = 7
NEW = 10
STEPS = 3  # whose inner values are kept


def make_prompts(model: PreTrainedModel, random: torch.Generator) -> dict[str, Tensor]:
    """Texts of different lengths, int64 [batch, sequence], and their masks; or spectrograms, in few digits."""
    if model.main_input_name == "input_features":
        c = model.config
        shape = [SOUNDS, c.num_mel_bins, 2 * c.max_source_positions]
        return {"input_features": (torch.randn(shape, generator=random) * 16).round() / 16}
    vocabulary = model.config.get_text_config().vocab_size
    shape = [PROMPTS, LONGEST]
    input_ids = torch.randint(SPECIAL, vocabulary, shape, generator=random)
    lengths = torch.randint(1, LONGEST + 1, [PROMPTS, 1], generator=random)
    lengths[0] = LONGEST
    place = torch.arange(LONGEST)
    keep = place < lengths if model.config.is_encoder_decoder else place >= LONGEST - lengths
    return {
        "input_ids": input_ids.where(keep, model.config.pad_token_id or 0),
        "attention_mask": keep.long(),
    }


def frequent(sequences: Tensor) -> int:
    """A token that ends some texts, but hardly any at once."""
    counts = torch.bincount(sequences[:, 2:].flatten())
    counts[:SPECIAL] = 0
    return int(counts.argmax())


def inner_values(outputs: dict, names: dict[str, str]) -> dict[str, Tensor]:
    """What the first steps gave, by the names of this module."""
    kept = {f"logits.{step}": outputs["logits"][step].contiguous() for step in range(STEPS)}
    for name, given in names.items():
        for step in range(STEPS):
            for layer, value in enumerate(outputs[given][step]):
                kept[f"{name}.{step}.{layer}"] = value.float().contiguous()
    return kept


@torch.inference_mode()
def record(folder: Path, architecture: str) -> None:
    """Write what one model generates."""
    model = getattr(transformers, architecture).from_pretrained(folder, attn_implementation="eager").eval()
    random = torch.Generator().manual_seed(crc32(f"generation {folder.parent.parent.name} {folder.name}".encode()))
    prompts = make_prompts(model, random)
    pad = model.config.pad_token_id or 0
    start = getattr(model.config, "decoder_start_token_id", None)
    common = {"max_new_tokens": NEW, "pad_token_id": pad, "decoder_start_token_id": start, "do_sample": False}
    model.generation_config = GenerationConfig(**common)

    def generate(**options: object) -> Tensor:
        # Whisper's own goes from segment to segment.
        return GenerationMixin.generate(model, **prompts, generation_config=GenerationConfig(**common, **options))

    greedy = generate()
    end = frequent(greedy)
    results = {
        "greedy": greedy,
        "ended": generate(eos_token_id=end),
        "beams": generate(num_beams=3, eos_token_id=end),
    }
    wanted = {"return_dict_in_generate": True, "output_logits": True}
    wanted |= {"output_hidden_states": True, "output_attentions": True}
    prefix = "decoder_" if model.config.is_encoder_decoder else ""
    names = {"hidden_states": f"{prefix}hidden_states", "attentions": f"{prefix}attentions"}
    if prefix:
        names["cross_attentions"] = "cross_attentions"
    few = {name: values[:3] for name, values in prompts.items()}
    outputs = GenerationMixin.generate(model, **few, generation_config=GenerationConfig(**common, **wanted))
    save_file(inner_values(outputs, names), folder / "generation.safetensors")
    written = {name: values.tolist() for name, values in prompts.items()}
    written |= {"pad_token_id": pad, "eos_token_id": end, "new_tokens": NEW}
    written |= {name: values.tolist() for name, values in results.items()}
    (folder / "generation.json").write_text(json.dumps(written, separators=(",", ":")) + "\n")


def main(types: list[str]) -> None:
    """Record all models that generate, or those of the types named."""
    logging.set_verbosity_error()
    for config in sorted(SOURCE.glob("*/fixture/*/config.json")):
        said = json.loads(config.read_text())
        [architecture] = said["architectures"]
        if said.get("add_cross_attention"):
            continue  # a decoder alone that is given what an encoder found
        generates = architecture.endswith(("ForCausalLM", "LMHeadModel", "ForConditionalGeneration", "MTModel"))
        if generates and (not types or config.parent.parent.parent.name in types):
            record(config.parent, architecture)


if __name__ == "__main__":
    main(sys.argv[1:])
