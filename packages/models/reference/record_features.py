"""Record what models that compare images and texts give of one side alone.

    python -m reference.record_features    # from packages/models, after record.py

Beside each of these models `features.safetensors` holds `image_features` and `text_features`.
"""

import torch
from safetensors.torch import load_file, save_file

from .case import class_of
from .record import SOURCE

MODELS = {"clip": "CLIPModel", "siglip": "SiglipModel", "blip": "BlipModel", "owlvit": "OwlViTModel", "owlv2": "Owlv2Model"}


@torch.inference_mode()
def main() -> None:
    for model_type, architecture in MODELS.items():
        folder = SOURCE / model_type / "fixture" / "base"
        model = class_of(architecture).from_pretrained(folder, attn_implementation="eager").eval()
        inputs = load_file(folder / "inputs.safetensors")
        texts = {name: inputs[name].long() for name in ("input_ids", "attention_mask")}
        features = {
            "image_features": model.get_image_features(inputs["pixel_values"]),
            "text_features": model.get_text_features(**texts),
        }
        save_file({name: values.contiguous() for name, values in features.items()}, folder / "features.safetensors")


if __name__ == "__main__":
    main()
