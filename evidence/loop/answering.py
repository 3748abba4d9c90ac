"""Answer a proposal, say what became of a promise. Needs the duty of a commissioner, which the route checks.

Nothing is ever overwritten: each answer and update is another row, in somebody's name, in the event's audit chain.
"""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from evidence.loop.models import CommitmentUpdate, OfficialAnswer
from evidence.loop.rules import (
    NothingToAnswer,
    NotPromised,
    answer_waits,
    check_answer,
    check_name,
    check_update,
    update_waits,
)
from live.assembly.record import HeldAt, commitment_kept_at, commitments_kept, proposal_kept_at
from live.programme import event_chain
from scenario_app.kernel import audit


def answer_proposal(
    session: Session,
    *,
    proposal_id: int,
    verdict: str,
    because: str,
    answered_as: str,
    account_id: int,
    now: datetime,
) -> bool:
    """Keep an official answer to a proposal of a closed event; say whether it waits for a moderator.

    *Influenced* claims a change and waits; *not changed* with its reason stands at once. The same answer sent twice
    is one.

    :raises NothingToAnswer: no closed event has this proposal, or it was withdrawn in the room
    :raises scenario_app.kernel.errors.Invalid: no verdict, no words, no name
    """
    held = proposal_kept_at(session, proposal_id)
    if held is None:
        raise NothingToAnswer(proposal=proposal_id)
    said, clean = check_answer(verdict=verdict, because=because)
    row = OfficialAnswer(
        proposal_id=proposal_id,
        verdict=said.value,
        because=clean,
        answered_by=account_id,
        answered_as=check_name(answered_as),
        answered_at=now,
        shown=None if answer_waits(said) else True,
    )
    newest = session.scalars(
        select(OfficialAnswer)
        .where(OfficialAnswer.proposal_id == proposal_id)
        .order_by(OfficialAnswer.id.desc())
    ).first()
    if newest is None or _answered(newest) != _answered(row):
        session.add(row)
        session.flush()
        _record(session, held, "proposal_answered", f"proposal:{proposal_id}", account_id, now, said.value)
    return answer_waits(said)


def update_promise(
    session: Session,
    *,
    commitment_id: int,
    status: str,
    words: str,
    evidence_url: str,
    new_day: date | None,
    said_as: str,
    account_id: int,
    now: datetime,
) -> bool:
    """Keep what became of a promise of a closed event; say whether it waits for a moderator.

    *Done*, and whatever shows evidence, claims a change and waits; the rest stands at once.

    :raises NothingToAnswer: no closed event has this promise
    :raises NotPromised: it was not promised
    :raises scenario_app.kernel.errors.Invalid: no status, no words, no name, no address of the web, a day gone by
    """
    held = commitment_kept_at(session, commitment_id)
    if held is None:
        raise NothingToAnswer(commitment=commitment_id)
    if not any(
        each.promised for each in commitments_kept(session, [held.event_id]) if each.id == commitment_id
    ):
        raise NotPromised(commitment=commitment_id)
    said = check_update(
        status=status, words=words, evidence_url=evidence_url, new_day=new_day, today=now.date()
    )
    row = CommitmentUpdate(
        commitment_id=commitment_id,
        status=said.status.value,
        words=said.words,
        evidence_url=said.evidence_url,
        new_day=said.new_day,
        said_by=account_id,
        said_as=check_name(said_as),
        said_at=now,
        shown=None if update_waits(said) else True,
    )
    newest = session.scalars(
        select(CommitmentUpdate)
        .where(CommitmentUpdate.commitment_id == commitment_id)
        .order_by(CommitmentUpdate.id.desc())
    ).first()
    if newest is None or _updated(newest) != _updated(row):
        session.add(row)
        session.flush()
        subject = f"commitment:{commitment_id}"
        _record(session, held, "promise_updated", subject, account_id, now, said.status.value)
    return update_waits(said)


def _answered(row: OfficialAnswer) -> tuple[object, ...]:
    # One that was looked at and not shown may be sent again, with better evidence behind it.
    return (row.verdict, row.because, row.answered_as, row.answered_by, row.shown is False)


def _updated(row: CommitmentUpdate) -> tuple[object, ...]:
    words = (row.status, row.words, row.evidence_url, row.new_day)
    return (*words, row.said_as, row.said_by, row.shown is False)


def _record(
    session: Session, held: HeldAt, action: str, subject: str, account_id: int, now: datetime, said: str
) -> None:
    audit.record(
        session,
        chain=event_chain(held.slug),
        action=action,
        subject=subject,
        account_id=account_id,
        now=now,
        details={"said": said},
    )
