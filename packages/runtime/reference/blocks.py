"""Record what gguf makes of numbers in blocks, for src/blocks.test.ts: ties, signs, extremes, blocks of one number and of none.

    python -m venv venv && venv/bin/pip install gguf==0.19.0 safetensors
    venv/bin/python packages/runtime/reference/blocks.py

writes src/fixture/blocks.safetensors: `values`, and for each type of blocks `<type>.file`, the bytes of a GGUF file, and
`<type>.numbers`, what these stand for.
"""

from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType
from gguf.quants import dequantize, quantize
from safetensors.numpy import save_file

random = np.random.default_rng(0)
BLOCK = 32
steps = np.arange(BLOCK, dtype=np.float32)
blocks = [
    *random.normal(0, 0.05, (24, BLOCK)),
    *(random.normal(0, 1, (4, BLOCK)) * 10.0 ** random.uniform(-9, 4, (4, BLOCK))),
    np.zeros(BLOCK),
    np.full(BLOCK, -0.3),
    np.full(BLOCK, 7.0),
    # halfway between two levels of 8 bits, and of 4: 127 and -8 times a step that half precision has
    np.concatenate([[127 / 4], (steps[1:] - 16 + 0.5) / 4]),
    np.concatenate([[-127 / 4], (16 - steps[1:] - 0.5) / 4]),
    np.concatenate([[-8 / 4], (steps[1:] % 16 - 8 + 0.5) / 4]),
    np.concatenate([[8 / 4], (8 - steps[1:] % 16 - 0.5) / 4]),
    (steps % 16 * 2 - (steps // 16)) / 8,
    # the farthest from zero on both sides: the first decides
    np.where(steps == 3, 0.5, np.where(steps == 9, -0.5, steps / 100)),
    np.where(steps == 3, -0.5, np.where(steps == 9, 0.5, steps / 100)),
    # scales that half precision has not: too small, and not normal
    steps * 1e-9,
    (steps - 11) * 3e-6,
    np.where(steps == 5, 3000.0, steps * 1e-3),
    np.where(steps < 16, 1e-4, -1e-4),
]
values = np.stack(blocks).astype(np.float32)
tensors = {"values": values}
for name in ("Q8_0", "Q4_0", "Q4_1"):
    kind = GGMLQuantizationType[name]
    file = quantize(values, kind)
    tensors[f"{name}.file"] = file
    tensors[f"{name}.numbers"] = dequantize(file, kind)
save_file(tensors, Path(__file__).parent.parent / "src/fixture/blocks.safetensors")
