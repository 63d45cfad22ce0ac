"""Record what the Rust library and Transformers answer, as the truth for the tests beside src/.

    HF_HUB_OFFLINE=1 python record.py

needs transformers 4.57.6, tokenizers 0.22, sentencepiece and protobuf. Nothing is downloaded: the tokenizers are
trained here, on `texts.py`, with the configurations of real ones.
"""

import hashlib
import json
import re
import shutil
import tempfile
from pathlib import Path

import sentencepiece
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer

import api
import components
from texts import corpus, lines
from units import scalar, units

FIXTURES = Path(__file__).parent.parent / "fixtures"
BERT_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
ROBERTA_SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
# Of this many lines everything is kept, so that a difference can be read; of the others a digest.
SPELLED_OUT = 40


def word_piece(lowercase, size):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(corpus(), trainers.WordPieceTrainer(vocab_size=size, special_tokens=BERT_SPECIAL, show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer


def byte_level(size):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=ROBERTA_SPECIAL[:4], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, special=True)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    return tokenizer


def sentence_piece(folder, size):
    text = folder / "corpus.txt"
    text.write_text("\n".join(line.replace("\n", " ") for line in corpus()))
    sentencepiece.SentencePieceTrainer.train(
        input=str(text), model_prefix=str(folder / "sentencepiece"), vocab_size=size, character_coverage=0.995,
        normalization_rule_name="nmt_nfkc", num_threads=1, minloglevel=2, hard_vocab_limit=False,
    )
    return folder / "sentencepiece.model"


def from_sentence_piece(class_name, model, folder):
    import transformers

    fast = getattr(transformers, class_name)(vocab_file=str(model))
    fast.save_pretrained(folder)


def write(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # A lone surrogate is no UTF-8; JSON can still spell it.
    path.write_text(re.sub("[\ud800-\udfff]", lambda match: f"\\u{ord(match[0]):04x}", text) + "\n")


def digest(value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha1(text.encode()).hexdigest()[:8]


def answer(tokenizer, line):
    text = scalar(line)
    encoding = tokenizer(text, return_offsets_mapping=True).encodings[0]
    return [
        encoding.ids,
        encoding.tokens,
        units(text, encoding.offsets),
        encoding.type_ids,
        encoding.special_tokens_mask,
        encoding.word_ids,
        tokenizer.decode(encoding.ids),
        tokenizer.decode(encoding.ids, skip_special_tokens=True),
    ]


def save(name, folder):
    """The files of a tokenizer, without what several share, and its answers to every line."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    answers = [answer(tokenizer, line) for line in lines()]
    config = json.loads((folder / "tokenizer_config.json").read_text())
    backend = json.loads((folder / "tokenizer.json").read_text())
    for step in (backend["normalizer"] or {}).get("normalizers", []):
        if step["type"] == "Precompiled":
            (FIXTURES / "charsmap.txt").write_text(step["precompiled_charsmap"] + "\n")
            step["precompiled_charsmap"] = ""
    write(FIXTURES / name / "tokenizer.json", backend)
    write(FIXTURES / name / "tokenizer_config.json", config)
    write(FIXTURES / name / "answers.json", {"full": answers[:SPELLED_OUT], "digests": "".join(digest(a) for a in answers[SPELLED_OUT:])})
    return tokenizer


def main():
    shutil.rmtree(FIXTURES, ignore_errors=True)
    FIXTURES.mkdir()
    write(FIXTURES / "lines.json", lines())
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)

        def repository(name, tokenizer, class_name, **config):
            (folder / name).mkdir()
            tokenizer.save(str(folder / name / "tokenizer.json"))
            write(folder / name / "tokenizer_config.json", {"tokenizer_class": class_name, "model_max_length": 512, **config})

        repository("bert-uncased", word_piece(True, 2400), "BertTokenizer", do_lower_case=True)
        repository("bert-cased", word_piece(False, 2000), "BertTokenizer", do_lower_case=False)
        roberta = byte_level(2200)
        repository("roberta", roberta, "RobertaTokenizer")
        model = sentence_piece(folder, 1600)
        for name in ("XLMRoberta", "Camembert", "Albert"):
            from_sentence_piece(f"{name}TokenizerFast", model, folder / name.lower())
        names = {"bert-uncased": "bert-uncased", "bert-cased": "bert-cased", "roberta": "roberta",
                 "xlm-roberta": "xlmroberta", "camembert": "camembert", "albert": "albert"}
        tokenizers = {name: save(name, folder / where) for name, where in names.items()}
        write(FIXTURES / "calls.json", api.calls(tokenizers))
        write(FIXTURES / "vocabularies.json", api.vocabularies(tokenizers, folder))
        write(FIXTURES / "components.json", components.answers((FIXTURES / "charsmap.txt").read_text().strip()))


if __name__ == "__main__":
    main()
