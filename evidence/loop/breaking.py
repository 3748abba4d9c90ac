"""Take a link of the chain away, with a reason. Needs the duty of a steward, which the route checks."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evidence.loop.chain import NoSuchThing, chain_around
from evidence.loop.graph import Kind, Name
from evidence.loop.models import BrokenLink
from evidence.loop.rules import check_reason
from live.assembly.record import events_kept
from live.programme import event_chain
from scenario_app.kernel import audit


def break_link(
    session: Session, *, start: str, end: str, reason: str, account_id: int, now: datetime, key: str
) -> Name:
    """Take a link away; return the name of its end. It stays visible, as a broken one with its reason.

    `start` and `end` as they are in addresses: `round/7`. `key` is the site's secret. A broken one stays as it is.

    :raises NoSuchThing: there is no such link
    :raises scenario_app.kernel.errors.Invalid: no reason
    """
    why = check_reason(reason)
    first, last = _name(start), _name(end)
    chain, name = chain_around(session, kind=last.kind, thing=last.key, key=key, today=now.date())
    link = next((each for each in chain.came_from(name) if each.start == first), None)
    if link is None:
        raise NoSuchThing(found=start[:200])
    if link.broken is not None:
        return name
    row = BrokenLink(
        from_kind=first.kind.value,
        from_key=first.key,
        to_kind=name.kind.value,
        to_key=name.key,
        reason=why,
        broken_at=now,
        broken_by=account_id,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # somebody else took it away at the same moment
        return name
    event_id = chain.things[name].event_id
    audit.record(
        session,
        chain=audit.SITE
        if event_id is None
        else event_chain(events_kept(session, [event_id])[event_id].slug),
        action="link_broken",
        subject=f"{first}-{name}"[:200],
        account_id=account_id,
        now=now,
    )
    return name


def _name(typed: str) -> Name:
    kind, _slash, key = typed.partition("/")
    if kind not in set(Kind):
        raise NoSuchThing(found=typed[:200])
    return Name(Kind(kind), key)
