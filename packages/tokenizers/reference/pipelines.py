"""Whole tokenizers whose components meet in unusual ways: the smallest cases in which random ones once differed.

    python reference/pipelines.py

writes fixtures/pipelines.json.
"""

import json
from pathlib import Path

from tokenizers import Tokenizer

from fixtures import digest
from units import units

FIXTURE = Path(__file__).parent.parent / "fixtures" / "pipelines.json"


def vocab(*tokens):
    return {token: id for id, token in enumerate(tokens)}


def bpe(tokens, merges=(), **options):
    return {"type": "BPE", "vocab": tokens if isinstance(tokens, dict) else vocab(*tokens), "merges": list(merges), **options}


def added(content, id, **options):
    return {"id": id, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": False, **options}


BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
TRIM_ALL = {**BYTE_LEVEL, "add_prefix_space": False}
REPLACE_ALL = {"type": "Replace", "pattern": {"Regex": ".+"}, "content": "x"}
INSERT = {"type": "Replace", "pattern": {"Regex": "(?<!a)"}, "content": "ab"}
SEQUENCE = {"Sequence": {"id": "A", "type_id": 0}}
TWICE = {"type": "TemplateProcessing", "single": [SEQUENCE, SEQUENCE], "pair": [], "special_tokens": {}}
ROBERTA = {"type": "RobertaProcessing", "sep": ["</s>", 3], "cls": ["<s>", 2], "trim_offsets": True, "add_prefix_space": True}
LETTERS = ["G", "Ġ", "ð", "Ł", "ĺ", "Ģ", "a", "Ġð"]

SMALL = [
    ("characters left out move the others up", {"model": bpe("ab𠀀", [])}, ["éab", "aéb𠀀", "漢字ab", "a😀𠀀b", "ééé"]),
    ("characters left out meet", {"model": bpe(["a", "b", "ab"], [["a", "b"]])}, ["aéb", "éa漢b", "abéab"]),
    (
        "bytes overtake unknown characters",
        {"model": bpe(["<unk>", "<0xC3>", "<0xA9>", "a", "b"], [], unk_token="<unk>", byte_fallback=True)},
        ["漢é", "字漢éa", "a漢éé字b", "é漢"],
    ),
    (
        "bytes do not part unknown characters",
        {"model": bpe(["<unk>", "<0xC3>", "<0xA9>", "a", "b"], [], unk_token="<unk>", byte_fallback=True, fuse_unk=True)},
        ["漢é字", "字漢éa漢漢é", "漢" * 30 + "é字a"],
    ),
    ("an unknown token that is missing spoils no other word", {"model": bpe(["a", "b"], [], unk_token="<unk>")}, ["aé", "b", "abé", "ba"]),
    (
        "an unknown character inside a piece needs no token",
        {"model": {"type": "Unigram", "unk_id": None, "vocab": [["a", -3.0], ["aé", -3.0]], "byte_fallback": False}},
        ["aé", "aaé", "é"],
    ),
    (
        "neighbours share white space",
        {"model": bpe(["a", "b"]), "added_tokens": [added("  ", 2, lstrip=True, rstrip=True), added("\n", 3, rstrip=True)]},
        ["    ", "a     b", "\n\n", "a \n \n   b"],
    ),
    ("what is inserted lies where the text begins", {"model": bpe(["a", "b", "x"]), "normalizer": {"type": "Sequence", "normalizers": [REPLACE_ALL, INSERT]}}, [">[", "x"]),
    ("a space before a character of two units", {"model": bpe(LETTERS), "pre_tokenizer": BYTE_LEVEL, "post_processor": TRIM_ALL}, ["😀", "𠀀a", "a 😀"]),
    (
        "the same behind an added token",
        {
            "model": bpe(LETTERS, [["Ġ", "ð"]]),
            "pre_tokenizer": BYTE_LEVEL,
            "post_processor": {**TRIM_ALL, "add_prefix_space": True},
            "added_tokens": [added("<m>", 8, lstrip=True), added("😀", 9, lstrip=True)],
        },
        ["<m>😀", "a <m> 𠀀a", "<m>𠀀𠀀", "a 😀 <m>"],
    ),
    ("an added token takes another's id", {"model": bpe({"a": 0, "b": 2}), "added_tokens": [added("c", 2)]}, ["abc", "bb"]),
    (
        "a text twice, then between tokens",
        {"model": bpe("abc"), "post_processor": {"type": "Sequence", "processors": [TWICE, ROBERTA]}},
        ["abc", "abcabc"],
    ),
]

# Long words, in whose middle others get their turn. By how they are repeated.
LONG = [
    ("left out", {"model": bpe([*"abc", "ab", "ca", "abca"], [["a", "b"], ["c", "a"], ["ab", "ca"]])}, ["abcé", "bcaab"]),
    ("bytes", {"model": bpe([*"abc", "ab", "ca", "ĠĠ"] + ["Ġ", "Ã", "©"], [["a", "b"], ["c", "a"], ["Ġ", "Ġ"]]), "pre_tokenizer": {**BYTE_LEVEL, "use_regex": False}}, ["abca  é", "ca b"]),
    (
        "pieces",
        {"model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0], ["a", -1.0], ["b", -1.0], ["ab", -2.0], ["ba", -2.0], ["aba", -2.5]], "byte_fallback": False}},
        ["aba", "abbac"],
    ),
]
TIMES = 6000

# So many tokens the windows of a truncated text have, special ones included.
WINDOW = 6


def configuration(parts):
    return {"version": "1.0", "added_tokens": [], "normalizer": None, "pre_tokenizer": None, "post_processor": None, "decoder": None, **parts}


def rows(tokenizer, text):
    """Each window's columns; null where the library gives up."""
    try:
        encoding = tokenizer.encode(text)
    except Exception:
        return None
    return [
        [window.ids, window.tokens, window.type_ids, units(text, window.offsets), window.special_tokens_mask, window.word_ids, window.sequence_ids]
        for window in (encoding, *encoding.overflowing)
    ]


def recorded(parts, texts, window):
    config = configuration(parts)
    tokenizer = Tokenizer.from_str(json.dumps(config))
    answers = [rows(tokenizer, text) for text in texts]
    tokenizer.enable_truncation(window)
    return config, answers, [rows(tokenizer, text) for text in texts]


def main():
    small = []
    for name, parts, texts in SMALL:
        config, answers, windows = recorded(parts, texts, WINDOW)
        small.append({"name": name, "tokenizer": config, "cases": list(zip(texts, answers, windows))})
    long = []
    for name, parts, units_ in LONG:
        tokenizer = Tokenizer.from_str(json.dumps(configuration(parts)))
        digests = [digest(rows(tokenizer, unit * TIMES)) for unit in units_]
        long.append({"name": name, "tokenizer": configuration(parts), "texts": units_, "digests": digests})
    result = {"window": WINDOW, "times": TIMES, "small": small, "long": long}
    FIXTURE.write_text(json.dumps(result, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
