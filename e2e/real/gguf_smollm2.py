"""Records what transformers makes of SmolLM2's GGUF file, as gguf.json. Needs `node e2e/real/smollm2.mjs` first.

    pip install torch==2.13.0 transformers==4.57.6 gguf==0.19.0 accelerate
    HF_HUB_OFFLINE=1 python e2e/real/gguf_smollm2.py

The tensors, the ids and the decoded texts are too many to keep: their digests are.
"""

import hashlib
import json
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.modeling_gguf_pytorch_utils import load_gguf_checkpoint

here = Path(__file__).parent
FOLDER = here.parents[1] / ".cache/hub/gguf/SmolLM2-135M-Instruct"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
CHATS = [
    [{"role": "user", "content": "What is gravity?"}],
    [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello! 👋"},
     {"role": "user", "content": "Was ist Schwerkraft?"}],
]
PROMPTS = ["Gravity is", "Alle Menschen sind frei und gleich an Würde und Rechten geboren."]


def digest(value):
    return hashlib.sha1(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()[:8]


def encoded(tokenizer, text):
    ids = tokenizer(text)["input_ids"]
    return digest([ids, tokenizer.convert_ids_to_tokens(ids), tokenizer.decode(ids), tokenizer.decode(ids, skip_special_tokens=True)])


def tensors(model):
    for name, tensor in model.state_dict().items():
        if name == "lm_head.weight":
            continue  # tied
        numbers = tensor.contiguous().numpy()
        places = [0, numbers.size // 3, numbers.size - 1]
        yield name, {
            "shape": list(numbers.shape),
            "sha256": hashlib.sha256(numbers.tobytes()).hexdigest(),
            "some": [float(numbers.flat[place]) for place in places],
        }


def logits(model, tokenizer):
    """of the last token the ten most likely, and the largest and the mean of all"""
    for prompt in PROMPTS:
        ids = tokenizer(prompt, return_tensors="pt")["input_ids"]
        with torch.no_grad():
            last = model(ids).logits[0, -1]
        top = last.topk(10)
        yield {"prompt": prompt, "ids": ids[0].tolist(), "top": [top.indices.tolist(), top.values.tolist()], "mean": last.mean().item()}


tokenizer = AutoTokenizer.from_pretrained(FOLDER, gguf_file=FILE)
model = AutoModelForCausalLM.from_pretrained(FOLDER, gguf_file=FILE).eval()
texts = [sentence["text"] for sentence in json.loads((here / "sentences.json").read_text())["sentences"]]
hard = json.loads((here.parents[1] / "packages/tokenizers/fixtures/lines.json").read_text())[::20]
hard = [line for line in hard if not any(0xD800 <= ord(character) < 0xE000 for character in line)]
truth = {
    "config": load_gguf_checkpoint(str(FOLDER / FILE))["config"],
    "special": tokenizer.special_tokens_map,
    "added": {token.content: id for id, token in tokenizer.added_tokens_decoder.items()},
    "size": len(tokenizer),
    "texts": len(texts) + len(hard),
    "encoded": "".join(encoded(tokenizer, text) for text in [*texts, *hard]),
    "ids": tokenizer(texts[1])["input_ids"],
    "chats": [
        {
            "messages": messages,
            "text": tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True),
            "ids": tokenizer.apply_chat_template(messages, add_generation_prompt=True),
        }
        for messages in CHATS
    ],
    "tensors": dict(tensors(model)),
    "logits": list(logits(model, tokenizer)),
}
(here / "gguf.json").write_text(json.dumps(truth, ensure_ascii=False, indent=1) + "\n")
print(len(truth["tensors"]), "tensors,", truth["texts"], "texts")
