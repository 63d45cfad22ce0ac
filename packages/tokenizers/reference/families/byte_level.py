"""BPE over bytes: GPT-2 and what came of it."""

import json

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from texts import corpus

from .repository import save

ALPHABET = pre_tokenizers.ByteLevel.alphabet()
ROBERTA_SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
LLAMA = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN = LLAMA.replace("{1,3}", "")
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
O200K = (
    rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+{CONTRACTIONS}?|[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*{CONTRACTIONS}?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
DEEPSEEK = (
    r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"""
    r"""| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"""
)


def train(tokenizer, size, special=()):
    trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=list(special), initial_alphabet=ALPHABET, show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    return tokenizer


def byte_level(pre_tokenizer, size, special=(), normalizer=None, **model):
    tokenizer = Tokenizer(models.BPE(**model))
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    return train(tokenizer, size, special)


def split(*patterns):
    """Words cut out by expressions, then bytes."""
    return pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in patterns]
        + [pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )


def in_old_spelling(tokenizer):
    """Merges as "a b", the way files spelled them before tokenizers 0.20."""
    text = json.loads(tokenizer.to_str())
    text["model"]["merges"] = [" ".join(merge) for merge in text["model"]["merges"]]
    return text


def roberta(folder, size, **config):
    prefix = config.get("add_prefix_space", False)
    tokenizer = byte_level(pre_tokenizers.ByteLevel(add_prefix_space=prefix), size, ROBERTA_SPECIAL)
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, special=True)])
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=prefix)
    save(folder, tokenizer, "RobertaTokenizer", **config)


def gpt2(folder):
    tokenizer = byte_level(pre_tokenizers.ByteLevel(add_prefix_space=False), 1300)
    tokenizer.add_special_tokens(["<|endoftext|>"])
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=True)
    save(folder, in_old_spelling(tokenizer), "GPT2Tokenizer", add_prefix_space=False)


def llama3(folder):
    tokenizer = byte_level(split(LLAMA), 1300, ignore_merges=True)
    tokens = ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in tokens])
    begin = tokenizer.token_to_id(tokens[0])
    template = processors.TemplateProcessing(
        single=f"{tokens[0]} $A", pair=f"{tokens[0]} $A {tokens[0]}:1 $B:1", special_tokens=[(tokens[0], begin)]
    )
    tokenizer.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), template])
    text = json.loads(tokenizer.to_str())
    # Words that no merge leads to: only ignore_merges finds them.
    parts = {part for merge in text["model"]["merges"] for part in merge}
    ends = [merge for merge in text["model"]["merges"] if "".join(merge) not in parts]
    text["model"]["merges"] = [merge for merge in text["model"]["merges"] if merge not in ends[::3]]
    save(folder, text, bos_token=tokens[0], eos_token=tokens[1], model_input_names=["input_ids", "attention_mask"], clean_up_tokenization_spaces=True)


def qwen3(folder):
    tokenizer = byte_level(split(QWEN), 1300, normalizer=normalizers.NFC(), continuing_subword_prefix="", end_of_word_suffix="")
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in special])
    tokenizer.add_tokens([AddedToken(token, normalized=False) for token in ("<tool_call>", "</tool_call>", "<think>", "</think>")])
    tokenizer.post_processor = processors.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)
    save(
        folder, in_old_spelling(tokenizer), "Qwen2Tokenizer", pad_token=special[0], eos_token=special[2],
        additional_special_tokens=special[1:], add_prefix_space=False, errors="replace",
    )


def gpt_oss(folder):
    tokenizer = byte_level(split(O200K), 1300, ignore_merges=True)
    tokens = ["<|startoftext|>", "<|endoftext|>", "<|return|>", "<|start|>", "<|message|>"]
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in tokens])
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    save(
        folder, tokenizer, bos_token=tokens[0], eos_token=tokens[2], pad_token=tokens[1],
        model_input_names=["input_ids", "attention_mask"],
    )


def deepseek(folder):
    """Three expressions one after the other: numbers, Chinese and Japanese, the rest."""
    tokenizer = byte_level(split(r"\p{N}{1,3}", "[一-龥\u3040-ゟ゠-ヿ]+", DEEPSEEK), 1200, normalizer=normalizers.Sequence([]))
    begin, end = "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>"
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in (begin, end)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A", pair=f"{begin} $A {begin}:1 $B:1", special_tokens=[(begin, tokenizer.token_to_id(begin))]
    )
    save(folder, tokenizer, "LlamaTokenizerFast", bos_token=begin, eos_token=end, pad_token=end, unk_token=None, legacy=True)


def clip(folder):
    words = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
    tokenizer = Tokenizer(models.BPE(continuing_subword_prefix="", end_of_word_suffix="</w>", unk_token="<|endoftext|>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(words), "removed", invert=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=1500, initial_alphabet=ALPHABET, continuing_subword_prefix="", end_of_word_suffix="</w>", show_progress=False
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    tokenizer.decoder = decoders.ByteLevel()
    text = in_old_spelling(tokenizer)
    # Every byte, every byte at a word's end, what merges make, two special tokens.
    alphabet = sorted(ALPHABET)
    merged = dict.fromkeys(merge.replace(" ", "") for merge in text["model"]["merges"])
    vocab = dict.fromkeys([*alphabet, *(letter + "</w>" for letter in alphabet), *merged, "<|startoftext|>", "<|endoftext|>"])
    text["model"]["vocab"] = {token: id for id, token in enumerate(vocab)}
    tokenizer = Tokenizer.from_str(json.dumps(text))
    start, end = [(token, tokenizer.token_to_id(token)) for token in ("<|startoftext|>", "<|endoftext|>")]
    tokenizer.add_special_tokens([AddedToken(start[0]), AddedToken(end[0], normalized=False)])
    tokenizer.post_processor = processors.RobertaProcessing(end, start, add_prefix_space=False, trim_offsets=False)
    save(folder, in_old_spelling(tokenizer), "CLIPTokenizer", do_lower_case=True, errors="replace", pad_token=end[0], model_max_length=77)


# Content, how it matches, whether it is special.
ADDED = [
    ("<pad>", {}, True),
    ("<none>", {}, True),
    ("<left>", {"lstrip": True}, True),
    ("<right>", {"rstrip": True}, False),
    ("<both>", {"lstrip": True, "rstrip": True, "normalized": False}, True),
    ("word", {"single_word": True}, False),
    ("Word", {"single_word": True, "normalized": False}, True),
    ("New York", {"single_word": True, "normalized": False}, False),
    ("wörd", {"single_word": True, "lstrip": True}, False),
    ("ab", {"normalized": False}, False),
    ("abc", {"normalized": False, "single_word": True}, False),
    ("abcd", {}, False),
    ("bcde", {"normalized": False}, False),
    ("Straße", {}, False),
    ("CAFÉ", {"normalized": False}, False),
    ("e\u0301", {"normalized": False}, True),
    ("É", {}, False),
    ("㎏", {}, False),
    ("a.b*c+", {"normalized": False}, False),
    ("[x](y)", {}, False),
    ("\\d", {"normalized": False}, False),
    ("^$", {}, True),
    ("(?:x)|y", {"normalized": False}, False),
    ("$&", {}, False),
    ("two  spaces", {}, False),
    (" lead", {"normalized": False}, False),
    ("trail ", {"normalized": False, "rstrip": True}, False),
    ("a\nb", {"normalized": False}, False),
    ("👍🏽", {"normalized": False}, True),
    ("中文", {}, False),
    ("𠮷", {"single_word": True, "normalized": False}, False),
    ("<ONE>", {}, True),
    ("<TWO>", {"normalized": False}, True),
    ("<x\u0301>", {"normalized": False, "lstrip": True}, True),
]


def added_tokens(folder):
    """Added tokens of every kind; the normalizer writes bytes, so that a normalized one is matched in bytes too."""
    normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase(), normalizers.ByteLevel()])
    # Words that end with their space: trimming has something to do on the right.
    tokenizer = byte_level(pre_tokenizers.Split("Ġ", "merged_with_previous"), 1000, normalizer=normalizer)
    tokenizer.post_processor = processors.ByteLevel(add_prefix_space=False, trim_offsets=True)
    for content, how, special in ADDED:
        add = tokenizer.add_special_tokens if special else tokenizer.add_tokens
        add([AddedToken(content, special=special, **how)])
    save(folder, tokenizer, pad_token="<pad>", eos_token="<none>", additional_special_tokens=["<left>", "<both>"])


RECIPES = {
    "roberta": lambda folder: roberta(folder, 2200),
    # As a model that labels words loads it.
    "roberta-prefix": lambda folder: roberta(folder, 1000, add_prefix_space=True),
    "gpt2": gpt2, "llama3": llama3, "qwen3": qwen3, "gpt-oss": gpt_oss, "deepseek": deepseek,
    "clip": clip, "added-tokens": added_tokens,
}
