"""The perplexity that perplexity.mjs measures, by torch, over weights that gguf rounded. Needs what e2e/real/README.md says of the texts
and of SmolLM2, laid out by `node e2e/real/smollm2.mjs` and `npm run test:real -- tokenizers`.

    pip install torch==2.13.0 transformers==4.57.6 gguf==0.19.0 accelerate
    HF_HUB_OFFLINE=1 python e2e/bench/generation/perplexity.py
"""

import json
import math
from pathlib import Path

import torch
from gguf import GGMLQuantizationType
from gguf.quants import dequantize, quantize
from transformers import AutoModelForCausalLM, AutoTokenizer

CACHE = Path(__file__).parents[3] / ".cache"
FOLDER = CACHE / "hub/gguf/SmolLM2-135M-Instruct"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
PIECES, TOKENS = 4, 256

tokenizer = AutoTokenizer.from_pretrained(FOLDER, gguf_file=FILE)
model = AutoModelForCausalLM.from_pretrained(FOLDER, gguf_file=FILE).eval()
texts = json.loads((CACHE / "texts/english.json").read_text())[:PIECES]
exact = {name: weight.clone() for name, weight in model.state_dict().items() if name != "lm_head.weight"}


def perplexity() -> float:
    surprises = []
    for text in texts:
        ids = torch.tensor([tokenizer(text)["input_ids"][:TOKENS]])
        with torch.no_grad():
            logits = model(ids).logits[0, :-1]
        surprises.append(torch.nn.functional.cross_entropy(logits, ids[0, 1:], reduction="none"))
    return math.exp(torch.cat(surprises).mean())


#: what matrices of layers are rounded to, and what the table of tokens is, which is the head
KINDS = {"fp32": None, "q8": ("Q8_0", "Q8_0"), "q4": ("Q4_0", "Q8_0"), "4 bits throughout": ("Q4_0", "Q4_0")}

for name, kinds in KINDS.items():
    weights = dict(exact)
    for key, weight in exact.items():
        if kinds and weight.ndim == 2:
            kind = GGMLQuantizationType[kinds["embed_tokens" in key]]
            weights[key] = torch.from_numpy(dequantize(quantize(weight.numpy(), kind), kind))
    model.load_state_dict(weights, strict=False)
    print(name, round(perplexity(), 3))
