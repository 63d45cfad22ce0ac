"""Record what Python finds of bodies and of points on a photograph, for keypoints.browser.test.ts.

    python packages/webformers/reference/keypoints.py

Writes packages/webformers/fixtures/keypoints.json: what the processors and the models of packages/models make of a part of a
photograph that lies in packages/processors/fixtures.
"""

import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from transformers import (
    AutoModelForKeypointDetection,
    SuperPointImageProcessor,
    VitPoseForPoseEstimation,
    VitPoseImageProcessor,
)

torch.set_num_threads(1)
PACKAGES = Path(__file__).parent.parent.parent
PHOTOGRAPH = PACKAGES / "processors/fixtures/images/cat.rgb"
BOXES = [[[12.5, 8, 70, 95.25], [80, 40, 75.5, 60]]]


def rounded(value):
    if isinstance(value, torch.Tensor):
        return rounded(value.tolist())
    return [rounded(each) for each in value] if isinstance(value, list) else float(f"{value:.7g}")


def fixture(name):
    kind, case = name.split("/")
    return PACKAGES / "models/src" / kind / "fixture" / case


@torch.inference_mode()
def main():
    image = Image.fromarray(np.frombuffer(PHOTOGRAPH.read_bytes(), np.uint8).reshape(120, 160, 3))
    poses = VitPoseForPoseEstimation.from_pretrained(fixture("vitpose/simple")).eval()
    size = {"size": {"height": 18, "width": 20}}
    processor = VitPoseImageProcessor(**size)
    outputs = poses(**processor(image, boxes=BOXES, return_tensors="pt"))
    options = {"kernel_size": 5, "threshold": 0.1}
    [bodies] = processor.post_process_pose_estimation(outputs, boxes=BOXES, **options)

    points = AutoModelForKeypointDetection.from_pretrained(fixture("superpoint/two")).eval()
    config = {"size": {"height": 48, "width": 64}, "do_grayscale": True}
    processor = SuperPointImageProcessor(**config)
    outputs = points(**processor(image, return_tensors="pt"))
    [found] = processor.post_process_keypoint_detection(outputs, [(120, 160)])
    recorded = {
        "pose": {
            "config": size,
            "boxes": BOXES,
            "options": {"kernelSize": 5, "threshold": 0.1},
            "bodies": [{key: rounded(value) for key, value in body.items()} for body in bodies],
        },
        "points": {"config": config, "found": {key: rounded(value) for key, value in found.items()}},
    }
    (PACKAGES / "webformers/fixtures/keypoints.json").write_text(json.dumps(recorded) + "\n")
    print([len(body["scores"]) for body in bodies], len(found["scores"]))


if __name__ == "__main__":
    main()
