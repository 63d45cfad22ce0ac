"""Record what transformers answers with weights in blocks: tiny models of random weights, whose matrices were rounded as gguf rounds them.

    python -m venv venv && venv/bin/pip install gguf==0.19.0 torch==2.13.0 transformers==4.57.6
    HF_HUB_OFFLINE=1 venv/bin/python packages/webformers/reference/blocks.py

writes fixtures/blocks/<model>/, a repository of weights as they are, and fixtures/blocks/<model>/expected.json: of each dtype the
logits of the last token of `input_ids`, and what greedy search goes on with from `prompts`.
"""

import json
from pathlib import Path

import numpy as np
import torch
from gguf import GGMLQuantizationType
from gguf.quants import dequantize, quantize
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM

FIXTURES = Path(__file__).parent.parent / "fixtures/blocks"
IDS = [5, 17, 42, 8, 33, 60, 12]
PROMPTS = [[5, 17, 42, 8, 33], [0, 0, 9, 41, 28]]
NEW_TOKENS = 10
SPECIAL = dict(vocab_size=64, pad_token_id=0, bos_token_id=1, eos_token_id=2)
#: name: (model_type, configuration, what it is saved in, its matrices, those that lie [in, out])
LAYER = ["self_attn.q_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"]
MODELS = {
    # keys and values have 16 numbers: their matrices stay as they are
    "llama": ("llama", dict(SPECIAL, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=1,
                            head_dim=16, max_position_embeddings=64, initializer_range=0.4, tie_word_embeddings=True), torch.bfloat16,
              ["model.embed_tokens", *(f"model.layers.{i}.{name}" for i in range(2) for name in LAYER)], []),
    # the table of positions stays as it is
    "gpt2": ("gpt2", dict(SPECIAL, n_embd=32, n_layer=1, n_head=4, n_positions=64, initializer_range=0.4), torch.float16,
             ["transformer.wte"], [f"transformer.h.0.{name}" for name in ("attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj")]),
    # so does the bias of relative positions
    "t5": ("t5", dict(SPECIAL, d_model=32, d_kv=8, d_ff=64, num_layers=1, num_decoder_layers=1, num_heads=4, decoder_start_token_id=0,
                      relative_attention_num_buckets=32, initializer_factor=1.0), torch.float32,
           ["shared", *(f"encoder.block.0.layer.{name}" for name in ("0.SelfAttention.q", "0.SelfAttention.k", "0.SelfAttention.v", "0.SelfAttention.o", "1.DenseReluDense.wi", "1.DenseReluDense.wo")),
            *(f"decoder.block.0.layer.{name}" for name in ("0.SelfAttention.q", "0.SelfAttention.k", "0.SelfAttention.v", "0.SelfAttention.o", "1.EncDecAttention.q", "1.EncDecAttention.k", "1.EncDecAttention.v", "1.EncDecAttention.o", "2.DenseReluDense.wi", "2.DenseReluDense.wo"))], []),
}  # fmt: skip
Q8, Q4 = GGMLQuantizationType.Q8_0, GGMLQuantizationType.Q4_0
#: what the table of tokens is rounded to, which is tied to the head, and what other matrices are
DTYPES = {"fp32": None, "q8": (Q8, Q8), "q4": (Q8, Q4)}


def rounded(weight: torch.Tensor, kind, transposed: bool) -> torch.Tensor:
    matrix = weight.T if transposed else weight
    numbers = dequantize(quantize(np.ascontiguousarray(matrix.numpy()), kind), kind)
    return torch.from_numpy(numbers.T.copy() if transposed else numbers)


def answers(model, encodes: bool) -> dict:
    ids = torch.tensor([IDS])
    with torch.no_grad():
        given = model(input_ids=ids, decoder_input_ids=torch.tensor([[0, 7, 21]])) if encodes else model(input_ids=ids)
        prompts = torch.tensor(PROMPTS)
        greedy = model.generate(input_ids=prompts, attention_mask=(prompts != 0).long(), max_new_tokens=NEW_TOKENS, do_sample=False, eos_token_id=None, pad_token_id=0)
    return {"logits": given.logits[0, -1].tolist(), "greedy": greedy.tolist()}


for name, (model_type, settings, saved, matrices, turned) in MODELS.items():
    torch.manual_seed(0)
    auto = AutoModelForSeq2SeqLM if model_type == "t5" else AutoModelForCausalLM
    model = auto.from_config(AutoConfig.for_model(model_type, **settings))
    for key, parameter in model.named_parameters():
        if parameter.ndim == 1:
            torch.nn.init.normal_(parameter, 1 if key.endswith(("norm.weight", "ln_1.weight", "ln_2.weight", "ln_f.weight")) else 0, 0.2)
    folder = FIXTURES / name
    model.to(saved).save_pretrained(folder)
    model = auto.from_pretrained(folder, dtype=torch.float32).eval()
    exact = {key: weight.clone() for key, weight in model.state_dict().items()}
    expected = {}
    for dtype, kinds in DTYPES.items():
        weights = dict(exact)
        for module in [*matrices, *turned] if kinds else []:
            weights[f"{module}.weight"] = rounded(exact[f"{module}.weight"], kinds[module != matrices[0]], module in turned)
        # tied places follow
        model.load_state_dict({**weights, **{key: weights[f"{matrices[0]}.weight"] for key in exact if key.endswith(("lm_head.weight", "embed_tokens.weight"))}})
        expected[dtype] = answers(model, model_type == "t5")
    expected["input_ids"], expected["prompts"], expected["new_tokens"] = [IDS], PROMPTS, NEW_TOKENS
    expected["vocabulary"] = f"{matrices[0]}.weight"
    expected["blocks"] = sorted(f"{module}.weight" for module in [*matrices, *turned])
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")
    (folder / "generation_config.json").unlink()
    spread = {dtype: float(np.abs(np.subtract(expected[dtype]["logits"], expected["fp32"]["logits"])).max()) for dtype in DTYPES}
    print(name, spread, np.std(expected["fp32"]["logits"]), expected["q4"]["greedy"] != expected["fp32"]["greedy"])
