"""Record which keypoints SuperPoint finds, out of what its fixtures hold.

    python -m reference.record_keypoints    # from packages/models, after record.py

Beside each fixture, `keypoints.safetensors` holds `keypoints`, `scores`, `descriptors` and `mask` as `forward` gives them.
"""

import torch
from safetensors.torch import load_file, save_file
from transformers import SuperPointForKeypointDetection

from .record import SOURCE

CERTAIN = 2e-6
"""How far from the threshold every score has to be."""


@torch.inference_mode()
def main() -> None:
    for config in sorted((SOURCE / "superpoint" / "fixture").glob("*/config.json")):
        folder = config.parent
        model = SuperPointForKeypointDetection.from_pretrained(folder).eval()
        outputs = model(**load_file(folder / "inputs.safetensors"))
        scores = load_file(folder / "expected.safetensors")["pixel_scores"]
        if (scores - model.config.keypoint_threshold).abs().min() < CERTAIN:
            raise AssertionError(f"{folder}: a score lies at the threshold")
        found = {name: outputs[name].contiguous() for name in ("keypoints", "scores", "descriptors", "mask")}
        save_file(found, folder / "keypoints.safetensors")
        print(f"{folder.name}: {outputs.mask.sum(dim=1).tolist()} keypoints")


if __name__ == "__main__":
    main()
