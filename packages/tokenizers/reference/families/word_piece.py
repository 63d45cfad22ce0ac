"""WordPiece and WordLevel: vocabularies of words and what they are made of."""

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from texts import corpus

from .repository import save

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
ROLES = {"unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]"}
TEMPLATE = {
    "single": "[CLS] $A [SEP]", "pair": "[CLS] $A [SEP] $B:1 [SEP]:1", "special_tokens": [("[CLS]", 2), ("[SEP]", 3)],
}


def bert(folder, lowercase, size):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(corpus(), trainers.WordPieceTrainer(vocab_size=size, special_tokens=SPECIAL, show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing(**TEMPLATE)
    tokenizer.decoder = decoders.WordPiece()
    save(folder, tokenizer, "BertTokenizer", do_lower_case=lowercase)


def other_prefix(folder):
    """A WordPiece that no BERT has: its own prefix, short words only, accents off, punctuation in runs."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", continuing_subword_prefix="@@", max_input_chars_per_word=20))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents(), normalizers.Strip()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation("contiguous"), pre_tokenizers.Digits()]
    )
    trainer = trainers.WordPieceTrainer(
        vocab_size=1500, special_tokens=SPECIAL, continuing_subword_prefix="@@", limit_alphabet=300, show_progress=False
    )
    # Words are long in characters: a letter of two UTF-16 units tells.
    tokenizer.train_from_iterator(corpus() + ["𝒳𝒳𝒳𝒳"] * 100, trainer)
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.decoder = decoders.WordPiece(prefix="@@", cleanup=False)
    save(folder, tokenizer, model_input_names=["input_ids", "token_type_ids", "attention_mask"], **ROLES)


def word_level(folder):
    """Whole words; what it does to long and short texts is in its tokenizer.json."""
    tokenizer = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKD(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Whitespace(), pre_tokenizers.Punctuation("isolated"), pre_tokenizers.Digits(individual_digits=True)]
    )
    tokenizer.train_from_iterator(corpus(), trainers.WordLevelTrainer(vocab_size=1200, special_tokens=SPECIAL, show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing(**TEMPLATE)
    tokenizer.enable_padding(direction="left", pad_id=0, pad_type_id=3, pad_token="[PAD]")
    tokenizer.enable_truncation(max_length=512, direction="left")
    save(folder, tokenizer, **ROLES)


RECIPES = {
    "bert-uncased": lambda folder: bert(folder, True, 2400),
    "bert-cased": lambda folder: bert(folder, False, 2000),
    "word-piece": other_prefix,
    "word-level": word_level,
}
