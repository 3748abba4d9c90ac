"""Cut a text into its parts: the front matter, and one part for each `##` heading. Nothing is judged here."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise
from typing import NamedTuple

_ROW_END = re.compile(r"\r\n|\n|\r")
_FENCE = "---"
_HEADING = re.compile(r"(#)[ \t]+(.*)|(##)(?!#)[ \t]*(.*)")
_SCENE = re.compile(r"(scene|ending)\b[ \t]*(.*)", re.IGNORECASE)


class PartKind(Enum):
    """What a part of a text is for."""

    PREFACE = auto()
    CHARACTERS = auto()
    SCENE = auto()
    ENDING = auto()
    FACILITATOR = auto()
    UNKNOWN = auto()


class Row(NamedTuple):
    """One line of the text as it was written, and its number, from 1."""

    line: int
    words: str


class Part(NamedTuple):
    """A heading and the rows under it. `words` are the heading's, without the mark and the kind."""

    kind: PartKind
    words: str
    line: int
    rows: list[str]

    def numbered(self) -> Iterable[tuple[int, str]]:
        """Return the rows with their lines."""
        return enumerate(self.rows, start=self.line + 1)

    @property
    def last_line(self) -> int:
        """The line of the last row, or of the heading when it has none."""
        return self.line + len(self.rows)


@dataclass(frozen=True, slots=True)
class Outline:
    """A text cut into parts. `front` is None without a `---` at the top; `front_closed`: it has its end."""

    front: list[Row] | None
    front_closed: bool
    titles: list[Row]
    parts: list[Part]


def rows_of(text: str) -> list[str]:
    r"""Return the lines of a text without what ends them. A byte order mark is let go.

    Only what an editor counts as a line counts here: a form feed or U+2028 does not start a new one.

    >>> rows_of("\ufeffa\r\nb\rc\n")
    ['a', 'b', 'c', '']
    """
    return _ROW_END.split(text.removeprefix("\ufeff"))


def without_lines(text: str, ranges: Iterable[tuple[int, int]]) -> str:
    r"""Return the text without these lines, first and last of each range included, all else byte for byte.

    >>> without_lines("one\r\ntwo\r\nthree", [(2, 2)])
    'one\r\nthree'
    """
    dropped = {line for first, last in ranges for line in range(first, last + 1)}
    ends = [0, *(end.end() for end in _ROW_END.finditer(text)), len(text)]
    rows = enumerate(pairwise(ends), start=1)
    return "".join(text[start:end] for line, (start, end) in rows if line not in dropped)


def outline(text: str) -> Outline:
    """Return the text cut into parts. Time grows with its length and with nothing else."""
    rows = rows_of(text)
    front, closed, start = _front(rows)
    titles: list[Row] = []
    opened = [(PartKind.PREFACE, "", start)]
    for index in range(start, len(rows)):
        heading = _HEADING.match(rows[index]) if rows[index].startswith("#") else None
        if heading is None:
            continue
        if heading[1] and opened[-1][0] is PartKind.PREFACE:
            titles.append(Row(index + 1, heading[2].strip()))
        elif heading[3]:
            kind, words = _kind(heading[4].strip())
            # The facilitator's notes may have headings; to end the notes there would show the rest to the room.
            if kind is not PartKind.UNKNOWN or opened[-1][0] is not PartKind.FACILITATOR:
                opened.append((kind, words, index + 1))
    ends = [line - 1 for _, _, line in opened[1:]] + [len(rows)]
    parts = [Part(*heading, rows[heading[2] : end]) for heading, end in zip(opened, ends, strict=True)]
    return Outline(front, closed, titles, parts)


def _front(rows: list[str]) -> tuple[list[Row] | None, bool, int]:
    """Return the written rows between the fences, whether the second is there, and the index of the row after."""
    start = next((index for index, words in enumerate(rows) if words.strip()), 0)
    if rows[start].rstrip() != _FENCE:
        return None, True, 0
    inside: list[Row] = []
    for index in range(start + 1, len(rows)):
        if rows[index].rstrip() == _FENCE:
            return inside, True, index + 1
        if rows[index].startswith("#"):
            return inside, False, index
        if rows[index].strip():
            inside.append(Row(index + 1, rows[index]))
    return inside, False, len(rows)


def _kind(words: str) -> tuple[PartKind, str]:
    if scene := _SCENE.match(words):
        return (PartKind.ENDING if scene[1].lower() == "ending" else PartKind.SCENE), scene[2]
    match words.casefold():
        case "characters":
            return PartKind.CHARACTERS, ""
        case "for the facilitator":
            return PartKind.FACILITATOR, ""
    return PartKind.UNKNOWN, words
