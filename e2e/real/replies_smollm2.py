"""Records greedy replies of SmolLM2's GGUF file in transformers, as replies.json. Needs `node e2e/real/smollm2.mjs` first.

    pip install torch==2.13.0 transformers==4.57.6 gguf==0.19.0 accelerate
    HF_HUB_OFFLINE=1 python e2e/real/replies_smollm2.py

The weights are those of the file, dequantized to float32. `margin` is the least distance of a reply between the likeliest token and
the next: where other arithmetic chooses otherwise although it is far from 0, something is wrong.
"""

import json
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

here = Path(__file__).parent
FOLDER = here.parents[1] / ".cache/hub/gguf/SmolLM2-135M-Instruct"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
MOST = 64


def user(content):
    return {"role": "user", "content": content}


def system(content):
    return {"role": "system", "content": content}


def assistant(content):
    return {"role": "assistant", "content": content}


DECLARATION = " ".join(
    each["text"] for each in json.loads((here / "sentences.json").read_text())["sentences"] if each["language"] == "en"
)
CHATS = [
    [user("What is the capital of France?")],
    [user("Why is the sky blue? Answer in one sentence.")],
    [user("Write a haiku about autumn leaves.")],
    [user("List three fruits as a Markdown list.")],
    [user("Write a Python function that reverses a string.")],
    [user("Translate to German: The weather is nice today.")],
    [user("What is 17 + 25?")],
    [user("Give me a recipe for pancakes.")],
    [user("Who wrote Moby-Dick?")],
    [user("Explain photosynthesis to a child.")],
    [system("You are a pirate. Answer like one."), user("Where is my hat?")],
    [system("Be brief."), user("Name the planets of the solar system.")],
    [user("Hi"), assistant("Hello! 👋 How can I help you today?"), user("Tell me a joke.")],
    [user("My name is Anna."), assistant("Nice to meet you, Anna!"), user("What is my name?")],
    [user("Was ist Schwerkraft?")],
    [user("請介紹一下台北。")],
    [user("Return a JSON object with the keys name and age of a fictional person.")],
    [user("Write an e-mail to my landlord: the heating is broken.")],
    [user(f"Summarize in one sentence: {DECLARATION}")],
    [user("   ?!  ")],
]


def reply(tokenizer, model, messages):
    prompt = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_tensors="pt", return_dict=True)
    output = model.generate(**prompt, do_sample=False, max_new_tokens=MOST, return_dict_in_generate=True, output_logits=True)
    ids = output.sequences[0, prompt["input_ids"].shape[1] :].tolist()
    tops = [step[0].topk(2).values for step in output.logits]
    margin = min((first - second).item() for first, second in tops)
    return {
        "messages": messages,
        "prompt": prompt["input_ids"].shape[1],
        "ids": ids,
        "text": tokenizer.decode(ids, skip_special_tokens=True),
        "margin": round(margin, 6),
    }


tokenizer = AutoTokenizer.from_pretrained(FOLDER, gguf_file=FILE)
model = AutoModelForCausalLM.from_pretrained(FOLDER, gguf_file=FILE).eval()
with torch.no_grad():
    replies = [reply(tokenizer, model, messages) for messages in CHATS]
lines = ",\n".join(f"  {json.dumps(each, ensure_ascii=False)}" for each in replies)
(here / "replies.json").write_text(f'{{\n "max_new_tokens": {MOST},\n "replies": [\n{lines}\n ]\n}}\n')
print(len(replies), "replies, the least margin is", min(each["margin"] for each in replies))
