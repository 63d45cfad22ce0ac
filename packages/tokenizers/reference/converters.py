"""Tokenizers without a tokenizer.json: what each class of Transformers makes of bare vocabulary files, and of the
tokenizer.json that its converter writes.

    HF_HUB_OFFLINE=1 python converters.py

needs transformers 4.57.6, sentencepiece, protobuf, tiktoken and sacremoses. The vocabularies are trained here; they
and the answers go to `fixtures/converters`.
"""

import base64
import hashlib
import json
import shutil
import tempfile
from pathlib import Path

import sentencepiece
import transformers
from sentencepiece import sentencepiece_model_pb2
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import AutoTokenizer
from transformers.convert_slow_tokenizer import convert_slow_tokenizer

from texts import SENTENCES
from units import units

FIXTURES = Path(__file__).parent.parent / "fixtures" / "converters"
CORPUS = (SENTENCES[:8] + SENTENCES[23:]) * 20
PAIR = "the other one"
LINES = [
    "Hello! It's what we've said: Ünï ﬁne.",
    "  two  spaces <mask> [MASK],</s>\n  and\ttab  ",
    "Все люди, 人人生而自由 すべて שלום مرحبا ไทย",
    "naïve ﬂow Ａｂｃ １２３ ① ½ İstanbul e\u0301 ΣΑΣ",
    "👩‍👩‍👧 👍🏽 🇩🇪 𠀀 \ue000\u200b",
    "",
    " ",
    "[CLS] a [MASK] b<mask>c <mask>  d</s> <s> <unk> [UNK] <pad>[PAD] [SEP] <sep> <cls> <ctrl> a <usr>b",
    "<|endoftext|> x <|startoftext|>\n\n<extra_id_0> y <extra_id_99>z <bos> <eos> <start_of_turn>a <unk_2> <mask_1>",
    "1,000,000.00 ``quoted'' 2,3, x_y O'Brien's DON'T I'LL",
    "▁already ▁▁ Ġ </w> <0x41> en_XX fra_Latn __eng__ <madeupword0> [QUESTION] ▁<PRE> <|en|>",
    "def f(x):\n    return x  # 42\r\n",
]

# --- vocabularies


def sentence_piece(folder, name, **options):
    """A SentencePiece model, without what tells where it was trained."""
    text = folder / "corpus.txt"
    text.write_text("\n".join(line.replace("\n", " ") for line in CORPUS))
    sentencepiece.SentencePieceTrainer.train(
        input=str(text), model_prefix=str(folder / name), num_threads=1, minloglevel=2, hard_vocab_limit=False, **options
    )
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString((folder / f"{name}.model").read_bytes())
    for field in ("input", "model_prefix"):
        proto.trainer_spec.ClearField(field)
    proto.normalizer_spec.ClearField("normalization_rule_tsv")
    (FIXTURES / f"{name}.model").write_bytes(proto.SerializeToString())


RULES = {"ﬁ": "fi", "ﬂ": "fl", "Ａ": "A", "ｂ": "b", "ｃ": "c", "１": "1", "①": "1", "½": "1⁄2", "\t": " ", "\n": " ", "e\u0301": "é", "\u200b": ""}


def train(folder):
    rules = folder / "rules.tsv"
    code_points = lambda text: " ".join(f"{ord(character):X}" for character in text)
    rules.write_text("".join(f"{code_points(source)}\t{code_points(target)}\n" for source, target in RULES.items()))
    symbols = {"control_symbols": ["<ctrl>"], "user_defined_symbols": ["<usr>"]}
    normalized = {"normalization_rule_tsv": str(rules), "character_coverage": 0.985}
    sentence_piece(folder, "fairseq", model_type="unigram", vocab_size=330, **symbols, **normalized)
    t5 = {"pad_id": 0, "eos_id": 1, "unk_id": 2, "bos_id": -1}
    symbols = {"control_symbols": ["[CLS]", "[SEP]", "<ctrl>"], "user_defined_symbols": ["[MASK]", "<usr>", "<sep>", "<cls>"]}
    sentence_piece(folder, "t5", model_type="unigram", vocab_size=330, **t5, **symbols, **normalized)
    plain = {"normalization_rule_name": "identity", "byte_fallback": True, "split_digits": True, "character_coverage": 0.985}
    sentence_piece(folder, "llama", model_type="bpe", vocab_size=560, **plain)
    sentence_piece(folder, "llama-unigram", model_type="unigram", vocab_size=480, **plain)
    gemma = {"pad_id": 0, "eos_id": 1, "bos_id": 2, "unk_id": 3}
    symbols = {"user_defined_symbols": ["<mask>", "<start_of_turn>", "<end_of_turn>", "\n", "\n\n", "▁▁", "▁▁▁"]}
    sentence_piece(folder, "gemma", model_type="bpe", vocab_size=520, remove_extra_whitespaces=False, add_dummy_prefix=False, **gemma, **symbols, **plain)
    sentence_piece(folder, "bpe", model_type="bpe", vocab_size=300, character_coverage=0.985, normalization_rule_name="identity")
    word_piece()
    byte_level()
    words()


def word_piece():
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "<s>", "</s>", "<pad>", "<unk>", "<sep>", "<cls>"]
    tokenizer.train_from_iterator(CORPUS, trainers.WordPieceTrainer(vocab_size=420, special_tokens=special, show_progress=False))
    vocab = tokenizer.get_vocab()
    lines = [*sorted(vocab, key=vocab.get), "Hello", "Ü", "é"]
    (FIXTURES / "bert.txt").write_text("\n".join(lines) + "\n")


def save_bpe(name, tokenizer):
    model = json.loads(tokenizer.to_str())["model"]
    write(FIXTURES / f"{name}.json", model["vocab"])
    (FIXTURES / f"{name}-merges.txt").write_text("#version: 0.2\n" + "\n".join(" ".join(merge) for merge in model["merges"]) + "\n")
    return model


def byte_level():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    special = ["<s>", "<pad>", "</s>", "<unk>", "<|endoftext|>", "[CLS]", "[SEP]", "[UNK]"]
    trainer = trainers.BpeTrainer(
        vocab_size=480, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    model = save_bpe("bytes", tokenizer)
    byte_of = {character: byte for byte, character in transformers.convert_slow_tokenizer.bytes_to_unicode().items()}
    tokens = [bytes(byte_of[character] for character in token) for token in sorted(model["vocab"], key=model["vocab"].get) if token not in special]
    lines = [f"{base64.b64encode(token).decode()} {rank}" for rank, token in enumerate(tokens)]
    (FIXTURES / "ranks.tiktoken").write_text("\n".join(lines) + "\n")


def words():
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Lowercase()
    pattern = Regex(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(pattern, "removed", True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    special = ["<s>", "<pad>", "</s>", "<unk>", "<|startoftext|>", "<|endoftext|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=640, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), end_of_word_suffix="</w>", show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    save_bpe("words", tokenizer)


# --- classes

WORD_PIECE = {"vocab.txt": "bert.txt"}
BYTES = {"vocab.json": "bytes.json", "merges.txt": "bytes-merges.txt"}
WORDS = {"vocab.json": "words.json", "merges.txt": "words-merges.txt"}
FAIRSEQ = {"sentencepiece.bpe.model": "fairseq.model"}
SPIECE = {"spiece.model": "t5.model"}
LLAMA = {"tokenizer.model": "llama.model"}
WHISPER = ["<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|zh|>", "<|translate|>", "<|transcribe|>", "<|startofprev|>", "<|notimestamps|>"]
ADDED = {"__type": "AddedToken", "content": "<new>", "lstrip": False, "normalized": True, "rstrip": True, "single_word": False}

# Class, vocabulary files, configuration, other files.
CASES = [
    *((f"{name}Tokenizer", WORD_PIECE, {}) for name in (
        "Bert", "ConvBert", "DistilBert", "DPRContextEncoder", "DPRQuestionEncoder", "DPRReader", "Electra", "Funnel", "LayoutLM",
        "LayoutLMv2", "Lxmert", "MobileBert", "MPNet", "Realm", "RetriBert", "Splinter", "SqueezeBert")),
    ("BertTokenizer", WORD_PIECE, {"do_lower_case": False, "strip_accents": True, "tokenize_chinese_chars": False}),
    ("BertTokenizer", WORD_PIECE, {"do_basic_tokenize": False}),
    ("BertTokenizer", WORD_PIECE, {"mask_token": {**ADDED, "content": "<mask>"}, "additional_special_tokens": ["[CLS]", ADDED], "model_max_length": 77}),
    ("MPNetTokenizer", WORD_PIECE, {"do_lower_case": False, "tokenize_chinese_chars": False}),
    ("SplinterTokenizer", WORD_PIECE, {"padding_side": "left"}),
    *((f"{name}Tokenizer", BYTES, {}) for name in (
        "Bart", "Blenderbot", "CodeGen", "Deberta", "GPT2", "LED", "LayoutLMv3", "Longformer", "Mvp", "Qwen2", "Roberta")),
    ("MarkupLMTokenizer", BYTES, {"tags_dict": {"a": 0}}),
    ("RobertaTokenizer", BYTES, {"add_prefix_space": True, "trim_offsets": False}),
    ("BartTokenizer", BYTES, {"add_prefix_space": True}),
    ("DebertaTokenizer", BYTES, {"add_prefix_space": True}),
    ("LayoutLMv3Tokenizer", BYTES, {"add_prefix_space": False}),
    ("GPT2Tokenizer", BYTES, {"add_bos_token": True, "pad_token": "<pad>"}),
    ("GPT2Tokenizer", BYTES, {"add_prefix_space": True, "errors": "replace"}),
    ("WhisperTokenizer", BYTES, {"additional_special_tokens": WHISPER}, WHISPER),
    ("WhisperTokenizer", BYTES, {"language": "Chinese", "task": "translate", "additional_special_tokens": WHISPER}, WHISPER),
    ("WhisperTokenizer", BYTES, {"language": "en", "predict_timestamps": True, "pad_token": "<|endoftext|>", "additional_special_tokens": WHISPER}, WHISPER),
    *((f"{name}Tokenizer", WORDS, {}) for name in ("CLIP", "Herbert", "OpenAIGPT")),
    *((f"{name}Tokenizer", FAIRSEQ, {}) for name in (
        "Barthez", "Camembert", "LayoutXLM", "MBart", "MBart50", "Nllb", "SeamlessM4T", "XGLM", "XLMRoberta")),
    ("MBartTokenizer", FAIRSEQ, {"src_lang": "de_DE", "additional_special_tokens": ["<new>", "en_XX"]}),
    ("MBart50Tokenizer", FAIRSEQ, {"src_lang": "sl_SI"}),
    ("NllbTokenizer", FAIRSEQ, {"src_lang": "fra_Latn"}),
    ("NllbTokenizer", FAIRSEQ, {"legacy_behaviour": True}),
    ("NllbTokenizer", FAIRSEQ, {"additional_special_tokens": ["eng_Latn", "<new>"]}),
    ("SeamlessM4TTokenizer", FAIRSEQ, {"tgt_lang": "deu", "additional_special_tokens": ["__eng__", "__deu__"]}),
    ("SeamlessM4TTokenizer", FAIRSEQ, {"add_prefix_space": False}),
    ("XLMRobertaTokenizer", {"sentencepiece.bpe.model": "bpe.model"}, {}),
    *((f"{name}Tokenizer", SPIECE, {}) for name in ("Albert", "BigBird", "FNet", "MT5", "Pegasus", "Reformer", "T5", "Udop", "XLNet")),
    ("DebertaV2Tokenizer", {"spm.model": "t5.model"}, {}),
    ("DebertaV2Tokenizer", {"spm.model": "t5.model"}, {"do_lower_case": True, "split_by_punct": True}),
    ("RemBertTokenizer", {"sentencepiece.model": "t5.model"}, {}),
    ("AlbertTokenizer", SPIECE, {"do_lower_case": False, "keep_accents": True}),
    ("PegasusTokenizer", SPIECE, {"offset": 8, "mask_token_sent": None, "mask_token": "[MASK]"}),
    ("PegasusTokenizer", SPIECE, {"additional_special_tokens": ["<a>"], "offset": 6}),
    ("T5Tokenizer", SPIECE, {"legacy": False}),
    ("T5Tokenizer", SPIECE, {"extra_ids": 3, "additional_special_tokens": ["<new>"]}),
    ("T5Tokenizer", SPIECE, {"add_prefix_space": False}),
    ("T5Tokenizer", SPIECE, {"add_prefix_space": True, "legacy": False}),
    ("UdopTokenizer", SPIECE, {"additional_special_tokens": ["<loc_0>", "<loc_1>"]}),
    ("LlamaTokenizer", LLAMA, {}),
    ("LlamaTokenizer", LLAMA, {"legacy": False, "add_eos_token": True}),
    ("LlamaTokenizer", LLAMA, {"add_prefix_space": False}),
    ("LlamaTokenizer", LLAMA, {"add_prefix_space": False, "legacy": False, "add_bos_token": False}),
    ("LlamaTokenizer", LLAMA, {"add_prefix_space": True, "legacy": False, "pad_token": "<pad>"}),
    ("LlamaTokenizer", {"tokenizer.model": "llama-unigram.model"}, {"model_max_length": 2048}),
    ("LlamaTokenizer", {"tokenizer.model": "ranks.tiktoken"}, {"bos_token": "<|begin_of_text|>", "eos_token": "<|end_of_text|>", "additional_special_tokens": ["<|endoftext|>", "<|begin_of_text|>"]}),
    ("CodeLlamaTokenizer", LLAMA, {}),
    ("GemmaTokenizer", {"tokenizer.model": "gemma.model"}, {}),
    ("GemmaTokenizer", {"tokenizer.model": "gemma.model"}, {"add_eos_token": True, "additional_special_tokens": ["<start_of_turn>"]}),
    ("PreTrainedTokenizerFast", {"tokenizer.model": "ranks.tiktoken"}, {"additional_special_tokens": ["<|endoftext|>"]}),
]

# Classes on the tokenizer.json of a converter, some not their own: the class, the converter's, the configuration, and
# what the file says of padding.
PADDING = {"direction": "left", "pad_id": 1, "pad_token": "<pad>"}
BORROWED = [
    ("LlamaTokenizer", "LlamaTokenizer", {}, PADDING),
    ("PreTrainedTokenizerFast", "GPT2Tokenizer", {}, PADDING),
    ("BertTokenizer", "BertTokenizer", {}, PADDING),
    ("XLNetTokenizer", "XLNetTokenizer", {}, {**PADDING, "direction": "right"}),
    ("GPTNeoXTokenizer", "GPT2Tokenizer", {}),
    ("GPTNeoXTokenizer", "GPT2Tokenizer", {"add_bos_token": True, "add_eos_token": True}),
    ("BloomTokenizerFast", "GPT2Tokenizer", {}),
    ("BloomTokenizerFast", "GPT2Tokenizer", {"add_prefix_space": True}),
    ("CohereTokenizerFast", "GPT2Tokenizer", {}),
    ("PreTrainedTokenizerFast", "GPT2Tokenizer", {"add_prefix_space": True}),
    ("LlamaTokenizerFast", "GPT2Tokenizer", {"add_eos_token": True}),
    ("RobertaTokenizer", "RobertaTokenizer", {"add_prefix_space": True, "trim_offsets": False}),
    ("RobertaTokenizer", "GPT2Tokenizer", {}),
    ("GPT2Tokenizer", "GPT2Tokenizer", {"add_prefix_space": True}),
    ("BertTokenizer", "BertTokenizer", {"do_lower_case": False, "strip_accents": True}),
    ("MPNetTokenizer", "MPNetTokenizer", {"do_lower_case": False, "tokenize_chinese_chars": False}),
    ("LlamaTokenizer", "LlamaTokenizer", {"add_bos_token": False, "add_eos_token": True, "pad_token": "<pad>"}),
    ("NllbTokenizer", "NllbTokenizer", {"src_lang": "zul_Latn"}),
    ("MBartTokenizer", "MBartTokenizer", {"src_lang": "ro_RO"}),
    ("T5Tokenizer", "T5Tokenizer", {"additional_special_tokens": ["<new>"], "extra_ids": 4}),
]

# --- answers

ROLES = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")


def write(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


def digest(value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha1(text.encode()).hexdigest()[:8]


def answer(tokenizer, line):
    """By the backend: some classes want boxes or web pages instead of plain text."""
    tokenizer._switch_to_input_mode()  # as a call does
    backend = tokenizer.backend_tokenizer
    encoding, pair = backend.encode(line), backend.encode(line, PAIR)
    return [
        encoding.ids,
        encoding.tokens,
        units(line, encoding.offsets),
        encoding.special_tokens_mask,
        encoding.word_ids,
        pair.ids,
        pair.type_ids,
        pair.sequence_ids,
        # What decoding adds for one model alone is no part of its tokenizer.
        super(type(tokenizer), tokenizer).decode(encoding.ids),
        super(type(tokenizer), tokenizer).decode(encoding.ids, skip_special_tokens=True),
    ]


def properties(tokenizer):
    added = [
        [id, token.content, token.single_word, token.lstrip, token.rstrip, token.normalized, token.special]
        for id, token in sorted(tokenizer.added_tokens_decoder.items())
    ]
    special = tokenizer.all_special_tokens
    return {
        "roles": {role: str(tokenizer._special_tokens_map[role]) for role in ROLES if tokenizer._special_tokens_map[role] is not None},
        "added": added if len(added) < 12 else digest(added),
        "special": special if len(special) < 12 else digest(special),
        "size": [tokenizer.vocab_size, len(tokenizer)],
        "inputs": tokenizer.model_input_names,
        "sides": [tokenizer.padding_side, tokenizer.truncation_side],
        "padType": tokenizer.pad_token_type_id,
        "maxLength": min(tokenizer.model_max_length, 1e30),
    }


def record(tokenizer, spelled_out=False):
    """Digests of the answers; of the first line all of it where it is to be read."""
    answers = [answer(tokenizer, line) for line in LINES]
    full = {"full": answers[0]} if spelled_out else {}
    return {**properties(tokenizer), **full, "digests": "".join(digest(each) for each in answers)}


def bare_folder(folder, class_name, files, config, added=()):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, source in files.items():
        shutil.copy(FIXTURES / source, folder / name)
    write(folder / "tokenizer_config.json", {"tokenizer_class": class_name, **config})
    if added:
        size = len(json.loads((folder / "vocab.json").read_text()))
        write(folder / "added_tokens.json", {token: size + i for i, token in enumerate(added[1:])})


def converted_folder(folder, bare, class_name, config):
    """What the converter itself makes, as the tokenizer.json of a repository that has no vocabulary."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    fast = getattr(transformers, class_name + "Fast", None)
    if fast is None or fast.slow_tokenizer_class is None:
        return False
    slow = fast.slow_tokenizer_class.from_pretrained(bare)
    if slow is False:
        return False
    convert_slow_tokenizer(slow).save(str(folder / "tokenizer.json"))
    write(folder / "tokenizer_config.json", {"tokenizer_class": class_name, **config})
    return True


def main():
    shutil.rmtree(FIXTURES, ignore_errors=True)
    FIXTURES.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        train(folder)
        cases, borrowed = [], []
        bare, converted = folder / "bare", folder / "converted"
        for class_name, files, config, *added in CASES:
            bare_folder(bare, class_name, files, config, *added)
            case = {"class": class_name, "files": files, "config": config, "added": added[0][1:] if added else []}
            case["bare"] = record(AutoTokenizer.from_pretrained(bare), spelled_out=not config)
            # A configuration that asks for the converter cannot do without its files.
            if not config and converted_folder(converted, bare, class_name, config):
                case["converted"] = record(AutoTokenizer.from_pretrained(converted))
            cases.append(case)
        for class_name, converter, config, *padding in BORROWED:
            _, files, *_ = next(case for case in CASES if case[0] == converter)
            bare_folder(bare, converter, files, {})
            converted_folder(converted, bare, converter, {})
            write(converted / "tokenizer_config.json", {"tokenizer_class": class_name, **config})
            if padding:
                backend = json.loads((converted / "tokenizer.json").read_text())
                kind = {"strategy": "BatchLongest", "pad_to_multiple_of": None, "pad_type_id": 0}
                backend["padding"] = {**kind, **padding[0], "direction": padding[0]["direction"].title()}
                write(converted / "tokenizer.json", backend)
            tokenizer = AutoTokenizer.from_pretrained(converted)
            case = {"class": class_name, "converter": converter, "files": files, "config": config, "padding": padding[0] if padding else None}
            borrowed.append({**case, "converted": record(tokenizer)})
        write(FIXTURES / "answers.json", {"lines": LINES, "pair": PAIR, "cases": cases, "borrowed": borrowed})


if __name__ == "__main__":
    main()
