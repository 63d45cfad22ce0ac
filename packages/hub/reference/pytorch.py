"""Write PyTorch checkpoints of many shapes with torch itself, and what they hold, for packages/hub/src/formats/pytorch.

Needs torch 2.13.0 and transformers 4.57.6; writes packages/hub/src/formats/pytorch/fixture. Run it with:

    python packages/hub/reference/pytorch.py

    tensors.json     for each of the files below what torch.load(weights_only=True) reads from it, in hex
    <case>.bin       zip archives and, `<case>.legacy.bin`, the older container
    sharded/         save_pretrained(safe_serialization=False, max_shard_size=…)
    refused/         what torch.load refuses (pickles that call functions) or we do (complex, quantized, sparse tensors)
    <model>/         tiny random models: model.safetensors, pytorch_model.bin and pytorch_model.legacy.bin,
                     tied.json (names that only the .bin has, and those in the safetensors file that they are tied to);
                     of BERT also config.json, inputs and outputs, and the archive deflated by a zip program
"""

import json
import os
import shutil
import struct
from collections import OrderedDict
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import numpy
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import BertConfig, BertModel, GPT2Config, GPT2LMHeadModel, PreTrainedModel, T5Config
from transformers import T5ForConditionalGeneration, ViTConfig, ViTForImageClassification

FIXTURE = Path(__file__).parent.parent / "src/formats/pytorch/fixture"
torch.manual_seed(0)

TYPES = {
    torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16",
    torch.float8_e4m3fn: "F8_E4M3", torch.float8_e5m2: "F8_E5M2", torch.int64: "I64", torch.int32: "I32",
    torch.int16: "I16", torch.int8: "I8", torch.uint64: "U64", torch.uint32: "U32", torch.uint16: "U16",
    torch.uint8: "U8", torch.bool: "BOOL",
}  # fmt: skip


def of_every_type():
    whole = torch.tensor([0, 1, 100, 127])
    return {str(dtype).removeprefix("torch."): whole.to(dtype) for dtype in TYPES}


def views():
    """Numbers that do not lie row by row: each a view of one storage, or of a storage larger than it."""
    base = torch.arange(24.0)
    matrix = base.view(4, 6)
    return {
        "base": base,
        "reshaped": matrix,
        "transposed": matrix.T,
        "row": matrix[2],
        "column": matrix[:, 2],
        "block": matrix[1:3, 2:5],
        "every_second": base[1::2],
        "permuted": base.view(2, 3, 4).permute(2, 0, 1),
        "expanded": matrix[:1].expand(5, 6),
        "expanded_scalar": base[7].expand(2, 3),
        "windows": base.unfold(0, 4, 2),
        "one_number": base[5],
        "one_row_of_any_stride": base.as_strided([1, 6], [999, 1], 3),
        "none_at_the_end": base[24:],
        "none_of_many": torch.empty(0, 3, 5),
        "halves_transposed": torch.arange(6, dtype=torch.float16).view(2, 3).T,
        "doubles_transposed": torch.arange(6, dtype=torch.float64).view(2, 3).T,
        "bytes_transposed": torch.arange(6, dtype=torch.uint8).view(2, 3).T,
        "scalar": torch.tensor(0.5),
    }


def tied():
    embedding = nn.Embedding(3, 2)
    head = nn.Linear(2, 3)
    head.weight = embedding.weight
    return nn.ModuleDict({"embedding": embedding, "head": head}).state_dict()


def parameters():
    """What a whole dictionary of a module's own objects holds, and attributes on tensors."""
    noted = torch.ones(2)
    noted.note = "an attribute"
    parameter = nn.Parameter(torch.full([2], 2.0))
    parameter.note = "another"
    return {
        "parameter": nn.Parameter(torch.randn(2, 2), requires_grad=False),
        "with_state": parameter,
        "buffer": nn.Buffer(torch.randn(2)),
        "noted": noted,
    }


def norms():
    """state_dict() of modules with buffers: an OrderedDict with an attribute _metadata."""
    return nn.Sequential(nn.Conv1d(2, 3, 2), nn.BatchNorm1d(3)).state_dict()


def training():
    """What a training script keeps beside the weights."""
    model = nn.Linear(2, 2)
    optimizer = torch.optim.AdamW(model.parameters())
    model(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    return {
        "epoch": 3, "loss": 0.25, "best": None, "seeds": [1, 2**40, 2**70], "done": True, "tags": {"a", "b"},
        "state_dict": model.state_dict(), "optimizer": optimizer.state_dict(),
        "device": torch.device("cpu"), "dtype": torch.float16, "size": torch.Size([2]), "z": 1j, "raw": b"\0\1",
    }  # fmt: skip


def nested():
    return {"encoder": {"weight": torch.ones(2), "layers": [{"bias": torch.zeros(1)}, {"bias": torch.ones(1)}]},
            "scale": torch.tensor(2.0)}


CASES = {
    "types": of_every_type, "views": views, "tied": tied, "parameters": parameters, "norms": norms,
    "training": training, "nested": nested, "nothing": dict,
}  # fmt: skip

NO_LEGACY = ["float8_e4m3fn", "float8_e5m2", "uint64", "uint32", "uint16"]  # torch writes them, and can't read them again


def save(value, path, **options):
    torch.save(value, path, **options)
    return torch.load(path, weights_only=True)


def flat(value, prefix=""):
    """Tensors by their path; of a training script's dictionary its state dictionary."""
    if isinstance(value, torch.Tensor):
        return {prefix: value}
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, (list, tuple)) else []
    found = {}
    for key, child in items:
        found |= flat(child, f"{prefix}.{key}" if prefix else str(key))
    return found


def contents(tensor):
    return tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes() if tensor.numel() else b""


def describe(value):
    value = value.get("state_dict", value)
    return {
        name: {"dtype": TYPES[tensor.dtype], "shape": list(tensor.shape), "hex": contents(tensor).hex()}
        for name, tensor in flat(value).items()
    }


def rezip(source, target, *, only=None, compression=ZIP_DEFLATED, add=None, byteorder=None):
    """The archive as somebody's zip program packs it again."""
    with ZipFile(source) as old, ZipFile(target, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            if byteorder and entry.filename.endswith("/byteorder"):
                data = byteorder
            packed = compression if only is None or only in entry.filename else ZIP_STORED
            new.writestr(ZipInfo(entry.filename), data, packed)
        for name, data in (add or {}).items():
            new.writestr(name, data)
    return torch.load(target, weights_only=True)


def big_endian(source, target, sizes):
    """The archive as a big-endian machine writes it: numbers of each storage the other way round."""
    with ZipFile(source) as old, ZipFile(target, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            key = entry.filename.rpartition("/data/")[2]
            if key.isdigit():
                size = sizes[int(key)]
                data = b"".join(data[i : i + size][::-1] for i in range(0, len(data), size))
            new.writestr(ZipInfo(entry.filename), b"big" if entry.filename.endswith("/byteorder") else data)
    return torch.load(target, weights_only=True)


def parts_of_storages(path):
    """The older container with storages that are parts of others, as PyTorch wrote it until 0.4; pickled by hand."""
    def text(value):
        return b"X" + struct.pack("<I", len(value)) + value.encode()

    def storage(part):
        begin, count = part
        view = text(f"part{begin}") + b"K" + bytes([begin]) + b"K" + bytes([count]) + b"\x87"
        return b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text("root") + text("cpu") + b"K\x06" + view + b"tQ"

    def tensor(part):
        return b"ctorch._utils\n_rebuild_tensor\n(" + storage(part) + b"K\0K\x02\x85K\x01\x85tR"

    buffer = BytesIO()
    torch.save({}, buffer, _use_new_zipfile_serialization=False)
    header = buffer.getvalue().partition(b"\x80\x02}q\x00.\x80\x02]")[0]
    pickle = b"\x80\x02}(" + text("first") + tensor((0, 2)) + text("second") + tensor((3, 2)) + b"u."
    keys = b"\x80\x02]" + text("root") + b"a."
    numbers = struct.pack("<q6f", 6, *range(6))
    path.write_bytes(header + pickle + keys + numbers)
    return torch.load(path, weights_only=True)


def record_cases():
    truth = {}
    for name, make in CASES.items():
        torch.manual_seed(1)
        truth[f"{name}.bin"] = save(make(), FIXTURE / f"{name}.bin")
        legacy = {key: value for key, value in make().items() if key not in NO_LEGACY}
        truth[f"{name}.legacy.bin"] = save(
            legacy, FIXTURE / f"{name}.legacy.bin", _use_new_zipfile_serialization=False
        )
    for protocol in [3, 4, 5]:
        path = FIXTURE / f"protocol-{protocol}.bin"
        torch.save(norms(), path, pickle_protocol=protocol)  # weights_only=True reads protocol 2 alone
        truth[path.name] = torch.load(path, weights_only=False)
    truth["deflated.bin"] = rezip(FIXTURE / "views.bin", FIXTURE / "deflated.bin")
    truth["deflated-storage.bin"] = rezip(FIXTURE / "tied.bin", FIXTURE / "deflated-storage.bin", only="/data/0")
    swapped = {name: tensor for name, tensor in of_every_type().items() if not name.startswith("uint")}
    save(swapped, FIXTURE / "big-endian.bin")
    sizes = [tensor.element_size() for tensor in swapped.values()]
    truth["big-endian.bin"] = big_endian(FIXTURE / "big-endian.bin", FIXTURE / "big-endian.tmp", sizes)
    os.replace(FIXTURE / "big-endian.tmp", FIXTURE / "big-endian.bin")
    truth["parts.legacy.bin"] = parts_of_storages(FIXTURE / "parts.legacy.bin")
    described = {name: describe(value) for name, value in truth.items()}
    (FIXTURE / "tensors.json").write_text(json.dumps(described, indent=1) + "\n")


class Calls:
    """Pickles as a call of a function."""

    def __init__(self, function, *parameters):
        self.function, self.parameters = function, parameters

    def __reduce__(self):
        return self.function, self.parameters


def record_refused():
    folder = FIXTURE / "refused"
    folder.mkdir()
    numpy_scalar = numpy.float64(0.5)
    cases = {
        "os.system": Calls(os.system, "false"),
        "builtins.eval": Calls(eval, "1"),
        "builtins.getattr": Calls(getattr, "text", "upper"),
        "torch.hub.load": Calls(torch.hub.load, "nobody/nothing", "nothing"),
        "numpy": numpy_scalar,
        "whole-module": nn.Linear(1, 1),
        "complex": torch.ones(1, dtype=torch.complex64),
        "quantized": torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8),
        "quantized-per-channel": torch.quantize_per_channel(
            torch.ones(2, 2), torch.ones(2), torch.zeros(2), 0, torch.qint8
        ),
        "sparse": torch.eye(2).to_sparse(),
        "meta": torch.empty(2, device="meta"),
        "negated": torch.ones(2, dtype=torch.complex64).conj().imag,
        "fnuz": torch.ones(1).to(torch.float8_e4m3fnuz),
    }
    for name, value in cases.items():
        torch.save({"fine": torch.ones(1), "odd": value}, folder / f"{name}.bin")
    torch.save({"odd": cases["os.system"]}, folder / "os.system.legacy.bin", _use_new_zipfile_serialization=False)
    torch.save({"odd": cases["quantized"]}, folder / "quantized.legacy.bin", _use_new_zipfile_serialization=False)
    torch.save({"odd": cases["os.system"]}, folder / "os.system.protocol-4.bin", pickle_protocol=4)
    torch.save(torch.ones(2), folder / "tensor.bin")
    torch.save([torch.ones(2)], folder / "list.bin")
    torch.jit.script(nn.Linear(1, 1)).save(folder / "torchscript.bin")


def tiny_models() -> dict[str, PreTrainedModel]:
    return {
        "bert": BertModel(BertConfig(
            vocab_size=20, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12,
            max_position_embeddings=10)),
        "gpt2": GPT2LMHeadModel(GPT2Config(vocab_size=20, n_positions=10, n_embd=8, n_layer=2, n_head=2)),
        "t5": T5ForConditionalGeneration(T5Config(
            vocab_size=20, d_model=8, d_kv=4, d_ff=12, num_layers=1, num_heads=2, relative_attention_num_buckets=8)),
        "vit": ViTForImageClassification(ViTConfig(
            hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=12, image_size=8,
            patch_size=4, num_labels=3)),
    }  # fmt: skip


def record_models():
    for name, model in tiny_models().items():
        folder = FIXTURE / name
        model.eval()
        for parameter in model.parameters():
            parameter.data = torch.randn_like(parameter) * 0.5
        model.tie_weights()
        model.save_pretrained(folder)
        model.save_pretrained(folder, safe_serialization=False)
        torch.save(model.state_dict(), folder / "pytorch_model.legacy.bin", _use_new_zipfile_serialization=False)
        (folder / "generation_config.json").unlink(missing_ok=True)
        kept = load_file(folder / "model.safetensors")
        tied = {}
        for other, tensor in torch.load(folder / "pytorch_model.bin", weights_only=True).items():
            if other not in kept:
                tied[other] = next(key for key, value in kept.items() if torch.equal(value, tensor))
        (folder / "tied.json").write_text(json.dumps(tied, indent=1) + "\n")
        if name == "bert":
            model.save_pretrained(FIXTURE / "sharded", safe_serialization=False, max_shard_size="3KB")
            (FIXTURE / "sharded/config.json").unlink()
            record_outputs(model, folder)
            rezip(folder / "pytorch_model.bin", folder / "pytorch_model.deflated.bin")
        else:
            (folder / "config.json").unlink()


@torch.inference_mode()
def record_outputs(model, folder):
    inputs = {"input_ids": torch.tensor([[2, 7, 11, 19, 3], [2, 5, 3, 0, 0]]),
              "attention_mask": torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])}
    outputs = model(**inputs)
    recorded = {
        "inputs": {name: tensor.tolist() for name, tensor in inputs.items()},
        "outputs": {name: tensor.tolist() for name, tensor in outputs.items()},
    }
    (folder / "outputs.json").write_text(json.dumps(recorded) + "\n")


if __name__ == "__main__":
    shutil.rmtree(FIXTURE, ignore_errors=True)
    FIXTURE.mkdir(parents=True)
    record_cases()
    record_refused()
    record_models()
