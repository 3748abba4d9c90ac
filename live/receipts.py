"""Whether a ballot with a given receipt was counted, without a word of what was chosen."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from live.models import Ballot, Event, Performance, Round, Section
from live.rules import Channel
from scenario_app.kernel.tokens import ALPHABET, receipt_of

# Somebody who changed their mind more often than this is told of the last times only.
MOST_REVS_BACK = 20


class ReceiptState(StrEnum):
    """What became of the ballot that a receipt was given for."""

    COUNTED = "counted"
    REPLACED = "replaced"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ReceiptRound:
    """A closed round, with what is needed to name it. `alone`: voted on online, outside the room."""

    id: int
    section_title: str
    version_id: int
    about: str
    decision: str
    question: str | None
    number: int
    alone: bool


def rounds_with_receipts(session: Session, event_slug: str) -> list[ReceiptRound]:
    """Return the closed rounds of an event in the order they were held; practice left out, of which nothing is kept.

    One query.
    """
    rows = session.execute(
        select(Round, Section.title, Performance.version_id)
        .join(Performance, Performance.id == Round.performance_id)
        .join(Section, Section.id == Performance.section_id)
        .join(Event, Event.id == Section.event_id)
        .where(
            Event.slug == event_slug,
            Event.rehearsal_of.is_(None),
            Round.closed_at.is_not(None),
            Round.practice.is_(False),
        )
        .order_by(Round.opened_at, Round.id)
    )
    return [
        ReceiptRound(
            id=round_.id,
            section_title=section,
            version_id=version_id,
            about=round_.about,
            decision=round_.decision,
            question=round_.question,
            number=round_.number,
            alone=round_.channel != Channel.ROOM,
        )
        for round_, section, version_id in rows
    ]


def events_with_receipts(session: Session) -> list[tuple[str, str]]:
    """Return name and title of every event with a closed round, the newest first. One query."""
    rows = session.execute(
        select(Event.slug, Event.title, Event.starts_at, Event.id)
        .join(Section, Section.event_id == Event.id)
        .join(Performance, Performance.section_id == Section.id)
        .join(Round, Round.performance_id == Performance.id)
        .where(Event.rehearsal_of.is_(None), Round.closed_at.is_not(None), Round.practice.is_(False))
        .distinct()
        .order_by(Event.starts_at.desc(), Event.id.desc())
    )
    return [(slug, title) for slug, title, _, _ in rows]


def receipt_state(session: Session, *, round_id: int, receipt: str, key: str) -> ReceiptState:
    """Say what became of the ballot with this receipt in this round.

    Works when the secrets of seats are erased: receipts hang on what stays. `key` is the site's secret, from
    Config.secret_key; with another one no receipt is known any more. One query; a hash for each ballot, and one
    more for each time that it was changed.
    """
    ballots = session.execute(select(Ballot.seat_id, Ballot.rev).where(Ballot.round_id == round_id)).all()
    if any(receipt_of(round_id, seat, rev, key=key) == receipt for seat, rev in ballots):
        return ReceiptState.COUNTED
    replaced = any(
        receipt_of(round_id, seat, earlier, key=key) == receipt
        for seat, rev in ballots
        for earlier in range(max(1, rev - MOST_REVS_BACK), rev)
    )
    return ReceiptState.REPLACED if replaced else ReceiptState.UNKNOWN


def clean_receipt(typed: str) -> str:
    """Return what was typed as a receipt, or nothing when it cannot be one.

    >>> clean_receipt(" 7f3k "), clean_receipt("7F-3K"), clean_receipt("7F0K"), clean_receipt("7F3KX")
    ('7F3K', '7F3K', '', '')
    """
    clean = "".join(character for character in typed.upper() if character not in " -")
    return clean if len(clean) == 4 and set(clean) <= set(ALPHABET) else ""
