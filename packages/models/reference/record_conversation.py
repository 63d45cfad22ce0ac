"""Record conversations of transformers that go on from a cache, so that caches kept elsewhere can be held against them.

    python -m reference.record_conversation            # from packages/models
    python -m reference.record_conversation mistral

Beside the model of a fixture, `conversation.json` holds conversations of two turns, of one row and of two rows of which one is
padded on the left: the second turn's prompt is what the first one gave and some tokens more, and reads with a `DynamicCache`
only these. Prompts are much longer than the windows of layers that have one; `config` is what was changed in the model's own.
"""

import json
import sys
from zlib import crc32

import torch
from transformers import AutoModelForCausalLM, DynamicCache, GenerationConfig
from transformers.utils import logging

from .record import SOURCE, SPECIAL

MODELS = {
    "llama/causal-lm": {},
    "mistral/causal-lm": {},
    "gemma2/causal-lm": {},
    "gemma3_text/causal-lm": {"sliding_window": 5},
    "phi3/causal-lm": {},
}
PROMPT = 30
NEW = 14
NEXT = 4  # tokens that the second turn adds
PADDING = 5  # of the second row


@torch.inference_mode()
def record(name: str, changes: dict[str, object]) -> None:
    """Write the conversations of one model."""
    folder = SOURCE / name.replace("/", "/fixture/")
    model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager", **changes).eval()
    random = torch.Generator().manual_seed(crc32(f"conversation {name}".encode()))
    vocabulary = model.config.vocab_size
    pad = model.config.pad_token_id or 0
    model.generation_config = GenerationConfig()
    options = GenerationConfig(max_new_tokens=NEW, pad_token_id=pad, do_sample=False)

    def conversation(rows: int) -> list[dict[str, list]]:
        input_ids = torch.randint(SPECIAL, vocabulary, [rows, PROMPT], generator=random)
        mask = torch.ones_like(input_ids)
        mask[1:, :PADDING] = 0
        input_ids = input_ids.where(mask == 1, pad)
        cache = DynamicCache(config=model.config)
        turns = []
        for _ in range(2):
            given = {"input_ids": input_ids, "attention_mask": mask}
            sequences = model.generate(**given, generation_config=options, past_key_values=cache)
            turns.append({key: value.tolist() for key, value in {**given, "sequences": sequences}.items()})
            said = torch.randint(SPECIAL, vocabulary, [rows, NEXT], generator=random)
            input_ids = torch.cat([sequences, said], 1)
            mask = torch.nn.functional.pad(mask, [0, input_ids.shape[1] - mask.shape[1]], value=1)
        return turns

    written = {"config": changes, "pad_token_id": pad, "new_tokens": NEW}
    written["conversations"] = [conversation(1), conversation(2)]
    (folder / "conversation.json").write_text(json.dumps(written, separators=(",", ":")) + "\n")


def main(types: list[str]) -> None:
    """Record all of them, or those of the types named."""
    logging.set_verbosity_error()
    for name, changes in MODELS.items():
        if not types or name.split("/")[0] in types:
            record(name, changes)


if __name__ == "__main__":
    main(sys.argv[1:])
