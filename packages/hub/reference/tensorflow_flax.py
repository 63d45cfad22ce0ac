"""Record TensorFlow's and Flax's checkpoints beside the PyTorch ones they were made from, for tensorflow.test.ts and flax.test.ts.

    pip install -r tensorflow-flax.requirements.txt
    python tensorflow_flax.py        # from this folder; writes ../src/formats/fixture/frameworks

Each model is made in PyTorch with random numbers everywhere, and saved as `config.json` and `model.safetensors`; transformers
itself carries it over (`from_pt=True`) and saves `tf_model.h5` and `flax_model.msgpack`. The first model also comes in
shards, in half precision, with Flax's arrays in chunks. `layouts*.h5` are HDF5 as h5py can lay it out. `names-*.json` list for more architectures what
TensorFlow and Flax call each tensor of PyTorch: found by the numbers, not by a rule.
"""

import json
import os
import shutil
import tempfile
import zlib
from pathlib import Path

os.environ |= {"TF_USE_LEGACY_KERAS": "1", "TF_CPP_MIN_LOG_LEVEL": "3", "HF_HUB_OFFLINE": "1"}

import flax.serialization
import h5py
import numpy as np
import torch
import transformers
from flax.traverse_util import flatten_dict
from safetensors.torch import load_file, save_file
from transformers import AutoConfig

FIXTURE = Path(__file__).parent.parent / "src/formats/fixture/frameworks"

ENCODER = dict(
    vocab_size=40,
    hidden_size=8,
    num_hidden_layers=1,
    num_attention_heads=2,
    intermediate_size=12,
    max_position_embeddings=16,
)
VISION = dict(
    hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=12, image_size=8, patch_size=4
)
T5 = dict(
    vocab_size=40, d_model=8, d_kv=4, d_ff=12, num_layers=1, num_heads=2, relative_attention_num_buckets=8,
    decoder_start_token_id=0,
)
GPT2 = dict(vocab_size=40, n_positions=16, n_embd=8, n_layer=1, n_head=2)
DISTILBERT = dict(vocab_size=40, max_position_embeddings=16, n_layers=1, n_heads=2, dim=8, hidden_dim=12)

TYPES = (
    "bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16", "float32", "float64",
    "float8_e4m3fn", "float8_e5m2",
)

# folder, class in PyTorch, model_type, configuration
RECORDED = [
    ("bert-masked-lm", "BertForMaskedLM", "bert", ENCODER),
    ("bert-classification", "BertForSequenceClassification", "bert", ENCODER | dict(num_labels=3)),
    ("distilbert-classification", "DistilBertForSequenceClassification", "distilbert", DISTILBERT),
    ("gpt2-lm", "GPT2LMHeadModel", "gpt2", GPT2),
    ("t5-generation", "T5ForConditionalGeneration", "t5", T5),
    ("vit-classification", "ViTForImageClassification", "vit", VISION | dict(num_labels=3)),
]
NAMED = [
    ("BertModel", "bert", ENCODER),
    ("BertForTokenClassification", "bert", ENCODER),
    ("DistilBertForMaskedLM", "distilbert", DISTILBERT),
    ("DistilBertForQuestionAnswering", "distilbert", DISTILBERT),
    ("RobertaModel", "roberta", ENCODER),
    ("RobertaForMaskedLM", "roberta", ENCODER),
    ("RobertaForSequenceClassification", "roberta", ENCODER),
    ("XLMRobertaForTokenClassification", "xlm-roberta", ENCODER),
    ("CamembertForMaskedLM", "camembert", ENCODER),
    ("AlbertForMaskedLM", "albert", ENCODER | dict(embedding_size=6)),
    ("AlbertForSequenceClassification", "albert", ENCODER | dict(embedding_size=6)),
    ("ElectraForPreTraining", "electra", ENCODER | dict(embedding_size=6)),
    ("ElectraForMaskedLM", "electra", ENCODER | dict(embedding_size=6)),
    ("ElectraForSequenceClassification", "electra", ENCODER | dict(embedding_size=6)),
    ("MPNetForMaskedLM", "mpnet", ENCODER),
    ("MPNetForSequenceClassification", "mpnet", ENCODER),
    ("GPT2Model", "gpt2", GPT2),
    ("GPT2ForSequenceClassification", "gpt2", GPT2 | dict(pad_token_id=0)),
    ("T5Model", "t5", T5),
    ("T5ForConditionalGeneration", "t5", T5 | dict(feed_forward_proj="gated-gelu", tie_word_embeddings=False)),
    ("ViTModel", "vit", VISION),
    ("ConvBertForMaskedLM", "convbert", ENCODER | dict(hidden_size=16, num_attention_heads=4, embedding_size=6)),
    ("ResNetForImageClassification", "resnet", dict(embedding_size=4, hidden_sizes=[4, 6], depths=[1, 1])),
    ("BartForConditionalGeneration", "bart", dict(
        vocab_size=40, d_model=8, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=12, decoder_ffn_dim=12, max_position_embeddings=16,
    )),
    ("WhisperForConditionalGeneration", "whisper", dict(
        vocab_size=40, num_mel_bins=4, d_model=8, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=12, decoder_ffn_dim=12, max_source_positions=8,
        max_target_positions=8, pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1,
        suppress_tokens=None, begin_suppress_tokens=None,
    )),
]


def make(architecture: str, model_type: str, settings: dict, folder: Path) -> None:
    """A PyTorch model of random numbers, none of them left at its start value, saved in a folder."""
    torch.manual_seed(0)
    config = AutoConfig.for_model(model_type, **settings)
    model = getattr(transformers, architecture)(config).eval()
    for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
        if tensor.is_floating_point():
            tensor.data = torch.rand(tensor.shape) + 0.5 if "var" in name else 0.5 * torch.randn(tensor.shape)
    model.save_pretrained(folder)


def other(framework: str, architecture: str, folder: Path):
    """The same model in TensorFlow ("TF") or Flax ("Flax"); none where transformers has none."""
    kind = getattr(transformers, framework + architecture, None)
    with tempfile.TemporaryDirectory() as alone:  # another framework's file beside it would be taken first
        for file in ("config.json", "model.safetensors"):
            shutil.copy(folder / file, alone)
        return kind and kind.from_pretrained(alone, from_pt=True)


def record() -> None:
    for name, architecture, model_type, settings in RECORDED:
        folder = FIXTURE / name
        make(architecture, model_type, settings, folder)
        for framework in ("TF", "Flax"):
            with tempfile.TemporaryDirectory() as elsewhere:
                other(framework, architecture, folder).save_pretrained(elsewhere)
                for pattern in ("*.h5", "*.msgpack"):
                    for file in Path(elsewhere).glob(pattern):
                        shutil.copy(file, folder)


def record_outputs() -> None:
    """What the models answer in PyTorch, so that a whole model loaded from another framework's file can be held against it."""
    for name, architecture, _, _ in RECORDED:
        model = getattr(transformers, architecture).from_pretrained(FIXTURE / name)
        if architecture.startswith("ViT"):
            inputs = {"pixel_values": torch.linspace(-1, 1, 3 * 8 * 8).reshape(1, 3, 8, 8)}
        else:
            inputs = {"input_ids": torch.tensor([[3, 17, 9, 28, 1]])}
        if architecture.startswith("T5"):
            inputs["decoder_input_ids"] = torch.tensor([[0, 12, 7]])
        with torch.no_grad():
            logits = model(**inputs).logits
        recorded = {"inputs": {key: value.tolist() for key, value in inputs.items()}, "logits": logits.tolist()}
        (FIXTURE / name / "outputs.json").write_text(json.dumps(recorded) + "\n")


def record_variants() -> None:
    """The classifier once more, as larger and narrower checkpoints are saved."""
    source = FIXTURE / "bert-classification"
    for framework in ("TF", "Flax"):
        model = other(framework, "BertForSequenceClassification", source)
        model.save_pretrained(FIXTURE / f"sharded-{framework.lower()}", max_shard_size="1KB")
        (FIXTURE / f"sharded-{framework.lower()}" / "config.json").unlink()
    twin = transformers.BertForSequenceClassification.from_pretrained(source)
    for name, cast in ("float16", model.to_fp16), ("bfloat16", model.to_bf16):
        (FIXTURE / f"flax-{name}.msgpack").write_bytes(flax.serialization.to_bytes(cast(model.params)))
        save_file(twin.to(getattr(torch, name)).state_dict(), FIXTURE / f"{name}.safetensors")
        twin.float().load_state_dict(load_file(source / "model.safetensors"))
    whole = flax.serialization.MAX_CHUNK_SIZE
    flax.serialization.MAX_CHUNK_SIZE = 256
    (FIXTURE / "flax-chunked.msgpack").write_bytes(flax.serialization.to_bytes(model.params))
    flax.serialization.MAX_CHUNK_SIZE = whole
    types = {name: np.array([0, 1, 2], name) for name in TYPES}
    scalar = {"step": np.float32(0.5), "empty": np.zeros((0, 3), np.float32)}
    (FIXTURE / "flax-types.msgpack").write_bytes(flax.serialization.msgpack_serialize(types | scalar))


def record_layouts() -> None:
    """The ways in which h5py can lay out a dataset, each with the numbers it holds."""
    random = np.random.default_rng(0)
    grid = random.standard_normal((5, 7)).astype("<f4")
    truth = {}

    def add(group: h5py.Group, name: str, values: np.ndarray, **options) -> None:
        group.create_dataset(name, data=values, **options)
        little = values.astype(values.dtype.newbyteorder("<"))
        truth[f"{Path(group.file.filename).name}/{name}"] = {"shape": values.shape, "hex": little.tobytes().hex()}

    for version, file in (("earliest", "layouts.h5"), ("latest", "layouts-latest.h5")):
        with h5py.File(FIXTURE / file, "w", libver=version) as out:
            add(out, "grid", grid)
            for dtype in ("<f2", ">f2", ">f4", "<f8", ">f8", "i1", "u1", "<i2", ">u2", ">i4", "<u4", "<i8", ">u8", "?"):
                values = np.array([0, 1, 1]) if dtype == "?" else random.integers(0, 100, 3)
                if version == "earliest":
                    add(out, "type" + dtype.replace("<", "-little-").replace(">", "-big-"), values.astype(dtype))
            add(out, "scalar", np.float32(0.5))
            add(out, "empty", np.zeros((0, 3), "<f4"))
            compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            compact.set_layout(h5py.h5d.COMPACT)
            space, kind = h5py.h5s.create_simple(grid.shape), h5py.h5t.IEEE_F32LE
            h5py.h5d.create(out.id, b"compact", kind, space, compact).write(h5py.h5s.ALL, h5py.h5s.ALL, grid)
            truth[f"{file}/compact"] = {"shape": grid.shape, "hex": grid.tobytes().hex()}
            if version == "earliest":
                add(out, "chunks", grid, chunks=(2, 3))
                add(out, "deflate", grid, chunks=(2, 3), compression="gzip")
                add(out, "shuffle", grid, chunks=(4, 4), compression="gzip", shuffle=True)
                add(out, "checksum", grid, chunks=(4, 4), compression="gzip", fletcher32=True)
    with h5py.File(FIXTURE / "deep.h5", "w", libver="latest") as out:
        out.create_dataset("a/" * 70 + "grid", data=grid)
    with h5py.File(FIXTURE / "bomb.h5", "w") as out:  # 16 numbers, as 20 MB of zeros
        bomb = out.create_dataset("bomb", (4, 4), "<f4", chunks=(4, 4), compression="gzip")
        bomb.id.write_direct_chunk((0, 0), zlib.compress(bytes(20_000_000), 9))
    with h5py.File(FIXTURE / "grown.h5", "w") as out:  # 24 MB of zeros, declared as such
        out.create_dataset("grown", data=np.zeros(6_000_000, "<f4"), chunks=(3_000_000,), compression=9)
    (FIXTURE / "layouts.json").write_text(json.dumps(truth, indent=1) + "\n")


def record_names() -> None:
    """What each framework calls PyTorch's tensors: its name and shape, PyTorch's shape, PyTorch's names. Those that hold the
    same numbers, in any order, are the same."""
    tables = {"TF": {}, "Flax": {}}
    for architecture, model_type, settings in NAMED:
        with tempfile.TemporaryDirectory() as folder:
            make(architecture, model_type, settings, Path(folder))
            model = getattr(transformers, architecture).from_pretrained(folder)
            numbers = {}
            for name, tensor in model.state_dict().items():
                numbers.setdefault(np.sort(tensor.numpy(), None).tobytes(), []).append((name, tensor))
            for framework, table in tables.items():
                twin = other(framework, architecture, Path(folder))
                if twin is None:
                    continue
                if framework == "TF":
                    tensors = {weight.name: weight.numpy() for weight in twin.weights}
                else:
                    tensors = {key: np.asarray(value) for key, value in flatten_dict(twin.params, sep="/").items()}
                rows = []
                for key, values in tensors.items():
                    same = numbers.get(np.sort(values, None).tobytes(), [])
                    shapes = [list(tensor.shape) for _, tensor in same[:1]]
                    rows.append([key, list(values.shape), *shapes, *(name for name, _ in same)])
                label = architecture + (", gated and untied" if "feed_forward_proj" in settings else "")
                table[label] = {"prefix": model.base_model_prefix, "tensors": rows}
    for framework, table in tables.items():
        text = json.dumps(table, separators=(",", ":")).replace('[["', '[\n["').replace('],["', '],\n["')
        (FIXTURE / f"names-{framework.lower()}.json").write_text(text.replace("]]},", "]]},\n") + "\n")


if __name__ == "__main__":
    shutil.rmtree(FIXTURE, ignore_errors=True)
    record()
    record_outputs()
    record_variants()
    record_layouts()
    record_names()
