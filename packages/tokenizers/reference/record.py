"""Record what the Rust library and Transformers answer, as the truth for the tests beside src/.

    HF_HUB_OFFLINE=1 python record.py [--train] [name ...]

needs transformers 4.57.6, tokenizers 0.22, sentencepiece and protobuf. Nothing is downloaded: the tokenizers of
`families/` have the components of real ones and are trained here, on `texts.py`. A name records that tokenizer's folder
and nothing else; no name records all of them and what several share. A tokenizer that is in fixtures/ already is asked
again as it is there; `--train` trains it anew, after which `vocabularies.json` and `calls.json` want recording too.
"""

import argparse
import json
import tempfile
from pathlib import Path

from transformers import AutoTokenizer

import api
from families import RECIPES
from fixtures import FIXTURES, digest, fill_charsmap, read, take_charsmap, write
from hard_texts import hard_lines
from texts import lines
from units import scalar, units

LINES = lines() + hard_lines()
# Of this many lines everything is kept, so that a difference can be read; of the others a digest.
SPELLED_OUT = 20


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


def returns(tokenizer, line):
    """Whether decoding what a line is encoded to gives the line back."""
    text = scalar(line)
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    return tokenizer.decode(ids, clean_up_tokenization_spaces=False) == text


def bits(values):
    """Four of them a hexadecimal digit, the first the highest bit."""
    joined = "".join("1" if value else "0" for value in values)
    return "".join(f"{int(joined[i : i + 4].ljust(4, '0'), 2):x}" for i in range(0, len(joined), 4))


def train(name, folder):
    """The files of a tokenizer, new; what several share is left out."""
    RECIPES[name](folder)
    write(FIXTURES / name / "tokenizer.json", take_charsmap(read(folder / "tokenizer.json")))
    write(FIXTURES / name / "tokenizer_config.json", read(folder / "tokenizer_config.json"))


def load(name, folder):
    """The tokenizer, as Transformers loads it."""
    for file in ("tokenizer.json", "tokenizer_config.json"):
        (folder / file).write_text(json.dumps(fill_charsmap(read(FIXTURES / name / file))))
    return AutoTokenizer.from_pretrained(folder)


def record(name, tokenizer):
    answers = [answer(tokenizer, line) for line in LINES]
    write(
        FIXTURES / name / "answers.json",
        {
            "full": answers[:SPELLED_OUT],
            "digests": "".join(digest(a) for a in answers[SPELLED_OUT:]),
            "returns": bits(returns(tokenizer, line) for line in LINES),
        },
    )
    write(FIXTURES / name / "calls.json", api.answers(tokenizer, spelled_out=name == "bert-uncased"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(RECIPES))
    parser.add_argument("--train", action="store_true", help="train the tokenizers anew")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(RECIPES)
    if unknown:
        parser.error(f"no such tokenizer: {', '.join(unknown)}")

    write(FIXTURES / "lines.json", LINES)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        tokenizers = {}
        for name in arguments.names or RECIPES:
            (folder / name / "trained").mkdir(parents=True)
            if arguments.train or not (FIXTURES / name / "tokenizer.json").exists():
                train(name, folder / name / "trained")
            tokenizers[name] = load(name, folder / name)
            record(name, tokenizers[name])
        if not arguments.names:
            write(FIXTURES / "calls.json", api.shared(tokenizers))
            write(FIXTURES / "vocabularies.json", api.vocabularies(tokenizers, folder))


if __name__ == "__main__":
    main()
