"""Record what torch makes of numbers in another type, for src/save.test.ts: ties, denormals, overflow, infinity. The bits of NaN depend on the CPU.

Needs torch; run from this folder: python casts.py
"""

import json
from pathlib import Path

import torch

torch.manual_seed(0)
TYPES = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
edges = [0.0, -0.0, 1 + 2**-11, 1 + 3 * 2**-11, 1 + 2**-8, 1 + 3 * 2**-8, 65504, 65519.99, 65520, -65520, 1e6, -1e30, 3.4e38,
         6e-8, 3e-8, 2.9e-8, -1e-7, 6.1e-5, 1e-40, 1.4e-45, float("inf"), -float("inf"), 0.1, -1 / 3]  # fmt: skip
values = torch.tensor(edges, dtype=torch.float64)
values = torch.cat([values, torch.randn(40, dtype=torch.float64) * torch.logspace(-9, 6, 40, dtype=torch.float64)])


def hexed(tensor):
    return tensor.contiguous().view(torch.uint8).numpy().tobytes().hex()


casts = [
    {"from": a, "to": b, "input": hexed(values.to(TYPES[a])), "output": hexed(values.to(TYPES[a]).to(TYPES[b]))}
    for a in TYPES
    for b in ("F32", "F16", "BF16")
]
out = Path(__file__).parent.parent / "src/fixture/casts.json"
out.write_text(json.dumps({"count": len(values), "casts": casts}, indent=1) + "\n")
