"""Trains a tokenizer of T5's shape with sentencepiece: 32,000 unigram pieces, nmt_nfkc, 100 extra ids.

python tokenizers-t5.py text.txt folder
"""

import base64
import json
import pathlib
import sys
import tempfile

import sentencepiece
from sentencepiece import sentencepiece_model_pb2

EXTRA_IDS = [f"<extra_id_{i}>" for i in range(99, -1, -1)]
METASPACE = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}


def train(text):
    with tempfile.TemporaryDirectory() as folder:
        prefix = pathlib.Path(folder, "t5")
        sentencepiece.SentencePieceTrainer.train(
            input=text, model_prefix=str(prefix), model_type="unigram", vocab_size=32000,
            normalization_rule_name="nmt_nfkc", character_coverage=1.0, max_sentence_length=100_000,
            pad_id=0, eos_id=1, unk_id=2, bos_id=-1, minloglevel=2,
        )
        model = sentencepiece_model_pb2.ModelProto()
        model.ParseFromString(prefix.with_suffix(".model").read_bytes())
        return model


def added_token(index, content):
    return {
        "id": index, "content": content, "special": True,
        "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
    }


def tokenizer_json(model):
    """What transformers' T5Converter makes of a SentencePiece model."""
    vocabulary = [[piece.piece, piece.score] for piece in model.pieces] + [[token, 0.0] for token in EXTRA_IDS]
    special = [0, 1, 2, *range(len(model.pieces), len(vocabulary))]
    sequence, end = {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}
    charsmap = base64.b64encode(model.normalizer_spec.precompiled_charsmap).decode()
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [added_token(index, vocabulary[index][0]) for index in special],
        "normalizer": {"type": "Precompiled", "precompiled_charsmap": charsmap},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, METASPACE]},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [sequence, end],
            "pair": [sequence, end, {"Sequence": {"id": "B", "type_id": 0}}, end],
            "special_tokens": {"</s>": {"id": "</s>", "ids": [1], "tokens": ["</s>"]}},
        },
        "decoder": METASPACE,
        "model": {"type": "Unigram", "unk_id": 2, "vocab": vocabulary, "byte_fallback": False},
    }


def main(text, folder):
    json_text = json.dumps(tokenizer_json(train(text)), ensure_ascii=False)
    pathlib.Path(folder, "tokenizer.json").write_text(json_text, encoding="utf-8")
    config = {
        "tokenizer_class": "T5Tokenizer", "model_max_length": 512, "extra_ids": 100,
        "pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>",
        "additional_special_tokens": EXTRA_IDS[::-1],
    }
    pathlib.Path(folder, "tokenizer_config.json").write_text(json.dumps(config))


if __name__ == "__main__":
    main(*sys.argv[1:])
