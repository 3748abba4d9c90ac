"""What the pages of people who write together show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from scenario_app.kernel.errors import DomainError
from scenarios.queries import DraftView, EarlierWordsView
from scenarios.together.merge import MOST_LINES, Merge
from scenarios.together.queries import CoWriterView, InvitationView

_AROUND = 2


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Who writes on a script. `link` is a new invitation's address, shown once."""

    draft: DraftView
    writers: Sequence[CoWriterView]
    invitations: Sequence[InvitationView]
    may_invite: bool
    mine: CoWriterView | None
    link: str


@dataclass(frozen=True, slots=True)
class InvitedPage:
    """What somebody sees who opens an invitation."""

    title: str
    token: str
    signed_in_as: str
    name: str
    credit: str
    refused: DomainError | None


@dataclass(frozen=True, slots=True)
class WelcomePage:
    """The six words of a new co-writer, shown once."""

    draft_id: int
    words: str


@dataclass(frozen=True, slots=True)
class MergePage:
    """Two people's words, side by side where they clash. `text` and `revision` are the writer's own."""

    draft: DraftView
    merge: Merge
    text: str
    revision: int
    unchosen: bool


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """A line of a difference: `+` put in, `-` taken out, a space unchanged, `…` left out here."""

    mark: str
    words: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of writing: who, when, and what it changed."""

    who: str
    when: datetime
    revision: int | None
    lines: Sequence[ChangedLine]


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """The turns of writing, the newest first."""

    draft: DraftView
    turns: Sequence[Turn]


def history_page(draft: DraftView, earlier: Sequence[EarlierWordsView]) -> HistoryPage:
    """Return the history of a draft; `earlier` is the newest first."""
    texts = [draft.text, *(words.text for words in earlier), ""]
    who = [
        (draft.updated_by_name, draft.updated_at, None),
        *((words.saved_by_name, words.saved_at, words.revision) for words in earlier),
    ]
    turns = [
        Turn(name, when, revision, changed_lines(texts[place + 1], texts[place]))
        for place, (name, when, revision) in enumerate(who)
    ]
    return HistoryPage(draft, turns)


def changed_lines(before: str, after: str) -> list[ChangedLine]:
    r"""Return what changed, line by line, with two unchanged lines around each change.

    >>> [(line.mark, line.words) for line in changed_lines("a\nb\n", "a\nc\n")]
    [(' ', 'a'), ('-', 'b'), ('+', 'c')]
    """
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > MOST_LINES:
        return [] if before == after else [ChangedLine("…", "")]
    out: list[ChangedLine] = []
    for group in SequenceMatcher(a=old, b=new, autojunk=False).get_grouped_opcodes(_AROUND):
        if out:
            out.append(ChangedLine("…", ""))
        for tag, a_from, a_to, b_from, b_to in group:
            if tag == "equal":
                out += [ChangedLine(" ", line) for line in old[a_from:a_to]]
            else:
                out += [ChangedLine("-", line) for line in old[a_from:a_to]]
                out += [ChangedLine("+", line) for line in new[b_from:b_to]]
    return out
