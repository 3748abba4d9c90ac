"""Read what a moderator's forms send."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from werkzeug.datastructures import MultiDict

from scenario_app.kernel.errors import BadMessage, Invalid
from scenarios.stories.edits import Edit, EditKind, EditReason, everywhere
from scenarios.stories.queue import QueueFilter
from scenarios.stories.review_pages import BLANK_ROWS, TypedEdit
from scenarios.stories.rules import StoryState

Value = TypeVar("Value", bound=StrEnum)
Form = MultiDict[str, str]


class WordsNotFound(Invalid):
    """Words to be taken out stand nowhere in the story."""

    code = "words_not_found"


@dataclass(frozen=True, slots=True)
class ReadWords:
    """Exactly which words a moderator has in front of them."""

    revision: int
    sha256: str

    @classmethod
    def from_form(cls, form: Form) -> "ReadWords":
        """Return what the page put into the form.

        :raises BadMessage: the revision is no number
        """
        return cls(number_of(form.get("revision", ""), "revision"), form.get("sha256", ""))


def number_of(typed: str, name: str) -> int:
    """Return a whole number.

    :raises BadMessage: it is none
    """
    if not re.fullmatch(r"[0-9]{1,9}", typed, re.ASCII):
        raise BadMessage(field=name)
    return int(typed)


def choice_of(kind: type[Value], typed: str) -> Value:
    """Return one of a fixed list.

    :raises BadMessage: it is not in the list
    """
    try:
        return kind(typed)
    except ValueError:
        raise BadMessage(field=kind.__name__) from None


def typed_edits(form: Form) -> list[TypedEdit]:
    """Return the rows in which a moderator typed words, as typed; blank ones too, so that there are always three."""
    return [
        TypedEdit(
            # a browser sends every line end as two characters
            words=form.get(f"words-{row}", "").replace("\r\n", "\n"),
            kind=form.get(f"words-kind-{row}", EditKind.NAME),
            reason=form.get(f"words-reason-{row}", EditReason.SHOWS_OTHERS),
            put_instead=form.get(f"words-instead-{row}", "").strip(),
        )
        for row in range(BLANK_ROWS)
    ]


def edits_of(form: Form, answers: Mapping[str, str]) -> list[Edit]:
    """Return the edits that were asked for: hints that were ticked, and words that were typed, wherever they stand.

    :raises BadMessage: a place is no number, or a kind or reason is not in its list
    :raises WordsNotFound: typed words stand nowhere
    """
    edits = [_ticked(form, number) for number in form.getlist("take")[:500]]
    for typed in typed_edits(form):
        if typed.words:
            found = everywhere(
                answers,
                typed.words,
                kind=choice_of(EditKind, typed.kind),
                put_instead=typed.put_instead,
                reason=choice_of(EditReason, typed.reason),
            )
            if not found:
                raise WordsNotFound
            edits += _besides(found, edits)
    return edits


def queue_filter(args: Mapping[str, str], *, account_id: int) -> QueueFilter:
    """Return which stories are looked for; what is not understood is left out."""
    state = args.get("state", "")
    return QueueFilter(
        state=StoryState(state) if state in tuple(StoryState) else None,
        stage=args.get("stage") or None,
        language=args.get("language") or None,
        urgent=args.get("urgent") == "1",
        claimed_by=account_id if args.get("mine") == "1" else None,
    )


def page_of(args: Mapping[str, str]) -> int:
    """Return the page of a list, the first one unless a number says otherwise."""
    typed = args.get("page", "")
    return int(typed) if re.fullmatch(r"[0-9]{1,6}", typed, re.ASCII) else 1


def month_of(typed: str) -> datetime | None:
    """Return the first moment of a month such as 2026-03, or None.

    >>> month_of("2026-03"), month_of("2026-13")
    (datetime.datetime(2026, 3, 1, 0, 0, tzinfo=datetime.timezone.utc), None)
    """
    found = re.fullmatch(r"(20[0-9]{2})-(0[1-9]|1[0-2])", typed, re.ASCII)
    return datetime(int(found[1]), int(found[2]), 1, tzinfo=UTC) if found else None


def _ticked(form: Form, number: str) -> Edit:
    return Edit(
        question=form.get(f"question-{number}", ""),
        start=number_of(form.get(f"start-{number}", ""), "start"),
        end=number_of(form.get(f"end-{number}", ""), "end"),
        kind=choice_of(EditKind, form.get(f"kind-{number}", "")),
        put_instead=form.get(f"instead-{number}", "").strip(),
        reason=choice_of(EditReason, form.get(f"reason-{number}", "")),
    )


def _besides(found: Sequence[Edit], others: Sequence[Edit]) -> list[Edit]:
    """Return the edits that touch no words of another one: a ticked hint may stand inside words typed as well."""
    return [
        edit
        for edit in found
        if not any(
            edit.question == other.question and edit.start < other.end and other.start < edit.end
            for other in others
        )
    ]
