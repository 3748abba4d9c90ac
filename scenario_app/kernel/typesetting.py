"""Documents as PDF. What is set goes in as data: no word that anybody wrote is ever read as markup."""

import json
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import typst

FONTS = Path(__file__).parents[1] / "fonts"
NOT_COVERED = "[…]"


def typeset(template: Path, page: Mapping[str, object]) -> bytes:
    """Return an A4 document as PDF/UA-1: tagged, with a title, a language and words for its pictures.

    `page` holds plain JSON values, as the template reads them. The same values give the same bytes on every
    machine: only our own fonts are used. Takes up to a second; needs no network.
    """
    done: bytes = typst.compile(
        template,
        sys_inputs={"page": json.dumps(page)},
        font_paths=[FONTS],
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=["ua-1"],
    )
    return done


def printable(text: str) -> str:
    """Return text of which every character can be set: no empty boxes, which PDF/UA forbids.

    A sign that our fonts do not have is named; letters of a script that they do not have become `[…]`, and so does a
    text of which nothing would be left: PDF/UA has no place for an empty title. Blank space between words stays.

    >>> printable("Help \\N{OWL} us"), printable("\\N{HIRAGANA LETTER A}\\N{HIRAGANA LETTER I}!")
    ('Help [owl] us', '[…]!')
    >>> printable("a\\x0b"), printable(" \\x0b"), printable("\\U0010ffff"), printable(" "), printable("")
    ('a', '[…]', '[…]', ' ', '')
    """
    shown = _missing().sub(lambda found: _instead_of(found[0]), text)
    return NOT_COVERED if text.strip(" \t\r\n") and not can_be_seen(shown) and shown != text else shown


def can_be_seen(text: str) -> bool:
    """Say whether a text has anything besides blank space and marks that are not drawn.

    >>> can_be_seen("a"), can_be_seen(" \\N{RIGHT-TO-LEFT MARK}")
    (True, False)
    """
    return any(unicodedata.category(character)[0] not in "CZ" for character in text)


def _instead_of(text: str) -> str:
    # Joiners and variation selectors belong to the sign before them.
    signs = [
        character
        for character in text
        if unicodedata.category(character) not in ("Cc", "Cf", "Mn", "Cn", "Co")
    ]
    if not signs:
        return ""
    if all(unicodedata.category(character)[0] == "S" for character in signs):
        return "".join(f"[{unicodedata.name(character, 'sign').lower()}]" for character in signs)
    return NOT_COVERED


@cache
def _missing() -> re.Pattern[str]:
    ranges = [line.split() for line in (FONTS / "covered.txt").read_text("ascii").splitlines()]
    covered = "".join(f"\\U{int(first, 16):08x}-\\U{int(last, 16):08x}" for first, last in ranges)
    return re.compile(f"[^\\n{covered}]+")
