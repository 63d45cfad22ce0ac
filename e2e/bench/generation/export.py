"""Writes SmolLM2-135M-Instruct as all sides of the benchmark read it, with the weights that transformers dequantizes from its GGUF
file: safetensors, an ONNX export with its cache as inputs and outputs (`onnx/model.onnx` as torch.onnx exports it, and
`onnx/model_quantized.onnx`, int8 by onnxruntime's dynamic quantization), and for llama.cpp `f32.gguf` and `q8_0.gguf`.

    python export.py <folder of the original> <name of its file> <folder of the export>
"""

import shutil
import sys
from pathlib import Path

import gguf
import torch
from gguf.quants import dequantize, quantize
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import AutoModelForCausalLM, AutoTokenizer, DynamicCache

original, file, export = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
partial = export.with_name(export.name + ".partial")
shutil.rmtree(partial, ignore_errors=True)
(partial / "onnx").mkdir(parents=True)

tokenizer = AutoTokenizer.from_pretrained(original, gguf_file=file)
model = AutoModelForCausalLM.from_pretrained(original, gguf_file=file, attn_implementation="eager").eval()
tokenizer.save_pretrained(partial)
model.save_pretrained(partial)
model.generation_config.save_pretrained(partial)

layers = range(model.config.num_hidden_layers)
past_names = [f"past_key_values.{layer}.{kind}" for layer in layers for kind in ("key", "value")]
present_names = [name.replace("past_key_values", "present") for name in past_names]


class WithPast(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask, position_ids, *past):
        total, new = attention_mask.shape[1], input_ids.shape[1]
        keys = torch.arange(total)
        seen = (keys[None] <= torch.arange(total - new, total)[:, None])[None, None] & (attention_mask[:, None, None] > 0)
        mask = torch.where(seen, 0.0, torch.finfo(torch.float32).min)
        cache = DynamicCache.from_legacy_cache(tuple(zip(past[::2], past[1::2])))
        found = self.model(input_ids, attention_mask=mask, position_ids=position_ids, past_key_values=cache, use_cache=True)
        return found.logits, *(tensor for pair in found.past_key_values.to_legacy_cache() for tensor in pair)


heads, size = model.config.num_key_value_heads, model.config.head_dim
past = [torch.zeros(1, heads, 3, size) for _ in past_names]
inputs = (torch.tensor([[1, 2]]), torch.ones(1, 5, dtype=torch.int64), torch.tensor([[3, 4]]), *past)
names = ["input_ids", "attention_mask", "position_ids"]
fp32, int8 = partial / "onnx/model.onnx", partial / "onnx/model_quantized.onnx"
torch.onnx.export(
    WithPast(),
    inputs,
    fp32,
    input_names=[*names, *past_names],
    output_names=["logits", *present_names],
    dynamic_axes={
        "input_ids": {0: "batch_size", 1: "sequence_length"},
        "attention_mask": {0: "batch_size", 1: "total_sequence_length"},
        "position_ids": {0: "batch_size", 1: "sequence_length"},
        "logits": {0: "batch_size", 1: "sequence_length"},
        **{name: {0: "batch_size", 2: "past_sequence_length"} for name in past_names},
        **{name: {0: "batch_size", 2: "total_sequence_length"} for name in present_names},
    },
    opset_version=17,
    dynamo=False,
)
quantize_dynamic(fp32, int8, weight_type=QuantType.QUInt8, per_channel=True)

reader = gguf.GGUFReader(original / file)
kinds = {"f32": gguf.GGMLQuantizationType.F32, "q8_0": gguf.GGMLQuantizationType.Q8_0}
for name, kind in kinds.items():
    writer = gguf.GGUFWriter(partial / f"{name}.gguf", "llama")
    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name in ("general.architecture", "general.file_type"):
            continue
        main = field.types[0]
        inner = field.types[-1] if main == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(field.name, field.contents(), main, inner)
    for tensor in reader.tensors:
        numbers = dequantize(tensor.data, tensor.tensor_type)
        matrix = numbers.ndim > 1
        writer.add_tensor(tensor.name, quantize(numbers, kind) if matrix else numbers, raw_dtype=kind if matrix else None)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
partial.rename(export)
