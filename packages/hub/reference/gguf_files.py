"""Records what gguf and transformers make of GGUF files: dequantized blocks, configurations and tensors.

    python -m venv venv && venv/bin/pip install gguf==0.19.0 torch==2.13.0 transformers==4.57.6 accelerate
    HF_HUB_OFFLINE=1 venv/bin/python packages/hub/reference/gguf_files.py

writes packages/hub/src/formats/gguf/fixture/:

- blocks.safetensors: for each quantized type `<type>.blocks`, made by gguf's own quantizer where it has one and of random
  bytes (any are valid) where it has none, and `<type>.weights`, what gguf dequantizes them to
- <family>.gguf: a tiny random model, with names, keys and layout as llama.cpp's converter writes them
- models.json: for each of them the configuration and the state_dict that transformers loads from it, and its logits of the
  last of the tokens `IDS`
"""

import hashlib
import json
import tempfile
from pathlib import Path

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType as T
from gguf.quants import dequantize, quantize
from safetensors.numpy import save_file
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.modeling_gguf_pytorch_utils import load_gguf_checkpoint

FIXTURE = Path(__file__).parent.parent / "src/formats/gguf/fixture"
RANDOM = np.random.default_rng(0)
HAS_QUANTIZER = [T.Q4_0, T.Q4_1, T.Q5_0, T.Q5_1, T.Q8_0]
TYPES = [*HAS_QUANTIZER, T.Q2_K, T.Q3_K, T.Q4_K, T.Q5_K, T.Q6_K, T.IQ4_NL]
#: where the half-precision numbers of a block lie, for those whose bytes are drawn at random
HALVES = {T.Q2_K: [80, 82], T.Q3_K: [108], T.Q4_K: [0, 2], T.Q5_K: [0, 2], T.Q6_K: [208], T.IQ4_NL: [0],
          T.Q4_0: [0], T.Q4_1: [0, 2], T.Q5_0: [0], T.Q5_1: [0, 2], T.Q8_0: [0]}
#: zero, the smallest, the largest, and numbers that are none
HALF_EXTREMES = np.array([0.0, -0.0, 6e-8, -6e-8, 6e-5, 65504, -65504, np.inf, np.nan], np.float16)


def random_blocks(type: T, count: int) -> np.ndarray:
    _, size = gguf.GGML_QUANT_SIZES[type]
    blocks = RANDOM.integers(0, 256, (count, size), np.uint8)
    for place in HALVES[type]:
        scales = RANDOM.normal(0, 0.02, count).astype(np.float16)
        blocks[:, place : place + 2] = scales.view(np.uint8).reshape(count, 2)
    return blocks


def quantized(weights: np.ndarray, type: T) -> np.ndarray:
    if type == T.F32:
        return weights
    if type in (T.F16, T.BF16) or type in HAS_QUANTIZER:
        return quantize(weights, type)
    in_block, size = gguf.GGML_QUANT_SIZES[type]
    return random_blocks(type, weights.size // in_block).reshape(*weights.shape[:-1], weights.shape[-1] // in_block * size)


def record_blocks() -> None:
    tensors = {}
    for type in TYPES:
        in_block, _ = gguf.GGML_QUANT_SIZES[type]
        rows = [random_blocks(type, 512 // in_block)]
        if type in HAS_QUANTIZER:
            weights = RANDOM.normal(0, 0.1, (4, 256)).astype(np.float32)
            weights[3] = 0
            rows.append(quantize(weights, type).reshape(-1, rows[0].shape[-1]))
        for place in HALVES[type]:
            extremes = random_blocks(type, len(HALF_EXTREMES) if in_block == 32 else 3)
            chosen = HALF_EXTREMES if in_block == 32 else HALF_EXTREMES[[2, 5, 8]]
            extremes[:, place : place + 2] = chosen.view(np.uint8).reshape(-1, 2)
            rows.append(extremes)
        blocks = np.concatenate(rows)
        tensors[f"{type.name}.blocks"] = blocks
        tensors[f"{type.name}.weights"] = dequantize(blocks, type)
    save_file(tensors, FIXTURE / "blocks.safetensors")


IDS = [1, 7, 23, 42, 11]
SMALL = dict(vocab_size=64, hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=128, initializer_range=0.5, pad_token_id=0,
             bos_token_id=1, eos_token_id=2)
GEMMA = dict(head_dim=16, sliding_window=32, tie_word_embeddings=True, rms_norm_eps=1e-6)
#: the type of a tensor by its name's part, the first that fits
MIXED = {"attn_q.w": T.Q4_0, "attn_k.w": T.Q4_1, "attn_v.w": T.Q5_0, "attn_output.w": T.Q5_1, "ffn_gate": T.Q8_0,
         "ffn_up": T.IQ4_NL, "ffn_down": T.F16, "token_embd": T.BF16, "output.w": T.Q8_0, "attn_qkv.w": T.Q5_0}
LARGE = {"ffn_down": T.Q4_K, "attn_q.w": T.F16, "attn_k.w": T.BF16}
#: name: (model_type, configuration, gguf's architecture, types, written how)
MODELS = {
    "llama": ("llama", dict(SMALL, num_hidden_layers=2, rope_theta=5e5), "llama", MIXED, {}),
    "llama-k": ("llama", dict(SMALL, intermediate_size=256, tie_word_embeddings=True, num_key_value_heads=4), "llama", LARGE, dict(alignment=128, version=2)),
    "mistral": ("mistral", dict(SMALL, head_dim=16), "llama", MIXED, dict(name="mistral")),
    "qwen2": ("qwen2", dict(SMALL, rope_theta=1e6), "qwen2", MIXED, {}),
    # transformers knows no other size of Qwen 3's heads, and no other number of GPT-2's positions than the usual ones
    "qwen3": ("qwen3", dict(SMALL, rope_theta=1e6, head_dim=128, num_attention_heads=2, num_key_value_heads=1, tie_word_embeddings=True), "qwen3", MIXED, {}),
    "phi3": ("phi3", SMALL, "phi3", MIXED, {}),
    "gemma2": ("gemma2", dict(SMALL, **GEMMA), "gemma2", MIXED, {}),
    "gemma3": ("gemma3_text", dict(SMALL, **GEMMA), "gemma3", {**MIXED, "norm": T.F16, "output_norm": T.BF16}, {}),
    "gpt2": ("gpt2", dict(vocab_size=64, n_embd=32, n_layer=1, n_head=4, initializer_range=0.5, bos_token_id=1, eos_token_id=2), "gpt2",
             {**MIXED, "position_embd": T.Q4_0, "ffn_up.w": T.Q4_1, "output.w": T.Q8_0}, {}),
    # matrices that lie the other way, in blocks that are kept
    "gpt2-blocks": ("gpt2", dict(vocab_size=64, n_embd=32, n_layer=1, n_head=4, n_positions=1024, initializer_range=0.5, bos_token_id=1, eos_token_id=2), "gpt2",
             {"attn_qkv.w": T.Q8_0, "attn_output.w": T.Q4_0, "ffn_up.w": T.Q4_1, "ffn_down.w": T.Q4_0, "token_embd": T.Q4_1, "position_embd": T.Q8_0}, {}),
    # each fourth layer has no rotary embeddings
    "smollm3": ("smollm3", dict(SMALL, num_hidden_layers=4, intermediate_size=32, rope_theta=1e4), "smollm3", {**MIXED, "ffn_up": T.Q8_0}, {}),
    "gptneox": ("gpt_neox", dict(vocab_size=64, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
             max_position_embeddings=128, rotary_pct=0.5, use_parallel_residual=False, layer_norm_eps=1e-3, initializer_range=0.5, bos_token_id=1, eos_token_id=2),
             "gptneox", {"attn_qkv.w": T.Q8_0, "attn_output.w": T.Q4_0, "ffn_up.w": T.F16, "ffn_down.w": T.Q5_1, "token_embd": T.BF16}, {}),
}
#: what transformers reads no GGUF files of → the architecture whose files are the same but for its name
ALIKE = {"smollm3": "llama"}


LLAMAS = ("llama", *ALIKE)


def permuted(weights: np.ndarray, heads: int) -> np.ndarray:
    """llama.cpp's order of the rows of Llama's queries and keys"""
    return weights.reshape(heads, 2, weights.shape[0] // heads // 2, *weights.shape[1:]).swapaxes(1, 2).reshape(weights.shape)


def joined(weights: np.ndarray, heads: int) -> np.ndarray:
    """llama.cpp's order of the rows of GPT-NeoX's queries, keys and values: each of the three with all heads"""
    return weights.reshape(heads, 3, -1, *weights.shape[1:]).swapaxes(0, 1).reshape(weights.shape)


def tensors_of(model, architecture: str):
    """the names and numbers that llama.cpp's converter writes"""
    arch = next(key for key, name in gguf.MODEL_ARCH_NAMES.items() if name == architecture)
    config = model.config
    names = gguf.get_tensor_name_map(arch, config.num_hidden_layers)
    for key, tensor in model.state_dict().items():
        if key == "lm_head.weight" and config.tie_word_embeddings:
            continue
        name = names.get_name(key, try_suffixes=(".weight", ".bias"))
        weights = tensor.float().numpy()
        if architecture in LLAMAS and ".attn_q." in name:
            weights = permuted(weights, config.num_attention_heads)
        if architecture in LLAMAS and ".attn_k." in name:
            weights = permuted(weights, config.num_key_value_heads)
        if architecture == "gpt2" and key.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight")):
            weights = weights.T
        if ".attn_qkv." in name and architecture == "gptneox":
            weights = joined(weights, config.num_attention_heads)
        if architecture.startswith("gemma") and "norm" in name:
            weights = weights + 1
        yield name, np.ascontiguousarray(weights)


def write(path: Path, model, architecture: str, types: dict, alignment=None, version=None, name="Tiny") -> None:
    config = model.config
    writer = gguf.GGUFWriter(path, architecture)
    if alignment:
        writer.add_custom_alignment(alignment)
    writer.add_name(name)
    writer.add_languages(["en"])
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_head_count(config.num_attention_heads)
    if architecture == "gptneox":
        writer.add_feed_forward_length(config.intermediate_size)
        writer.add_rope_dimension_count(int(config.rotary_pct * (config.hidden_size // config.num_attention_heads)))
        writer.add_parallel_residual(config.use_parallel_residual)
        writer.add_layer_norm_eps(config.layer_norm_eps)
    elif architecture == "gpt2":
        writer.add_feed_forward_length(4 * config.n_embd)
        writer.add_layer_norm_eps(config.layer_norm_epsilon)
    else:
        head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
        writer.add_feed_forward_length(config.intermediate_size)
        writer.add_head_count_kv(config.num_key_value_heads)
        writer.add_layer_norm_rms_eps(config.rms_norm_eps)
        writer.add_rope_freq_base(config.rope_theta)
        writer.add_rope_dimension_count(head)
        if architecture in LLAMAS:
            writer.add_vocab_size(config.vocab_size)
        if architecture == "qwen3" or architecture.startswith("gemma"):
            writer.add_key_length(head)
            writer.add_value_length(head)
        if architecture.startswith("gemma"):
            writer.add_sliding_window(config.sliding_window)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_0)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_tokenizer_model("llama")
    writer.add_token_list([f"token {i}" for i in range(config.vocab_size)])
    writer.add_token_scores([-float(i) for i in range(config.vocab_size)])
    writer.add_bos_token_id(config.bos_token_id)
    writer.add_eos_token_id(config.eos_token_id)
    if config.pad_token_id is not None:
        writer.add_pad_token_id(config.pad_token_id)
    # one that no model has a use for
    writer.add_tensor("rope_freqs.weight", np.ones(4, np.float32))
    for name, weights in tensors_of(model, architecture):
        type = next((type for part, type in types.items() if part in name), T.F32)
        if weights.ndim == 1 and type not in (T.F16, T.BF16):
            type = T.F32
        writer.add_tensor(name, quantized(weights, type), raw_dtype=type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    if version:
        data = bytearray(path.read_bytes())
        data[4:8] = version.to_bytes(4, "little")
        path.write_bytes(data)


def read_neox(path: Path, model):
    """What transformers does not read: the configuration that the keys mean, and the model with the file's numbers."""
    config = {key: getattr(model.config, key) for key in (
        "model_type", "tie_word_embeddings", "num_hidden_layers", "max_position_embeddings", "hidden_size", "intermediate_size",
        "num_attention_heads", "use_parallel_residual", "rotary_pct", "bos_token_id", "eos_token_id", "vocab_size")}
    config |= {"layer_norm_eps": float(np.float32(model.config.layer_norm_eps)), "_model_name_or_path": "Tiny"}
    stored = {tensor.name: dequantize(tensor.data, tensor.tensor_type) for tensor in gguf.GGUFReader(path).tensors}
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.GPTNEOX, model.config.num_hidden_layers)
    heads = model.config.num_attention_heads
    weights = {}
    for key, tensor in model.state_dict().items():
        numbers = stored[names.get_name(key, try_suffixes=(".weight", ".bias"))].reshape(tensor.shape)
        if "query_key_value" in key:
            numbers = numbers.reshape(3, heads, -1, *numbers.shape[1:]).swapaxes(0, 1).reshape(numbers.shape)
        weights[key] = torch.from_numpy(np.ascontiguousarray(numbers))
    loaded = type(model)._from_config(AutoConfig.for_model(**config), attn_implementation="eager")
    loaded.load_state_dict(weights)
    return config, loaded


def read(path: Path, model, model_type: str, architecture: str, types: dict, how: dict):
    """The configuration and the model that transformers makes of a file."""
    with tempfile.TemporaryDirectory() as folder:
        readable = Path(folder) / path.name
        if architecture in ALIKE:
            write(readable, model, ALIKE[architecture], types, **how)
        else:
            readable.write_bytes(path.read_bytes())
        config = load_gguf_checkpoint(str(readable))["config"]
        # transformers takes a Llama of this name for a Mistral, and then finds no names for its tensors
        readable.write_bytes(readable.read_bytes().replace(b"mistral", b"Mistral"))
        loaded, info = AutoModelForCausalLM.from_pretrained(folder, gguf_file=path.name, output_loading_info=True, attn_implementation="eager")
    assert not any(info.values()), info
    if architecture in ALIKE:
        config["model_type"] = model_type
        weights = loaded.state_dict()
        loaded = type(model)._from_config(AutoConfig.for_model(**config), attn_implementation="eager")
        loaded.load_state_dict(weights)
    return config, loaded


def record_models() -> None:
    models = {}
    for file, (model_type, settings, architecture, types, how) in MODELS.items():
        torch.manual_seed(0)
        model = AutoModelForCausalLM.from_config(AutoConfig.for_model(model_type, **settings))
        for key, parameter in model.named_parameters():
            if parameter.ndim == 1:
                torch.nn.init.normal_(parameter, 0, 0.3)
        path = FIXTURE / f"{file}.gguf"
        write(path, model, architecture, types, **how)
        config, loaded = read_neox(path, model) if model_type == "gpt_neox" else read(path, model, model_type, architecture, types, how)
        tensors = {
            name: {
                "shape": list(tensor.shape),
                "sha256": hashlib.sha256(tensor.contiguous().numpy().tobytes()).hexdigest(),
                "first": tensor.flatten()[:3].tolist(),
            }
            for name, tensor in loaded.state_dict().items()
            if not (name == "lm_head.weight" and loaded.config.tie_word_embeddings)
        }
        with torch.no_grad():
            logits = loaded.eval()(torch.tensor([IDS])).logits[0, -1].tolist()
        models[file] = {"config": config, "tensors": tensors, "logits": logits}
    (FIXTURE / "models.json").write_text(json.dumps(models, indent=1) + "\n")


if __name__ == "__main__":
    FIXTURE.mkdir(exist_ok=True)
    record_blocks()
    record_models()
