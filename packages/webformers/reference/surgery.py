"""Record what Python makes of models that are operated on, for surgery.test.ts and surgery.browser.test.ts.

    HF_HUB_OFFLINE=1 python packages/webformers/reference/surgery.py

Writes packages/webformers/fixtures/surgery.json:
  pruned      models whose heads were pruned and that were saved: half of each file's SHA-256. Each was loaded again and gave the same
              numbers, so a page that writes files with these digests has written what Python loads
  resized     models with another vocabulary: of each parameter that has another size, and of the outputs, [shape, sum(x · cos), norm];
              of smaller ones the files, as above
  embeddings  names of the input and output embeddings' weights, and how many numbers a model's parameters hold
"""

import hashlib
import json
import tempfile
from pathlib import Path

import torch
from inner_values import PACKAGES, digest, load
from transformers.utils import logging

logging.set_verbosity_error()
PRUNED = {
    "bert/masked-lm": [{0: [1]}, {0: [1], 1: [0]}],
    "bert/sequence-classification": [{0: [1]}],
    "roberta/base": [{0: [0]}],
    "electra/token-classification": [{0: [1]}],
    "distilbert/masked-lm": [{1: [0]}],
    "gpt2/causal-lm": [{0: [1]}],
    "vit/base": [{1: [1]}],
    "albert/masked-lm": [{0: [0]}],
}
LANGUAGE = [
    "bert/masked-lm", "bert/masked-lm-untied", "roberta/masked-lm", "roberta/masked-lm-untied", "distilbert/masked-lm", "mpnet/masked-lm",
    "albert/masked-lm", "electra/masked-lm", "electra/masked-lm-untied", "gpt2/causal-lm", "gpt2/causal-lm-untied", "llama/causal-lm",
    "llama/causal-lm-tied", "gemma3_text/causal-lm", "t5/conditional-generation",
    "bart/conditional-generation", "mbart/conditional-generation", "m2m_100/conditional-generation", "marian/conditional-generation",
    "mt5/conditional-generation", "umt5/conditional-generation", "gpt_neox/causal-lm", "smollm3/causal-lm",
]  # fmt: skip
#: whose bias does not follow pad_to_multiple_of, and whose tables of sines count among its parameters
MARIAN = "marian/conditional-generation"
OTHERS = ["bert/base", "t5/base", "vit/base", "bert/multiple-choice"]


def reload(model, folder):
    model.save_pretrained(folder, max_shard_size="5GB")
    return type(model).from_pretrained(folder, attn_implementation="eager").eval()


def run(model, inputs):
    with torch.no_grad():
        return {k: v for k, v in model(**inputs).items() if isinstance(v, torch.Tensor)}


def files_of(folder):
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:32]
        for path in sorted(Path(folder).iterdir())
        if path.name != "generation_config.json"
    }


def saved(model, inputs):
    with tempfile.TemporaryDirectory() as folder:
        again = reload(model, folder)
        before, after = run(model, inputs), run(again, inputs)
        assert all(torch.equal(before[key], after[key]) for key in before)
        return files_of(folder)


def pruned(name, steps):
    model, inputs = load(name)
    for heads in steps:
        model.prune_heads(heads)
    return {"steps": steps, "files": saved(model, inputs), "outputs": {k: digest(v) for k, v in run(model, inputs).items()}}


def resized(name):
    sizes = {}
    changes = {5: {}, 3: {"pad_to_multiple_of": 8}, -4: {}}
    if name == MARIAN:
        del changes[3]
    for change, options in changes.items():
        model, inputs = load(name)
        before = {key: value.clone() for key, value in model.state_dict().items()}
        vocabulary = model.config.vocab_size
        torch.manual_seed(0)
        model.resize_token_embeddings(vocabulary + change, **options)
        kept = [*model.named_parameters(), *((k, v) for k, v in model.named_buffers() if k in before)]
        after = {k: v for k, v in kept if v.shape != before[k].shape}
        entry = {"count": vocabulary + change, "vocab_size": model.config.vocab_size, "options": options}
        entry["parameters"] = {k: digest(v) for k, v in after.items()}
        assert entry["parameters"], name
        inputs = {k: v.clamp(max=vocabulary - 5) if k.endswith("input_ids") else v for k, v in inputs.items()}
        entry["outputs"] = {k: digest(v) for k, v in run(model, inputs).items()}
        if change < 0:
            entry["files"] = saved(model, inputs)
        sizes[str(change)] = entry
    return sizes


def embeddings(name):
    model, _ = load(name)
    names = {id(parameter): key for key, parameter in model.named_parameters()}
    table, scores = model.get_input_embeddings(), model.get_output_embeddings()
    weight = getattr(table, "projection", table).weight
    return {
        "input": names[id(weight)],
        "output": names[id(scores.weight)] if scores is not None else None,
        "parameters": model.num_parameters(),
        "without_embeddings": model.num_parameters(exclude_embeddings=True),
        "names": len(list(model.named_parameters())),
    }


if __name__ == "__main__":
    recorded = {
        "pruned": {name: pruned(name, steps) for name, steps in PRUNED.items()},
        "resized": {name: resized(name) for name in LANGUAGE},
        "embeddings": {name: embeddings(name) for name in LANGUAGE + OTHERS if name != MARIAN},
    }
    text = json.dumps(recorded, separators=(",", ":")).replace('},"', '},\n"')
    (PACKAGES / "webformers/fixtures/surgery.json").write_text(text + "\n")
