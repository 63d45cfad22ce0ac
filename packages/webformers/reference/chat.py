"""Records what answers of a chat become in Python under the options of OpenAI's API, as fixtures/chat.json.

    pip install torch==2.13.0 transformers==4.57.6
    HF_HUB_OFFLINE=1 python packages/webformers/reference/chat.py

The model is fixtures/tiny/llama-writer. Penalties and biases are a processor of transformers' generate() here, written from the
formula in OpenAI's documentation; log probabilities are of the model's scores before them.
"""

import json
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LogitsProcessor, LogitsProcessorList

fixtures = Path(__file__).parents[1] / "fixtures"
tokenizer = AutoTokenizer.from_pretrained(fixtures / "tiny/llama-writer")
model = AutoModelForCausalLM.from_pretrained(fixtures / "tiny/llama-writer").eval()

SEINE = [{"role": "system", "content": "You are kind."}, {"role": "user", "content": "Where does the Seine flow?"}]
# A random model hardly repeats itself, unless it is made to.
AGAIN = {"792": 7, "400": 6.5, "346": 6}
REQUESTS = [
    {"messages": SEINE, "max_tokens": 12},
    {"messages": SEINE, "max_completion_tokens": 40, "logit_bias": AGAIN, "frequency_penalty": 0.6},
    {"messages": SEINE, "max_completion_tokens": 40, "logit_bias": AGAIN, "presence_penalty": 1.5},
    {"messages": SEINE, "max_completion_tokens": 40, "logit_bias": AGAIN, "frequency_penalty": 1.5, "presence_penalty": -1},
    {"messages": SEINE[1:], "max_completion_tokens": 16, "logit_bias": {"13": 8, "1065": -100}},
    {"messages": SEINE[1:], "max_completion_tokens": 8, "logprobs": True, "top_logprobs": 3, "presence_penalty": 1},
    {"messages": SEINE[1:], "max_completion_tokens": 30, "stop": ["5"]},
]


class Penalties(LogitsProcessor):
    def __init__(self, prompt, request):
        self.prompt, self.request = prompt, request

    def __call__(self, input_ids, scores):
        scores = scores.clone()  # the logits that are given out stay as they are
        for token, bias in self.request.get("logit_bias", {}).items():
            scores[0, int(token)] += bias
        answer = input_ids[0, self.prompt :]
        for token in answer.unique():
            count = (answer == token).sum()
            scores[0, token] -= count * self.request.get("frequency_penalty", 0) + self.request.get("presence_penalty", 0)
        return scores


def logprob(token, logprobs):
    return {"id": int(token), "logprob": round(logprobs[token].item(), 5)}


def record(request):
    inputs = tokenizer.apply_chat_template(request["messages"], add_generation_prompt=True, return_tensors="pt", return_dict=True)
    prompt = inputs["input_ids"].shape[1]
    most = request.get("max_completion_tokens", request.get("max_tokens"))
    output = model.generate(
        **inputs,
        do_sample=False,
        max_new_tokens=most,
        logits_processor=LogitsProcessorList([Penalties(prompt, request)]),
        return_dict_in_generate=True,
        output_logits=True,
    )
    ids = output.sequences[0, prompt:]
    text = tokenizer.decode(ids, skip_special_tokens=True)
    case = {"request": {**request, "temperature": 0}, "ids": ids.tolist(), "text": text, "prompt_tokens": prompt}
    if request.get("logprobs"):
        steps = [step[0].log_softmax(-1) for step in output.logits]
        case["logprobs"] = [
            {**logprob(token, step), "top": [logprob(top, step) for top in step.topk(request["top_logprobs"]).indices]}
            for token, step in zip(ids, steps, strict=True)
        ]
    return case


with torch.no_grad():
    cases = [record(request) for request in REQUESTS]
lines = ",\n".join(f"  {json.dumps(case, ensure_ascii=False)}" for case in cases)
(fixtures / "chat.json").write_text(f'{{\n "cases": [\n{lines}\n ]\n}}\n')
for case in cases:
    print(case["text"])
