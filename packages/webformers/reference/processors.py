"""Record what Python's processors make of texts, images and sound, as the truth for packages/webformers (transformers 4.57.6, torch).

Writes packages/webformers/fixtures/processors.json, of the tiny repositories there.

Run it with:  HF_HUB_OFFLINE=1 python packages/webformers/reference/processors.py
"""

import json
from pathlib import Path

import numpy as np
from PIL import Image
from transformers import AutoProcessor, logging

logging.set_verbosity_error()
FIXTURES = Path(__file__).parent.parent / "fixtures"


def picture(width, height):
    """Any pixels that both sides can make."""
    values = [(7 * i + i * i // 13) % 256 for i in range(width * height * 3)]
    return Image.fromarray(np.array(values, dtype=np.uint8).reshape(height, width, 3))


def sound(length):
    return np.array([((i * 37) % 101 - 50) / 100 for i in range(length)], dtype=np.float32)


def told(features):
    """Tensors: their shapes, and their first values."""
    answers = {}
    for name, value in features.items():
        value = np.asarray(value)
        answers[name] = {"shape": list(value.shape), "values": [float(x) for x in value.reshape(-1)[:40]]}
    return answers


def processor(name):
    return AutoProcessor.from_pretrained(FIXTURES / "tiny" / name, use_fast=False)


POINTS = [
    {"inputPoints": [[[20, 10]]]},
    {"inputPoints": [[[20, 10], [5, 30]]], "inputLabels": [[1, 0]]},
    {"inputBoxes": [[[2, 3, 30, 20], [0, 0, 10, 10]]]},
    {"inputPoints": [[[[20, 10], [5, 30]], [[1, 2], [3, 4]]]], "inputLabels": [[[1, 0], [1, 1]]]},
]
NAMES = {"inputPoints": "input_points", "inputLabels": "input_labels", "inputBoxes": "input_boxes"}

clip = processor("clip-pairs")
sam = processor("sam-everything")
whisper = processor("whisper-writer")
wav2vec2 = processor("wav2vec2-letters")
texts = ["a cat", "a dog that barks"]
tensors = {"return_tensors": "np"}
record = {
    "classes": {name: type(processor(name)).__name__ for name in ["clip-pairs", "sam-everything", "whisper-writer", "wav2vec2-letters"]},
    "clip": told(clip(text=texts, images=picture(40, 30), padding=True, **tensors)),
    "clip texts": told(clip(text=texts, padding=True, **tensors)),
    "sam": [
        {"given": given, "answer": told(sam(picture(40, 30), **{NAMES[k]: v for k, v in given.items()}, return_tensors="pt"))}
        for given in POINTS
    ],
    "sam padded": told(
        sam(
            [picture(40, 30), picture(20, 50)],
            input_points=[[[20, 10], [5, 30]], [[4, 4]]],
            input_labels=[[1, 0], [1]],
            return_tensors="pt",
        )
    ),
    "whisper": told(whisper(audio=sound(16000), text="Ask not", sampling_rate=16000, return_tensors="np")),
    "wav2vec2": told(
        wav2vec2(audio=[sound(900), sound(700)], text=["HELLO", "A B"], sampling_rate=16000, padding=True, return_tensors="np")
    ),
}
(FIXTURES / "processors.json").write_text(json.dumps(record, indent=1) + "\n")
