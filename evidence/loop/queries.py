"""Official answers and updates of promises, as frozen values. Only what may be shown to everybody.

What waits for a moderator, or was not shown, is read by `evidence.loop.checking` alone.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from evidence.loop.models import CommitmentUpdate, OfficialAnswer


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody who decides answered to a proposal, as it is shown.

    `checked_how` says how a moderator checked it; `checked_at` is None where no check was needed.
    """

    id: int
    proposal_id: int
    verdict: str
    because: str
    answered_as: str
    answered_at: datetime
    checked_at: datetime | None
    checked_how: str


@dataclass(frozen=True, slots=True)
class Update:
    """What was said of a promise, as it is shown. `checked_at` is None where no check was needed."""

    id: int
    commitment_id: int
    status: str
    words: str
    evidence_url: str
    new_day: date | None
    said_as: str
    said_at: datetime
    checked_at: datetime | None
    checked_how: str


def answers_of(session: Session, proposal_ids: Collection[int]) -> dict[int, list[Answer]]:
    """Return the official answers to proposals by proposal, the newest first: that one stands. One query."""
    found: dict[int, list[Answer]] = {}
    rows = session.scalars(
        select(OfficialAnswer)
        .where(OfficialAnswer.proposal_id.in_(proposal_ids), OfficialAnswer.shown.is_(True))
        .order_by(OfficialAnswer.id.desc())
    )
    for row in rows:
        found.setdefault(row.proposal_id, []).append(
            Answer(
                id=row.id,
                proposal_id=row.proposal_id,
                verdict=row.verdict,
                because=row.because,
                answered_as=row.answered_as,
                answered_at=row.answered_at,
                checked_at=row.checked_at,
                checked_how=row.checked_how,
            )
        )
    return found


def updates_of(session: Session, commitment_ids: Collection[int]) -> dict[int, list[Update]]:
    """Return what was said of promises by promise, the first one first: the last one stands. One query."""
    found: dict[int, list[Update]] = {}
    rows = session.scalars(
        select(CommitmentUpdate)
        .where(CommitmentUpdate.commitment_id.in_(commitment_ids), CommitmentUpdate.shown.is_(True))
        .order_by(CommitmentUpdate.id)
    )
    for row in rows:
        found.setdefault(row.commitment_id, []).append(
            Update(
                id=row.id,
                commitment_id=row.commitment_id,
                status=row.status,
                words=row.words,
                evidence_url=row.evidence_url,
                new_day=row.new_day,
                said_as=row.said_as,
                said_at=row.said_at,
                checked_at=row.checked_at,
                checked_how=row.checked_how,
            )
        )
    return found
