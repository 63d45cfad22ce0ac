"""Python counts code points, JavaScript UTF-16 units."""


def scalar(text):
    """The text as Rust can take it: a lone surrogate is U+FFFD."""
    return "".join("\ufffd" if 0xD800 <= ord(character) < 0xE000 else character for character in text)


def units(text, offsets):
    """Offsets in code points → in UTF-16 units."""
    places = [0]
    for character in text:
        places.append(places[-1] + (2 if ord(character) > 0xFFFF else 1))
    return [[places[start], places[end]] for start, end in offsets]
