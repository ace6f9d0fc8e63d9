"""What may be a name: one line of text, in any script.

Names end up in lines of logs, in heads of tables and in labels of charts. So a name may
hold whatever text is made of, also the joiners that Persian words and emoji need and
that Python does not count as printable, but nothing that would begin a new line, drive
a terminal or not fit in a file: line breaks, control characters, halves of characters.
"""

import unicodedata

# Control characters, the two line breaks of Unicode, and surrogates, which stand for
# bytes that are no text and cannot be encoded.
REFUSED = ("Cc", "Zl", "Zp", "Cs")


def is_line(text: str) -> bool:
    r"""Whether a text has one line and shows something.

    Example:
        >>> is_line("loss"), is_line("👩\u200d🚀"), is_line("two\nlines"), is_line(" ")
        (True, True, False, False)
    """
    if not text.strip():
        return False
    return text.isprintable() or not any(
        unicodedata.category(character) in REFUSED for character in text
    )


def check_line(name: object, who: str) -> None:
    """Refuse a name that is not one line of text.

    Args:
        name: what was given.
        who: how the message begins, such as ``"log_image: name"``.

    Raises:
        TypeError: when `name` is not a string.
        ValueError: when it is blank, or has line breaks or control characters.
    """
    if not isinstance(name, str):
        raise TypeError(
            f"{who} is {name!r} of type {type(name).__name__}; a string was needed"
        )
    if not is_line(name):
        raise ValueError(
            f"{who} is {name!r}; a name of one line was needed, without control "
            "characters"
        )
