"""Read one decision: who is asked, and the responses with what each helps and costs."""

import re
from dataclasses import dataclass, field

from scenarios.script.outline import Part
from scenarios.script.parts import Decision, Response
from scenarios.script.problems import BAD_RESPONSE, EMPTY_RESPONSE, TEXT_IN_DECISION, Findings

BULLET = re.compile(r"[ \t]*[-*+][ \t]+(.*)")
LETTERED = re.compile(r"([A-Za-z])[).](?:[ \t]+|$)(.*)")
NOTE = re.compile(r"(helps|costs)[ \t]*:(.*)", re.IGNORECASE)
ASKS = re.compile(r"[ \t]*asks[ \t]*:(.*)", re.IGNORECASE)
AS_IT_HAPPENED = re.compile(r"\[as it happened\]", re.IGNORECASE)
ARROWS = ("->", "→")


@dataclass(slots=True)
class _Bullet:
    """What is written after a hyphen, over one or more rows."""

    line: int
    words: list[str]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@dataclass(slots=True)
class _Lettered:
    """A response whose notes have not all come yet."""

    letter: str
    label: _Bullet
    helps: list[_Bullet] = field(default_factory=list)
    costs: list[_Bullet] = field(default_factory=list)


class _DecisionRows:
    """Sorts the rows under one decision heading. `_latest` is the bullet that a wrapped row continues."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.asks = ""
        self.responses: list[_Lettered] = []
        self._latest: _Bullet | None = None

    def take(self, line: int, row: str) -> None:
        if not row.strip() or row.startswith(ARROWS):
            self._latest = None
        elif bullet := BULLET.match(row):
            self._take_bullet(line, bullet[1].strip(), is_further_in=row[0].isspace())
        elif self._latest is not None:
            self._latest.words.append(row)
        elif (asks := ASKS.match(row)) and not self.responses:
            self.asks = asks[1].strip()
        else:
            self.findings.add(TEXT_IN_DECISION, line)

    def _take_bullet(self, line: int, words: str, *, is_further_in: bool) -> None:
        if (note := NOTE.match(words)) and self.responses:
            self._latest = _Bullet(line, [note[2]])
            response = self.responses[-1]
            (response.helps if note[1].lower() == "helps" else response.costs).append(self._latest)
        elif lettered := LETTERED.match(words):
            self._latest = _Bullet(line, [lettered[2]])
            self.responses.append(_Lettered(lettered[1], self._latest))
        else:
            # the rows it wraps over belong to it, not to the bullet before
            self._latest = _Bullet(line, [words])
            self.findings.add(TEXT_IN_DECISION if is_further_in and self.responses else BAD_RESPONSE, line)


def read_decision(key: str, question: str, part: Part, findings: Findings) -> Decision:
    """Return the decision written in this part. Arrows at its margin are the scene's, and left to its reader."""
    sorted_rows = _DecisionRows(findings)
    for line, row in part.numbered():
        sorted_rows.take(line, row)
    responses = tuple(_response(found, findings) for found in sorted_rows.responses)
    return Decision(key, question, sorted_rows.asks, responses, part.line)


def _response(found: _Lettered, findings: Findings) -> Response:
    text, marks = AS_IT_HAPPENED.subn("", found.label.text)
    label, target = _around_arrow(text)
    if not label:
        findings.add(EMPTY_RESPONSE, found.label.line)
    return Response(
        key=found.letter.lower(),
        label=label,
        target=target,
        helps=" ".join(note.text for note in found.helps),
        costs=" ".join(note.text for note in found.costs),
        as_it_happened=marks > 0,
        line=found.label.line,
    )


def _around_arrow(text: str) -> tuple[str, str | None]:
    """Return what stands before the last arrow and after it; None after it when there is no arrow.

    >>> _around_arrow("Ring -> wait -> hold-music ")
    ('Ring -> wait', 'hold-music')
    """
    place, arrow = max((text.rfind(arrow), arrow) for arrow in ARROWS)
    if place < 0:
        return text.strip(), None
    return text[:place].strip(), text[place + len(arrow) :].strip()
