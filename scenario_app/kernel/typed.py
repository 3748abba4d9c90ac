r"""What people type, as it is kept: the same letters written in one way, and nothing that hides or turns what is read.

>>> one_line("  A quiet\n room\u202e here\x07 ")
'A quiet room here'
"""

import re
import unicodedata

# Control characters but line ends and tabs; overrides and isolates of direction; what is no character at all.
NOT_KEPT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_MARKS = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
BURIED = re.compile(f"({_MARKS}{{3}}){_MARKS}+")


def plain(text: str) -> str:
    r"""Return text as NFC, lines ended by newlines, without control or direction characters, three marks to a letter.

    Letters of every script stay as they are; marks piled up over three cover the lines above and below.

    >>> plain("I called\r\n111\u202e"), len(plain("o" + "\u0489" * 200))
    ('I called\n111', 4)
    """
    if text.isascii() and text.isprintable():
        return text
    lines = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return BURIED.sub(r"\1", NOT_KEPT.sub("", lines))


def one_line(text: str) -> str:
    """Return text as `plain` does, on one line, with one blank between words."""
    return " ".join(plain(text).split())
