"""Have our savePretrained write tokenizers, load them here, and record that both answer the same.

    HF_HUB_OFFLINE=1 python save.py

writes fixtures/saved/ and nothing else: scores.json, what the library makes of a Unigram's scores; cases.json, the
tokenizers that are saved and what a page has changed on them; and answers.json, of each what Transformers answers with
the files that save.mjs has written, and digests of these files, so that the test knows them again. Where Python can make
the same tokenizer and change it alike, that one must answer the same, and its own save_pretrained must write the same
files; a difference ends the recording with an error.
"""

import json
import random
import subprocess
import tempfile
from pathlib import Path

from tokenizers import Tokenizer
from transformers import AddedToken, AutoTokenizer

from api import ADDED, ADDED_LINE, ROLES, snake
from families import RECIPES
from fixtures import FIXTURES, digest, fill_charsmap, read, write
from units import scalar, units

HERE = Path(__file__).parent
LINES = read(FIXTURES / "lines.json")[:200] + [ADDED_LINE, "<tool>a</tool> <|end|>Ende 🤗<sp> 你好<x>  y"]
TEMPLATE = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}{# ünïcödé 💬 #}"

ADD = {"addTokens": ADDED}
ADD_SPECIAL = {
    "addSpecialTokens": {
        "pad_token": "<|end|>",
        "additional_special_tokens": ["<tool>", {"content": "<sp>", "lstrip": True, "normalized": False}, "🤗"],
    }
}
SETTINGS = {"set": {"paddingSide": "left", "truncationSide": "left", "modelMaxLength": 77}}

CASES = [
    *({"name": name, "fixture": name, "changes": []} for name in RECIPES),
    {"name": "bert-changed", "fixture": "bert-uncased", "changes": [ADD, ADD_SPECIAL, SETTINGS]},
    {"name": "roberta-changed", "fixture": "roberta", "changes": [ADD_SPECIAL, ADD, {"set": {"maskToken": None}}]},
    {"name": "gpt2-chat", "fixture": "gpt2", "changes": [{"set": {"padToken": "<|endoftext|>", "chatTemplate": TEMPLATE}}, SETTINGS]},
    {"name": "qwen3-chats", "fixture": "qwen3", "changes": [ADD, {"set": {"chatTemplate": {"default": TEMPLATE, "tool_use": "tools\n"}}}]},
    {"name": "t5-changed", "fixture": "t5", "changes": [{"addTokens": ["<city>", "🤗"]}, {"set": {"unkToken": "<extra_id_0>"}}]},
    {"name": "mbart-german", "fixture": "mbart", "config": {"src_lang": "de_DE", "tgt_lang": "fr_XX"}, "changes": [ADD]},
    {"name": "gemma3-changed", "fixture": "gemma3", "changes": [ADD_SPECIAL, ADD, SETTINGS]},
    {"name": "bytes-changed", "fixture": "unigram-bytes", "changes": [ADD_SPECIAL, SETTINGS]},
    {"name": "level-changed", "fixture": "word-level", "changes": [ADD, {"set": {"modelInputNames": ["input_ids"]}}]},
    {"name": "bert-trained", "fixture": "bert-cased", "changes": [{"train": {"vocabSize": 600, "newSpecialTokens": ["<new>"]}}]},
    {"name": "roberta-trained", "fixture": "roberta", "changes": [{"train": {"vocabSize": 700, "newSpecialTokens": []}}, ADD_SPECIAL]},
    {"name": "xlnet-trained", "fixture": "xlnet", "changes": [{"train": {"vocabSize": 2500, "newSpecialTokens": []}}]},
    {"name": "albert-trained", "fixture": "albert", "changes": [{"train": {"vocabSize": 2500, "newSpecialTokens": []}}]},
    {"name": "bert-bare", "vocabulary": {"vocab.txt": "bert.txt"}, "config": {"tokenizer_class": "BertTokenizer"}, "changes": [ADD]},
    {"name": "llama-bare", "vocabulary": {"tokenizer.model": "llama.model"}, "config": {"tokenizer_class": "LlamaTokenizer"}, "changes": []},
    {"name": "llama-unspaced", "vocabulary": {"tokenizer.model": "llama.model"}, "config": {"tokenizer_class": "LlamaTokenizer", "add_prefix_space": False, "legacy": False}, "changes": []},
    {"name": "gemma-bare", "vocabulary": {"tokenizer.model": "gemma.model"}, "config": {"tokenizer_class": "GemmaTokenizer"}, "changes": []},
    {"name": "marian", "fixture": "xlm-roberta", "config": {"tokenizer_class": "MarianTokenizer"}, "changes": []},
]


def answer(tokenizer, line):
    text = scalar(line)
    encoding = tokenizer(text, return_offsets_mapping=True)
    ids = encoding["input_ids"]
    offsets = units(text, encoding["offset_mapping"])
    return digest([ids, offsets, tokenizer.decode(ids), tokenizer.decode(ids, skip_special_tokens=True)])


def properties(tokenizer):
    added = sorted(tokenizer.added_tokens_decoder.items())
    return {
        "roles": [[getattr(tokenizer, role), getattr(tokenizer, f"{role}_id")] for role in ROLES],
        "additional_special_tokens": tokenizer.additional_special_tokens,
        "all_special_ids": tokenizer.all_special_ids,
        "added_tokens": digest([[id, t.content, t.single_word, t.lstrip, t.rstrip, t.normalized, t.special] for id, t in added]),
        "vocab_size": tokenizer.vocab_size,
        "length": len(tokenizer),
        "model_max_length": tokenizer.model_max_length,
        "model_input_names": tokenizer.model_input_names,
        "padding_side": tokenizer.padding_side,
        "truncation_side": tokenizer.truncation_side,
        "chat_template": tokenizer.chat_template,
    }


def answers(tokenizer):
    return {"digests": "".join(answer(tokenizer, line) for line in LINES), "properties": properties(tokenizer)}


def token(value):
    return AddedToken(**value) if isinstance(value, dict) else value


def change(tokenizer, changes):
    """The same changes as a page makes."""
    for one in changes:
        tokenizer.add_tokens([token(value) for value in one.get("addTokens", [])])
        special = one.get("addSpecialTokens", {})
        tokenizer.add_special_tokens(
            {role: [token(v) for v in value] if isinstance(value, list) else token(value) for role, value in special.items()}
        )
        for name, value in one.get("set", {}).items():
            setattr(tokenizer, next(iter(snake({name: 0}))), value)


def contents(folder):
    """The files in a folder, by path."""
    return {str(path.relative_to(folder)): path.read_bytes().decode() for path in sorted(folder.rglob("*")) if path.is_file()}


def as_written(text):
    """A tokenizer.json as the library writes what it reads, but for scores: of these it reads the last digit wrong."""
    value = json.loads(text)
    if value["model"]["type"] == "Unigram":
        for entry in value["model"]["vocab"]:
            entry[1] = float(f"{entry[1]:.12g}")
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def made_by_python(case, folder):
    """The tokenizer with the changes that a page makes, made here; nothing where Python can't."""
    trained = any("train" in one for one in case["changes"])
    if trained or "fixture" not in case or case.get("config", {}).get("tokenizer_class"):
        return None
    folder.mkdir(parents=True)
    (folder / "tokenizer.json").write_text(json.dumps(fill_charsmap(read(FIXTURES / case["fixture"] / "tokenizer.json"))))
    config = {**read(FIXTURES / case["fixture"] / "tokenizer_config.json"), **case.get("config", {})}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    tokenizer = AutoTokenizer.from_pretrained(folder)
    change(tokenizer, case["changes"])
    return tokenizer


def expect(name, what, ours, pythons):
    if ours == pythons:
        return
    ours, pythons = str(ours), str(pythons)
    same = next((i for i, (a, b) in enumerate(zip(ours, pythons)) if a != b), min(len(ours), len(pythons)))
    start = max(0, same - 80)
    raise ValueError(f"{name}: {what} is …{ours[start : same + 80]}…, but Python's …{pythons[start : same + 80]}…")


def compare(name, ours, tokenizer, folder):
    """Our files with those that Python writes of the same tokenizer."""
    tokenizer.save_pretrained(folder)
    pythons = contents(folder)
    expect(name, "the list of files", list(ours), list(pythons))
    config, full = json.loads(ours["tokenizer_config.json"]), json.loads(pythons["tokenizer_config.json"])
    for key, value in config.items():
        # What was changed since the tokenizer was opened, Python only saves where the configuration named it before.
        if key in full or getattr(tokenizer, key) != value:
            expect(name, key, value, full.get(key))
    for path in set(ours) - {"tokenizer.json", "tokenizer_config.json"}:
        expect(name, path, ours[path], pythons[path])
    expect(name, "tokenizer.json", as_written(ours["tokenizer.json"]), as_written(pythons["tokenizer.json"]))


def record(case, ours, folder):
    name, files = case["name"], contents(ours)
    text = files["tokenizer.json"]
    expect(name, "a tokenizer.json read and written again", as_written(text), as_written(Tokenizer.from_str(text).to_str()))
    recorded = answers(AutoTokenizer.from_pretrained(ours))
    tokenizer = made_by_python(case, folder / "source")
    if tokenizer is not None:
        # A call leaves its padding and truncation behind, which would be saved.
        compare(name, files, tokenizer, folder / "target")
        for key, value in answers(tokenizer).items():
            expect(name, key, recorded[key], value)
    return {"files": {path: digest(text) for path, text in files.items()}, **recorded}


def scores():
    """Scores, and what the library reads them as."""
    drawn = random.Random(1)
    given = [-drawn.random() * 10 ** drawn.randint(-6, 2) for _ in range(300)] + [0.0, -1.0, -12345.0, -1e-7, -1.5e-9]
    model = {"type": "Unigram", "unk_id": 0, "vocab": [[f"{i}", score] for i, score in enumerate(given)], "byte_fallback": False}
    rest = dict.fromkeys(["truncation", "padding", "normalizer", "pre_tokenizer", "post_processor", "decoder"])
    written = Tokenizer.from_str(json.dumps({"version": "1.0", "added_tokens": [], **rest, "model": model})).to_str()
    return [[score, entry[1]] for score, entry in zip(given, json.loads(written)["model"]["vocab"])]


def main():
    write(FIXTURES / "saved" / "scores.json", scores())
    write(FIXTURES / "saved" / "cases.json", {"lines": LINES[200:], "cases": CASES})
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        subprocess.run(["node", HERE / "save.mjs", folder / "ours"], check=True)
        recorded = {case["name"]: record(case, folder / "ours" / case["name"], folder / "python" / case["name"]) for case in CASES}
        write(FIXTURES / "saved" / "answers.json", recorded)


if __name__ == "__main__":
    main()
