"""What each page of a teller shows, as one frozen value."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from scenario_app.kernel.errors import DomainError
from scenarios.stories.queries import ConsentView, EditView, ReplyView, RevisionView, StoryView
from scenarios.stories.questions import Question
from scenarios.stories.rules import Use

_WORD = re.compile(r"\s*\w+|\s*[^\w\s]|\s+")
_MOST_PAIRS = 60_000  # of equal words in one answer, before and after; beyond that both are shown whole


@dataclass(frozen=True, slots=True)
class QuestionWords:
    """A question, and the hint under it."""

    heading: str
    hint: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to choose."""

    value: str
    words: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way of a story. `done`: it has come so far; `here`: and no further."""

    key: str
    words: str
    done: bool
    here: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What a teller is told about a draft: when it was saved (None: not yet), how to come back, how long it is kept."""

    saved_at: datetime | None
    code: str
    days: int
    can_mail: bool


@dataclass(frozen=True, slots=True)
class StartPage:
    """What telling is like, before it starts."""

    days: int
    goes_on: str | None


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in."""

    name: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """One question, with what was answered so far."""

    question: Question
    words: QuestionWords
    fields: Sequence[Field]
    choices: Sequence[Choice]
    chosen: str
    number: int
    of: int
    before: str | None
    checking: bool
    kept: Kept
    help_at_once: bool
    refused: DomainError | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """One row of the summary: what was asked, what was answered (or nothing), where to change it."""

    question: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class ConsentAsked:
    """One use that may be allowed."""

    use: Use
    words: str
    given: bool


@dataclass(frozen=True, slots=True)
class CheckPage:
    """Everything that would be sent, and what it may be used for."""

    answered: Sequence[Answered]
    consents: Sequence[ConsentAsked]
    for_somebody: bool
    unasked: bool
    kept: Kept
    last: str
    help_at_once: bool
    refused: DomainError | None = None


@dataclass(frozen=True, slots=True)
class SentPage:
    """It has arrived."""

    code: str
    can_mail: bool


@dataclass(frozen=True, slots=True)
class ReturnPage:
    """The box for six words. `wrong`: those that were typed open nothing."""

    wrong: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of an answer: kept, taken out of what was sent, or put in."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One answer, as sent and as it is now."""

    label: str
    pieces: Sequence[Piece]
    changed: bool


@dataclass(frozen=True, slots=True)
class Declined:
    """Why a story is not used, and what the person who read it says to its teller alone."""

    why: str
    words: str


@dataclass(frozen=True, slots=True)
class MinePage:
    """Where a story is: its steps, its words, what was changed and why, what it may be used for."""

    story: StoryView
    steps: Sequence[Step]
    compared: Sequence[Compared]
    edits: Sequence[EditView]
    replies: Sequence[ReplyView]
    consents: Sequence[ConsentAsked]
    ledger: Sequence[ConsentView]
    code: str
    labels: Mapping[str, str]
    edit_kinds: Mapping[str, str]
    edit_reasons: Mapping[str, str]
    declined: Declined | None
    said_by: Mapping[str, str]
    use_words: Mapping[Use, str]
    refused: DomainError | None = None

    @property
    def may_answer(self) -> bool:
        """Whether somebody changed its words, so that the teller may say what they think of it."""
        return len(self.compared) > 0 and (self.story.revision or 0) > 1


def consents_asked(words: Mapping[Use, str], given: Mapping[Use, bool]) -> list[ConsentAsked]:
    """Return every use, with what is allowed so far."""
    return [ConsentAsked(use, words[use], given.get(use, False)) for use in Use]


def compared(
    revisions: Sequence[RevisionView], labels: Mapping[str, str], order: Iterable[str]
) -> list[Compared]:
    """Return every answer as sent against the newest revision, word by word."""
    if not revisions:
        return []
    sent, newest = revisions[0].answers, revisions[-1].answers
    keys = [key for key in order if key in sent or key in newest]
    rows = [(key, pieces_of(sent.get(key, ""), newest.get(key, ""))) for key in keys]
    return [
        Compared(labels.get(key, key), pieces, any(piece.kind != "same" for piece in pieces))
        for key, pieces in rows
    ]


def pieces_of(before: str, after: str) -> list[Piece]:
    """Return what stays, what is gone and what is new, by whole words.

    >>> [(piece.kind, piece.text) for piece in pieces_of("I rang Dr Aziz twice.", "I rang the doctor twice.")]
    [('same', 'I rang '), ('gone', 'Dr Aziz'), ('new', 'the doctor'), ('same', ' twice.')]
    """
    old, new = _WORD.findall(before), _WORD.findall(after)
    if _too_alike_within(old, new):
        return [Piece("gone", before), Piece("new", after)]
    pieces: list[Piece] = []
    for kind, start, end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, put = "".join(old[start:end]), "".join(new[new_start:new_end])
        if kind == "equal":
            pieces.append(Piece("same", gone))
            continue
        space = gone[: len(gone) - len(gone.lstrip())]
        if space and put.startswith(space):  # what stands before both has not changed
            gone, put = gone.removeprefix(space), put.removeprefix(space)
            pieces.append(Piece("same", pieces.pop().text + space if pieces else space))
        pieces += [Piece(name, text) for name, text in (("gone", gone), ("new", put)) if text]
    return pieces


def _too_alike_within(old: Sequence[str], new: Sequence[str]) -> bool:
    """Say whether the same words come so often that comparing would take long: nobody writes like that."""
    counts, others = Counter(old), Counter(new)
    return sum(count * others[word] for word, count in counts.items()) > _MOST_PAIRS
