"""What a script is made of. Plain values; where each was written is its `line` in the text, from 1."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class LineKind(StrEnum):
    """Whether a line of a scene is spoken or shown."""

    SPEECH = "speech"
    DIRECTION = "direction"


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph of speech or direction. `number` counts from 1 within its scene: a stop is pinned to it.

    `text` is plain: no Markdown, one line. `who` is the name as written before the colon.
    """

    number: int
    kind: LineKind
    who: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Character:
    """Someone in the script: the short key that `asks:` uses, the name that stands before a speech."""

    key: str
    name: str
    who: str
    line: int


@dataclass(frozen=True, slots=True)
class Response:
    """One thing a character could do. `key` is its letter in lower case; `target`: None without an arrow."""

    key: str
    label: str
    target: str | None
    helps: str
    costs: str
    as_it_happened: bool
    line: int


@dataclass(frozen=True, slots=True)
class Decision:
    """The moment the play could turn. `asks` is the key of a character, or empty."""

    key: str
    question: str
    asks: str
    responses: tuple[Response, ...]
    line: int

    def response(self, key: str) -> Response | None:
        """Return the response with this key (the first, should two share it)."""
        return next((response for response in self.responses if response.key == key), None)


@dataclass(frozen=True, slots=True)
class Arrow:
    """`-> scene-key` on a line of its own: go straight on."""

    target: str
    line: int


@dataclass(frozen=True, slots=True)
class Scene:
    """A stretch played without a vote. `body` is the Markdown before the choice or the arrow.

    A scene has one decision at most; what a text has beyond that is kept in `decisions` for the checker.
    """

    key: str
    title: str
    body: str
    lines: tuple[Line, ...]
    decisions: tuple[Decision, ...]
    arrow: Arrow | None
    line: int

    @property
    def decision(self) -> Decision | None:
        """The choice at the end of the scene."""
        return self.decisions[0] if self.decisions else None

    @property
    def ways_on(self) -> tuple[str, ...]:
        """The keys this scene can lead to, one for each response with an arrow, in script order."""
        if self.decisions:
            responses = (response for decision in self.decisions for response in decision.responses)
            return tuple(response.target for response in responses if response.target)
        return (self.arrow.target,) if self.arrow is not None and self.arrow.target else ()


@dataclass(frozen=True, slots=True)
class Ending:
    """Where the play can stop."""

    key: str
    title: str
    body: str
    lines: tuple[Line, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Field:
    """One `key: value` of the front matter, as written."""

    value: str
    line: int


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What a script says about itself: the block between two `---` lines, known and unknown keys alike."""

    fields: Mapping[str, Field] = field(default_factory=dict)
    line: int = 1

    def said(self, key: str) -> str:
        """Return what is written after the key; empty when nothing is."""
        found = self.fields.get(key)
        return found.value if found else ""

    def listed(self, key: str) -> tuple[str, ...]:
        """Return a comma-separated value as its items.

        >>> FrontMatter({"also_touches": Field("[leaving, follow-up]", 3)}).listed("also_touches")
        ('leaving', 'follow-up')
        """
        items = (item.strip() for item in self.said(key).strip("[]").split(","))
        return tuple(item for item in items if item)

    def line_of(self, key: str) -> int:
        """Return where the key is written, or where the block starts when it is not."""
        found = self.fields.get(key)
        return found.line if found else self.line
