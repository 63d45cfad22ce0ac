"""Record what goes on inside the models of packages/models, for internals.browser.test.ts.

    HF_HUB_OFFLINE=1 python packages/webformers/reference/inner_values.py

Writes packages/webformers/fixtures/inner-values.json and, for models that see or hear, inner-values-seen-and-heard.json:
  values   by model and by module path: what each call of the module gave, as a forward hook sees it (of a tuple, the first);
           only of modules that have parameters
  patches  outputs of a model in which a hook replaced what a module gave, by a tensor or by a function of what it was
  masks    outputs of a model some of whose heads were masked

A tensor is recorded as [shape, sum(x · cos(0, 1, 2, …)), norm]. The tensor that takes the place of a value is
0.5 · sin(0, 1, 2, …) in its shape, the function x → 2x + 1; the mask of head h of layer l is cos(1 + h + 10l) of the k-th kind
of mask times (k + 1).
"""

import json
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file
from transformers.utils import logging

logging.set_verbosity_error()
torch.set_num_threads(1)
PACKAGES = Path(__file__).parent.parent.parent
SENSES = [
    "audio-spectrogram-transformer", "blip", "clap", "clip", "convnext", "deit", "depth_anything", "detr", "dinov2", "dpt", "hubert",
    "mobilenet_v2", "owlv2", "owlvit", "resnet", "sam", "segformer", "siglip", "smolvlm", "superpoint", "swin", "vision-encoder-decoder", "vit",
    "vitpose", "wav2vec2", "whisper", "yolos",
]
MORE = [
    "blip/question-answering", "depth_anything/depth-estimation", "dpt/semantic-segmentation", "sam/points",
    "segformer/semantic-segmentation", "superpoint/best", "vision-encoder-decoder/trocr", "vitpose/experts", "vitpose/simple",
    "wav2vec2/x-vector",
    "bert/masked-lm", "gpt2/causal-lm", "t5/conditional-generation", "llama/causal-lm", "albert/groups", "bart/conditional-generation"]
MODELS = sorted(f"{path.parent.parent.parent.name}/base" for path in PACKAGES.glob("models/src/*/fixture/base/config.json")) + MORE
PATCHES = {
    "clap/base": ["audio_model.audio_encoder.layers.0.blocks.1", "text_model.embeddings"],
    "clip/base": ["vision_model.embeddings.patch_embedding", "vision_model.encoder.layers.0", "text_model.encoder.layers.0.self_attn"],
    "detr/base": ["input_projection", "encoder.layers.0", "decoder.layers.0.encoder_attn.q_proj", "decoder.layers.0"],
    "sam/points": ["vision_encoder.layers.0", "mask_decoder.transformer.layers.0.mlp"],
    "segformer/semantic-segmentation": ["segformer.encoder.block.0.0", "segformer.encoder.block.0.1.mlp.dwconv", "decode_head.linear_c.1"],
    "smolvlm/base": ["vision_model.encoder.layers.0", "connector", "text_model.layers.0"],
    "swin/base": ["embeddings", "encoder.layers.0.blocks.0", "encoder.layers.0.downsample"],
    "vit/base": ["embeddings.patch_embeddings.projection", "embeddings.patch_embeddings", "encoder.layer.0.attention.attention.value"],
    "vitpose/simple": ["backbone.embeddings", "backbone.encoder.layer.0", "backbone.encoder.layer.1.mlp.fc1", "head.conv"],
    "wav2vec2/base": ["feature_extractor.conv_layers.0", "feature_projection.projection", "encoder.layers.0.attention"],
    "whisper/base": ["encoder.conv1", "encoder.layers.0.fc1", "decoder.layers.0.encoder_attn", "decoder.layers.0"],
    "bert/masked-lm": [
        "bert.embeddings", "bert.encoder.layer.0.attention.self.query", "bert.encoder.layer.0.attention.self",
        "bert.encoder.layer.0.intermediate", "bert.encoder.layer.1.attention", "bert.encoder.layer.0",
        "bert.encoder.layer.1.output.LayerNorm",
    ],
    "gpt2/causal-lm": ["transformer.h.0", "transformer.h.1.attn", "transformer.h.0.mlp.c_fc", "transformer.ln_f"],
    "t5/conditional-generation": [
        "shared", "encoder.block.0", "decoder.block.1", "decoder.block.0.layer.1.EncDecAttention.q", "encoder.block.1.layer.1",
    ],
    "llama/causal-lm": ["model.layers.0", "model.layers.0.mlp", "model.layers.0.self_attn", "model.layers.1", "model.layers.0.self_attn.v_proj"],
    "bart/conditional-generation": [
        "model.encoder.layers.0", "model.decoder.layernorm_embedding", "model.decoder.layers.0.encoder_attn.q_proj",
        "model.decoder.layers.0.self_attn", "model.decoder.layers.0.fc1",
    ],
    "albert/groups": ["encoder.albert_layer_groups.0.albert_layers.0", "encoder.albert_layer_groups.0.albert_layers.0.attention"],
}  # fmt: skip
MASKED = [
    "audio-spectrogram-transformer/base", "bart/base", "bert/base", "deit/base", "dinov2/base", "distilbert/base", "dpt/base",
    "electra/base", "gpt2/base", "t5/base", "vit/base", "vitpose/simple", "whisper/base", "yolos/base",
]  # fmt: skip
MASKS = ["head_mask", "decoder_head_mask", "cross_attn_head_mask"]


def load(name):
    kind, case = name.split("/")
    fixture = PACKAGES / "models/src" / kind / "fixture" / case
    made = getattr(transformers, json.loads((fixture / "config.json").read_text())["architectures"][0])
    model = made.from_pretrained(fixture, attn_implementation="eager").eval()
    inputs = load_file(fixture / "inputs.safetensors")
    return model, {key: value.long() if value.dtype == torch.int32 else value for key, value in inputs.items()}


def wave(x, of=torch.cos):
    return of(torch.arange(x.numel(), dtype=torch.float64)).float().reshape(x.shape)


def digest(x):
    flat = x.detach().double().flatten()
    dot = (flat * torch.cos(torch.arange(len(flat), dtype=torch.float64))).sum().item()
    return [list(x.shape), float(f"{dot:.6g}"), float(f"{flat.norm().item():.6g}")]


def first(output):
    while not isinstance(output, torch.Tensor):
        output = output[0] if isinstance(output, (list, tuple)) else next(iter(output.values()))
    return output


def replaced(output, value):
    """What a hook gives back in the place of a module's output."""
    return value if isinstance(output, torch.Tensor) else (value, *output[1:])


def outputs_of(model, inputs, **more):
    with torch.no_grad():
        outputs = model(**inputs, **more)
    return {key: digest(value) for key, value in outputs.items() if isinstance(value, torch.Tensor)}


def values(name):
    model, inputs = load(name)
    seen = {}

    def hook(path):
        def called(_, __, output):
            x = first(output)
            if x.is_floating_point():
                seen.setdefault(path, []).append(digest(x))

        return called

    for path, module in model.named_modules(remove_duplicate=False):
        if path and next(module.parameters(), None) is not None:
            module.register_forward_hook(hook(path))
    with torch.no_grad():
        model(**inputs)
    # The same module under several paths has several hooks.
    return seen


def patches(name):
    model, inputs = load(name)
    recorded = {}
    for path in PATCHES[name]:
        module = model.get_submodule(path)
        changes = {"tensor": lambda x: 0.5 * wave(x, torch.sin), "function": lambda x: 2 * x + 1}
        for kind, change in changes.items():
            handle = module.register_forward_hook(lambda _, __, output, change=change: replaced(output, change(first(output))))
            recorded.setdefault(path, {})[kind] = outputs_of(model, inputs)
            handle.remove()
    return recorded


def masks(name):
    model, inputs = load(name)
    given = {
        MASKS[k]: torch.cos(torch.arange(heads).float()[None] + 10 * torch.arange(layers).float()[:, None] + 1) * (k + 1)
        for k, (layers, heads) in enumerate(sizes_of(model.config))
    }
    return outputs_of(model, inputs, **given)


def sizes_of(config):
    """How many layers and heads each kind of attention has."""
    config = getattr(config, "backbone_config", config)
    heads = config.num_attention_heads
    encoder = (config.num_hidden_layers, heads)
    if not config.is_encoder_decoder:
        return [encoder]
    if config.model_type in ("bart", "whisper"):
        return [encoder] + [(config.decoder_layers, config.decoder_attention_heads)] * 2
    return [encoder] + [(config.num_decoder_layers, heads)] * 2


def write(file, chosen):
    """What is known of these models."""
    recorded = {
        "values": {name: values(name) for name in MODELS if chosen(name)},
        "patches": {name: patches(name) for name in PATCHES if chosen(name)},
        "masks": {name: masks(name) for name in MASKED if chosen(name)},
    }
    text = json.dumps(recorded, separators=(",", ":")).replace('},"', '},\n"').replace(']],"', ']],\n"')
    (PACKAGES / "webformers/fixtures" / file).write_text(text + "\n")


def senses(name):
    return name.partition("/")[0] in SENSES


if __name__ == "__main__":
    write("inner-values.json", lambda name: not senses(name))
    write("inner-values-seen-and-heard.json", senses)
