"""Run the ONNX files that toOnnx() makes with Python's onnxruntime, and record their digests, for to-onnx.test.ts.

    python packages/webformers/reference/onnx_runs.py      # needs onnx and onnxruntime, and node for vitest

The test writes a file for each fixture of packages/models. Each must pass onnx.checker.check_model, use operators of the
standard domain only, and give what transformers gave: within 1e-4, in half precision within 2 %. Writes fixtures/onnx.json.
"""

import hashlib
import json
import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from safetensors.numpy import load_file

PACKAGES = Path(__file__).parent.parent.parent
OUT = PACKAGES / "webformers/fixtures/onnx.json"
MODELS = sorted(
    str(config.parent.relative_to(PACKAGES / "models/src")).replace("/fixture", "")
    for config in PACKAGES.glob("models/src/*/fixture/*/config.json")
)
# A file of SAM takes points; what it makes of boxes and masks, none has, nor what ViTPose makes of mirrored images.
CASES = [(name, "fp32") for name in MODELS if name not in ("sam/boxes-and-masks", "vitpose/flipped")] + [("bert/masked-lm", "fp16")]


def save(digests):
    entries = [{"model": name, "dtype": dtype, "sha256": digests.get((name, dtype), "")} for name, dtype in CASES]
    OUT.write_text("[\n" + ",\n".join(json.dumps(entry) for entry in entries) + "\n]\n")


def check(path, name, dtype):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    if {node.domain for node in model.graph.node} != {""}:
        raise ValueError(f"{name}: operators of other domains")
    kind, case = name.split("/")
    fixture = PACKAGES / "models/src" / kind / "fixture" / case
    inputs, expected = load_file(fixture / "inputs.safetensors"), load_file(fixture / "expected.safetensors")
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    feeds = {}
    for taken in session.get_inputs():
        value = inputs.get(taken.name)
        if value is None:
            value = (np.ones_like if "mask" in taken.name else np.zeros_like)(inputs["input_ids"])
        feeds[taken.name] = value.astype(np.int64) if taken.type == "tensor(int64)" else value
    worst = 0
    for output, value in zip(session.get_outputs(), session.run(None, feeds), strict=True):
        truth = expected[output.name]
        worst = max(worst, float(np.abs(value - truth).max() / (1 if dtype == "fp32" else np.abs(truth).max())))
        if value.shape != truth.shape or worst > (1e-4 if dtype == "fp32" else 2e-2):
            raise ValueError(f"{name}: {output.name} differs by {worst}")
    return worst


save({})
with tempfile.TemporaryDirectory() as folder:
    command = ["npx", "vitest", "run", "--project", "node", "packages/webformers/src/to-onnx.test.ts"]
    subprocess.run(command, cwd=PACKAGES.parent, env={**os.environ, "WRITE_ONNX": folder}, check=True, capture_output=True)
    digests, differences, failures = {}, [], []
    for name, dtype in CASES:
        path = Path(folder) / f"{name.replace('/', '+')}+{dtype}.onnx"
        digests[name, dtype] = hashlib.sha256(path.read_bytes()).hexdigest()[:32]
        try:
            differences.append(check(path, name, dtype))
        except Exception as error:  # the others are checked all the same
            failures.append(f"{name} in {dtype}: {error}")
if failures:
    raise SystemExit("\n".join(failures))
save(digests)
print(f"{len(CASES)} files; the largest difference in fp32 is {max(differences[:-1]):.1e}, in fp16 {differences[-1]:.1e}")
