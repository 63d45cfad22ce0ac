"""Writes a ViT of base's shape with random weights as both sides of the benchmark read it: safetensors, and the ONNX exports that
transformers.js wants, `onnx/model.onnx` (fp32, as torch.onnx exports it) and `onnx/model_quantized.onnx` (onnxruntime's dynamic
quantization).

    python export.py <folder of the export>
"""

import shutil
import sys
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import ViTConfig, ViTForImageClassification

export = Path(sys.argv[1])
partial = export.with_name(export.name + ".partial")
shutil.rmtree(partial, ignore_errors=True)
(partial / "onnx").mkdir(parents=True)

torch.manual_seed(0)
model = ViTForImageClassification(ViTConfig(num_labels=1000, attn_implementation="eager")).eval()
model.save_pretrained(partial)


class Logits(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.model = model

    def forward(self, pixel_values):
        return self.model(pixel_values).logits


fp32, int8 = partial / "onnx/model.onnx", partial / "onnx/model_quantized.onnx"
torch.onnx.export(
    Logits(),
    (torch.randn(2, 3, 224, 224),),
    fp32,
    input_names=["pixel_values"],
    output_names=["logits"],
    dynamic_axes={"pixel_values": {0: "batch_size"}, "logits": {0: "batch_size"}},
    opset_version=17,
    dynamo=False,
)
quantize_dynamic(fp32, int8, weight_type=QuantType.QUInt8, per_channel=True, op_types_to_quantize=["MatMul", "Gemm"])
partial.rename(export)
