"""Tokenizers in GGUF files: what Transformers makes of their metadata.

    HF_HUB_OFFLINE=1 python gguf_files.py

needs transformers 4.57.6, gguf 0.19.0, sentencepiece, protobuf and sacremoses. The vocabularies are those of the other
fixtures, as llama.cpp's converter writes them; the files and the answers go to `fixtures/gguf`.

Of Phi-3, transformers' converter leaves out what the model's own tokenizer.json does to spaces and unknown characters, so
that both are lost ("I t" becomes "It"). The answers are those of the tokenizer with that put back.
"""

import json
import shutil
import sys
from pathlib import Path

import gguf
from sentencepiece import sentencepiece_model_pb2
from tokenizers import normalizers
from transformers import AutoTokenizer

from converters import FIXTURES as VOCABULARIES
from converters import LINES, PAIR, record, write

FIXTURES = VOCABULARIES.parent / "gguf"
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = range(1, 7)
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}<|{{ message['role'] }}|>\n{{ message['content'] }}{{ eos_token }}\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)
CHAT = [{"role": "user", "content": "Hello there"}, {"role": "assistant", "content": "Hi!"}]


def sentence_piece(name, more=()):
    """tokens, scores and types of a SentencePiece model, with control tokens behind them"""
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString((VOCABULARIES / f"{name}.model").read_bytes())
    tokens = [piece.piece for piece in proto.pieces] + list(more)
    scores = [piece.score for piece in proto.pieces] + [-1000.0] * len(more)
    types = [piece.type for piece in proto.pieces] + [CONTROL] * len(more)
    return {"model": "llama", "tokens": tokens, "scores": scores, "types": types}


def byte_level(family):
    """tokens, types and merges of a tokenizer.json"""
    file = json.loads((VOCABULARIES.parent / family / "tokenizer.json").read_text())
    model = file["model"]
    ids = {**model["vocab"], **{token["content"]: token["id"] for token in file["added_tokens"]}}
    types = {token["id"]: CONTROL if token["special"] else USER_DEFINED for token in file["added_tokens"]}
    tokens = sorted(ids, key=ids.get)
    assert [ids[token] for token in tokens] == list(range(len(tokens)))
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"]]
    return {"model": "gpt2", "tokens": tokens, "types": [types.get(id, NORMAL) for id in range(len(tokens))], "merges": merges}


PHI3 = ["<|endoftext|>", "<|assistant|>", *(f"<|placeholder{i}|>" for i in range(1, 5)), "<|system|>", "<|end|>", "<|placeholder5|>", "<|placeholder6|>", "<|user|>"]


def cases():
    llama, gemma = sentence_piece("llama"), sentence_piece("gemma")
    gemma["tokens"][1:3] = ["<eos>", "<bos>"]
    gpt2, llama3, qwen3 = byte_level("gpt2"), byte_level("llama3"), byte_level("qwen3")
    of = lambda vocabulary, **roles: {role: vocabulary["tokens"].index(token) for role, token in roles.items()}
    without = lambda vocabulary, *keys: {key: value for key, value in vocabulary.items() if key not in keys}
    yield "llama", "llama", {**llama, "template": TEMPLATE}, {"unk": 0, "bos": 1, "eos": 2, "pad": 0}
    yield "llama-without-prefix", "llama", {**without(llama, "types"), "prefix": False}, {"unk": 0, "bos": 1, "eos": 2}
    yield "llama3", "llama", llama3, of(llama3, bos="<|begin_of_text|>", eos="<|end_of_text|>")
    yield "smollm", "llama", {**gpt2, "prefix": False, "template": TEMPLATE}, of(gpt2, bos="<|endoftext|>", eos="<|endoftext|>", unk="<|endoftext|>")
    yield "qwen2", "qwen2", {**qwen3, "template": TEMPLATE}, of(qwen3, bos="<|endoftext|>", eos="<|im_end|>", pad="<|endoftext|>")
    yield "qwen3", "qwen3", {**qwen3, "prefix": False}, of(qwen3, eos="<|im_end|>", pad="<|endoftext|>")
    phi3 = sentence_piece("llama", PHI3)
    yield "phi3", "phi3", phi3, of(phi3, unk="<unk>", bos="<s>", eos="<|end|>", pad="<|endoftext|>")
    yield "gemma2", "gemma2", {**gemma, "template": TEMPLATE}, {"pad": 0, "eos": 1, "bos": 2, "unk": 3}
    yield "gemma3", "gemma3", {**gemma, "prefix": False}, {"pad": 0, "eos": 1, "bos": 2, "unk": 3}
    yield "gpt2", "gpt2", gpt2, of(gpt2, bos="<|endoftext|>", eos="<|endoftext|>", unk="<|endoftext|>")


def save(path, architecture, vocabulary, roles):
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_name("Tiny")
    writer.add_block_count(1)
    writer.add_context_length(128)
    writer.add_embedding_length(32)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_tokenizer_model(vocabulary["model"])
    writer.add_token_list(vocabulary["tokens"])
    if "scores" in vocabulary:
        writer.add_token_scores(vocabulary["scores"])
    if "types" in vocabulary:
        writer.add_token_types(vocabulary["types"])
    if "merges" in vocabulary:
        writer.add_token_merges(vocabulary["merges"])
    if "prefix" in vocabulary:
        writer.add_add_space_prefix(vocabulary["prefix"])
    for role, id in roles.items():
        getattr(writer, f"add_{role}_token_id")(id)
    writer.add_add_bos_token(False)
    if "template" in vocabulary:
        writer.add_chat_template(vocabulary["template"])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def repair(backend):
    """as in Phi-3's own tokenizer.json"""
    backend.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    model = backend.model
    model.unk_token, model.fuse_unk, model.byte_fallback = "<unk>", True, True
    backend.model = model


def main():
    shutil.rmtree(FIXTURES, ignore_errors=True)
    FIXTURES.mkdir()
    answers = {}
    for name, architecture, vocabulary, roles in cases():
        path = FIXTURES / f"{name}.gguf"
        save(path, architecture, vocabulary, roles)
        tokenizer = AutoTokenizer.from_pretrained(FIXTURES, gguf_file=path.name)
        if architecture == "phi3":
            repair(tokenizer.backend_tokenizer)
        answers[name] = record(tokenizer, spelled_out=True)
        if tokenizer.chat_template:
            answers[name]["chat"] = tokenizer.apply_chat_template(CHAT, tokenize=False, add_generation_prompt=True)
        if "-v" in sys.argv:
            backend = json.loads(tokenizer.backend_tokenizer.to_str())
            del backend["model"]["vocab"]
            backend["model"].pop("merges", None)
            print(name, type(tokenizer).__name__, json.dumps(backend, ensure_ascii=False))
            print(answers[name]["roles"], answers[name]["full"][1])
    write(FIXTURES / "answers.json", {"lines": LINES, "pair": PAIR, "chat": CHAT, "tokenizers": answers})


if __name__ == "__main__":
    main()
