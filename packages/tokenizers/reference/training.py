"""Record what the Rust trainers and Transformers' train_new_from_iterator make of a small corpus in many scripts.

    HF_HUB_OFFLINE=1 python training.py

writes fixtures/training/ and nothing else. The library walks through its words in another order each time it runs. Where
that shows in the result, several runs are recorded as what they have in common:
- the ids of symbols with a prefix or suffix follow the order of the words (BPE, WordPiece); the test takes the words in
  an order that gives the same ids, and then everything else is determined;
- characters that Unigram must keep and that are no pieces get scores 0.0001 apart in any order; these scores are recorded
  as a sorted list, without saying whose they are.
"""

import hashlib
import json
import tempfile
from pathlib import Path

from tokenizers import Tokenizer, pre_tokenizers
from tokenizers.trainers import BpeTrainer, UnigramTrainer, WordLevelTrainer, WordPieceTrainer
from transformers import AddedToken, AutoTokenizer

from texts import EDGES, SENTENCES, lines
from units import scalar

FIXTURES = Path(__file__).parent.parent / "fixtures"
TRAINERS = {"BPE": BpeTrainer, "Unigram": UnigramTrainer, "WordLevel": WordLevelTrainer, "WordPiece": WordPieceTrainer}
# Unigram is trained as often, and a score that differs by more than this is nobody's.
RUNS = 4
TOLERANCE = 1e-6

LLAMA3 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
METASPACE = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
BERT = {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True}
LLAMA2 = {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}
NORMAL = {"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "Lowercase"}]}
WORDS = {"type": "Whitespace"}


def corpus():
    """The sentences twice, so that something is frequent; the edge cases; lines of random words, cases and characters."""
    everything = lines()
    start = len(EDGES) + len(SENTENCES)
    mixed = everything[start : start + 250] + everything[start + 900 : start + 1000] + everything[start + 1500 : start + 1508]
    return [scalar(line) for line in EDGES + SENTENCES + SENTENCES + mixed]


def bpe(**options):
    return {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
            "fuse_unk": False, "byte_fallback": False, "ignore_merges": False, "vocab": {}, "merges": [], **options}


def word_piece():
    return {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": {}}


def unigram():
    return {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0]], "byte_fallback": False}


def word_level():
    return {"type": "WordLevel", "vocab": {}, "unk_token": "[UNK]"}


# model, normalizer, pre-tokenizer, size of the vocabulary, special tokens, options under Python's names
CASES = [
    (bpe(), None, BYTES, 700, ["<s>", "</s>"], {"initial_alphabet": pre_tokenizers.ByteLevel.alphabet()}),
    (bpe(), None, {"type": "Sequence", "pretokenizers": [
        {"type": "Split", "pattern": {"Regex": LLAMA3}, "behavior": "Isolated", "invert": False},
        {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False},
    ]}, 900, ["<|begin|>"], {"min_frequency": 3}),
    (bpe(unk_token="<unk>", byte_fallback=True, fuse_unk=True), LLAMA2, None, 900, ["<unk>", "the"], {"min_frequency": 2}),
    (bpe(unk_token="?"), NORMAL, METASPACE, 800, ["?"], {"limit_alphabet": 150, "max_token_length": 5, "initial_alphabet": ["ж", "Ω", "qu", ""]}),
    # Until nothing is left to merge: many a token comes about in several ways.
    (bpe(), None, WORDS, 60_000, [], {}),
    (bpe(), NORMAL, {"type": "WhitespaceSplit"}, 60_000, [], {"max_token_length": 7}),
    (bpe(), NORMAL, WORDS, 900, ["<s>"], {"continuing_subword_prefix": "##", "end_of_word_suffix": "</w>"}),
    (bpe(), None, {"type": "WhitespaceSplit"}, 60_000, [], {"continuing_subword_prefix": "#", "max_token_length": 9}),
    (word_piece(), BERT, {"type": "BertPreTokenizer"}, 900, ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], {}),
    (word_piece(), None, {"type": "BertPreTokenizer"}, 700, ["[UNK]"], {"limit_alphabet": 90, "min_frequency": 2, "continuing_subword_prefix": "@@"}),
    (word_level(), None, WORDS, 500, ["[UNK]", "[PAD]"], {}),
    (word_level(), NORMAL, WORDS, 100_000, ["the", "[UNK]", "the"], {"min_frequency": 3}),
    (word_level(), None, WORDS, 2, ["[UNK]", "[PAD]", "[CLS]"], {}),
    (unigram(), {"type": "NFKC"}, METASPACE, 1300, ["<s>", "<unk>"], {"unk_token": "<unk>"}),
    (unigram(), NORMAL, METASPACE, 1100, ["<s>"], {"unk_token": "<unk>", "max_piece_length": 5, "shrinking_factor": 0.5, "n_sub_iterations": 3}),
    (unigram(), None, {"type": "WhitespaceSplit"}, 1200, [], {"initial_alphabet": ["ж", "Ω", "qu"], "seed_size": 2500, "n_sub_iterations": 1}),
    (unigram(), NORMAL, None, 1400, [], {"unk_token": "<unk>", "max_piece_length": 24}),
]


def camel(name):
    first, *others = name.split("_")
    return first + "".join(other.title() for other in others)


def digest(value):
    return hashlib.sha1(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def write(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


def trained(model, normalizer, pre_tokenizer, size, special, options):
    config = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": normalizer,
              "pre_tokenizer": pre_tokenizer, "post_processor": None, "decoder": None, "model": model}
    tokenizer = Tokenizer.from_str(json.dumps(config))
    trainer = TRAINERS[model["type"]](vocab_size=size, special_tokens=special, show_progress=False, **options)
    tokenizer.train_from_iterator(corpus(), trainer)
    return json.loads(tokenizer.to_str())


def agreement(vocabularies):
    """What several runs of Unigram have in common."""
    scores = [dict(map(tuple, vocabulary)) for vocabulary in vocabularies]
    first = scores[0]
    common = {piece for piece in first if all(piece in other for other in scores)}
    settled = {piece for piece in common if max(abs(other[piece] - first[piece]) for other in scores) < TOLERANCE}
    return {
        "pieces": [[piece, round(score, 6)] for piece, score in first.items() if piece in settled],
        "unsettled": sorted(common - settled),
        "unsettled_scores": sorted(round(score, 6) for piece, score in first.items() if piece in common - settled),
        "sometimes": sorted({piece for other in scores for piece in other} - common),
        "size": len(vocabularies[0]),
    }


def record(case):
    model, normalizer, pre_tokenizer, size, special, options = case
    runs = [trained(*case) for _ in range(RUNS if model["type"] == "Unigram" else 1)]
    result = runs[0]["model"]
    answer = {key: value for key, value in result.items() if key not in ("vocab", "merges")}
    vocab = result["vocab"]
    if model["type"] == "Unigram":
        answer.update(agreement([run["model"]["vocab"] for run in runs]))
    else:
        entries = sorted(vocab.items(), key=lambda item: item[1])
        marked = [token for token, _ in entries if options.get("continuing_subword_prefix") or options.get("end_of_word_suffix") or model["type"] == "WordPiece"]
        large = len(entries) > 800
        answer["vocab"] = digest(entries) if large else entries
        answer["merges"] = digest(result.get("merges")) if large else result.get("merges")
        answer["size"] = len(entries)
        # The symbols in the order of their ids: all the test needs to know of the order of the words.
        answer["symbols"] = [token for token in marked if is_symbol(token, model, options)]
    return {
        "model": model, "normalizer": normalizer, "pre_tokenizer": pre_tokenizer, "vocabSize": size, "specialTokens": special,
        "options": {camel(name): value for name, value in options.items()},
        "trained": answer, "added": [[token["id"], token["content"]] for token in runs[0]["added_tokens"]],
    }


def is_symbol(token, model, options):
    """Whether a token is one character with its marks."""
    prefix = options.get("continuing_subword_prefix", "##" if model["type"] == "WordPiece" else "")
    suffix = options.get("end_of_word_suffix", "")
    bare = token[len(prefix):] if prefix and token.startswith(prefix) else token
    bare = bare[: -len(suffix)] if suffix and bare.endswith(suffix) else bare
    return len(bare) == 1 and bare != token


# tokenizer, size of the vocabulary, new special tokens, special_tokens_map
TOKENIZERS = [
    ("bert-uncased", 700, ["<new>"], {"[CLS]": "<cls>", "[UNK]": "<?>"}),
    ("bert-cased", 600, [], {}),
    ("roberta", 600, [AddedToken("<city>", lstrip=True, normalized=True), "<new>"], {"<mask>": "<blank>", "</s>": "<end>"}),
    ("camembert", 1200, ["<new>"], {"<s>NOTUSED": "<unused>", "<mask>": "<blank>"}),
    ("albert", 1200, [], {"<unk>": "<?>"}),
]


def retrained(name, size, new, renamed):
    """What train_new_from_iterator makes of a recorded tokenizer, the vocabulary left out."""
    with tempfile.TemporaryDirectory() as folder:
        charsmap = (FIXTURES / "charsmap.txt").read_text().strip()
        backend = (FIXTURES / name / "tokenizer.json").read_text()
        (Path(folder) / "tokenizer.json").write_text(backend.replace('"precompiled_charsmap":""', f'"precompiled_charsmap":"{charsmap}"'))
        (Path(folder) / "tokenizer_config.json").write_text((FIXTURES / name / "tokenizer_config.json").read_text())
        old = AutoTokenizer.from_pretrained(folder)
    tokenizer = old.train_new_from_iterator([corpus()], size, new_special_tokens=new, special_tokens_map=renamed, show_progress=False)
    backend = json.loads(tokenizer.backend_tokenizer.to_str())
    model = {key: value for key, value in backend["model"].items() if key not in ("vocab", "merges")}
    return {
        "name": name, "vocabSize": size,
        "newSpecialTokens": [token if isinstance(token, str) else json.loads(token_json(token)) for token in new],
        "specialTokensMap": renamed,
        "added_tokens": backend["added_tokens"], "post_processor": backend["post_processor"], "model": model,
        "special_tokens_map": {role: str(token) if isinstance(token, str) else [str(one) for one in token] for role, token in tokenizer.special_tokens_map.items()},
        "length": len(tokenizer), "vocab_size": tokenizer.vocab_size,
        "empty": [tokenizer("").input_ids, tokenizer("", "").input_ids],
    }


def token_json(token):
    return json.dumps({key: getattr(token, key) for key in ("content", "single_word", "lstrip", "rstrip", "normalized")})


def main():
    write(FIXTURES / "training" / "corpus.json", corpus())
    write(FIXTURES / "training" / "models.json", [record(case) for case in CASES])
    write(FIXTURES / "training" / "tokenizers.json", [retrained(*case) for case in TOKENIZERS])


if __name__ == "__main__":
    main()
