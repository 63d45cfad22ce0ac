"""Record what models give for images of another size than the one they were made for, for image-sizes.browser.test.ts.

    HF_HUB_OFFLINE=1 python packages/webformers/reference/image_sizes.py

Writes packages/webformers/fixtures/image-sizes.json: by model the size of the images, and of each output a digest,
[shape, sum(x · cos(0, 1, 2, …)), norm]. Pixels are 0.5 · sin(0, 1, 2, …) in their shape, for as many images as are recorded; the
other inputs are those recorded.
"""

import json

import torch

from inner_values import PACKAGES, digest, load, outputs_of, wave

# Those whose positions are drawn larger or smaller on request, and those that take any size.
SIZES = {
    "blip/base": [[13, 10]],
    "clip/base": [[17, 9]],
    "deit/image-classification": [[16, 21]],
    "owlv2/object-detection": [[13, 22]],
    "owlvit/base": [[10, 17]],
    "owlvit/object-detection": [[16, 9], [12, 12]],
    "siglip/base": [[13, 8]],
    "swin/base": [[13, 22], [31, 20]],
    "swin/image-classification": [[25, 18]],
    "vision-encoder-decoder/trocr": [[9, 14]],
    "vit/base": [[24, 18], [15, 33]],
}


def seen(name, size):
    model, inputs = load(name)
    pixels = inputs["pixel_values"]
    inputs["pixel_values"] = 0.5 * wave(pixels.new_empty([*pixels.shape[:2], *size]), torch.sin)
    more = {} if name.startswith("swin") else {"interpolate_pos_encoding": True}
    return {"size": size, "outputs": outputs_of(model, inputs, **more)}


def guided(name, size, query_size):
    """The same of what detects things that another image shows."""
    model, inputs = load(name)
    pixels = inputs["pixel_values"]
    images = [0.5 * wave(pixels.new_empty([*pixels.shape[:2], *each]), torch.sin) for each in (size, query_size)]
    with torch.no_grad():
        outputs = model.image_guided_detection(images[0], images[1], interpolate_pos_encoding=True)
    found = {key: digest(value) for key, value in outputs.items() if isinstance(value, torch.Tensor)}
    return {"size": size, "query_size": query_size, "outputs": found}


if __name__ == "__main__":
    every = {name: [seen(name, size) for size in sizes] for name, sizes in SIZES.items()}
    by_images = {"owlvit/object-detection": [guided("owlvit/object-detection", [16, 9], [11, 13])]}
    recorded = {"sizes": every, "guided": by_images}
    (PACKAGES / "webformers/fixtures/image-sizes.json").write_text(json.dumps(recorded, separators=(",", ":")) + "\n")
