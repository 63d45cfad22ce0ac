"""Record what Python's save_pretrained makes of the models in packages/models, as digests of its files, for save.test.ts.

    HF_HUB_OFFLINE=1 python packages/webformers/reference/saved.py

Every fixture is loaded, saved again, whole or in shards or in another type, loaded from there, and run: its weights must be
those that were saved, to the last bit, and what comes out what came out before. Writes packages/webformers/fixtures/saved.json: for each
case the model, the options as webformers spells them, and half of each file's SHA-256. A page that writes files with these
digests has written what Python has loaded here. (A model that Python itself reads otherwise than it wrote it is left out, and named.)
"""

import hashlib
import json
import tempfile
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file
from transformers.utils import logging

logging.set_verbosity_error()
torch.set_num_threads(1)
PACKAGES = Path(__file__).parent.parent.parent
MASKED = "bert/masked-lm"

TYPES = {"fp16": torch.float16, "bf16": torch.bfloat16}
CASES = [(str(folder.parent.relative_to(PACKAGES / "models/src")).replace("/fixture", ""), {"maxShardSize": 20_000})
         for folder in sorted(PACKAGES.glob("models/src/*/fixture/*/config.json"))]  # fmt: skip
# Marian's files hold tables of sines in Python, or count them: ours don't, and Python makes them anew.
CASES = [(name, options) for name, options in CASES if not name.startswith("marian/")]
CASES += [(name, {}) for name in ("marian/conditional-generation", "marian/own-words")]
CASES += [(MASKED, options) for options in ({}, {"dtype": "fp16", "variant": "fp16"}, {"dtype": "bf16", "maxShardSize": "8KB"})]


def run(model, inputs):
    with torch.no_grad():
        outputs = model(**inputs)
    return [value for value in outputs.values() if isinstance(value, torch.Tensor)]


def class_of(name):
    kind, case = name.split("/")
    config = PACKAGES / "models/src" / kind / "fixture" / case / "config.json"
    return json.loads(config.read_text())["architectures"][0]


def stored_type(fixture):
    """The type that the file has: Python would make single precision of it."""
    tensors = load_file(fixture / "model.safetensors").values()
    return next(tensor.dtype for tensor in tensors if tensor.is_floating_point())


def same(weights, others):
    return weights.keys() == others.keys() and all(torch.equal(weights[name], others[name]) for name in weights)


def close(a, b):
    """Where the weights lie in memory, sums may round otherwise."""
    return torch.allclose(a, b, rtol=1e-5, atol=1e-5)


def record(name, options):
    kind, case = name.split("/")
    fixture = PACKAGES / "models/src" / kind / "fixture" / case
    made = getattr(transformers, class_of(name))
    model = made.from_pretrained(fixture, dtype=stored_type(fixture)).eval()
    inputs = load_file(fixture / "inputs.safetensors")
    if "dtype" in options:
        model = model.to(TYPES[options["dtype"]])
    inputs = {key: value.to(model.dtype) if value.is_floating_point() else value.long() for key, value in inputs.items()}
    before = run(model, inputs)
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder, max_shard_size=options.get("maxShardSize", "5GB"), variant=options.get("variant"))
        again = made.from_pretrained(folder, variant=options.get("variant"), dtype=model.dtype).eval()
        after = run(again, inputs)
        if not same(model.state_dict(), again.state_dict()) or not all(map(close, before, after)):
            raise ValueError(f"{name} {options}: loaded again, the model gives other numbers")
        files = {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:32]
            for path in sorted(Path(folder).iterdir())
            if path.name != "generation_config.json"
        }
    return {"model": name, "options": options, "files": files}


out = PACKAGES / "webformers/fixtures/saved.json"
recorded = []
for name, options in CASES:
    if not hasattr(transformers, class_of(name)):
        continue  # an encoder by itself that Python has no class for
    try:
        recorded.append(record(name, options))
    except ValueError as error:
        print(error)
out.write_text("[\n" + ",\n".join(json.dumps(case) for case in recorded) + "\n]\n")
