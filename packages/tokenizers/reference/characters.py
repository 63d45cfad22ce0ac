"""The character classes of the Rust library's parts, asked of every code point.

    python reference/characters.py

writes fixtures/characters.json; needs tokenizers 0.22.
"""

import json
from pathlib import Path

from tokenizers import Regex, normalizers, pre_tokenizers

FIXTURE = Path(__file__).parent.parent / "fixtures" / "characters.json"
ALL = [code for code in range(0x110000) if not 0xD800 <= code < 0xE000]
TEXT = "".join(map(chr, ALL))

# Names as patterns have them; and every category, which the larger ones are made of.
PROPERTIES = [
    *"Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co Cn L M N P S Z C".split(),
    *"Alphabetic Lowercase Uppercase White_Space Alnum Punct Graph Print Word Blank Space XDigit Cntrl".split(),
    *"Han Hiragana Katakana Hangul Latin Cyrillic Greek Arabic Hebrew Devanagari Thai Common Inherited".split(),
    *"Emoji ID_Start XID_Continue Ideographic".split(),
]


def ranges(codes):
    """Each range's distance from the last one's end, and its length less one: small numbers."""
    result = []
    last = start = previous = None
    flat = []
    for code in sorted(codes):
        if previous is not None and code == previous + 1:
            previous = code
            continue
        if start is not None:
            result.append((start, previous))
        start = previous = code
    if start is not None:
        result.append((start, previous))
    last = 0
    for first, end in result:
        flat += [first - last, end - first]
        last = end
    return flat


def removed(normalizer, text=TEXT):
    kept = set(normalizer.normalize_str(text))
    return [code for code in ALL if chr(code) not in kept]


def matching(pattern):
    return removed(normalizers.Replace(Regex(pattern), ""))


def cut(pre_tokenizer):
    """The code points that stand alone between two letters."""
    text = "a" + "a".join(map(chr, ALL)) + "a"
    return [ord(piece) for piece, _ in pre_tokenizer.pre_tokenize_str(text) if len(piece) == 1 and piece != "a"]


def dropped(pre_tokenizer):
    text = "a" + "a".join(map(chr, ALL)) + "a"
    kept = set("".join(piece for piece, _ in pre_tokenizer.pre_tokenize_str(text)))
    return [code for code in ALL if chr(code) not in kept]


def words():
    """`\\w` of Rust's regular expressions: what joins the letters around it."""
    text = "a" + "a ".join(map(chr, ALL)) + "a"
    pieces = {piece for piece, _ in pre_tokenizers.Whitespace().pre_tokenize_str(text)}
    return [code for code in ALL if chr(code) + "a" in pieces]


def scripts():
    """The code points where one script ends and the next begins, those without one left out; and those."""
    scripts = pre_tokenizers.UnicodeScripts()
    none = [code for code in ALL if scripts.pre_tokenize_str(chr(code)) == []]
    without = set(none)
    pieces = scripts.pre_tokenize_str("".join(chr(code) for code in ALL if code not in without))
    return {"none": ranges(none), "starts": ranges([ord(piece[0]) for piece, _ in pieces])}


def cases():
    """For each character that has another case: the characters that equal it, and the strings."""
    cased = [chr(code) for code in matching("[\\p{Changes_When_Casemapped}\\p{Changes_When_Casefolded}]")]
    text = "\n".join(cased)
    result = {}
    for character in cased:
        found = normalizers.Replace(Regex(f"(?i:{character})"), "").normalize_str(text).split("\n")
        result[character] = "".join(other for other, rest in zip(cased, found) if rest == "")
    return result


def main():
    bert = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    accents = normalizers.BertNormalizer(clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False)
    marks = {ord(character) for character in normalizers.NFD().normalize_str(TEXT)}
    # White space becomes a space, which looks like dropping it.
    white = set(matching("[\\s&&[^\\p{Cc}]]")) | set(map(ord, "\t\n\r"))
    recorded = {
        "properties": {name: ranges(matching(f"\\p{{{name}}}")) for name in PROPERTIES},
        "brackets": {name: ranges(matching(f"[[:{name}:]]")) for name in ("alnum", "alpha", "graph", "lower", "print", "punct", "upper", "word")},
        "isWord": ranges(words()),
        "isNumeric": ranges(cut(pre_tokenizers.Digits(individual_digits=True))),
        "isPunctuation": ranges(cut(pre_tokenizers.Punctuation())),
        "isWhitespace": ranges(dropped(pre_tokenizers.WhitespaceSplit())),
        "isMark": ranges(removed(normalizers.StripAccents())),
        # It decomposes first: only what is its own decomposition can be told.
        "isNonspacingMark": ranges([code for code in removed(accents) if code in marks]),
        "isControl": ranges([code for code in removed(bert) if code not in white]),
        "scripts": scripts(),
        "cases": {character: others for character, others in cases().items() if {character, *others} != {character, character.lower(), character.upper()}},
    }
    FIXTURE.write_text(json.dumps(recorded, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
