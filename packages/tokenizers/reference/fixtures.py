"""How fixtures are written: compact, without what several of them share."""

import hashlib
import json
import re
from pathlib import Path

FIXTURES = Path(__file__).parent.parent / "fixtures"
CHARSMAP = FIXTURES / "charsmap.txt"
KEY = "precompiled_charsmap"


def read(path):
    return json.loads(path.read_text())


def write(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # A lone surrogate is no UTF-8; JSON can still spell it.
    path.write_text(re.sub("[\ud800-\udfff]", lambda match: f"\\u{ord(match[0]):04x}", text) + "\n")


def digest(value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha1(text.encode()).hexdigest()[:8]


def replace_charsmap(value, change):
    if isinstance(value, list):
        return [replace_charsmap(item, change) for item in value]
    if isinstance(value, dict):
        return {key: change(item) if key == KEY else replace_charsmap(item, change) for key, item in value.items()}
    return value


def take_charsmap(value):
    """The map of SentencePiece's normalizer is stored once, in a file of its own."""

    def take(charsmap):
        if CHARSMAP.exists() and CHARSMAP.read_text().strip() != charsmap:
            raise ValueError("This charsmap is another than the one that the other tokenizers share.")
        CHARSMAP.write_text(charsmap + "\n")
        return ""

    return replace_charsmap(value, take)


def fill_charsmap(value):
    return replace_charsmap(value, lambda charsmap: charsmap or CHARSMAP.read_text().strip())
