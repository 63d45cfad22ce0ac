"""What `DecodeStream` gives for each id, for decoders of every kind.

    python reference/decode_streams.py

writes fixtures/decode-streams.json; needs tokenizers 0.22.
"""

import json
import random
from pathlib import Path

from tokenizers import Tokenizer, decoders
from tokenizers.pre_tokenizers import ByteLevel

from components import METASPACE, characters

FIXTURE = Path(__file__).parent.parent / "fixtures" / "decode-streams.json"
SPECIAL = ["<s>", "</s>"]
TEXTS = ["Hello world, it's 3 o'clock.", "naïve café", "漢字とかな", "👩‍👩‍👧 ok 👍🏽", "한국어 हिन्दी", "a\ufffdb", "tab\t \n end "]

BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
LLAMA = {"type": "Sequence", "decoders": [
    {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
    {"type": "Strip", "content": " ", "start": 1, "stop": 0},
]}
GEMMA = {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}]}
CLIP = {"type": "BPEDecoder", "suffix": "</w>"}
WORDS = ["Hello", "world", "##s", "##ly", ",", ".", "it", "'", "s", "n", "t", "do", "not", "'re", "m", "!", "漢", "字", "é", "##é"]
PIECES = ["▁Hello", "▁world", "▁", "▁▁", "s", "ly", ",", ".", "▁it", "'", "▁漢", "字", "é", "▁👍", "\ufffd", "ok▁"]


def bytes_of(text):
    """A text's bytes, by twos and threes, as a byte-level vocabulary has them."""
    encode = ByteLevel(add_prefix_space=False, use_regex=False).pre_tokenize_str(text)[0][0]
    return [encode[i : i + size] for size in (1, 2, 3) for i in range(0, len(encode), size)]


KINDS = [
    ("byte-level", BYTE_LEVEL, sorted({token for text in TEXTS for token in bytes_of(text)})),
    ("byte fallback", LLAMA, PIECES + BYTES),
    ("byte fallback, not stripped", GEMMA, PIECES + BYTES),
    ("Metaspace", {**METASPACE, "prepend_scheme": "always", "split": True}, PIECES),
    ("Metaspace without a prefix", {**METASPACE, "prepend_scheme": "never", "split": True}, PIECES),
    ("WordPiece", {"type": "WordPiece", "prefix": "##", "cleanup": True}, WORDS),
    ("WordPiece without clean-up", {"type": "WordPiece", "prefix": "##", "cleanup": False}, WORDS),
    ("CLIP", CLIP, [word + end for word in WORDS for end in ("", "</w>")]),
    ("no decoder", None, WORDS),
]


def tokenizer_of(decoder, tokens):
    config = {**characters(None, None), "decoder": decoder}
    vocab = [*SPECIAL, *tokens]
    config["model"] |= {"vocab": {token: id for id, token in enumerate(vocab)}, "unk_token": None}
    config["added_tokens"] = [
        {"id": id, "content": token, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
        for id, token in enumerate(SPECIAL)
    ]
    return config, Tokenizer.from_str(json.dumps(config))


def sequences(rnd, decoder, tokens):
    """Ids as they may come: whole texts, and anything at all."""
    ids = {token: id + len(SPECIAL) for id, token in enumerate(tokens)}
    for text in TEXTS:
        if decoder is BYTE_LEVEL:
            parts = bytes_of(text)
            yield [ids[part] for part in parts[: len(parts) // 2 + 3]]
        elif "<0x00>" in ids:
            yield [ids.get("▁" if character == " " else character, 0) or ids[f"<0x{byte:02X}>"] for character in text for byte in character.encode()]
    for _ in range(30):
        yield [rnd.randrange(len(tokens) + len(SPECIAL) + 1) for _ in range(rnd.randint(1, 30))]
    if "<0x00>" in ids:
        yield [ids["<0xE2>"]] * 20 + [ids["<0x41>"]] * 20 + [ids["▁world"], ids["s"]]
        yield [0, 1, 0] + [ids[f"<0x{byte:02X}>"] for byte in "漢字".encode()] + [1, ids["▁it"]]
        for _ in range(20):
            run = "".join(rnd.choice("aé漢👍") for _ in range(3)).encode()
            yield [rnd.randrange(len(tokens) + 2), *(ids[f"<0x{byte:02X}>"] for byte in run), rnd.randrange(len(PIECES)) + 2]
    if decoder is BYTE_LEVEL:
        yield [ids["Ã"]] * 40 + [ids["H"]]


def stream(tokenizer, ids, skip):
    """Each step's text, to where an id is refused, and that of all ids, if the steps' is its beginning.

    A byte can make those before it none of a character any more: too late where they were given.
    """
    decode = decoders.DecodeStream(skip_special_tokens=skip)
    steps = []
    for id in ids:
        try:
            steps.append(decode.step(tokenizer, id))
        except Exception as error:
            assert "Invalid prefix" in str(error)
            return steps, None
    text = tokenizer.decode(ids, skip_special_tokens=skip)
    return steps, text if text.startswith("".join(step or "" for step in steps)) else None


def main():
    rnd = random.Random(5)
    kinds = []
    for name, decoder, tokens in KINDS:
        config, tokenizer = tokenizer_of(decoder, tokens)
        cases = []
        for ids in sequences(rnd, decoder, tokens):
            skip = rnd.random() < 0.5
            cases.append([ids, skip, *stream(tokenizer, ids, skip)])
        kinds.append({"name": name, "tokenizer": config, "cases": cases})
    FIXTURE.write_text(json.dumps(kinds, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
