"""Who may do what at an event: whoever leads it appoints others, with rights less than their own, or as many."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from live.models import EventFacilitator
from live.programme import event_chain, locked_event
from live.rules import Right
from scenario_app.kernel import audit
from scenario_app.kernel.errors import Conflict, NotFound


class LastLeader(Conflict):
    """Nobody would lead the event any more."""

    code = "last_leader"


class NotAppointed(NotFound):
    """This account is not a facilitator of the event."""

    code = "not_appointed"


def appoint_facilitator(
    session: Session,
    *,
    event_slug: str,
    account_id: int,
    rights: Collection[Right] = (),
    leads: bool = False,
    appointed_by: int,
    now: datetime,
) -> None:
    """Let another account sit at the desks of an event with these rights, or lead it; or change what it may.

    :raises NoSuchEvent: no event has this name
    :raises LastLeader: it led the event, and nobody else does
    """
    event = locked_event(session, event_slug)
    kept = sorted(right.value for right in rights)
    found = session.get(EventFacilitator, (event.id, account_id))
    if found is None:
        session.add(EventFacilitator(event_id=event.id, account_id=account_id, leads=leads, rights=kept))
    elif (found.leads, found.rights) == (leads, kept):
        return
    else:
        if found.leads and not leads:
            _check_others_lead(event.facilitators, account_id)
        found.leads, found.rights = leads, kept
    audit.record(
        session,
        chain=event_chain(event_slug),
        action="facilitator_appointed",
        subject=f"account:{account_id}",
        account_id=appointed_by,
        now=now,
        details={"leads": leads, "rights": kept},
    )


def dismiss_facilitator(
    session: Session, *, event_slug: str, account_id: int, dismissed_by: int, now: datetime
) -> None:
    """Let an account sit at the desks of an event no more.

    :raises NoSuchEvent: no event has this name
    :raises NotAppointed: it does not sit there
    :raises LastLeader: it leads the event, and nobody else does
    """
    event = locked_event(session, event_slug)
    found = session.get(EventFacilitator, (event.id, account_id))
    if found is None:
        raise NotAppointed
    if found.leads:
        _check_others_lead(event.facilitators, account_id)
    session.delete(found)
    audit.record(
        session,
        chain=event_chain(event_slug),
        action="facilitator_dismissed",
        subject=f"account:{account_id}",
        account_id=dismissed_by,
        now=now,
    )


def _check_others_lead(facilitators: Collection[EventFacilitator], account_id: int) -> None:
    if not any(one.leads and one.account_id != account_id for one in facilitators):
        raise LastLeader


def appoint_the_same(
    session: Session, *, from_slug: str, to_slug: str, appointed_by: int, now: datetime
) -> None:
    """Let everybody who sits at the desks of one event sit at those of another, with the rights they have there.

    :raises NoSuchEvent: no event has one of these names
    """
    for one in locked_event(session, from_slug).facilitators:
        if one.account_id != appointed_by:
            appoint_facilitator(
                session,
                event_slug=to_slug,
                account_id=one.account_id,
                rights=[Right(right) for right in one.rights],
                leads=one.leads,
                appointed_by=appointed_by,
                now=now,
            )
