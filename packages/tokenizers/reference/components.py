"""Every component by itself: of normalizers and pre-tokenizers the place in the original of each character they leave.

    python reference/components.py

writes fixtures/components.json.
"""

import hashlib
import json
import re
from pathlib import Path

from tokenizers import Tokenizer, pre_tokenizers

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
    {"type": "Strip", "strip_left": True, "strip_right": False},
    {"type": "Strip", "strip_left": False, "strip_right": False},
    {"type": "Nmt"},
    {"type": "ByteLevel"},
    {"type": "Prepend", "prepend": ""},
    {"type": "Prepend", "prepend": "𠀀x"},
    {"type": "Replace", "pattern": {"String": ""}, "content": "-"},
    {"type": "Replace", "pattern": {"String": "."}, "content": "$&"},
    {"type": "Replace", "pattern": {"Regex": ""}, "content": "é"},
    {"type": "Replace", "pattern": {"Regex": "a*"}, "content": "𠀀x"},
    {"type": "Replace", "pattern": {"Regex": "^|$"}, "content": "|"},
    {"type": "Replace", "pattern": {"Regex": "(?i:[aeiou])|[^\\x{0}-\\x{ffff}]"}, "content": ""},
    {"type": "Prepend", "prepend": "▁x"},
    {"type": "Replace", "pattern": {"String": "a"}, "content": "bcd"},
    {"type": "Replace", "pattern": {"String": "--"}, "content": ""},
    {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "▁"},
    {"type": "Replace", "pattern": {"Regex": "\\s+|[.,!?]"}, "content": "𠀀"},
    {"type": "Precompiled", "precompiled_charsmap": ""},
    {"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "Lowercase"}, {"type": "StripAccents"}]},
    {"type": "Sequence", "normalizers": [{"type": "NFKD"}, {"type": "Precompiled", "precompiled_charsmap": ""}, {"type": "NFC"}]},
    {"type": "Sequence", "normalizers": [{"type": "Nmt"}, {"type": "NFKC"}, {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}]},
    {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Replace", "pattern": {"Regex": "\\s+"}, "content": " "}, {"type": "Lowercase"}]},
    {"type": "Sequence", "normalizers": [{"type": "Strip", "strip_left": True, "strip_right": True}, {"type": "Prepend", "prepend": "é"}, {"type": "ByteLevel"}]},
    {"type": "Sequence", "normalizers": []},
    {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
]

PRE_TOKENIZERS = [{"type": name} for name in ("BertPreTokenizer", "Whitespace", "WhitespaceSplit")] + [
    {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": True, "use_regex": regex}
    for prefix in (False, True) for regex in (True, False)
] + [{"type": "Punctuation", "behavior": behavior} for behavior in BEHAVIORS] + [
    {"type": "Digits", "individual_digits": individual} for individual in (False, True)
] + [
    {**METASPACE, "prepend_scheme": scheme, "split": separate} for scheme in ("first", "always", "never") for separate in (True, False)
] + [
    {"type": "Metaspace", "replacement": "_", "add_prefix_space": True, "str_rep": "_"},
    {"type": "Metaspace", "replacement": "_", "add_prefix_space": False, "prepend_scheme": "never", "split": None},
    {"type": "Metaspace", "replacement": "𠀀", "prepend_scheme": "always"},
    {"type": "CharDelimiterSplit", "delimiter": " "},
    {"type": "CharDelimiterSplit", "delimiter": "𠀀"},
    {"type": "UnicodeScripts"},
    {"type": "FixedLength", "length": 3},
    {"type": "FixedLength"},
    {"type": "Punctuation"},
] + [split({"String": pattern}, behavior) for pattern in ("e", "") for behavior in BEHAVIORS] + [
    split({"Regex": pattern}, behavior, invert) for pattern in ("a*", "^") for behavior in BEHAVIORS for invert in (False, True)
] + [
    split({"Regex": "\\p{L}+|\\p{N}+|\\s+"}, behavior, invert) for behavior in BEHAVIORS for invert in (False, True)
] + [
    split({"Regex": "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"}, "Isolated"),
    {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {**METASPACE, "prepend_scheme": "always", "split": True}]},
    {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": True}, {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}]},
    {"type": "Sequence", "pretokenizers": [{"type": "UnicodeScripts"}, {"type": "FixedLength", "length": 2}, {"type": "CharDelimiterSplit", "delimiter": "a"}]},
    {"type": "Sequence", "pretokenizers": [{"type": "Punctuation", "behavior": "Contiguous"}, {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}, {"type": "Digits", "individual_digits": False}, split({"Regex": "[0-9][0-9][0-9]"}, "Isolated")]},
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
    ({"type": "Replace", "pattern": {"String": ""}, "content": "-"}, ["ab", "", "𠀀"]),
    ({"type": "Replace", "pattern": {"Regex": "a*"}, "content": "_"}, ["baab", ""]),
    ({"type": "ByteFallback"}, ["<0x+9>", "<0x 9>", "<0x41>", "<0xC3>", "<0xA9>", "<0xC3>"]),
    ({"type": "Fuse"}, ["a", " b", ""]),
    ({"type": "BPEDecoder", "suffix": ""}, ["a𠀀", "b"]),
    ({"type": "Strip", "content": "𠀀", "start": 1, "stop": 1}, ["𠀀a𠀀𠀀", "a"]),
    ({"type": "WordPiece", "prefix": "", "cleanup": True}, ["a", "b", "do", "not"]),
    ({"type": "WordPiece", "prefix": "##", "cleanup": True}, ["i", "do not", "##like", "' ", "n't", "'ve", "'re", "?", "!", "'m"]),
    ({**METASPACE, "prepend_scheme": "first"}, ["▁▁Hey▁you", "▁my", "▁"]),
    ({"type": "CTC", "pad_token": "<pad>", "word_delimiter_token": "|", "cleanup": True}, "<pad> <pad> h e e l l <pad> l o o o <pad> | | <pad> | w o o r l d d | n't".split(" ")),
    ({"type": "CTC", "pad_token": "<pad>", "word_delimiter_token": "|", "cleanup": False}, "<pad> h e l l <pad> l o | w <pad>".split(" ")),
    ({"type": "CTC", "pad_token": "", "word_delimiter_token": "", "cleanup": True}, ["a", "a", "b𠀀"]),
    ({"type": "Sequence", "decoders": [{"type": "CTC", "pad_token": "<pad>", "word_delimiter_token": "|", "cleanup": True}, METASPACE]}, ["▁", "▁", "H", "H", "i", "i", "▁", "y", "o", "u"]),
    ({"type": "Sequence", "decoders": [{"type": "ByteFallback"}, METASPACE]}, ["▁a", "<0xE2>", "<0x96>", "<0x81>", "▁b"]),
    ({"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"Regex": "^▁+"}, "content": ""}, {"type": "BPEDecoder", "suffix": "</w>"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 0, "stop": 2}]}, ["▁▁a</w>", "b </w>", "c   </w>"]),
    ({"type": "Sequence", "decoders": []}, ["a", "b"]),
    ({"type": "Sequence", "decoders": [
        {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
        {"type": "Strip", "content": " ", "start": 1, "stop": 0},
    ]}, ["▁Hi", "▁", "<0xF0>", "<0x9F>", "<0x91>", "<0x8D>", "!"]),
]


def special(text, type_id=0):
    return {"SpecialToken": {"id": text, "type_id": type_id}}


def sequence(text, type_id=0):
    return {"Sequence": {"id": text, "type_id": type_id}}


def template(single, pair, **ids):
    tokens = {name: {"id": name, "ids": ids, "tokens": [f"{name}{i}" for i in ids]} for name, ids in ids.items()}
    return {"type": "TemplateProcessing", "single": single, "pair": pair, "special_tokens": tokens}


def byte_level(trim, prefix):
    return {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": trim, "use_regex": True}


BOS = template([special("B"), sequence("A")], [special("B"), sequence("A"), special("B", 1), sequence("B", 1)], B=[7])
ROBERTA = {"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0]}

POST_PROCESSORS = [
    BOS,
    template([special("C", 3), sequence("A", 2), special("S", 1)], [special("C"), sequence("A"), special("S"), sequence("B", 1), special("S", 1)], C=[1, 2, 3], S=[4]),
    template([sequence("A"), special("S"), sequence("A", 1)], [sequence("B", 5), special("S", 4), sequence("A", 3)], S=[4]),
    template([], [sequence("A")], S=[4]),
    template([special("S")], [sequence("B")], S=[4]),
    {"type": "BertProcessing", "sep": ["[SEP]", 102], "cls": ["[CLS]", 101]},
    *({**ROBERTA, "trim_offsets": trim, "add_prefix_space": prefix} for trim in (False, True) for prefix in (False, True)),
    *(byte_level(trim, prefix) for trim in (False, True) for prefix in (False, True)),
    {"type": "Sequence", "processors": [byte_level(True, False), BOS]},
    {"type": "Sequence", "processors": [byte_level(False, True), BOS]},
    {"type": "Sequence", "processors": [BOS, byte_level(True, False)]},
    {"type": "Sequence", "processors": [{"type": "BertProcessing", "sep": ["[SEP]", 102], "cls": ["[CLS]", 101]}, {**ROBERTA, "trim_offsets": True, "add_prefix_space": False}]},
    {"type": "Sequence", "processors": []},
]

PAIRS = [["a", None], ["  aa b  ", None], ["", None], ["aab", "b a"], [" a", ""], ["aaaa b aa a bbabab", None], ["aaaa b aa a bab", " bbaa aa b"]]
WINDOWS = [None, {"max_length": 11, "stride": 1}, {"max_length": 13, "stride": 2}]


def digest(value):
    return hashlib.sha1(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()[:8]


def words(post_processor):
    """A byte-level tokenizer of few words."""
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    merges = [["a", "a"], ["Ġ", "a"], ["Ġ", "aa"], ["Ġ", "Ġ"], ["b", "Ġ"]]
    tokens = ["?", *sorted(alphabet), *("".join(pair) for pair in merges)]
    json_ = characters(None, byte_level(True, False))
    json_["model"] |= {"vocab": {token: id for id, token in enumerate(tokens)}, "merges": merges}
    return {**json_, "post_processor": post_processor}


def post_processed(config):
    tokenizer = Tokenizer.from_str(json.dumps(words(config)))
    added = [tokenizer.num_special_tokens_to_add(False), tokenizer.num_special_tokens_to_add(True)]

    def row(encoding):
        return [encoding.ids, encoding.tokens, encoding.type_ids, encoding.offsets, encoding.special_tokens_mask, encoding.word_ids, encoding.sequence_ids]

    answers = []
    for window in WINDOWS:
        if window is None:
            tokenizer.no_truncation()
        else:
            tokenizer.enable_truncation(**window)
        for first, second in PAIRS:
            for with_special in (True, False):
                encoding = tokenizer.encode(first, second, add_special_tokens=with_special)
                answer = [row(each) for each in [encoding, *encoding.overflowing]]
                answers.append(digest(answer) if window or second is None else answer)
    return [added, answers]


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
            result.append(digest([units(text, encoding.offsets), encoding.word_ids]))
        return "".join(result)

    cases = [(normalizer, None) for normalizer in NORMALIZERS] + [(None, pre_tokenizer) for pre_tokenizer in PRE_TOKENIZERS]
    return {
        "lines": len(EDGES + SENTENCES),
        "tokenizer": characters(None, None),
        "pipelines": [[*case, digests(characters(*case))] for case in cases],
        "decoders": [
            {"config": config, "tokens": tokens, "text": decoder(config).decode(tokens)} for config, tokens in DECODERS
        ],
        "post_processors": {
            "tokenizer": words(None),
            "pairs": PAIRS,
            "windows": WINDOWS,
            "cases": [[config, *post_processed(config)] for config in POST_PROCESSORS],
        },
    }


def decoder(config):
    return Tokenizer.from_str(json.dumps({**characters(None, None), "decoder": config})).decoder


def main():
    fixtures = Path(__file__).parent.parent / "fixtures"
    text = json.dumps(answers((fixtures / "charsmap.txt").read_text().strip()), ensure_ascii=False, separators=(",", ":"))
    (fixtures / "components.json").write_text(re.sub("[\ud800-\udfff]", lambda match: f"\\u{ord(match[0]):04x}", text) + "\n")


if __name__ == "__main__":
    main()
