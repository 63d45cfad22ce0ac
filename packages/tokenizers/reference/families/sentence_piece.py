"""Models of SentencePiece, as Transformers converts them."""

import json
import tempfile
from pathlib import Path

import sentencepiece
import transformers
from sentencepiece import sentencepiece_model_pb2 as proto
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from texts import corpus

from .repository import save

UNIGRAM = {"model_type": "unigram", "vocab_size": 1600, "character_coverage": 0.995, "normalization_rule_name": "nmt_nfkc"}
# Llama's and Gemma's take text as it is, and spell what they don't know in bytes.
BPE = {
    "model_type": "bpe", "vocab_size": 1500, "character_coverage": 0.99, "normalization_rule_name": "identity", "byte_fallback": True,
    "split_digits": True, "remove_extra_whitespaces": False, "allow_whitespace_only_pieces": True,
}
SMALL = {**UNIGRAM, "vocab_size": 1200}


def train(folder, **options):
    text = folder / "corpus.txt"
    text.write_text("\n".join(line.replace("\n", " ") for line in corpus()))
    sentencepiece.SentencePieceTrainer.train(
        input=str(text), model_prefix=str(folder / "sentencepiece"), num_threads=1, minloglevel=2, hard_vocab_limit=False, **options
    )
    text.unlink()
    return folder / "sentencepiece.model"


def converted(class_name, options, **config):
    """What a class makes of a model of its kind."""

    def recipe(folder):
        with tempfile.TemporaryDirectory() as temporary:
            model = train(Path(temporary), **options)
            getattr(transformers, class_name)(vocab_file=str(model), **config).save_pretrained(folder)
        # It is in the tokenizer.json now; in the configuration it would have Transformers ask for the model again.
        saved = json.loads((folder / "tokenizer_config.json").read_text())
        saved.pop("add_prefix_space", None)
        saved.pop("from_slow", None)
        (folder / "tokenizer_config.json").write_text(json.dumps(saved))

    return recipe


def byte_fallback(folder):
    """A unigram model that spells what it doesn't know in bytes, normalized as the library's own SentencePiece is."""
    with tempfile.TemporaryDirectory() as temporary:
        trained = train(Path(temporary), **{**UNIGRAM, "vocab_size": 1400, "byte_fallback": True, "pad_id": 3})
        pieces = proto.ModelProto.FromString(trained.read_bytes()).pieces
    # A letter that is only part of a piece: how unlikely an unknown one is decides whether the piece is taken.
    rare = [("Ʞꞁ", -14.0), ("ꞁꟽ", -3.0), ("ꞁ", -9.0), ("ꟽ", -9.0)]
    vocabulary = [*((piece.piece, piece.score) for piece in pieces), *rare]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=0, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace(prepend_scheme="first", split=False)])
    tokenizer.add_special_tokens(["<unk>", "<s>", "</s>", "<pad>"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B:1 </s>:1", special_tokens=[("</s>", 2)]
    )
    save(folder, tokenizer, unk_token="<unk>", bos_token="<s>", eos_token="</s>", pad_token="<pad>")


RECIPES = {
    "xlm-roberta": converted("XLMRobertaTokenizerFast", UNIGRAM),
    "camembert": converted("CamembertTokenizerFast", UNIGRAM),
    "albert": converted("AlbertTokenizerFast", UNIGRAM),
    "t5": converted("T5TokenizerFast", {**SMALL, "pad_id": 0, "eos_id": 1, "unk_id": 2, "bos_id": -1}, extra_ids=12, add_prefix_space=True),
    "deberta-v2": converted(
        "DebertaV2TokenizerFast",
        {
            **SMALL, "pad_id": 0, "pad_piece": "[PAD]", "bos_id": 1, "bos_piece": "[CLS]", "eos_id": 2, "eos_piece": "[SEP]",
            "unk_id": 3, "unk_piece": "[UNK]", "user_defined_symbols": ["[MASK]"],
        },
        do_lower_case=True, split_by_punct=True,
    ),
    "mbart": converted("MBartTokenizerFast", SMALL, src_lang="en_XX", tgt_lang="de_DE"),
    "xlnet": converted(
        "XLNetTokenizerFast",
        {**SMALL, "control_symbols": ["<cls>", "<sep>", "<pad>", "<mask>", "<eod>"], "user_defined_symbols": ["<eop>"]},
    ),
    "llama2": converted("LlamaTokenizerFast", BPE, legacy=True, add_prefix_space=True),
    "tiny-llama": converted("LlamaTokenizerFast", {**BPE, "vocab_size": 1300}, legacy=False, add_prefix_space=True, add_eos_token=True, pad_token="</s>", padding_side="right"),
    "gemma3": converted(
        "GemmaTokenizerFast",
        {
            **BPE, "pad_id": 0, "pad_piece": "<pad>", "eos_id": 1, "eos_piece": "<eos>", "bos_id": 2, "bos_piece": "<bos>", "unk_id": 3,
            "add_dummy_prefix": False, "vocab_size": 1500,
            "user_defined_symbols": ["<mask>", "<start_of_turn>", "<end_of_turn>", "\n", "\n\n", "\n\n\n", "▁▁", "▁▁▁", "▁▁▁▁", "<table>", "<tr>"],
        },
    ),
    "unigram-bytes": byte_fallback,
}
