"""What a desk can do. Each action takes one transaction and raises the cue by one.

Every action names the cue it expects; a stale one changes nothing, so two desks never step twice.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from live import asking, messages, performance
from live.assembly import committing, proposing
from live.models import Section
from live.moment import Moment, note
from live.preparing.readiness import AMPLE, Surroundings
from live.rules import NotAllowed, Right, Shown, StaleCue
from live.talk import caring, intervening, stopping, texts
from live.undoing import forget, journal_of, keep, take_back

Act = Callable[[Moment, Any], None]

ACTS: Final[Mapping[type[messages.DeskAction], Act]] = {
    **performance.ACTS,
    **asking.ACTS,
    **proposing.ACTS,
    **committing.ACTS,
    **stopping.ACTS,
    **intervening.ACTS,
    **caring.ACTS,
    **texts.ACTS,
}
# Phones were told, the hall has seen it, or a row was erased on purpose: no button unmakes that.
IRREVOCABLE: Final = (
    messages.CloseRound,
    messages.Reveal,
    messages.CloseWeighing,
    messages.AnswerMinute,
)
# What says nothing of what the hall looks at leaves the screen as it is.
_LEAVE_THE_SCREEN: Final = (
    messages.SetDoor,
    messages.SetHeads,
    messages.EnterHandCount,
    messages.DecideText,
    messages.AddFloorResponse,
    messages.RaiseStopForSomebody,
    messages.PassStop,
    messages.AnswerMinute,
    messages.NoteImprovised,
    messages.NoteAnswer,
    messages.RecordCommitment,
    messages.RecordIntervention,
    messages.MakeProposal,
    messages.AmendProposal,
    messages.WithdrawProposal,
)
# What nobody but desks may notice: it moves no cue, no cue makes it stale, and undoing knows nothing of it.
_QUIET: Final = (messages.AnswerMinute,)


def perform(
    session: Session,
    *,
    section_id: int,
    action: messages.DeskAction,
    account_id: int,
    now: datetime,
    threshold: int,
    around: Surroundings = AMPLE,
    held: frozenset[Right] = frozenset(Right),
) -> int:
    """Do what a desk asks and return the number of the new cue. `around`: what the house knows of itself.

    That the account may do this was looked at before; `held` are its rights, for what is taken back takes rights too.

    Locks the section's row, so that actions of one section happen one after the other.

    :raises StaleCue: the section has moved on since that desk last looked; nothing was changed
    :raises DomainError: the rules do not let this happen now; nothing was changed
    """
    section = session.scalars(select(Section).where(Section.id == section_id).with_for_update()).one()
    at = Moment(session, section, account_id, now, threshold, around)
    if isinstance(action, _QUIET):
        ACTS[type(action)](at, action)
        section.talk_seq += 1
        return section.cue_seq
    if section.cue_seq != action.expects:
        raise StaleCue
    if section.event.closed_at is not None:
        raise NotAllowed(state="event_closed")
    if isinstance(action, messages.Undo):
        undone = take_back(session, section_id=section_id, seq=section.cue_seq, held=held, now=now)
        note(at, "taken_back", f"section:{section.position}", undone=undone)
        section.cue_seq += 1
        return section.cue_seq
    with journal_of(session) as journal:
        if not isinstance(action, _LEAVE_THE_SCREEN):
            section.screen_shows = Shown.RESULT.value
        ACTS[type(action)](at, action)
    section.cue_seq += 1
    if isinstance(action, IRREVOCABLE) or journal.lost_something or journal.closed_a_round:
        forget(session, section_id)
    else:
        keep(
            session,
            section_id=section_id,
            seq=section.cue_seq,
            action=action.name,
            rights=action.rights,
            journal=journal,
            now=now,
        )
    return section.cue_seq
