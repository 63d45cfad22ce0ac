"""Marian's and M2M100's tokenizers, which Python runs on SentencePiece itself: models of it with a vocab.json beside.

    HF_HUB_OFFLINE=1 python translation.py

needs transformers 4.57.6, sentencepiece and protobuf. The models are trained here; they and the answers go to
`fixtures/translation`. What nmt_nfkc rewrites is the charsmap that the other tokenizers share, so it is left out of the
models there.
"""

import base64
import json
import random
import shutil
import tempfile
import warnings
from pathlib import Path

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from transformers import AutoTokenizer, M2M100Tokenizer, MarianTokenizer

from fixtures import CHARSMAP, digest, write
from fixtures import FIXTURES as ALL
from hard_texts import HARD
from texts import SENTENCES, lines

FIXTURES = ALL / "translation"
SOURCE = SENTENCES[:1] + SENTENCES[23:26]
TARGET = SENTENCES[1:9]
RUNS = ["aaaa aaaaaaa aaaaaaaaaaa", "----- --- ------------", "...... .... 0000000 00000 000", "ababab abababa bababa"]

MARIAN_LINES = [
    ">>fra<< All human beings", ">>deu<<All human", ">>xyz<< All", " >>fra<< All", ">>fra All", "All >>fra<< human </s> >>deu<< beings",
    "</s> All", "All </s>", "All<pad>human <unk> being <unk>s", "<s> All </s></s> x", "▁All ▁▁human ▁", "＠＃ All ﬁne ㌀ ½", "\u00a8\u00a8 a \u00b4", "…………  ...",
]
M2M_LINES = [
    "__fr__ All human beings", "All __de__ human</s> beings", " __xx__ All", "<s> All <unk> human", "madeupword0003 All", "<special> All <special>", "▁All ▁▁human ▁",
]
LANGUAGES = ["__en__", "__fr__", "__de__"]


def train(folder, name, texts, **options):
    """A model; in the fixtures without what tells where it was trained, and without the shared charsmap."""
    text = folder / "corpus.txt"
    text.write_text("\n".join(line.replace("\n", " ") for line in texts * 20))
    sentencepiece.SentencePieceTrainer.train(
        input=str(text), model_prefix=str(folder / name), num_threads=1, minloglevel=2, hard_vocab_limit=False, **options
    )
    proto = sentencepiece_model_pb2.ModelProto.FromString((folder / f"{name}.model").read_bytes())
    for field in ("input", "model_prefix"):
        proto.trainer_spec.ClearField(field)
    if name == "target":
        # A piece that is never used, though it would be the likeliest.
        proto.pieces.add(piece="▁humains", score=-0.5, type=5)
    whole = folder / f"{name}.spm"
    whole.write_bytes(proto.SerializeToString())
    charsmap = proto.normalizer_spec.precompiled_charsmap
    if charsmap:
        assert base64.b64encode(charsmap).decode() == CHARSMAP.read_text().strip()
        proto.normalizer_spec.ClearField("precompiled_charsmap")
    (FIXTURES / f"{name}.spm").write_bytes(proto.SerializeToString())
    return whole, [piece.piece for piece in proto.pieces if piece.type in (1, 4, 6)]


def marian_vocab(source, target):
    """One for both languages; a few pieces have no place in it, and a few are no piece."""
    pieces = [piece for piece in dict.fromkeys(source + target) if not piece.endswith("ng") and piece != "▁de"]
    tokens = ["</s>", "<unk>", *pieces, ">>fra<<", ">>deu<<", "▁nowhere", "<pad>"]
    return {token: id for id, token in enumerate(tokens)}


def cases(folder):
    source, source_pieces = train(folder, "source", SOURCE + RUNS, model_type="unigram", vocab_size=260, character_coverage=0.99)
    target, target_pieces = train(folder, "target", TARGET, model_type="unigram", vocab_size=420, character_coverage=0.99)
    bpe, bpe_pieces = train(folder, "bpe", SOURCE + TARGET + RUNS, model_type="bpe", vocab_size=520, character_coverage=0.985)
    odd = {"normalization_rule_name": "identity", "remove_extra_whitespaces": False, "add_dummy_prefix": False, "byte_fallback": True}
    odd = {**odd, "user_defined_symbols": ["<mask>", "▁▁", "human  being"], "control_symbols": ["<ctrl>"]}
    own, own_pieces = train(folder, "odd", SOURCE + TARGET[:2], model_type="unigram", vocab_size=640, **odd)
    suffixed = {"treat_whitespace_as_suffix": True, "normalization_rule_name": "identity", "user_defined_symbols": ["<mask>", "uman b"]}
    suffix, suffix_pieces = train(folder, "suffix", SOURCE + TARGET[:2], model_type="bpe", vocab_size=300, **suffixed)
    marian = {"source.spm": source, "target.spm": target}
    config = {"tokenizer_class": "MarianTokenizer"}
    yield "marian", marian, marian_vocab(source_pieces, target_pieces), config, MARIAN_LINES
    more = {"model_max_length": 64, "additional_special_tokens": ["<special>", ">>fra<<"], "source_lang": "en", "target_lang": "fr"}
    yield "marian-special", marian, marian_vocab(source_pieces, target_pieces), {**config, **more}, MARIAN_LINES + M2M_LINES
    front = ["<s>", "<pad>", "</s>", "<unk>"]
    m2m = {"tokenizer_class": "M2M100Tokenizer", "additional_special_tokens": LANGUAGES, "src_lang": "en", "tgt_lang": "fr"}
    vocab = {token: id for id, token in enumerate([*front, *bpe_pieces, *(f"madeupword{i:04d}" for i in range(8))])}
    yield "m2m100", {"sentencepiece.bpe.model": bpe}, vocab, m2m, M2M_LINES
    plain = {"tokenizer_class": "M2M100Tokenizer", "tgt_lang": "zh", "clean_up_tokenization_spaces": True}
    vocab = {token: id for id, token in enumerate([*front, *own_pieces])}
    yield "m2m100-odd", {"sentencepiece.bpe.model": own}, vocab, plain, M2M_LINES + ["a <mask>b human  being<ctrl> 😀 x", "ab<0x41> \t \n "]
    vocab = {token: id for id, token in enumerate([*front, *suffix_pieces])}
    yield "m2m100-suffix", {"sentencepiece.bpe.model": suffix}, vocab, plain, M2M_LINES + ["a <mask>b human being  <mask> <mask>"]


def answer(tokenizer, line, rnd):
    ids = tokenizer(line)["input_ids"]
    target = tokenizer(text_target=line)["input_ids"]
    both = tokenizer(line, "All human", text_target=line)
    wild = [rnd.randrange(len(tokenizer) + 3) for _ in range(12)]
    return [
        ids,
        target,
        [both["input_ids"], both["labels"]],
        tokenizer.tokenize(line),
        tokenizer(line, truncation=True, max_length=7)["input_ids"],
        tokenizer.decode(ids),
        tokenizer.decode(target),
        tokenizer.decode(target, skip_special_tokens=True),
        wild,
        tokenizer.decode(wild),
        tokenizer.decode(wild, skip_special_tokens=True),
        tokenizer.convert_ids_to_tokens(wild),
    ]


def properties(tokenizer):
    added = [
        [id, token.content, token.single_word, token.lstrip, token.rstrip, token.normalized, token.special]
        for id, token in sorted(tokenizer.added_tokens_decoder.items())
    ]
    return {
        "added": added,
        "special": tokenizer.all_special_tokens,
        "specialIds": tokenizer.all_special_ids,
        "size": [tokenizer.vocab_size, len(tokenizer)],
        "inputs": tokenizer.model_input_names,
        "maxLength": min(tokenizer.model_max_length, 1e30),
        "cleanUp": tokenizer.clean_up_tokenization_spaces,
        "padded": tokenizer(["All human", "All"], padding=True)["input_ids"],
    }


def grown(tokenizer, saved):
    """Tokens added later, and all of it saved and opened again."""
    counts = [tokenizer.add_tokens(["<city>", "human"]), tokenizer.add_special_tokens({"additional_special_tokens": ["<a>"]})]
    ids = tokenizer("All <city> human being <a> x")["input_ids"]
    files = sorted(Path(path).name for path in tokenizer.save_pretrained(saved) if Path(path).exists())
    again = AutoTokenizer.from_pretrained(saved)
    assert again("All <city> human being <a> x")["input_ids"] == ids
    return {"counts": counts, "ids": ids, "decoded": tokenizer.decode(ids), "length": len(tokenizer), "files": files}


def switched(tokenizer):
    """Other languages, set one after the other."""
    if not hasattr(tokenizer, "src_lang"):
        return None
    tokenizer.src_lang = "de"
    first = tokenizer("All human", text_target="being")
    tokenizer.tgt_lang = "zu"
    second = tokenizer("All human", text_target="being")
    return [dict(first), dict(second), tokenizer.src_lang, tokenizer.tgt_lang]


def main():
    warnings.filterwarnings("ignore")
    FIXTURES.mkdir(exist_ok=True)
    texts = lines()
    rnd = random.Random(7)
    texts = list(dict.fromkeys([*SENTENCES, *RUNS, *rnd.sample(HARD, 40), *rnd.sample(texts, 120), "", " ", "\u00a0", "a", "\u0000x"]))
    result = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name, models, vocab, config, own in cases(folder):
            where = folder / name
            where.mkdir()
            for file, model in models.items():
                shutil.copy(model, where / file)
            write(where / "vocab.json", vocab)
            write(FIXTURES / f"{name}.json", vocab)
            write(where / "tokenizer_config.json", config)
            tokenizer = AutoTokenizer.from_pretrained(where)
            assert isinstance(tokenizer, (MarianTokenizer, M2M100Tokenizer)), type(tokenizer)
            answers = [answer(tokenizer, line, rnd) for line in own + texts]
            result.append({
                "name": name,
                "files": {file: model.name for file, model in models.items()},
                "config": config,
                "lines": own,
                **properties(tokenizer),
                "full": answers[:5],
                "wild": [each[8] for each in answers],
                "digests": "".join(digest(each) for each in answers),
                "grown": grown(tokenizer, folder / f"{name}-saved"),
                "switched": switched(AutoTokenizer.from_pretrained(where)),
            })
    write(FIXTURES / "answers.json", {"lines": texts, "cases": result})


if __name__ == "__main__":
    main()
