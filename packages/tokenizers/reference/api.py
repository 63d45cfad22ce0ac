"""Calls of Transformers' tokenizers: padding, truncation, windows, pairs, words; and tokenizers from bare vocabularies."""

import copy
import json
import re

from tokenizers import AddedToken
from transformers import AutoTokenizer

from fixtures import digest
from units import units

SHORT = "Call me Ishmael."
LONG = "Some years ago—never mind how long precisely—having little or no money in my purse, I thought I would sail about a little."
QUESTION = "Who are they? 你是谁 👩‍👩‍👧"
WORDS = ["Alle", "Menschen", "sind", "frei", "", "und", "gleich", "💡", "don't", "New York"]
MARKED = "A <s>b</s> [CLS] c[SEP] <|endoftext|>d <mask> e<pad> word New York"
BATCH = [SHORT, LONG, "", QUESTION]

CALLS = [
    (SHORT, None, {}),
    (SHORT, "", {}),
    ("", None, {}),
    ("", LONG, {}),
    (SHORT, LONG, {}),
    (SHORT, LONG, {"addSpecialTokens": False}),
    (SHORT, LONG, {"returnTokenTypeIds": True, "returnAttentionMask": False, "returnLength": True}),
    (BATCH, None, {"padding": True}),
    (BATCH, None, {"padding": "longest", "paddingSide": "left", "returnSpecialTokensMask": True}),
    (BATCH, BATCH[::-1], {"padding": True, "padToMultipleOf": 8, "returnLength": True, "returnTokenTypeIds": True}),
    (BATCH, None, {"padding": "maxLength", "maxLength": 12, "truncation": True}),
    (BATCH, None, {"padding": "maxLength", "maxLength": 24}),
    (BATCH, None, {"padding": "maxLength", "maxLength": 10}),
    (BATCH, None, {"truncation": True, "maxLength": 7, "returnLength": True}),
    (BATCH, BATCH, {"truncation": "onlyFirst", "maxLength": 200}),
    ([["a b", "c"], ["d", "e f"]], None, {"padding": True}),
    (LONG, None, {"maxLength": 9}),
    (LONG, None, {"truncation": True, "maxLength": 12, "stride": 4, "returnOverflowingTokens": True}),
    (LONG, None, {"truncation": True, "maxLength": 12, "stride": 9, "returnOverflowingTokens": True, "padding": True}),
    (LONG, None, {"truncation": True, "maxLength": 12, "stride": 10, "returnOverflowingTokens": True}),
    (LONG, None, {"truncation": True, "maxLength": 12, "stride": 11}),
    (LONG, None, {"truncation": True, "maxLength": 1000, "stride": 999}),
    (LONG, None, {"truncation": True, "maxLength": 2}),
    (LONG, None, {"truncation": True, "maxLength": 3}),
    (LONG, None, {"truncation": True, "maxLength": 5, "addSpecialTokens": False}),
    (QUESTION, LONG, {"truncation": "onlySecond", "maxLength": 26, "stride": 3, "returnOverflowingTokens": True, "padding": "maxLength"}),
    (QUESTION, LONG, {"truncation": "onlyFirst", "maxLength": 80, "stride": 2, "returnOverflowingTokens": True}),
    (LONG, QUESTION, {"truncation": "onlyFirst", "maxLength": 40, "stride": 2, "returnOverflowingTokens": True, "returnTokenTypeIds": True}),
    (LONG, LONG, {"truncation": "longestFirst", "maxLength": 20, "stride": 2, "returnOverflowingTokens": True, "returnTokenTypeIds": True}),
    (LONG, SHORT, {"truncation": True, "maxLength": 24, "returnOverflowingTokens": True, "returnTokenTypeIds": True}),
    (SHORT, LONG, {"truncation": True, "maxLength": 15}),
    (SHORT, LONG, {"truncation": "onlyFirst", "maxLength": 10}),
    (SHORT, None, {"truncation": "onlySecond", "maxLength": 5}),
    (BATCH, None, {"truncation": True, "maxLength": 8, "stride": 2, "returnOverflowingTokens": True, "padding": True, "padToMultipleOf": 4}),
    (BATCH, None, {"padding": "maxLength", "maxLength": 16, "truncation": "doNotTruncate"}),
    (WORDS, None, {"isSplitIntoWords": True}),
    (WORDS, ["zwei", "Wörter"], {"isSplitIntoWords": True, "truncation": True, "maxLength": 18}),
    ([WORDS, ["eins"]], None, {"isSplitIntoWords": True, "padding": True}),
    (BATCH, None, {"padding": True, "truncation": True, "maxLength": 10, "padToMultipleOf": 4}),
    (LONG, None, {"truncation": True, "maxLength": 12, "stride": 4, "truncationSide": "left", "returnOverflowingTokens": True}),
    (SHORT, LONG, {"truncation": "onlySecond", "maxLength": 24, "stride": 1, "truncationSide": "left", "returnOverflowingTokens": True, "returnTokenTypeIds": True}),
    (LONG, QUESTION, {"truncation": True, "maxLength": 21, "truncationSide": "left", "returnSpecialTokensMask": True}),
    (LONG, SHORT, {"truncation": "longestFirst", "maxLength": 13, "truncationSide": "right", "returnTokenTypeIds": True}),
    (QUESTION, None, {"truncation": True, "maxLength": 9, "stride": 5, "returnOverflowingTokens": True, "returnSpecialTokensMask": True, "returnLength": True}),
    (BATCH, None, {"truncation": True, "maxLength": 6, "padding": "maxLength", "paddingSide": "right", "truncationSide": "left", "returnTokenTypeIds": True}),
    (BATCH, BATCH, {"padding": True, "paddingSide": "left", "returnTokenTypeIds": True, "returnSpecialTokensMask": True, "returnLength": True}),
    (MARKED, None, {"splitSpecialTokens": True}),
    (MARKED, MARKED, {"addSpecialTokens": False, "returnSpecialTokensMask": True, "returnTokenTypeIds": True}),
    (WORDS, WORDS, {"isSplitIntoWords": True, "truncation": True, "maxLength": 19, "stride": 2, "returnOverflowingTokens": True, "truncationSide": "left"}),
]

FIELDS = {"returnOffsetsMapping": True}
VALUES = {"maxLength": "max_length", "longestFirst": "longest_first", "onlyFirst": "only_first", "onlySecond": "only_second", "doNotTruncate": "do_not_truncate", "doNotPad": "do_not_pad"}


def snake(options):
    names = {name: re.sub("[A-Z]", lambda m: "_" + m[0].lower(), name) for name in options}
    return {names[name]: VALUES.get(value, value) if isinstance(value, str) else value for name, value in options.items()}


def texts_of(text, pair, options):
    """For each row the texts, or lists of words, that its offsets point into."""
    words = options.get("isSplitIntoWords", False)
    single = not isinstance(text[0] if text else "", list) if words else isinstance(text, str)
    if single:
        return [(text, pair)]
    if isinstance(text[0], list) and not words:
        return [tuple(row) for row in text]
    return [(first, pair[i] if pair else None) for i, first in enumerate(text)]


def row_units(texts, encoding, sequences):
    """A row's offsets in UTF-16 units; each token's text is known by its sequence and word."""
    result = []
    for offsets, sequence, word in zip(encoding.offsets, sequences, encoding.word_ids):
        if word is None:
            result.append(list(offsets))
            continue
        source = texts[sequence]
        result += units(source[word] if isinstance(source, list) else source, [offsets])
    return result


def call(tokenizer, text, pair, options):
    options = dict(options)
    side = tokenizer.truncation_side
    # Python has no such argument; it is the tokenizer's property.
    tokenizer.truncation_side = options.pop("truncationSide", side)
    try:
        result = tokenizer(text, pair, **snake({**options, **FIELDS}))
    except BaseException:  # a panic of Rust is no Exception
        return {"error": True}
    finally:
        tokenizer.truncation_side = side
    texts = texts_of(text, pair, options)
    samples = result.get("overflow_to_sample_mapping") or range(len(result.encodings))
    # Without a post-processor windows of a pair forget which text a token is of; the types still tell.
    forgets = tokenizer.backend_tokenizer.post_processor is None and pair is not None
    offsets = [
        row_units(texts[sample], encoding, encoding.type_ids if forgets else encoding.sequence_ids)
        for sample, encoding in zip(samples, result.encodings)
    ]
    values = dict(result)
    values["offset_mapping"] = offsets if isinstance(result["input_ids"][:1], list) and result["input_ids"][:1] and isinstance(result["input_ids"][0], list) else offsets[0]
    return {
        "values": values,
        "tokens": [encoding.tokens for encoding in result.encodings],
        "wordIds": [encoding.word_ids for encoding in result.encodings],
        "sequenceIds": [encoding.sequence_ids for encoding in result.encodings],
    }


def answers(tokenizer, spelled_out):
    """A tokenizer's properties, and a digest of what it answers to every call, or all of it too."""
    results = [call(tokenizer, text, pair, options) for text, pair, options in CALLS]
    recorded = {"properties": properties(tokenizer), "digests": "".join(digest(result) for result in results)}
    return {**recorded, "full": results} if spelled_out else recorded


def shared(tokenizers):
    """The calls, and what only one tokenizer is asked."""
    return {
        "calls": [{"text": text, "pair": pair, "options": {**options, **FIELDS}} for text, pair, options in CALLS],
        "pads": pads(tokenizers["bert-uncased"]),
        "added": added(tokenizers["roberta"]),
    }


ROLES = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")


def properties(tokenizer):
    return {
        "roles": {role: [getattr(tokenizer, role), getattr(tokenizer, role + "_id")] for role in ROLES if tokenizer._special_tokens_map[role] is not None},
        "allSpecialTokens": tokenizer.all_special_tokens,
        "allSpecialIds": tokenizer.all_special_ids,
        "vocabSize": tokenizer.vocab_size,
        "length": len(tokenizer),
        "modelInputNames": tokenizer.model_input_names,
        "modelMaxLength": tokenizer.model_max_length,
        "addedTokens": [
            [id, token.content, token.single_word, token.lstrip, token.rstrip, token.normalized, token.special]
            for id, token in sorted(tokenizer.added_tokens_decoder.items())
        ],
    }


PADS = [
    {"padding": True},
    {"padding": "maxLength", "maxLength": 9, "paddingSide": "left"},
    {"padToMultipleOf": 8},
    {"padding": False},
    {"returnAttentionMask": False},
]


def pads(tokenizer):
    rows = [{key: value for key, value in tokenizer(text, return_special_tokens_mask=True).items()} for text in (SHORT, QUESTION)]
    results = [dict(tokenizer.pad([dict(row) for row in rows], **snake(options))) for options in PADS]
    return {"rows": rows, "options": PADS, "results": results, "one": dict(tokenizer.pad(dict(rows[0]), padding="max_length", max_length=12))}


ADDED = ["<city>", "<city>", {"content": "New York", "single_word": True}, {"content": "<x>", "rstrip": True, "normalized": False}, "Café", "the", ""]
ADDED_LINE = "In <city>the New Yorker and New York, <x>  a <mask> Café;<new> end<pad>"


def added(tokenizer):
    """Adding tokens: what each call returns, and how a line reads then."""
    tokenizer = copy.deepcopy(tokenizer)
    tokens = [AddedToken(**token) if isinstance(token, dict) else token for token in ADDED]
    counts = [tokenizer.add_tokens(tokens), tokenizer.add_tokens("<city>"), tokenizer.add_tokens(["<city>", "more"])]
    counts.append(tokenizer.add_special_tokens({"additional_special_tokens": ["<new>"], "pad_token": "<nothing>"}))
    encoding = tokenizer(ADDED_LINE, return_offsets_mapping=True)
    return {
        "tokens": ADDED,
        "counts": counts,
        "line": ADDED_LINE,
        "values": dict(encoding),
        "wordTokens": encoding.tokens(),
        "decoded": tokenizer.decode(encoding["input_ids"], skip_special_tokens=True),
        "cleaned": tokenizer.decode(encoding["input_ids"], clean_up_tokenization_spaces=True),
        "properties": properties(tokenizer),
    }


CLASSES = [
    ("BertTokenizer", {}),
    ("BertTokenizer", {"do_lower_case": False}),
    ("BertTokenizerFast", {"strip_accents": False, "tokenize_chinese_chars": False}),
    ("DistilBertTokenizer", {"model_max_length": 512}),
    ("ElectraTokenizer", {}),
    ("MPNetTokenizer", {}),
    ("RobertaTokenizer", {}),
    ("RobertaTokenizer", {"add_prefix_space": True}),
]
VOCABULARY_LINES = ["Hello Ünïcode 你好 <mask> [MASK] a<mask>", "  Don't <s> [CLS] stop "]
FRONT = ["<s>", "<pad>", "</s>", "<mask>"]


def vocabularies(tokenizers, folder):
    """Tokenizers from vocab.txt, or vocab.json and merges.txt, as Python's converters make them."""
    result = []
    for number, (class_name, config) in enumerate(CLASSES):
        where = folder / f"bare-{number}"
        where.mkdir()
        full = {"tokenizer_class": class_name, **config}
        (where / "tokenizer_config.json").write_text(json.dumps(full))
        if class_name.startswith("Roberta"):
            model = json.loads(tokenizers["roberta"].backend_tokenizer.to_str())["model"]
            (where / "vocab.json").write_text(json.dumps(model["vocab"]))
            (where / "merges.txt").write_text("#version: 0.2\n" + "\n".join(" ".join(merge) for merge in model["merges"]) + "\n")
        else:
            vocab = tokenizers["bert-uncased"].get_vocab()
            (where / "vocab.txt").write_text("\n".join([*FRONT, *sorted(vocab, key=vocab.get)]) + "\n")
        tokenizer = AutoTokenizer.from_pretrained(where)
        answers = [dict(tokenizer(line, "pair")) for line in VOCABULARY_LINES]
        result.append({"config": full, "front": FRONT, "lines": VOCABULARY_LINES, "answers": answers, "properties": properties(tokenizer)})
    return result
