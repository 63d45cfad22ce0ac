"""Every normalizer, pre-tokenizer and decoder by itself, with the place in the original of each character it leaves."""

import hashlib
import json

from tokenizers import Tokenizer

from texts import EDGES, SENTENCES
from units import scalar, units


def split(pattern, behavior, invert=False):
    return {"type": "Split", "pattern": pattern, "behavior": behavior, "invert": invert}


BEHAVIORS = ("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous")
METASPACE = {"type": "Metaspace", "replacement": "▁"}

NORMALIZERS = [
    {"type": "BertNormalizer", "clean_text": clean, "handle_chinese_chars": chinese, "strip_accents": accents, "lowercase": lowercase}
    for clean, chinese, accents, lowercase in (
        (True, True, None, True), (True, True, None, False), (True, False, False, True), (False, True, True, False), (False, False, None, False),
    )
] + [{"type": name} for name in ("Lowercase", "NFC", "NFD", "NFKC", "NFKD", "StripAccents")] + [
    {"type": "Strip", "strip_left": True, "strip_right": True},
    {"type": "Strip", "strip_left": False, "strip_right": True},
    {"type": "Prepend", "prepend": "▁x"},
    {"type": "Replace", "pattern": {"String": "a"}, "content": "bcd"},
    {"type": "Replace", "pattern": {"String": "--"}, "content": ""},
    {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "▁"},
    {"type": "Replace", "pattern": {"Regex": "\\s+|[.,!?]"}, "content": "𠀀"},
    {"type": "Precompiled", "precompiled_charsmap": ""},
    {"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "Lowercase"}, {"type": "StripAccents"}]},
    {"type": "Sequence", "normalizers": [{"type": "NFKD"}, {"type": "Precompiled", "precompiled_charsmap": ""}, {"type": "NFC"}]},
    {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
]

PRE_TOKENIZERS = [{"type": name} for name in ("BertPreTokenizer", "Whitespace", "WhitespaceSplit")] + [
    {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": True, "use_regex": regex}
    for prefix in (False, True) for regex in (True, False)
] + [{"type": "Punctuation", "behavior": behavior} for behavior in BEHAVIORS] + [
    {"type": "Digits", "individual_digits": individual} for individual in (False, True)
] + [
    {**METASPACE, "prepend_scheme": scheme, "split": separate} for scheme in ("first", "always", "never") for separate in (True, False)
] + [split({"String": "e"}, behavior) for behavior in BEHAVIORS] + [
    split({"Regex": "\\p{L}+|\\p{N}+|\\s+"}, behavior, invert) for behavior in BEHAVIORS for invert in (False, True)
] + [
    split({"Regex": "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"}, "Isolated"),
    {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {**METASPACE, "prepend_scheme": "always", "split": True}]},
    {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": True}, {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}]},
    {"type": "Sequence", "pretokenizers": [{"type": "Whitespace"}, {"type": "Punctuation", "behavior": "Isolated"}]},
]

DECODERS = [
    ({"type": "WordPiece", "prefix": "##", "cleanup": True}, ["Hello", "##o", ",", "do", "not", "##e", ".", "I", "'", "m", "it", "'s", "##"]),
    ({"type": "WordPiece", "prefix": "##", "cleanup": False}, ["##Hello", "##o", ",", "world", "!"]),
    ({"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}, ["Ġcaf", "Ã©", "Ġ", "ð", "Ł", "Ĳ", "¤", "Ġâ", "ĤX", "[é 漢]", "Ċ", "ï»¿"]),
    ({"type": "ByteFallback"}, ["a", "<0xE2>", "<0x82>", "<0xAC>", "b", "<0xE2>", "<0x82>", "c", "<0xEF>", "<0xBF>", "<0xBD>", "<0xZZ>", "<0xff>"]),
    ({**METASPACE, "prepend_scheme": "always", "split": True}, ["▁Hey", "▁my", "▁▁", "friend▁", "."]),
    ({**METASPACE, "prepend_scheme": "never", "split": True}, ["▁Hey", "▁my", "▁▁", "friend▁", "."]),
    ({"type": "BPEDecoder", "suffix": "</w>"}, ["He", "llo</w>", "wor", "ld</w>", "!</w>"]),
    ({"type": "Strip", "content": " ", "start": 2, "stop": 1}, ["   a  ", "b  ", " c"]),
    ({"type": "Replace", "pattern": {"String": "▁"}, "content": " $& "}, ["▁a▁b", "c"]),
    ({"type": "Replace", "pattern": {"Regex": "[aeiou]+"}, "content": "_"}, ["beautiful", "aeon"]),
    ({"type": "Sequence", "decoders": [
        {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
        {"type": "Strip", "content": " ", "start": 1, "stop": 0},
    ]}, ["▁Hi", "▁", "<0xF0>", "<0x9F>", "<0x91>", "<0x8D>", "!"]),
]


def characters(normalizer, pre_tokenizer):
    """A tokenizer that makes every character a token."""
    model = {"type": "BPE", "dropout": None, "unk_token": "?", "continuing_subword_prefix": None, "end_of_word_suffix": None,
             "fuse_unk": False, "byte_fallback": False, "ignore_merges": False, "vocab": {"?": 0}, "merges": []}
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": normalizer,
            "pre_tokenizer": pre_tokenizer, "post_processor": None, "decoder": None, "model": model}


def answers(charsmap):
    """Digests of each line's (offsets, words), by component; and what the decoders make of their tokens."""

    def fill(config):
        return json.loads(json.dumps(config).replace('"precompiled_charsmap": ""', f'"precompiled_charsmap": "{charsmap}"'))

    def digests(config):
        tokenizer = Tokenizer.from_str(json.dumps(fill(config)))
        result = []
        for line in EDGES + SENTENCES:
            text = scalar(line)
            encoding = tokenizer.encode(text)
            answer = json.dumps([units(text, encoding.offsets), encoding.word_ids], separators=(",", ":"))
            result.append(hashlib.sha1(answer.encode()).hexdigest()[:8])
        return "".join(result)

    cases = [(normalizer, None) for normalizer in NORMALIZERS] + [(None, pre_tokenizer) for pre_tokenizer in PRE_TOKENIZERS]
    return {
        "lines": len(EDGES + SENTENCES),
        "pipelines": [{"config": characters(*case), "digests": digests(characters(*case))} for case in cases],
        "decoders": [
            {"config": config, "tokens": tokens, "text": decoder(config).decode(tokens)} for config, tokens in DECODERS
        ],
    }


def decoder(config):
    return Tokenizer.from_str(json.dumps({**characters(None, None), "decoder": config})).decoder
