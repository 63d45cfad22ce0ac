"""Writes a Whisper of base's shape with random weights as both sides of the benchmark read it: safetensors, and ONNX exports as
transformers.js wants them, `onnx/encoder_model.onnx` and `onnx/decoder_model_merged.onnx`, fp32 and, quantized by onnxruntime,
`…_quantized.onnx`.

    python export.py <folder of the export>

Speed and memory do not depend on what the weights are; a text as long as is asked for ends nowhere else. The merged decoder has no
two branches: with a cache it projects none of the encoder's states, and puts nothing behind the keys that it is given.
"""

import shutil
import sys
from pathlib import Path

import torch
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
    def __init__(self):
        super().__init__()
        self.decoder = model.model.decoder
        self.proj_out = model.proj_out

    def attend(self, module, query, keys, values, mask=None):
        scores = query @ keys.transpose(2, 3)
        weights = torch.softmax(scores if mask is None else scores + mask, dim=-1)
        found = (weights @ values).transpose(1, 2).flatten(2)
        return module.out_proj(found)

    def heads(self, x):
        return x.unflatten(2, (heads, size)).transpose(1, 2)

    def forward(self, input_ids, encoder_hidden_states, *rest):
        *past, use_cache_branch = rest
        new, before = input_ids.shape[1], past[0].shape[2]
        places = torch.arange(before, before + new)
        mask = torch.where(torch.arange(before + new)[None] <= places[:, None], 0.0, torch.finfo(torch.float32).min)
        states = encoder_hidden_states[:, : encoder_hidden_states.shape[1] * (1 - use_cache_branch.to(torch.int64)[0])]
        x = self.decoder.embed_tokens(input_ids) + self.decoder.embed_positions.weight[places]
        presents = []
        for layer, (key, value, far_key, far_value) in zip(self.decoder.layers, zip(*[iter(past)] * 4)):
            normed, own = layer.self_attn_layer_norm(x), layer.self_attn
            keys = torch.cat([key, self.heads(own.k_proj(normed))], 2)
            values = torch.cat([value, self.heads(own.v_proj(normed))], 2)
            x = x + self.attend(own, self.heads(own.q_proj(normed) * own.scaling), keys, values, mask)
            normed, far = layer.encoder_attn_layer_norm(x), layer.encoder_attn
            far_keys = torch.cat([far_key, self.heads(far.k_proj(states))], 2)
            far_values = torch.cat([far_value, self.heads(far.v_proj(states))], 2)
            x = x + self.attend(far, self.heads(far.q_proj(normed) * far.scaling), far_keys, far_values)
            x = x + layer.fc2(torch.nn.functional.gelu(layer.fc1(layer.final_layer_norm(x))))
            presents += [keys, values, far_keys, far_values]
        return self.proj_out(self.decoder.layer_norm(x)), *presents


def refuse_other_scores() -> None:
    """Fail if the exported decoder is not the model."""
    features, ids = torch.randn(1, 80, 3000), torch.tensor([[50258, 50259, 50359]])
    encoded = Encoder()(features)
    empty = [torch.zeros(1, heads, 0, size) for _ in past_names]
    first, *cache = Decoder()(ids[:, :2], encoded, *empty, torch.tensor([False]))
    last, *_ = Decoder()(ids[:, 2:], encoded, *cache, torch.tensor([True]))
    truth = model(features, decoder_input_ids=ids).logits
    if not torch.allclose(torch.cat([first, last], 1), truth, atol=1e-3):
        raise AssertionError("the decoder with a cache is not the model")


with torch.inference_mode():
    refuse_other_scores()
encoder, decoder = partial / "onnx/encoder_model.onnx", partial / "onnx/decoder_model_merged.onnx"
torch.onnx.export(
    Encoder(),
    (torch.randn(1, 80, 3000),),
    encoder,
    input_names=["input_features"],
    output_names=["last_hidden_state"],
    dynamic_axes={"input_features": {0: "batch_size"}, "last_hidden_state": {0: "batch_size"}},
    opset_version=17,
    dynamo=False,
)
past = [torch.zeros(1, heads, 3, size) for _ in past_names]
torch.onnx.export(
    Decoder(),
    (torch.tensor([[50258, 50259]]), torch.randn(1, 1500, config.d_model), *past, torch.tensor([True])),
    decoder,
    input_names=["input_ids", "encoder_hidden_states", *past_names, "use_cache_branch"],
    output_names=["logits", *present_names],
    dynamic_axes={
        "input_ids": {0: "batch_size", 1: "decoder_sequence_length"},
        "encoder_hidden_states": {0: "batch_size", 1: "encoder_sequence_length"},
        "logits": {0: "batch_size", 1: "decoder_sequence_length"},
        **{name: {0: "batch_size", 2: f"{name}_length"} for name in [*past_names, *present_names]},
    },
    opset_version=17,
    dynamo=False,
)
for file in (encoder, decoder):
    quantize_dynamic(file, file.with_name(f"{file.stem}_quantized.onnx"), weight_type=QuantType.QUInt8, per_channel=True)
(partial / "preprocessor_config.json").write_text(
    '{"feature_extractor_type": "WhisperFeatureExtractor", "feature_size": 80, "sampling_rate": 16000, "chunk_length": 30, '
    '"n_fft": 400, "hop_length": 160, "n_samples": 480000, "nb_max_frames": 3000}\n'
)
partial.rename(export)
