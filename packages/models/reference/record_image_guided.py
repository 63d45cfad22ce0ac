"""Record what OWL-ViT and OWLv2 find where images tell what to look for.

    python -m reference.record_image_guided    # from packages/models, after record.py

Beside `object-detection` of each, `image-guided.safetensors` holds `query_pixel_values`, one image for each of the fixture's, and
under `expected.` what `image_guided_detection` answers.
"""

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from .case import class_of
from .record import SOURCE

MODELS = {"owlvit": "OwlViTForObjectDetection", "owlv2": "Owlv2ForObjectDetection"}


@torch.inference_mode()
def main() -> None:
    for model_type, architecture in MODELS.items():
        folder = SOURCE / model_type / "fixture" / "object-detection"
        model = class_of(architecture).from_pretrained(folder, attn_implementation="eager").eval()
        pixels = load_file(folder / "inputs.safetensors")["pixel_values"]
        queries = torch.randn(pixels.shape, generator=torch.Generator().manual_seed(0))
        outputs = model.image_guided_detection(pixel_values=pixels, query_pixel_values=queries)
        expected = {f"expected.{name}": x.contiguous() for name, x in outputs.items() if isinstance(x, Tensor)}
        save_file({"query_pixel_values": queries} | expected, folder / "image-guided.safetensors")


if __name__ == "__main__":
    main()
