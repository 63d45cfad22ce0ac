"""BPE over characters, without bytes."""

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from texts import corpus

from .repository import save

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
ROLES = {"bos_token": "<s>", "pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>", "mask_token": "<mask>"}


def train(tokenizer, size, alphabet, **options):
    trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=SPECIAL, limit_alphabet=alphabet, show_progress=False, **options)
    tokenizer.train_from_iterator(corpus(), trainer)
    return tokenizer


def herbert(folder):
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    train(tokenizer, 1300, 250, end_of_word_suffix="</w>")
    tokenizer.decoder = decoders.BPEDecoder(suffix="</w>")
    tokenizer.post_processor = processors.BertProcessing(("</s>", 2), ("<s>", 0))
    save(folder, tokenizer, "HerbertTokenizer")


def continuing_prefix(folder):
    """Pieces inside a word are marked, unknown characters stand one by one."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", continuing_subword_prefix="##", fuse_unk=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.Replace("''", '"'), normalizers.NFC()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation("merged_with_previous")])
    train(tokenizer, 1300, 250, continuing_subword_prefix="##")
    tokenizer.decoder = decoders.WordPiece(prefix="##", cleanup=True)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s>:4 $A:1 </s>:2", pair="$B:7 <s> <s> $A </s>:5", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    save(folder, tokenizer, padding_side="left", truncation_side="left", **ROLES)


def scripts(folder):
    """A delimiter, a change of script and every fourth character end a word; runs of unknown characters are one token."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Strip(left=True, right=False), normalizers.NFKD(), normalizers.Replace(Regex(r"\p{Nd}+"), "0")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.CharDelimiterSplit("|"), pre_tokenizers.UnicodeScripts(), pre_tokenizers.FixedLength(length=4)]
    )
    train(tokenizer, 1200, 320)
    tokenizer.decoder = decoders.CTC(pad_token="<pad>", word_delimiter_token="|", cleanup=True)
    save(folder, tokenizer, **ROLES)


RECIPES = {"herbert": herbert, "bpe-prefix": continuing_prefix, "scripts": scripts}
