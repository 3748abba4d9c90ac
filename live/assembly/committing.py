"""Promises made in the room, read back from the screen; and what people say on leaving."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from live import messages
from live.assembly.models import Commitment, Feedback
from live.assembly.proposing import proposal_of
from live.assembly.rules import check_promise
from live.models import Section
from live.moment import Moment, note
from live.rules import NotAllowed
from scenario_app.kernel.errors import Invalid
from scenario_app.kernel.typed import plain

LONGEST_FEEDBACK = 1000


def _record(at: Moment, action: messages.RecordCommitment) -> None:
    promise = check_promise(
        promised=action.promised,
        what=action.what,
        owner=action.owner,
        due=action.due,
        why=action.why,
        today=at.now.date(),
    )
    if action.proposal_id is not None:
        proposal_of(at.session, section_id=at.section.id, proposal_id=action.proposal_id)
    commitment = _there(at, action.commitment_id)
    commitment.promised, commitment.what = promise.promised, promise.what
    commitment.owner, commitment.due, commitment.why = promise.owner, promise.due, promise.why
    commitment.proposal_id = action.proposal_id or commitment.proposal_id
    # Other words than those that the room saw: they are read back again.
    commitment.read_back_at = None
    at.session.add(commitment)
    at.session.flush()
    said = "commitment_recorded" if action.commitment_id is None else "commitment_put_right"
    note(at, said, f"commitment:{commitment.id}", promised=promise.promised)


ACTS: Final[Mapping[type[messages.DeskAction], Callable[[Moment, Any], None]]] = {
    messages.RecordCommitment: _record,
}


def read_back(session: Session, *, section_id: int, now: datetime) -> None:
    """Keep that the room saw every promise of a section, in these words, on the screen."""
    for commitment in session.scalars(
        select(Commitment).where(Commitment.section_id == section_id, Commitment.read_back_at.is_(None))
    ):
        commitment.read_back_at = now


def leave_well(session: Session, *, section_id: int, heard: int | None, safe: int | None, words: str) -> None:
    """Keep what somebody says on leaving. It hangs on the section alone: no seat, no vote, no time.

    `heard` and `safe` are 1 (not at all) to 5 (fully), or None.

    :raises Invalid: a number outside, too many words, or nothing at all
    """
    for field, value in (("heard", heard), ("safe", safe)):
        if value is not None and not 1 <= value <= 5:
            raise Invalid(field=field, found=str(value), expected="1 to 5")
    clean = plain(words).strip()
    if len(clean) > LONGEST_FEEDBACK:
        raise Invalid(field="words", found=f"{len(clean)} characters", expected=f"{LONGEST_FEEDBACK} at most")
    if heard is None and safe is None and not clean:
        raise Invalid(field="words", found="nothing", expected="an answer to one of the questions")
    section = session.scalars(select(Section).where(Section.id == section_id)).one()
    if section.event.closed_at is not None:
        raise NotAllowed(state="event_closed")
    session.add(Feedback(section_id=section_id, heard=heard, safe=safe, words=clean))


def _there(at: Moment, commitment_id: int | None) -> Commitment:
    if commitment_id is None:
        return Commitment(section_id=at.section.id, made_at=at.now)
    found = at.session.get(Commitment, commitment_id)
    if found is None or found.section_id != at.section.id:
        raise NotAllowed(state="unknown_commitment")
    return found
