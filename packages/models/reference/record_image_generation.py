"""Record what transformers writes about images with the models of the fixtures.

    python -m reference.record_image_generation            # every model, from packages/models
    python -m reference.record_image_generation blip

Run it after `record.py`. Beside each of these models `written.safetensors` holds what was given to `generate()` under its names,
and what came of it: `greedy` and `beams`, int32 [batch, tokens].
"""

import json
import sys

import torch
from safetensors.torch import save_file
from torch import Tensor
from transformers.utils import logging

from .case import class_of
from .record import SOURCE
from .vision_cases import RIGHT, among_words, pixels, text

NEW, ROWS = 8, 3


def questions(random: torch.Generator) -> dict[str, Tensor]:
    """Texts with padding on the right."""
    return text(random, 4, **RIGHT)


def captions(random: torch.Generator) -> dict[str, Tensor]:
    """Beginnings of texts, each with the token that ends it."""
    ids = torch.randint(6, 60, [ROWS, 4], generator=random, dtype=torch.int32)
    ids[:, -1] = 4
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}


def prompts(model_type: str, name: str, random: torch.Generator, model: torch.nn.Module) -> dict[str, Tensor]:
    """What `generate()` is given."""
    if model_type == "smolvlm":
        return among_words(model, random)
    if name == "donut":  # its texts begin with what is to be done
        begin = torch.randint(6, 60, [ROWS, 2], generator=random, dtype=torch.int32)
        return pixels(8, 12, images=ROWS)(model, random) | {"decoder_input_ids": begin}
    if model_type == "vision-encoder-decoder":
        return pixels(12, 12, images=ROWS)(model, random)
    texts = questions(random) if name == "question-answering" else captions(random)
    return pixels(8, 8, 3, images=ROWS)(model, random) | texts


SEARCHES = {"greedy": {}, "beams": {"num_beams": 3}}
MODELS = {
    "blip": ["conditional-generation", "question-answering"],
    "vision-encoder-decoder": ["trocr", "gpt2", "donut"],
    "smolvlm": ["conditional-generation"],
}


@torch.inference_mode()
def record(model_type: str, name: str) -> None:
    """Write what one model writes."""
    folder = SOURCE / model_type / "fixture" / name
    [architecture] = json.loads((folder / "config.json").read_text())["architectures"]
    model = class_of(architecture).from_pretrained(folder, attn_implementation="eager").eval()
    random = torch.Generator().manual_seed(7)
    given = prompts(model_type, name, random, model)
    inputs = {key: values.long() if values.dtype == torch.int32 else values for key, values in given.items()}
    written = {key: model.generate(**inputs, max_new_tokens=NEW, do_sample=False, **options) for key, options in SEARCHES.items()}
    kept = {key: values.int().contiguous() for key, values in written.items()}
    save_file(given | kept, folder / "written.safetensors")
    print(model_type, name, written["greedy"].tolist())


def main(types: list[str]) -> None:
    """Record all models, or those of the types named."""
    torch.set_num_threads(1)
    logging.set_verbosity_error()
    for model_type in types or MODELS:
        for name in MODELS[model_type]:
            record(model_type, name)


if __name__ == "__main__":
    main(sys.argv[1:])
