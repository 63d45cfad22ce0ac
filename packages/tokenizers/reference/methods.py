"""What a tokenizer is told and asked besides calls: settings at opening, languages, roles, places of tokens, odd ids.

    HF_HUB_OFFLINE=1 python methods.py

writes fixtures/methods.json. The tokenizers are those of `record.py` and the vocabularies of `converters.py`.
"""

import json
import shutil
import tempfile
from pathlib import Path

from tokenizers import AddedToken
from transformers import AutoTokenizer

from api import properties, snake
from fixtures import FIXTURES, fill_charsmap, read, write

LINE = "Hello Ünïcödé, the New Yorkers' <mask> [MASK] end."
PAIR = "A second one"

# A tokenizer, what is set when it is opened, and a special_tokens_map.json beside its files where one is given.
OPENED = [
    ("bert-uncased", {"doLowerCase": False, "stripAccents": True}),
    ("bert-uncased", {"clsToken": "<CLS>", "paddingSide": "left", "modelMaxLength": 20}),
    ("bert-uncased", {"additionalSpecialTokens": ["the"], "modelInputNames": ["input_ids"], "splitSpecialTokens": True}),
    ("bert-uncased", {"unkToken": "[MASK]"}, {"cls_token": "[SEP]", "unk_token": "[PAD]", "additional_special_tokens": ["end"]}),
    ("bert-uncased", {"additionalSpecialTokens": ["the"]}, {"cls_token": "[SEP]", "additional_special_tokens": ["end"]}),
    ("roberta", {"addPrefixSpace": True, "truncationSide": "left"}),
    ("roberta", {"maskToken": {"content": "<mask>", "lstrip": False}}),
    ("gpt2", {"addPrefixSpace": True, "padToken": "<|endoftext|>", "paddingSide": "left"}),
    ("llama2", {"addBosToken": False, "addEosToken": True}),
    ("gemma3", {"addEosToken": True, "padToken": "<extra>"}),
    ("mbart", {"srcLang": "de_DE"}),
    ("t5", {"cleanUpTokenizationSpaces": True, "modelMaxLength": 12}),
]


def open_with(name, options, special_tokens_map, folder):
    folder.mkdir()
    for file in ("tokenizer.json", "tokenizer_config.json"):
        content = fill_charsmap(read(FIXTURES / name / file))
        if special_tokens_map:
            # Only repositories from before added_tokens_decoder read the map.
            content.pop("added_tokens_decoder", None)
        (folder / file).write_text(json.dumps(content))
    if special_tokens_map:
        (folder / "special_tokens_map.json").write_text(json.dumps(special_tokens_map))
    options = {key: AddedToken(**value) if isinstance(value, dict) else value for key, value in options.items()}
    return AutoTokenizer.from_pretrained(folder, **snake(options))


def opened(folder):
    result = []
    for number, (name, options, *rest) in enumerate(OPENED):
        special_tokens_map = rest[0] if rest else None
        tokenizer = open_with(name, options, special_tokens_map, folder / str(number))
        encoding = tokenizer(LINE, PAIR, truncation=tokenizer.model_max_length < 1e6)
        result.append({
            "name": name,
            "options": options,
            "map": special_tokens_map,
            "values": dict(encoding),
            "tokens": encoding.tokens(),
            "decoded": tokenizer.decode(encoding["input_ids"]),
            "sides": [tokenizer.padding_side, tokenizer.truncation_side],
            "properties": properties(tokenizer),
        })
    return result


# A class, its configuration, and what happens to it one after the other.
TRANSLATORS = [
    ("MBartTokenizer", {"tgt_lang": "fr_XX"}),
    ("MBart50Tokenizer", {"src_lang": "de_DE", "tgt_lang": "fr_XX"}),
    ("NllbTokenizer", {"tgt_lang": "fra_Latn"}),
    ("NllbTokenizer", {"legacy_behaviour": True, "src_lang": "zul_Latn", "tgt_lang": "fra_Latn"}),
    ("SeamlessM4TTokenizer", {"additional_special_tokens": ["__eng__", "__fra__", "__deu__"]}),
]
SOURCES = {"MBartTokenizer": "ro_RO", "MBart50Tokenizer": "ro_RO", "NllbTokenizer": "ron_Latn", "SeamlessM4TTokenizer": "deu"}


def languages(folder):
    result = []
    for number, (name, config) in enumerate(TRANSLATORS):
        where = folder / f"translator-{number}"
        where.mkdir()
        config = {"tokenizer_class": name, **config}
        (where / "tokenizer_config.json").write_text(json.dumps(config))
        shutil.copy(FIXTURES / "converters" / "fairseq.model", where / "sentencepiece.bpe.model")
        tokenizer = AutoTokenizer.from_pretrained(where)
        steps = [["encode", tokenizer.encode("Hello"), [tokenizer.src_lang, tokenizer.tgt_lang]]]
        steps.append(["call", dict(tokenizer("Hello", "you"))])
        steps.append(["labels", dict(tokenizer("Hello", text_target="Bonjour you"))])
        steps.append(["target", dict(tokenizer(text_target=["Bonjour", "you two"]))])
        tokenizer.src_lang = SOURCES[name]
        steps.append(["encode", tokenizer.encode("Hello"), [tokenizer.src_lang, tokenizer.tgt_lang]])
        tokenizer.tgt_lang = SOURCES[name]
        steps.append(["encode", tokenizer.encode("Hello"), [tokenizer.src_lang, tokenizer.tgt_lang]])
        steps.append(["labels", dict(tokenizer("Hello", text_target="Bonjour you"))])
        tokenizer.src_lang = "nowhere"
        steps.append(["encode", tokenizer.encode("Hello"), [tokenizer.src_lang, tokenizer.tgt_lang]])
        result.append({"config": config, "source": SOURCES[name], "steps": steps})
    return result


WHISPER = ["<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|zh|>", "<|translate|>", "<|transcribe|>", "<|notimestamps|>"]
PREFIXES = [{"task": "transcribe", "language": "English"}, {"predictTimestamps": True}, {"language": "zh", "predictTimestamps": False}]


def prefixes(folder):
    """Whisper's: what texts begin with, set one after the other."""
    where = folder / "whisper"
    where.mkdir()
    config = {"tokenizer_class": "WhisperTokenizer", "additional_special_tokens": WHISPER}
    (where / "tokenizer_config.json").write_text(json.dumps(config))
    vocab = read(FIXTURES / "converters" / "bytes.json")
    (where / "vocab.json").write_text(json.dumps(vocab))
    (where / "added_tokens.json").write_text(json.dumps({token: len(vocab) + i for i, token in enumerate(WHISPER)}))
    shutil.copy(FIXTURES / "converters" / "bytes-merges.txt", where / "merges.txt")
    tokenizer = AutoTokenizer.from_pretrained(where)
    steps = []
    for options in PREFIXES:
        tokenizer.set_prefix_tokens(**snake(options))
        steps.append([options, tokenizer("Hello", "you").tokens()])
    return {"config": config, "steps": steps}


# Methods of an encoding with their arguments; the first text is in the Basic Multilingual Plane, so positions agree.
PLACES = [
    *([method, [index]] for method in ("tokenToSequence", "tokenToWord", "tokenToChars") for index in (0, 1, 3, 8, 12, 13, 40)),
    *([method, [index]] for method in ("wordToTokens", "charToToken", "charToWord") for index in (0, 2, 5, 9, 60)),
    *([method, [0, 1, 1]] for method in ("wordToTokens", "wordToChars", "charToToken", "charToWord")),
    ["wordToChars", [1]],
    ["wordToChars", [-1, 1, 1]],
    ["tokenToChars", [-1, 2]],
    ["charToToken", [-1, 3]],
]
WRONG_PLACES = [["tokenToChars", [-1]], ["charToToken", [0, -2]], ["charToWord", [3, 0]], ["tokenToWord", [7, 0]], ["wordToChars", [-2, 0]], ["tokenToSequence", [-3]]]


def ask(encoding, method, arguments):
    answer = getattr(encoding, next(iter(snake({method: None}))))
    try:
        result = answer(*arguments)
    except Exception:
        return "error"
    return list(result) if isinstance(result, tuple) else result


ODD_IDS = [[], [0, 3, 100000], [4294967295], [4294967296], [-1], [5, -100], [1.5], [float("nan")], [float("inf")]]


def odd_ids(tokenizer):
    """Decoding what a model may give; not a number and infinity have no JSON, so they are told by their place."""
    result = []
    for ids in ODD_IDS:
        try:
            result.append(tokenizer.decode(ids))
        except Exception:
            result.append("error")
    return result


def roles(tokenizer):
    """Roles set by token and by id, and further special tokens replaced and extended."""
    tokenizer.pad_token_id = 5
    tokenizer.cls_token = "the"
    tokenizer.mask_token_id = 100000
    counts = [
        tokenizer.add_special_tokens({"additional_special_tokens": ["<a>", "<b>"]}),
        tokenizer.add_special_tokens({"additional_special_tokens": ["<b>", "<c>"]}, replace_additional_special_tokens=False),
        tokenizer.add_special_tokens({"additional_special_tokens": []}),
        tokenizer.add_special_tokens({"additional_special_tokens": ["<c>"], "eos_token": "<d>"}),
    ]
    extended = [tokenizer.additional_special_tokens, tokenizer.additional_special_tokens_ids]
    ids = tokenizer.encode("the <a> <d> end")
    return {
        "counts": counts,
        "extended": extended,
        "map": tokenizer.special_tokens_map,
        "added": tokenizer.get_added_vocab(),
        "ids": ids,
        "mask": tokenizer.get_special_tokens_mask(ids, already_has_special_tokens=True),
        "lengths": [tokenizer.max_len_single_sentence, tokenizer.max_len_sentences_pair],
        "properties": properties(tokenizer),
    }


def main():
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        bert = open_with("bert-uncased", {}, None, folder / "bert")
        encoding = bert(LINE, PAIR)
        places = [*PLACES, *WRONG_PLACES]
        write(
            FIXTURES / "methods.json",
            {
                "line": LINE,
                "pair": PAIR,
                "opened": opened(folder),
                "languages": languages(folder),
                "places": [[method, arguments, ask(encoding, method, arguments)] for method, arguments in places],
                "odd": odd_ids(bert),
                "roles": roles(bert),
                "prefixes": prefixes(folder),
            },
        )


if __name__ == "__main__":
    main()
