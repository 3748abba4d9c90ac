"""What each page of a moderator shows of stories, as one frozen value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from scenario_app.accounts.queries import SignedIn
from scenario_app.kernel.errors import DomainError
from scenarios.stories.edits import DeclineReason, EditKind, EditReason
from scenarios.stories.hints import Hint, hints_in
from scenarios.stories.pages import Compared
from scenarios.stories.queries import ReplyView, RevisionView, StoryView
from scenarios.stories.queue import LogLine, Queue, QueueFilter, Reading, ReviewView
from scenarios.stories.rules import StoryState, Use
from scenarios.stories.urgent import DangerPhrase

BLANK_ROWS = 3


@dataclass(frozen=True, slots=True)
class TypedEdit:
    """Words to be taken out wherever they stand, as a moderator typed them."""

    words: str = ""
    kind: str = EditKind.NAME
    reason: str = EditReason.SHOWS_OTHERS
    put_instead: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """Some words of an answer; with a number, they are what that hint is about."""

    text: str
    number: int | None = None
    what: str = ""


@dataclass(frozen=True, slots=True)
class HintShown:
    """One row of what could be taken out."""

    number: int
    question: str
    start: int
    end: int
    words: str
    kind: EditKind
    what: str


@dataclass(frozen=True, slots=True)
class AnswerShown:
    """One answer with its hints marked."""

    question: str
    label: str
    passages: Sequence[Passage]


@dataclass(frozen=True, slots=True)
class ReviewWords:
    """The words for everything that has a fixed list of values."""

    kinds: Mapping[str, str]
    edit_reasons: Mapping[str, str]
    decline_reasons: Mapping[str, str]
    whats: Mapping[str, str]
    states: Mapping[str, str]
    verdicts: Mapping[str, str]
    uses: Mapping[Use, str]


@dataclass(frozen=True, slots=True)
class QueuePage:
    """The queue. `urgent_minutes` are the ages of urgent stories by number."""

    queue: Queue
    wanted: QueueFilter
    states: Sequence[StoryState]
    words: ReviewWords
    minutes_waiting: Mapping[int, int]
    me: int


@dataclass(frozen=True, slots=True)
class StoryReviewPage:
    """One story to be made safe."""

    story: StoryView
    revision: RevisionView
    answers: Sequence[AnswerShown]
    hints: Sequence[HintShown]
    compared: Sequence[Compared]
    reviews: Sequence[ReviewView]
    replies: Sequence[ReplyView]
    readings: Sequence[Reading]
    consents: Mapping[Use, bool]
    people: Sequence[SignedIn]
    names: Mapping[int, str]
    words: ReviewWords
    minutes_waiting: int
    me: int
    typed: Sequence[TypedEdit] = field(default=(TypedEdit(),) * BLANK_ROWS)
    refused: DomainError | None = None

    @property
    def may_weave(self) -> bool:
        """Whether a script may be begun from it: approved as it stands, performing allowed."""
        return self.story.state is StoryState.APPROVED and self.consents[Use.PERFORM]

    @property
    def needs_somebody(self) -> bool:
        """Whether it is in the urgent lane and nobody has it in hand."""
        return self.story.urgent_since is not None and self.story.urgent_taken_at is None

    @property
    def claimed_by_name(self) -> str | None:
        """Who is reading it."""
        return self.names.get(self.story.claimed_by or 0)

    @property
    def edit_reasons(self) -> tuple[EditReason, ...]:
        """Why something may be taken out."""
        return tuple(EditReason)

    @property
    def edit_kinds(self) -> tuple[EditKind, ...]:
        """What kinds of detail there are."""
        return tuple(EditKind)

    @property
    def decline_reasons(self) -> tuple[DeclineReason, ...]:
        """Why a story may be declined."""
        return tuple(DeclineReason)


@dataclass(frozen=True, slots=True)
class DangerWordsPage:
    """The phrases that put a story into the urgent lane."""

    phrases: Sequence[DangerPhrase]
    languages: Sequence[tuple[str, str]]
    typed: str = ""
    refused: DomainError | None = None


@dataclass(frozen=True, slots=True)
class ModerationLogPage:
    """One month of the public log."""

    month: datetime | None
    newer: datetime | None
    older: datetime | None
    lines: Sequence[LogLine]
    words: ReviewWords


def minutes_between(since: datetime | None, now: datetime) -> int:
    """Return whole minutes, never fewer than none: clocks of two machines differ."""
    return max(0, int((now - since).total_seconds() // 60)) if since else 0


def marked(
    answers: Mapping[str, str], labels: Mapping[str, str], order: Sequence[str]
) -> tuple[list[AnswerShown], list[HintShown]]:
    """Return every answer in the order of the questions with its hints marked, and the hints, numbered through."""
    shown: list[AnswerShown] = []
    rows: list[HintShown] = []
    for question in [*order, *sorted(set(answers) - set(order))]:
        text = answers.get(question, "")
        if not text:
            continue
        hints, first = hints_in(text), len(rows) + 1
        rows += [
            HintShown(
                number,
                question,
                hint.start,
                hint.end,
                text[hint.start : hint.end],
                hint.kind,
                hint.what.value,
            )
            for number, hint in enumerate(hints, start=first)
        ]
        shown.append(AnswerShown(question, labels.get(question, question), _passages(text, hints, first)))
    return shown, rows


def _passages(text: str, hints: Sequence[Hint], first: int) -> list[Passage]:
    passages, done = [], 0
    for number, hint in enumerate(hints, start=first):
        passages.append(Passage(text[done : hint.start]))
        passages.append(Passage(text[hint.start : hint.end], number, hint.what.value))
        done = hint.end
    return [*passages, Passage(text[done:])]
