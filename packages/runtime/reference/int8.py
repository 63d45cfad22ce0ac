"""Record what NumPy makes of linear layers in 8 bits whose inputs are rounded to 8 bits as they come, for src/int8.browser.test.ts.

    python packages/runtime/reference/int8.py

Weights have a scale for each output, the greatest magnitude over 127; inputs one scale and one zero point for all, from the least to
the greatest number, zero between them. A layer that narrows brings the rows of its input to one size first.
"""

import json
from pathlib import Path

import numpy as np

random = np.random.default_rng(0)
f32 = np.float32


def rounded_inputs(x: np.ndarray) -> tuple[np.ndarray, np.float32]:
    """whole numbers around zero, and what one of them is worth"""
    least, greatest = min(x.min(), f32(0)), max(x.max(), f32(0))
    scale = f32((greatest - least) / f32(255))
    zero = np.clip(np.rint(-least / scale), 0, 255)
    return np.clip(np.rint(x / scale) + zero, 0, 255) - zero, scale


def layer(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    size = np.sqrt((x * x).max(-1, keepdims=True) + f32(1e-24)) if weight.shape[1] > weight.shape[0] else f32(1)
    scales = np.abs(weight).max(1) / f32(127)
    levels = np.rint(weight / scales[:, None])
    whole, scale = rounded_inputs((x / size).astype(f32))
    return (whole @ levels.T * (scale * scales) * size + bias).astype(f32)


cases = []
for outputs, inputs in [(24, 40), (40, 24)]:
    weight = random.normal(0, 0.3, (outputs, inputs)).astype(f32)
    bias = random.normal(0, 0.3, outputs).astype(f32)
    # one row is much larger than the others
    x = (random.normal(0.2, 1, (5, inputs)) * np.array([[1], [1], [20], [0.5], [1]])).astype(f32)
    tensors = dict(x=x, weight=weight, bias=bias, y=layer(x, weight, bias), exact=(x @ weight.T + bias).astype(f32))
    cases.append({"outputs": outputs, "inputs": inputs, **{name: [round(float(v), 7) if name in ("y", "exact") else float(v) for v in t.ravel()] for name, t in tensors.items()}})
    print(np.abs(tensors["y"] - tensors["exact"]).max())
(Path(__file__).parent.parent / "src/fixture/int8.json").write_text(json.dumps(cases) + "\n")
