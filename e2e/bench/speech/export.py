"""Writes a Whisper of base's shape with random weights as both sides of the benchmark read it: safetensors, and ONNX exports as
transformers.js wants them, `onnx/encoder_model.onnx` and `onnx/decoder_model_merged.onnx`, fp32 and, quantized by onnxruntime,
`…_quantized.onnx`.

    python export.py <folder of the export>

Speed and memory do not depend on what the weights are; a text as long as is asked for ends nowhere else. As in Optimum's exports, the
merged decoder has two branches over the same weights; the one that goes on from a cache gives nothing of the encoder's keys and
values, which transformers.js then keeps.
"""

import shutil
import sys
from pathlib import Path

import numpy
import onnx
import torch
from onnx import TensorProto, helper
from onnxruntime import InferenceSession
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import GenerationConfig, WhisperConfig, WhisperForConditionalGeneration

export = Path(sys.argv[1])
partial = export.with_name(export.name + ".partial")
shutil.rmtree(partial, ignore_errors=True)
(partial / "onnx").mkdir(parents=True)

torch.manual_seed(0)
config = WhisperConfig(
    d_model=512,
    encoder_layers=6,
    decoder_layers=6,
    encoder_attention_heads=8,
    decoder_attention_heads=8,
    encoder_ffn_dim=2048,
    decoder_ffn_dim=2048,
    pad_token_id=50257,
    bos_token_id=50257,
    eos_token_id=50257,
    decoder_start_token_id=50258,
    begin_suppress_tokens=None,
    attn_implementation="eager",
)
model = WhisperForConditionalGeneration(config).eval()
model.generation_config = GenerationConfig(
    pad_token_id=50257,
    bos_token_id=50257,
    eos_token_id=50257,
    decoder_start_token_id=50258,
    max_length=448,
    begin_suppress_tokens=[220, 50257],
    suppress_tokens=[50257, *range(50258, 50364)],
    is_multilingual=True,
    lang_to_id={"<|en|>": 50259},
    task_to_id={"transcribe": 50359, "translate": 50358},
    no_timestamps_token_id=50363,
)
model.save_pretrained(partial)

layers = range(config.decoder_layers)
heads, size = config.decoder_attention_heads, config.d_model // config.decoder_attention_heads
past_names = [f"past_key_values.{i}.{part}.{kind}" for i in layers for part in ("decoder", "encoder") for kind in ("key", "value")]
present_names = [name.replace("past_key_values", "present") for name in past_names]


class Encoder(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = model.model.encoder

    def forward(self, input_features):
        return self.encoder(input_features).last_hidden_state


class Decoder(torch.nn.Module):
    """Reads the encoder's states, or goes on from a cache and gives its own keys and values only."""

    def __init__(self, *, goes_on: bool):
        super().__init__()
        self.decoder = model.model.decoder
        self.proj_out = model.proj_out
        self.goes_on = goes_on

    def attend(self, module, query, keys, values, mask=None):
        scores = query @ keys.transpose(2, 3)
        weights = torch.softmax(scores if mask is None else scores + mask, dim=-1)
        found = (weights @ values).transpose(1, 2).flatten(2)
        return module.out_proj(found)

    def heads(self, x):
        return x.unflatten(2, (heads, size)).transpose(1, 2)

    def forward(self, input_ids, *given):
        new = input_ids.shape[1]
        before = given[0].shape[2] if self.goes_on else 0
        places = torch.arange(before, before + new)
        mask = torch.where(torch.arange(before + new)[None] <= places[:, None], 0.0, torch.finfo(torch.float32).min)
        x = self.decoder.embed_tokens(input_ids) + self.decoder.embed_positions.weight[places]
        presents = []
        for layer, past in zip(self.decoder.layers, zip(*[iter(given)] * 4) if self.goes_on else [()] * len(layers)):
            normed, own = layer.self_attn_layer_norm(x), layer.self_attn
            keys, values = self.heads(own.k_proj(normed)), self.heads(own.v_proj(normed))
            if self.goes_on:
                keys, values = torch.cat([past[0], keys], 2), torch.cat([past[1], values], 2)
            x = x + self.attend(own, self.heads(own.q_proj(normed) * own.scaling), keys, values, mask)
            normed, far = layer.encoder_attn_layer_norm(x), layer.encoder_attn
            far_keys, far_values = past[2:] if self.goes_on else [self.heads(each(given[0])) for each in (far.k_proj, far.v_proj)]
            x = x + self.attend(far, self.heads(far.q_proj(normed) * far.scaling), far_keys, far_values)
            x = x + layer.fc2(torch.nn.functional.gelu(layer.fc1(layer.final_layer_norm(x))))
            presents += [keys, values] if self.goes_on else [keys, values, far_keys, far_values]
        return self.proj_out(self.decoder.layer_norm(x)), *presents


def branch(graph: onnx.GraphProto, prefix: str, weights: dict, outputs: list[str]) -> onnx.GraphProto:
    """Its nodes with names of their own, its weights among those of the other; outputs that it does not give hold nothing."""
    names = {each.name: each.name for each in graph.input}
    for each in graph.initializer:
        kept, _ = weights.setdefault((each.data_type, tuple(each.dims), each.raw_data), (f"{prefix}{each.name}", each))
        names[each.name] = kept
    nodes = []
    for node in graph.node:
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        copy.name = prefix + node.name
        for field in (copy.input, copy.output):
            field[:] = [name and names.setdefault(name, prefix + name) for name in field]
        nodes.append(copy)
    given = {each.name for each in graph.output}
    nothing = helper.make_tensor("nothing", TensorProto.FLOAT, [0, heads, 1, size], [])
    nodes += [helper.make_node("Constant", [], [prefix + name], value=nothing) for name in outputs if name not in given]
    types = [helper.make_tensor_value_info(prefix + name, TensorProto.FLOAT, None) for name in outputs]
    return helper.make_graph(nodes, prefix, [], types)


def merged(first: Path, later: Path, target: Path) -> None:
    """Like Optimum's `merge_decoders`."""
    one, other = onnx.load(first), onnx.load(later)
    outputs = [each.name for each in one.graph.output]
    weights: dict = {}
    branches = {
        "then_branch": branch(other.graph, "later.", weights, outputs),
        "else_branch": branch(one.graph, "first.", weights, outputs),
    }
    inputs = {each.name: each for each in [*one.graph.input, *other.graph.input]}
    flag = helper.make_tensor_value_info("use_cache_branch", TensorProto.BOOL, [1])
    initializers = []
    for name, tensor in weights.values():
        copy = onnx.TensorProto()
        copy.CopyFrom(tensor)
        copy.name = name
        initializers.append(copy)
    graph = helper.make_graph(
        [helper.make_node("If", ["use_cache_branch"], outputs, **branches)],
        "merged",
        [*inputs.values(), flag],
        list(one.graph.output),
        initializers,
    )
    onnx.save(helper.make_model(graph, opset_imports=one.opset_import, ir_version=one.ir_version), target)


def refuse_other_scores(decoder: Path) -> None:
    """Fail if the exported decoder is not the model."""
    features, ids = torch.randn(1, 80, 3000), torch.tensor([[50258, 50259, 50359]])
    states = Encoder()(features).numpy()
    session = InferenceSession(decoder)

    def run(ids, past):
        given = {"input_ids": ids.numpy(), "encoder_hidden_states": states, "use_cache_branch": numpy.array([past is not None])}
        empty = {name: numpy.zeros([1, heads, 0, size], numpy.float32) for name in past_names}
        logits, *presents = session.run(None, {**given, **(past or empty)})
        return logits, dict(zip(past_names, presents))

    first, cache = run(ids[:, :2], None)
    last, _ = run(ids[:, 2:], cache)
    truth = model(features, decoder_input_ids=ids).logits.numpy()
    if not numpy.allclose(numpy.concatenate([first, last], 1), truth, atol=1e-3):
        raise AssertionError("the decoder with a cache is not the model")


def exported(module: torch.nn.Module, inputs: dict, outputs: list[str], axes: dict, target: Path) -> Path:
    torch.onnx.export(
        module,
        tuple(inputs.values()),
        target,
        input_names=list(inputs),
        output_names=outputs,
        dynamic_axes=axes,
        opset_version=17,
        dynamo=False,
    )
    return target


encoder, decoder = partial / "onnx/encoder_model.onnx", partial / "onnx/decoder_model_merged.onnx"
batch = {0: "batch_size"}
exported(
    Encoder(),
    {"input_features": torch.randn(1, 80, 3000)},
    ["last_hidden_state"],
    {"input_features": batch, "last_hidden_state": batch},
    encoder,
)
ids = torch.tensor([[50258, 50259]])
axes = {
    "input_ids": {0: "batch_size", 1: "decoder_sequence_length"},
    "encoder_hidden_states": {0: "batch_size", 1: "encoder_sequence_length"},
    "logits": {0: "batch_size", 1: "decoder_sequence_length"},
    **{name: {0: "batch_size", 2: f"{name}_length"} for name in [*past_names, *present_names]},
}
past = {name: torch.zeros(1, heads, 3, size) for name in past_names}
own_names = [name for name in present_names if ".decoder." in name]
states = {"encoder_hidden_states": torch.randn(1, 1500, config.d_model)}
parts = [
    exported(Decoder(goes_on=False), {"input_ids": ids, **states}, ["logits", *present_names], axes, partial / "first.onnx"),
    exported(Decoder(goes_on=True), {"input_ids": ids, **past}, ["logits", *own_names], axes, partial / "later.onnx"),
]
merged(*parts, decoder)
with torch.inference_mode():
    refuse_other_scores(decoder)


def quantized(file: Path) -> Path:
    target = file.with_name(f"{file.stem}_quantized.onnx")
    quantize_dynamic(file, target, weight_type=QuantType.QUInt8, per_channel=True)
    return target


quantized(encoder)
quantized_parts = [quantized(part) for part in parts]
merged(*quantized_parts, decoder.with_name(f"{decoder.stem}_quantized.onnx"))
for part in [*parts, *quantized_parts]:
    part.unlink()
(partial / "preprocessor_config.json").write_text(
    '{"feature_extractor_type": "WhisperFeatureExtractor", "feature_size": 80, "sampling_rate": 16000, "chunk_length": 30, '
    '"n_fft": 400, "hop_length": 160, "n_samples": 480000, "nb_max_frames": 3000}\n'
)
partial.rename(export)
