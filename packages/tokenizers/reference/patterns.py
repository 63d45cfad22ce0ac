"""What Oniguruma finds, by the Rust library: each construct in small cases, the patterns of real tokenizers on every line.

    python reference/patterns.py

writes fixtures/patterns.json; needs tokenizers 0.22.
"""

import hashlib
import json
import random
from pathlib import Path

from tokenizers import Regex, normalizers, pre_tokenizers

from texts import EDGES, SENTENCES, random_character
from units import scalar, units

FIXTURE = Path(__file__).parent.parent / "fixtures" / "patterns.json"
MARKER = "\ue000"

CONTRACTIONS = "'s|'t|'re|'ve|'m|'ll|'d"
ANY_CASE = f"(?i:{CONTRACTIONS})"
O200K_UPPER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
O200K_LOWER = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
KIMI_UPPER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]"
KIMI_LOWER = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]"

REAL = {
    "GPT-2, Phi": rf"{CONTRACTIONS}| ?\p{{L}}+| ?\p{{N}}+| ?[^\s\p{{L}}\p{{N}}]+|\s+(?!\S)|\s+",
    "cl100k": rf"{ANY_CASE}|[^\r\n\p{{L}}\p{{N}}]?+\p{{L}}++|\p{{N}}{{1,3}}+| ?[^\s\p{{L}}\p{{N}}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
    "Llama 3": rf"{ANY_CASE}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    "Qwen": rf"{ANY_CASE}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    "o200k, gpt-oss": "|".join([
        rf"[^\r\n\p{{L}}\p{{N}}]?{O200K_UPPER}*{O200K_LOWER}+{ANY_CASE}?",
        rf"[^\r\n\p{{L}}\p{{N}}]?{O200K_UPPER}+{O200K_LOWER}*{ANY_CASE}?",
        r"\p{N}{1,3}", r" ?[^\s\p{L}\p{N}]+[\r\n/]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+",
    ]),
    "Llama 4": "|".join([
        r"[^\r\n\p{L}\p{N}]?((?=[\p{L}])([^a-z]))*((?=[\p{L}])([^A-Z]))+" + ANY_CASE + "?",
        r"[^\r\n\p{L}\p{N}]?((?=[\p{L}])([^a-z]))+((?=[\p{L}])([^A-Z]))*" + ANY_CASE + "?",
        r"\p{N}{1,3}", r" ?[^\s\p{L}\p{N}]+[\r\n/]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+",
    ]),
    "DeepSeek V3, CJK": "[一-龥\u3040-ゟ゠-ヿ]+",
    "DeepSeek V3": r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+""",
    "DeepSeek Coder": "[\r\n]|\\s?\\p{L}+|\\s?\\p{P}+|[一-龥ࠀ-一가-\ud7ff]+|\\p{N}",
    "BLOOM": r" ?[^(\s|[.,!?…。，、।۔،])]+",
    "Falcon": r"[0-9][0-9][0-9]",
    "CLIP": rf"{CONTRACTIONS}|[\p{{L}}]+|[\p{{N}}]|[^\s\p{{L}}\p{{N}}]+",
    "Gemma, T5": " {2,}",
    "StarCoder 2, OLMo 2": r"\p{N}{1,3}",
    "Kimi K2": "|".join([
        r"[\p{Han}]+",
        rf"[^\r\n\p{{L}}\p{{N}}]?{KIMI_UPPER}*{KIMI_LOWER}+{ANY_CASE}?",
        rf"[^\r\n\p{{L}}\p{{N}}]?{KIMI_UPPER}+{KIMI_LOWER}*{ANY_CASE}?",
        r"\p{N}{1,3}", r" ?[^\s\p{L}\p{N}]+[\r\n]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+",
    ]),
    "MiniMax": rf"{ANY_CASE}|[^\r\n\p{{L}}\p{{N}}]?[\p{{L}}\p{{M}}]+|\p{{N}}| ?[^\s\p{{L}}\p{{M}}\p{{N}}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
}

MIXED = "aab bA\n1٣é ß SS ﬁ\u212aſ_-]\r\n  x\u0301 漢字\u0085ǅ\n\n"

# What each construct is to find: a pattern, and where it helps a text of its own.
CONSTRUCTS = [
    # Quantifiers.
    ("a{2}+", "aaaaa"), ("a++a", "aaa"), ("a*+b", "aab b"), ("a?+a", "a aa"), ("(?:ab)++c", "ababc abab"), ("(?:ab|a)++b", "abab"),
    ("a{,2}", "aaa"), ("a{2,1}", "aaa"), ("a{2,1}?b", "aaab"), ("a{1,2}?+", "aaa"), ("a{2}?b", "aab b"), ("a{2,3}+", "aaaaaaa"),
    ("a{2,3}?", "aaaaa"), ("a{,}", "a{,}"), ("a{", "a{"), ("a{1", "a{1"), ("a{1,2", "a{1,2"), ("a{0}b", "aab"), ("a{2,}", "a aaa"),
    ("(?:a|b)*?b", "aab"), ("x*", "axb"), ("(?:a?)*b", "aab"), ("(a*)*b", "aab"), ("(a*)+", "b"), ("a+?", "aa"), ("a??b", "ab"),
    ("(?:a|ab)(?:c|bcd)(?:d*)", "abcd"), ("\\d{2}{3}", "123456 7"), ("a**", "aab"), ("(?:a+)?", "aab"), ("[ab]{2}+", "ababa"),
    # Groups.
    ("(?>a|ab)c", "abc ac"), ("(?>a+)b|a", "aac aab"), ("(?>a*)a", "aaa"), ("(?>)a", "a"), ("(?:)", "ab"), ("()", "ab"), ("", "ab"), ("|a", "ba"), ("a||b", "ba"),
    ("(a)(b)\\2\\1", "abba"), ("(a)\\1", "aaa"), ("(?<n>a)\\k<n>", "aa a"), ("(?'x'a|b)\\k'x'", "aa ab bb"), ("(a)\\k<1>", "aa"),
    ("(a|b)\\k<-1>", "aab bb"), ("(?<x>a|b)(c)\\k<x>", "aca acb"), ("((?>a+))b\\1", "aabaa"), ("(?=(a+))b|\\w", "aab"), ("(?<x>a)\\g<x>", "aa a"),
    ("(a|b)\\g<1>", "aab"), ("(?:(a|b)\\1)+", "aabbab"), ("(a+)(?=\\1)", "aaaaa"), ("(.)(?!\\1)", "aab"), ("(?#hi)a", "ab"), ("a(?#x)+", "aaa"), ("a(?#\\))b", "ab"),
    ("(?=a)b|a", "ab"), ("a(?!b)", "abac"), ("(?<!a)b", "ab b"), ("(?<=a|bc)d", "ad bcd d"), ("(?<!a|bc)d", "ad bcd d"), ("(?<=a+)b", "aab"),
    ("(?<=\\s|^)b", "b ab b"), ("(?<=\\b)b", "ab b"), ("(?<=[^a])b", "ab cb"), ("(?<=^a)b", "ab\nab"),
    # Anchors.
    ("^", "a\nb\n"), ("$", "a\nb\n"), ("^b", "a\nb"), ("a$", "a\nb"), ("a$", "a\r\nb"), ("\\A.", "a\nb"), ("a\\Z", "a\na\n"), ("a\\z", "a\na\n"), ("\\Z", "a\n"), ("\\z", "a\n"),
    ("\\b", "a bé"), ("\\B", "ab c"), ("\\b\\w+\\b", "ab_c d-e"), ("\\G a", " a a ba a"), ("\\Ga|\\Gb", "abcab"), ("\\s++$", "a  \n b  \n"), ("\\s+$", "a  \n b  \n"), ("^\\s*", " a\n  b"),
    # Classes.
    (".", "a\nb\r\u2028\u0085"), ("(?m:.)", "a\nb\r"), ("(?m).+", "a\nb"), ("\\R", "a\r\nb\nc\u2028\u0085\u000b"), ("\\R++\\n", "\r\n\n"), ("\\h", "a1gF"), ("\\H", "a1gF"), ("\\d", "a1٣²"), ("\\D", "a1٣²"),
    ("\\w", "a1_é-ⅷ\u200d"), ("\\w", "²a¼"), ("[\\w]", "²a¼"), ("\\p{Word}", "²a¼"), ("\\P{word}", "²a¼-"), ("\\W", "²-"), ("[^\\W]", "²a"), ("\\b", "² a"), ("\\w++\\b", "²a b"), ("(?i:[ﬅ])", "ﬆ st ﬅ"), ("(?i:[ΐ])", "\u0390 \u1fd3"), ("\\W", "a1_é-ⅷ\u200d"), ("\\s", "a \u00a0\u0085\u200b\u3000\u000b\u001c\ufeff"), ("\\S", "a \u00a0\u0085\u200b\ufeff"), ("\\O", "a\nb"), ("\\N", "a\nb"),
    ("\\p{Han}+", "漢字a"), ("\\p{han}+", "漢字a"), ("\\p{Hira}", "あア"), ("\\p{^L}", "a1"), ("\\P{^L}", "a1"), ("\\P{L}", "a1"), ("\\p{Letter}", "a1"), ("\\p{Uppercase_Letter}", "aA"),
    ("\\p{Alphabetic}", "a1ⅷ"), ("\\p{Emoji}", "a1😀"), ("\\p{Emoji_Presentation}", "1😀"), ("\\p{LC}", "aA1"), ("\\p{Lu}", "aA"), ("\\p{lu}", "aA"), ("\\p{Old Italic}", "𐌀a"), ("\\p{Old_Italic}", "𐌀a"),
    ("\\p{Any}", "a\n"), ("\\p{Assigned}", "a\u0378"), ("\\p{Cn}", "a\u0378"), ("\\p{C}", "a\u0378\u0001"), ("\\p{XIDS}", "a1"), ("\\p{punct}+", "a!$+"), ("\\p{alnum}+", "a!1"), ("\\p{Word}", "a_-"), ("\\p{blank}", "\t \n"),
    ("\\p{graph}+", "a 1\u0378"), ("\\p{space}+", "a 1"), ("\\p{xdigit}", "fg"), ("\\p{Lower}", "aA"), ("\\p{ASCII}+", "aé"), ("\\pL+", "abc1 pLL"), ("[\\p{L}--a]", "a-"), ("\\p{Nd}\\p{No}?", "1²"),
    ("[[:alpha:]]+", "ab1é"), ("[[:^alpha:]]+", "ab1é"), ("[[:punct:]]+", "a!$+é«"), ("[[:digit:][:space:]]", "1 a"), ("[[:alnum:]]+", "a1_ⅷ"), ("[[:blank:]]", "\t \n"), ("[[:cntrl:]]", "\u0001a"),
    ("[[:graph:]]+", "a 1\u0378"), ("[[:print:]]+", "a 1\n"), ("[[:lower:]]", "aAª"), ("[[:upper:]]", "aAⅧ"), ("[[:xdigit:]]+", "12fg"), ("[[:word:]]+", "a_1 -"), ("[[:ascii:]]+", "aé"), ("[^[:^digit:]]", "a1"),
    ("[a-z&&[^aeiou]]", "abcde"), ("[^a-c&&b-d]", "abcde"), ("[a-c&&]", "abc"), ("[a&&b&&c]", "abc"), ("[a-w&&[^c-g]z]", "abchwz"), ("[]a]", "]a"), ("[^]a]", "]ab"), ("[a-]", "a-b"), ("[-a]", "a-b"),
    ("[a-c-e]", "abcde-"), ("[--/]", "-./"), ("[a\\-z]", "a-zb"), ("[a\\R]", "aR\n"), ("[\\b]", "a\b"), ("[[a-c][x-z]]+", "abxd"), ("[^[^a]]", "ab"), ("[a[:digit:]b]", "a1b"), ("[:alpha:]", "ah:"),
    ("[\\x{61 63}]", "abc"), ("[\\s\\S]", "a\n"), ("[^\\s]", "a "), ("[.*+?^$(){}|/]+", "a.*+?^$(){}|/b"), ("[#&~!@%,:;<=>`\"']+", "a#&~!@%,:;<=>`\"'"), ("[\\[\\]\\\\]+", "[]\\"), ("[0-9&&]", "1"), ("[a-\\x{63}]", "abcd"), ("[\\n-\\r]", "\n\u000b\r "),
    # Characters.
    ("\\x{61}", "abc"), ("\\x61", "abc"), ("\\u0061", "abc"), ("\\141", "abc"), ("\\x{1F600}", "😀"), ("\\x{61 62}", "ab"), ("\\x{e9}", "é"), ("\\0", "\u0000"), ("\\01", "\u0001"), ("\\10", "\b"), ("\\o{141}", "a"), ("\\cA", "\u0001"), ("\\C-a", "\u0001"),
    ("\\t\\v\\n\\r\\f\\a\\e", "\t\u000b\n\r\f\u0007\u001b"), ("\\q", "q"), ("\\-\\/\\#\\&", "-/#&"), ("-/#&~", "-/#&~"), ("]}", "]}"), ("😀+", "😀😀"), ("[😀-😂]", "😁"), ("\\😀", "😀"), (".+", "😀a"),
    # Options.
    ("(?i)a(?-i)b", "ABaBAb"), ("a(?i)b|c", "aB C ac"), ("(?i:a(?-i:b)c)", "aBc AbC"), ("(?i-m:A)", "aA"), ("(?x) a b # c", "ab a b"), ("a (?x: b )c", "a bc"), ("(?x:a\\ b)", "a b"), ("(?x:[a b])", "a b"),
    ("(?x)a +", "aaa"), ("(?x)a #c\n b", "ab"), ("(?im:a.)", "A\n"), ("(?W:\\w+)", "aé"), ("(?W:\\b)", "aé"), ("(?D:\\d)", "1٣"), ("(?S:\\s)", " \u00a0"), ("(?P:\\w[[:alpha:]])", "abéa"), ("(?P:[[:punct:]])", "!«"), ("(?y{g})a", "a"), ("(?i)", "a"),
    # Cases.
    ("(?i:'s|'t)", "'S 'ſ"), ("(?i)ss", "aß SS ſs"), ("(?i:ß)", "ss SS ẞ ß"), ("(?i:[ß])", "ss SS ẞ ß"), ("(?i:s)", "sSſ"), ("(?i:k)", "kK\u212a"), ("(?i:\\p{Lu})", "aA"), ("(?i:[\\p{Lu}])", "aA"), ("(?i:[^a])", "aAb"), ("(?i:ﬁ)", "fi FI ﬁ"), ("(?i:fi)", "fi FI ﬁ"),
    ("(?i:[a-z]+)", "abKſ\u212aß"), ("(?i:[a-zß]+)", "ßSSẞ"), ("(?i:[^k])", "kK\u212a"), ("(?i:[^\\P{Lu}])", "aA"), ("(?i:[[^a]])", "aA"), ("(?i:[k-m&&[^L]])", "kKlLmM"), ("(?i:ſt)", "st ﬆ ﬅ ST"), ("(?i:st)", "st ﬆ ﬅ ST"), ("(?i:İ)", "i̇ İ i"), ("(?i:ı)", "ıiI"), ("(?i:i)", "ıiIİ"),
    ("(?i:Σ)", "σςΣ"), ("(?i:[σ])", "σςΣ"), ("(?i:ffi)", "ﬃ ﬀi fﬁ FFI"), ("(?i:ff)i", "ﬃ ﬀi fﬁ FFI"), ("(?i:s)(?i:s)", "ß ss"), ("(?i:s+s)", "ß ss"), ("(?i:sss)", "ßs sß sss"), ("(?i:ßs)", "ßs sss ssß"), ("(?i:ŉ)", "ʼn ŉ ʼN"), ("(?i:ǅ)", "Ǆ ǅ ǆ"), ("(?i:ΐ)", "ΐ ΐ"), ("(?i:é)", "é É"), ("(?i:Ꭰ)", "Ꭰꭰ"), ("(?i:𐐀)", "𐐀𐐨"),
    ("(?<=(?i:a))b", "Ab"), ("(?<!(?i:k))b", "\u212ab Kb xb"), ("(?i:a)++b", "aAb"), ("(?i:[x]++)a", "xXa"),
    # Malformed.
    ("{1}", ""), ("*a", ""), ("a|*b", ""), ("(?=a)*b", ""), ("^*a", ""), ("[\\w-z]", ""), ("[a-\\d]", ""), ("\\xE9", ""), ("[\\xE9]", ""), ("\\8", ""), ("\\9", ""), ("(?<x>a)(b)\\1", ""), ("\\p{L", ""), ("\\p{Nonsense}", ""), ("\\p{Age=6.0}", ""),
    ("\\k<x>", ""), ("\\g<0>", ""), ("(", ""), (")", ""), ("[", ""), ("[a", ""), ("[]", ""), ("[^]", ""), ("(?", ""), ("(?<", ""), ("\\", ""), ("a\\", ""), ("(?<=a", ""), ("[z-a]", ""), ("[[:foo:]]", ""), ("[[:alpha:]", ""), ("(?s)a", ""), ("(?a:\\w)", ""), ("(?<1>a)", ""), ("a{100001}", ""), ("\\p{Script=Han}", ""),
]

# Oniguruma's own, which JavaScript has no equal for.
IMPOSSIBLE = [
    "a\\Kb", "\\X", "\\y", "\\Y", "(?~ab)", "(?<r>a\\g<r>?b)", "(a)?(?(1)b|c)", "(a)?b\\1", "(?:(a)|b)\\1", "(?i:(a)\\1)", "(*FAIL)", "(?{x})", "a\\G", "(?<=(?>a))b", "(?L)a|ab", "(?C)a", "(?<x>a)|(?<x>b)\\k<x>", "(a)(?<=\\1)", "\\p{In_Basic_Latin}",
    "\\M-a", "[a-[b]]", "\\x{110000}",
]


def finder(pattern):
    """A text → it with a marker for each match, and where it is cut: together they tell every match, empty ones too."""
    replace = normalizers.Replace(Regex(pattern), MARKER)
    split = pre_tokenizers.Split(Regex(pattern), "isolated")

    def find(text):
        pieces = split.pre_tokenize_str(text)
        return [replace.normalize_str(text), [end for _, end in units(text, [offsets for _, offsets in pieces])]]

    return find


def case(pattern, text):
    try:
        find = finder(pattern)
    except Exception:
        return [pattern, text, None, None]
    return [pattern, text, find(text), find(MIXED)]


def random_texts():
    rnd = random.Random(3)
    characters = "ab A1 \n\r\t'sStT.é漢 \u0301_"
    return ["".join(rnd.choice(characters) for _ in range(rnd.randint(1, 30))) for _ in range(600)] + [
        "".join(random_character(rnd) for _ in range(rnd.randint(5, 40))) for _ in range(500)
    ]


def digest(value):
    return hashlib.sha1(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()[:8]


def digests(find, texts):
    """One for ten texts."""
    return "".join(digest([find(text) for text in texts[i : i + 10]]) for i in range(0, len(texts), 10))


def main():
    lines = [scalar(line) for line in EDGES + SENTENCES]
    texts = random_texts()
    recorded = {
        "mixed": MIXED,
        "constructs": [case(pattern, text) for pattern, text in CONSTRUCTS],
        "impossible": IMPOSSIBLE,
        "lines": len(lines),
        "texts": texts,
        "real": [[name, pattern, digests(finder(pattern), lines + texts)] for name, pattern in REAL.items()],
    }
    for pattern in IMPOSSIBLE:
        Regex(pattern)
    FIXTURE.write_text(json.dumps(recorded, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
