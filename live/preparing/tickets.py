"""Paper tickets: each gives one seat, once, and nobody can say afterwards which."""

import secrets
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from live.models import Section, Ticket
from live.programme import event_chain
from scenario_app.kernel import audit
from scenario_app.kernel.errors import Conflict, Forbidden, Invalid
from scenario_app.kernel.tokens import ALPHABET, clean_door_code, hashed

TICKET_CHARACTERS: Final = 8
MOST_TICKETS: Final = 500


class TicketNeeded(Forbidden):
    """Only who holds a paper ticket of this section gets a seat, and this is none."""

    code = "ticket_needed"


class TicketUsed(Conflict):
    """Somebody took a seat with this ticket already."""

    code = "ticket_used"


def make_tickets(
    session: Session, *, section_id: int, count: int, account_id: int, now: datetime, key: str
) -> list[str]:
    """Make paper tickets and return what is printed on them. It is not stored: it cannot be shown again.

    :raises Invalid: not 1 to 500 at once
    """
    if not 1 <= count <= MOST_TICKETS:
        raise Invalid(field="count", found=str(count), expected=f"1 to {MOST_TICKETS}")
    section = session.get_one(Section, section_id)
    # 852 thousand million of them: two that are the same are refused by the schema, not met in life.
    made = ["".join(secrets.choice(ALPHABET) for _ in range(TICKET_CHARACTERS)) for _ticket in range(count)]
    session.add_all(
        Ticket(section_id=section_id, secret_hash=_hash(ticket, key=key), used=False) for ticket in made
    )
    audit.record(
        session,
        chain=event_chain(section.event.slug),
        action="tickets_made",
        subject=f"section:{section.position}",
        account_id=account_id,
        now=now,
        details={"count": count},
    )
    return made


def spend_ticket(session: Session, *, section_id: int, typed: str, key: str) -> None:
    """Use a ticket up. One statement: of many who come with it at once, one gets in.

    :raises TicketNeeded: this section has no such ticket
    :raises TicketUsed: it was used before
    """
    ticket = (Ticket.section_id == section_id, Ticket.secret_hash == _hash(typed, key=key))
    spent = session.execute(
        update(Ticket).where(*ticket, Ticket.used.is_(False)).values(used=True).returning(Ticket.id)
    ).first()
    if spent is None:
        if session.scalars(select(Ticket.id).where(*ticket)).first() is None:
            raise TicketNeeded
        raise TicketUsed


def shown_ticket(ticket: str) -> str:
    """Return a ticket as people read and type it.

    >>> shown_ticket("KTM4RW7X")
    'KTM4 RW7X'
    """
    return f"{ticket[:4]} {ticket[4:]}"


def _hash(typed: str, *, key: str) -> bytes:
    return hashed("ticket:" + clean_door_code(typed), key=key)
