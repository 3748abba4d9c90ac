"""Reasons and suggestions of the room: what waits at the desk, what was approved, what a seat has said."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from live.choices import RoundKind, choice_from
from live.disclosure import LEAST_BALLOTS
from live.models import Ballot, Round, Seat
from live.rules import digest_of
from live.talk.models import FloorResponse, FloorText, MergedSuggestion

REASON = "reason"
SUGGESTION = "response"


@dataclass(frozen=True, slots=True)
class WordsView:
    """Words of a phone at the desk. `response`: of a reason, what its author chose.

    It is empty where several were chosen, and until a result of enough people is shown: before that it would
    tell one person's vote.
    """

    id: int
    kind: str
    text: str
    role: str | None
    performance_id: int | None
    decision: str
    response: str

    @property
    def digest(self) -> str:
        """What names exactly these words, for whoever decides about them."""
        return digest_of(self.text)


@dataclass(frozen=True, slots=True)
class Reason:
    """An approved reason, with what its author chose (empty where several were)."""

    round_id: int
    response: str
    text: str


def waiting_words(session: Session, section_id: int) -> list[WordsView]:
    """Return the reasons and suggestions that no desk has decided about, the first said first. One query."""
    return _words(session, section_id, "waiting", (REASON, SUGGESTION))


def suggestions_to_place(session: Session, section_id: int) -> list[WordsView]:
    """Return the approved suggestions that are no response yet, and count towards none. Three queries."""
    placed = {
        *session.scalars(select(FloorResponse.text_id).where(FloorResponse.text_id.is_not(None))),
        *session.scalars(select(MergedSuggestion.text_id)),
    }
    approved = _words(session, section_id, "approved", (SUGGESTION,))
    return [words for words in approved if words.id not in placed]


def approved_reasons(session: Session, round_ids: Sequence[int]) -> list[Reason]:
    """Return the approved reasons of some rounds, in the order they were approved. One query."""
    rows = session.execute(
        select(
            FloorText.round_id,
            FloorText.text,
            func.coalesce(FloorText.response, Ballot.response).label("response"),
            Round.kind,
        )
        .join(Round, Round.id == FloorText.round_id)
        .outerjoin(Ballot, (Ballot.round_id == FloorText.round_id) & (Ballot.seat_id == FloorText.seat_id))
        .where(
            FloorText.round_id.in_(list(round_ids)), FloorText.kind == REASON, FloorText.state == "approved"
        )
        .order_by(FloorText.decided_at, FloorText.id)
    )
    return [Reason(row.round_id, _chose(row.response, row.kind), row.text or "") for row in rows]


def reasons_of(session: Session, seat_id: int) -> dict[int, str]:
    """Return what a seat gave as its reason, by round. For that seat's own phone only."""
    rows = session.execute(
        select(FloorText.round_id, FloorText.text).where(
            FloorText.seat_id == seat_id, FloorText.kind == REASON, FloorText.state != "declined"
        )
    )
    return {row.round_id: row.text or "" for row in rows if row.round_id is not None}


def _words(session: Session, section_id: int, state: str, kinds: Sequence[str]) -> list[WordsView]:
    counted = aliased(Ballot)
    cast = (
        select(func.count())
        .select_from(counted)
        .where(counted.round_id == FloorText.round_id)
        .correlate(FloorText)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            FloorText.id,
            FloorText.kind,
            FloorText.text,
            FloorText.performance_id,
            FloorText.decision,
            Seat.role,
            Ballot.response,
            Round.kind.label("asked"),
            Round.revealed_at,
            cast.label("cast"),
        )
        .join(Seat, Seat.id == FloorText.seat_id)
        .outerjoin(Round, Round.id == FloorText.round_id)
        .outerjoin(Ballot, (Ballot.round_id == FloorText.round_id) & (Ballot.seat_id == FloorText.seat_id))
        .where(
            FloorText.section_id == section_id,
            FloorText.state == state,
            FloorText.kind.in_(list(kinds)),
            FloorText.text.is_not(None),
        )
        .order_by(FloorText.id)
    )
    return [
        WordsView(
            id=row.id,
            kind=row.kind,
            text=row.text or "",
            role=row.role,
            performance_id=row.performance_id,
            decision=row.decision or "",
            response=_chose(row.response, row.asked)
            if row.response and row.revealed_at is not None and row.cast >= LEAST_BALLOTS
            else "",
        )
        for row in rows
    ]


def _chose(kept: str, kind: str) -> str:
    """Return the one response that somebody chose, or put first; of several, none."""
    keys = choice_from(kept).keys
    return keys[0] if keys and kind != RoundKind.APPROVE else ""
