"""Take a story's words out of a script, and leave its scenes, decisions and responses standing. Pure.

What was woven from a story cannot be told apart by its co-writers' memory, so it is told apart by the words: each
piece of a script (a paragraph, a title, a response, what it helps or costs) that has four words in a row of the
story, or is three of its words and no more, is replaced whole. Source: docs/DECISIONS.md, withdrawal.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

TAKEN_BACK = "Words taken back by the person who told them."
RUN = 4
COPIED = 7  # words in a row that two people do not write by chance
_SHORTEST = 3
_KEYS_KEPT = {"id", "stage", "also_touches", "start", "language", "minutes"}
_FIELD = re.compile(r"(?P<head>[A-Za-z_][\w-]*[ \t]*:[ \t]*)(?P<words>.*)")
# In the order in which they are tried; each has what stays before the words, the words, what stays after them.
_PIECES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<head>#{2,3}[ \t]*(?:Scene|Ending|Decision)[ \t]+[\w-]+[ \t]*:[ \t]*)(?P<words>.*)(?P<tail>)",
        r"(?P<head>#{1,6}[ \t]*)(?P<words>.*)(?P<tail>)",
        r"(?P<head>[ \t]*[-*+][ \t]+[A-Za-z]\)[ \t]*)(?P<words>.*?)(?P<tail>[ \t]*(?:->.*)?)",
        r"(?P<head>[ \t]*[-*+][ \t]+(?:helps|costs)[ \t]*:[ \t]*)(?P<words>.*)(?P<tail>)",
        r"(?P<head>[ \t]*[-*+][ \t]+\w[\w-]*[ \t]*:[^,]*,[ \t]*)(?P<words>.*)(?P<tail>)",
        r"(?P<head>[ \t]*[-*+][ \t]+)(?P<words>.*)(?P<tail>)",
        r"(?P<head>[ \t]*(?:asks[ \t]*:|->).*)(?P<words>)(?P<tail>)",
    )
)
_SPEECH = re.compile(r"(?P<head>[ \t]*\*\*[^*\n]{1,80}:\*\*[ \t]*)")


@dataclass(frozen=True, slots=True)
class StoryWords:
    """Runs of words of a story, by which its pieces are known again. Pieces shorter than `shortest` never are."""

    runs: frozenset[tuple[str, ...]]
    run: int = RUN
    shortest: int = _SHORTEST

    @classmethod
    def of(cls, texts: Iterable[str]) -> "StoryWords":
        """Return the runs of all texts of a story: every answer, every revision, whatever was edited out."""
        return cls(_runs_in(texts, (_SHORTEST, RUN)))

    @classmethod
    def copied(cls, texts: Iterable[str]) -> "StoryWords":
        """Return what shows that words were carried into a script that is not known to be woven from the story.

        >>> far = StoryWords.copied(["I waited on the cold stairs until six, and nobody came."])
        >>> far.are_in("She waited on the cold stairs until six, and slept."), far.are_in("waited on the cold")
        (True, False)
        """
        return cls(_runs_in(texts, (COPIED,)), COPIED, COPIED)

    def are_in(self, piece: str) -> bool:
        """Say whether a piece of a script has words of the story.

        >>> ada = StoryWords.of(["I waited on the cold stairs until six."])
        >>> ada.are_in("She waited on the cold, hard floor"), ada.are_in("She waited on the phone")
        (True, False)
        """
        words = words_of(piece)
        length = min(self.run, len(words))
        if length < self.shortest:
            return False
        return any(tuple(words[at : at + length]) in self.runs for at in range(len(words) - length + 1))


def _runs_in(texts: Iterable[str], lengths: Iterable[int]) -> frozenset[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    wanted = tuple(lengths)
    for text in texts:
        words = words_of(text)
        for length in wanted:
            found.update(tuple(words[at : at + length]) for at in range(len(words) - length + 1))
    return frozenset(found)


def words_of(text: str) -> list[str]:
    """Return the words of a text without case, marks and punctuation."""
    return re.findall(
        r"\w+", unicodedata.normalize("NFKC", text).casefold().replace("’", "").replace("'", "")
    )


def without_words(text: str, taken: StoryWords) -> str:
    r"""Return a script without the pieces that have words of a story. Keys, arrows and line ends stay.

    >>> ada = StoryWords.of(["I waited on the cold stairs"])
    >>> without_words("## Scene a: Six\nShe waited on the\ncold stairs.\n\n-> b\n", ada)
    '## Scene a: Six\nWords taken back by the person who told them.\n\n-> b\n'
    """
    out: list[str] = []
    paragraph: list[str] = []
    in_front = False
    for number, line in enumerate(text.splitlines(keepends=True)):
        bare = line.rstrip("\r\n")
        if bare.strip() == "---" and (number == 0 or in_front):
            in_front = number == 0
            out.append(line)
        elif in_front:
            out.append(_field(line, bare, taken))
        elif not bare.strip() or (piece := _piece(bare)) is not None:
            out += _paragraph(paragraph, taken)
            paragraph = []
            out.append(line if not bare.strip() else _without(line, bare, piece, taken))
        else:
            paragraph.append(line)
    return "".join([*out, *_paragraph(paragraph, taken)])


def _piece(bare: str) -> re.Match[str] | None:
    return next((found for pattern in _PIECES if (found := pattern.fullmatch(bare))), None)


def _field(line: str, bare: str, taken: StoryWords) -> str:
    found = _FIELD.fullmatch(bare)
    if found is None:
        return TAKEN_BACK + line[len(bare) :] if taken.are_in(bare) else line
    if found["head"].partition(":")[0].strip() in _KEYS_KEPT or not taken.are_in(found["words"]):
        return line
    return found["head"] + TAKEN_BACK + line[len(bare) :]


def _without(line: str, bare: str, piece: re.Match[str] | None, taken: StoryWords) -> str:
    if piece is None or not taken.are_in(piece["words"]):
        return line
    return piece["head"] + TAKEN_BACK + piece["tail"] + line[len(bare) :]


def _paragraph(lines: list[str], taken: StoryWords) -> list[str]:
    """Return a paragraph as it was, or its speaker with the words taken back."""
    whole = "".join(lines)
    if not lines or not taken.are_in(whole):
        return lines
    said = _SPEECH.match(whole)
    end = whole[len(whole.rstrip("\r\n")) :]
    return [(said["head"] if said else "") + TAKEN_BACK + end]
