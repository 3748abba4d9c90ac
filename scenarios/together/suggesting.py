"""Propose other words for a passage of a script; take a proposal up, or not."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from scenario_app.accounts.queries import names_of
from scenarios import queries as scripts
from scenarios.rules import check_draft_text
from scenarios.service import save_draft
from scenarios.together.models import Suggestion
from scenarios.together.rules import NoSuchSuggestion, check_passage

LONGEST = 8_000  # characters of a passage, of the words instead, of the reason


@dataclass(frozen=True, slots=True)
class SuggestionView:
    """Other words for a passage. `taken` is None while nobody has settled it."""

    id: int
    passage: str
    instead: str
    why: str
    made_at: datetime
    made_by: int
    made_by_name: str
    taken: bool | None


def suggestions_for(session: Session, draft_id: int) -> list[SuggestionView]:
    """Return what was proposed for a script: open ones first, then the newest."""
    rows = session.scalars(
        select(Suggestion)
        .where(Suggestion.draft_id == draft_id)
        .order_by(Suggestion.taken.is_not(None), Suggestion.id.desc())
    ).all()
    names = names_of(session, (row.made_by for row in rows))
    return [
        SuggestionView(
            r.id, r.passage, r.instead, r.why, r.made_at, r.made_by, names.get(r.made_by, ""), r.taken
        )
        for r in rows
    ]


def suggest_words(
    session: Session, *, draft_id: int, passage: str, instead: str, why: str, account_id: int, now: datetime
) -> None:
    """Propose other words for a passage that stands once in the script.

    :raises scenarios.queries.NoSuchDraft: there is no such script
    :raises scenarios.together.rules.PassageNotFound: it stands in the script nowhere, or more than once
    """
    text = scripts.draft(session, draft_id).text
    passage, instead, why = (_plain(words, text) for words in (passage, instead, why))
    check_passage(text, passage)
    session.add(
        Suggestion(
            draft_id=draft_id, passage=passage, instead=instead, why=why, made_at=now, made_by=account_id
        )
    )


def take_suggestion(
    session: Session, *, draft_id: int, suggestion_id: int, account_id: int, now: datetime
) -> None:
    """Put the proposed words in place of the passage. The change stands in the history under who took it up.

    :raises NoSuchSuggestion: this script has none of this number, or it was settled before
    :raises scenarios.together.rules.PassageNotFound: the passage was changed since
    """
    row = _open_suggestion(session, draft_id, suggestion_id)
    draft = scripts.draft(session, draft_id)
    check_passage(draft.text, row.passage)
    save_draft(
        session,
        draft_id=draft_id,
        text=draft.text.replace(row.passage, row.instead),
        revision=draft.revision,
        account_id=account_id,
        now=now,
    )
    row.taken, row.settled_at, row.settled_by = True, now, account_id


def leave_suggestion(
    session: Session, *, draft_id: int, suggestion_id: int, account_id: int, now: datetime
) -> None:
    """Settle a proposal without changing the script.

    :raises NoSuchSuggestion: this script has none of this number, or it was settled before
    """
    row = _open_suggestion(session, draft_id, suggestion_id)
    row.taken, row.settled_at, row.settled_by = False, now, account_id


def _open_suggestion(session: Session, draft_id: int, suggestion_id: int) -> Suggestion:
    row = session.scalars(select(Suggestion).where(Suggestion.id == suggestion_id).with_for_update()).first()
    if row is None or row.draft_id != draft_id or row.taken is not None:
        raise NoSuchSuggestion(suggestion=suggestion_id)
    return row


def _plain(typed: str, text: str) -> str:
    """Return words with the line ends of the script they are for: a text box makes all of them one kind."""
    check_draft_text(typed)
    plain = typed.replace("\r\n", "\n").strip("\n")[:LONGEST]
    return plain.replace("\n", "\r\n") if "\r\n" in text else plain
