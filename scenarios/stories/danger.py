"""Whether words speak of danger that is now: an exact look for phrases that a community keeps. Pure."""

import re
import unicodedata
from collections.abc import Iterable

_ARABIC_LETTERS = str.maketrans("أإآٱىةؤئ", "ااااياوي", "ـ")
# Words that Arabic writes together with the one after them: "and", "so".
_JOINED = ("", "و", "ف")
_APOSTROPHES = re.compile("['’ʼ`]")
_NO_WORD = re.compile(r"[\W_]+")


def plain(words: str) -> str:
    """Return words in the one form in which they are compared: no marks, no capitals, single spaces.

    >>> plain("  I’m going to KILL   myself! "), plain("أُريدُ أن أموت") == plain("اريد ان اموت")
    ('im going to kill myself', True)
    """
    # Compatibility forms too: full-width letters and presentation forms are the same words.
    taken_apart = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", words.translate(_ARABIC_LETTERS)))
    bare = "".join(ch for ch in taken_apart if unicodedata.category(ch) not in ("Mn", "Cf"))
    return _NO_WORD.sub(" ", bare.replace("ł", "l").replace("Ł", "l").casefold()).strip()


def danger_in(text: str, phrases: Iterable[str]) -> bool:
    """Say whether one of the phrases stands in the text as whole words. Any capitals, marks and line ends.

    It is no judgement and knows no "not": who writes "I will not kill myself" is looked after too.

    >>> danger_in("I want to Die,\\ntonight.", ["want to die"]), danger_in("the want to diet", ["want to die"])
    (True, False)
    """
    within = f" {plain(text)} "
    return any(
        f" {joined}{wanted} " in within
        for phrase in phrases
        if (wanted := plain(phrase))
        for joined in _JOINED
    )
