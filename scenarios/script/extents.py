"""Where each piece of a script stands in its text: first and last line. And the text as rows that keep their ends."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.script.decision_reader import ARROWS, ASKS, BULLET, LETTERED, NOTE
from scenarios.script.outline import Part, PartKind, outline
from scenarios.script.scene_reader import DECISION
from scenarios.script.script import UnknownScene

_ROW = re.compile(r"([^\r\n]*)(\r\n|\n|\r|$)")


class Rows:
    r"""The rows of a text, each with what ends it, so that a change leaves every other byte alone. Lines from 1.

    >>> rows = Rows("one\r\ntwo\nthree")
    >>> rows.replace(2, 2, ["2", "2b"]).text
    'one\r\n2\n2b\r\nthree'
    """

    def __init__(self, text: str) -> None:
        self._mark = "\ufeff" if text.startswith("\ufeff") else ""
        found = _ROW.findall(text.removeprefix("\ufeff"))
        # after a text that does not end a row, the pattern finds one empty row too many
        self._rows: list[tuple[str, str]] = (
            found[:-1] if len(found) > 1 and not found[-2][1] and not found[-1][0] else found
        )

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, line: int) -> str:
        return self._rows[line - 1][0]

    @property
    def text(self) -> str:
        """All of it."""
        return self._mark + "".join(f"{words}{end}" for words, end in self._rows)

    @property
    def _end(self) -> str:
        return next((end for _, end in self._rows if end), "\n")

    def replace(self, first: int, last: int, words: Sequence[str]) -> "Rows":
        """Put these words in the place of the rows from `first` to `last`; before `first` when `last` is below it."""
        end = self._end
        for line, row in enumerate(words):
            here = first + line
            if here <= last:
                self._rows[here - 1] = (row, self._rows[here - 1][1])
            else:
                self._rows.insert(here - 1, (row, end))
        del self._rows[first - 1 + len(words) : last]
        self._put_ends_right(end)
        return self

    def swap(self, upper: tuple[int, int], lower: tuple[int, int]) -> "Rows":
        """Change the places of two stretches of rows, `upper` before `lower`; what is between stays between."""
        (start, stop), (from_line, to_line) = upper, lower
        rows, end = self._rows, self._end
        moved = rows[from_line - 1 : to_line] + rows[stop : from_line - 1] + rows[start - 1 : stop]
        rows[start - 1 : to_line] = moved
        self._put_ends_right(end)
        return self

    def _put_ends_right(self, end: str) -> None:
        """Only the last row has no end; when another one came there, the two change theirs."""
        if not self._rows:
            self._rows = [("", "")]
        for place, (words, found) in enumerate(self._rows[:-1]):
            if not found:
                self._rows[place] = (words, self._rows[-1][1] or end)
            elif found == "\r" and self._rows[place + 1] == ("", "\n"):
                self._rows[place] = (words, "\r\n")  # or two row ends would read as one
        words, found = self._rows[-1]
        if found:
            self._rows[-1] = (words, "")


@dataclass(frozen=True, slots=True)
class Bullet:
    """A response or a note of one, over one row or more."""

    first: int
    last: int
    start: str
    """What stands before its words, such as `- A) ` or `  - helps: `."""
    note: str
    """`helps` or `costs`; empty for a response."""


@dataclass(frozen=True, slots=True)
class ResponseExtent:
    """A response with its notes."""

    bullet: Bullet
    notes: tuple[Bullet, ...]
    last: int


@dataclass(frozen=True, slots=True)
class DecisionExtent:
    """A decision from its heading to its last word. `asks` is the line of `asks:`, None when there is none."""

    first: int
    last: int
    asks: int | None
    responses: tuple[ResponseExtent, ...]


@dataclass(frozen=True, slots=True)
class PlaceExtent:
    """A scene or an ending from its heading to the row before the next one.

    `words` are its first and last row of words; the last is below the first when there are none.
    """

    first: int
    last: int
    is_ending: bool
    words: tuple[int, int]
    arrows: tuple[int, ...]
    decisions: tuple[DecisionExtent, ...]


def places_of(text: str) -> list[PlaceExtent]:
    """Return the extent of every scene and ending, in the order of the text."""
    kinds = (PartKind.SCENE, PartKind.ENDING)
    return [_place(part) for part in outline(text).parts if part.kind in kinds]


def place_at(text: str, line: int) -> PlaceExtent:
    """Return the extent of the scene or ending that starts in this line.

    :raises UnknownScene: none starts there
    """
    found = next((place for place in places_of(text) if place.first == line), None)
    if found is None:
        raise UnknownScene(line=line)
    return found


def last_filled(rows: Sequence[str], place: PlaceExtent) -> int:
    """Return the last line of a scene or ending that has words."""
    return next(
        line
        for line in range(place.last, place.first - 1, -1)
        if line == place.first or rows[line - 1].strip()
    )


def one_line(words: str) -> str:
    """Return words as one row holds them.

    >>> one_line(" a\\r\\n b ")
    'a b'
    """
    return " ".join(words.split())


def _place(part: Part) -> PlaceExtent:
    headings = [line for line, row in part.numbered() if row.startswith("#") and DECISION.match(row)]
    until = (headings[0] if headings else part.last_line + 1) - 1
    rows = {line: row.strip() for line, row in part.numbered()}
    # what follows an arrow is nobody's: the words end before the first
    arrows = [line for line in range(part.line + 1, until + 1) if rows[line].startswith(ARROWS)]
    before = (arrows[0] if arrows else until + 1) - 1
    filled = [line for line in range(part.line + 1, before + 1) if rows[line]]
    ends = [*(line - 1 for line in headings[1:]), part.last_line]  # one too many without a decision
    return PlaceExtent(
        first=part.line,
        last=part.last_line,
        is_ending=part.kind is PartKind.ENDING,
        words=(filled[0], filled[-1]) if filled else (part.line + 1, part.line),
        arrows=tuple(arrows),
        decisions=tuple(_decision(part, first, last) for first, last in zip(headings, ends, strict=False)),
    )


def _decision(part: Part, first: int, last: int) -> DecisionExtent:
    """Sort the rows as the reader of decisions does."""
    asks, bullets = None, []
    goes_on = False
    for line in range(first + 1, last + 1):
        row = part.rows[line - part.line - 1]
        if not row.strip() or row.startswith(ARROWS):
            goes_on = False
        elif found := BULLET.match(row):
            bullets.append(_bullet(line, row, found[1]))
            goes_on = True
        elif goes_on:
            latest = bullets[-1]
            bullets[-1] = Bullet(latest.first, line, latest.start, latest.note)
        elif not bullets and asks is None and ASKS.match(row):
            asks = line
    filled = [
        line for line in range(first, last + 1) if line == first or part.rows[line - part.line - 1].strip()
    ]
    return DecisionExtent(first, filled[-1], asks, _responses(bullets))


def _bullet(line: int, row: str, inside: str) -> Bullet:
    words = inside.strip()
    if note := NOTE.match(words):
        before = row[: len(row) - len(inside)] + inside[: len(inside) - len(inside.lstrip())]
        return Bullet(line, line, f"{before}{note[1]}:", note[1].lower())
    lettered = LETTERED.match(words)
    start = row[: row.index(words) + 2] if lettered else ""
    return Bullet(line, line, start, "" if lettered else "?")


def _responses(bullets: list[Bullet]) -> tuple[ResponseExtent, ...]:
    found: list[ResponseExtent] = []
    for bullet in bullets:
        if not bullet.note:
            found.append(ResponseExtent(bullet, (), bullet.last))
        elif found:
            latest = found[-1]
            notes = (*latest.notes, bullet) if bullet.note in ("helps", "costs") else latest.notes
            found[-1] = ResponseExtent(latest.bullet, notes, bullet.last)
    return tuple(found)
