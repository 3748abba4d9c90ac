"""Come in and be counted: take a seat, find it again, erase what ties a seat to its holder."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from live.models import CastKey, Event, JoinMinute, Seat, Section, Ticket
from live.preparing.tickets import spend_ticket
from live.queries import seats_in
from live.rules import Channel, DoorClosed, DoorFrozen, NoSuchDoor, NotAllowed, SectionFull, role_from
from scenario_app.kernel import audit
from scenario_app.kernel.errors import Forbidden
from scenario_app.kernel.tokens import clean_door_code, hashed, new_secret

# Built once: asked of everybody who connects, and building costs more than running.
_HOLDER = (
    select(Seat.id, Seat.section_id, Section.door_code, Seat.role, Seat.channel)
    .join(Section, Section.id == Seat.section_id)
    .where(Seat.secret_hash == bindparam("hashed"))
)


class NotASeat(Forbidden):
    """No seat has this secret (or it has been erased)."""

    code = "not_a_member"


@dataclass(frozen=True, slots=True)
class TakenSeat:
    """A seat as its own holder knows it. The secret is not stored; it cannot be shown again."""

    id: int
    section_id: int
    code: str
    secret: str
    role: str | None


@dataclass(frozen=True, slots=True)
class SeatHolder:
    """Who a secret belongs to: a seat, its section and the role it chose."""

    seat_id: int
    section_id: int
    code: str
    role: str | None
    channel: str = Channel.ROOM


def take_seat(
    session: Session, *, code: str, role: str | None, key: str, now: datetime, ticket: str = ""
) -> TakenSeat:
    """Give a phone its place in a section, and the secret that is its right to one ballot per round.

    Joining late is normal; leaving and coming back keeps the seat. `key` is the site's secret. In strict mode
    `ticket` is the paper ticket as it was typed or read: it is spent with this.

    :raises NoSuchDoor, DoorClosed, DoorFrozen, SectionFull, UnknownRole: no seat was given
    :raises TicketNeeded, TicketUsed: nor here, in strict mode; what was given is as good as before
    """
    chosen = role_from(role)
    section = session.scalars(select(Section).where(Section.door_code == clean_door_code(code))).first()
    if section is None:
        raise NoSuchDoor
    if not section.door_open:
        raise DoorClosed
    if section.door_frozen:
        raise DoorFrozen
    if section.strict:
        spend_ticket(session, section_id=section.id, typed=ticket, key=key)
    # Whoever comes in the same minute waits here for their turn, so that the count below is the truth.
    _count_join(session, section.id, now)
    taken = seats_in(session, section.id)
    if taken >= section.size_cap:
        raise SectionFull
    secret = new_secret()
    seat = Seat(section_id=section.id, secret_hash=hashed(secret, key=key), role=chosen)
    session.add(seat)
    session.flush()
    return TakenSeat(seat.id, section.id, section.door_code, secret, chosen)


def _count_join(session: Session, section_id: int, now: datetime) -> None:
    minute = now.replace(second=0, microsecond=0)
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(
        insert(JoinMinute)
        .values(section_id=section_id, minute=minute, joins=1)
        .on_conflict_do_update(
            index_elements=[JoinMinute.section_id, JoinMinute.minute],
            set_={"joins": JoinMinute.joins + 1},
        )
    )


def holder_of(session: Session, *, secret: str, key: str) -> SeatHolder:
    """Return the seat that a secret belongs to. One query on a unique index.

    :raises NotASeat: none
    """
    row = session.execute(_HOLDER, {"hashed": hashed(secret, key=key)}).first()
    if row is None:
        raise NotASeat
    return SeatHolder(row.id, row.section_id, row.door_code, row.role, row.channel)


def choose_role(session: Session, *, seat_id: int, role: str | None) -> None:
    """Set how a seat describes itself, or that it would rather not say.

    :raises UnknownRole: no role has this name
    :raises NotAllowed: the event is closed: what was counted by role is in evidence, and stays
    """
    closed_at = session.scalar(
        select(Event.closed_at)
        .join(Section, Section.event_id == Event.id)
        .join(Seat, Seat.section_id == Section.id)
        .where(Seat.id == seat_id)
        .with_for_update(read=True, of=Event)
    )
    if closed_at is not None:
        raise NotAllowed(state="event_closed")
    session.execute(update(Seat).where(Seat.id == seat_id).values(role=role_from(role)))


def raise_peak(session: Session, *, section_id: int, connected: int) -> None:
    """Keep how many phones were connected at once in a section, if it is the most so far."""
    session.execute(
        update(Section)
        .where(Section.id == section_id, Section.peak_connected < connected)
        .values(peak_connected=connected)
    )


def erase_secrets(session: Session, *, retention: timedelta, now: datetime) -> int:
    """Erase seat secrets and keys of sections that ended longer ago than the retention; return how many sections.

    Afterwards not even the holder can be tied to a ballot. The ballots stay: they are the count.
    """
    due = session.execute(
        select(Section.id, Section.position).where(
            Section.erased_at.is_(None), Section.ends_at < now - retention
        )
    ).all()
    for section_id, _position in due:
        seats = select(Seat.id).where(Seat.section_id == section_id)
        session.execute(delete(CastKey).where(CastKey.seat_id.in_(seats)))
        session.execute(delete(JoinMinute).where(JoinMinute.section_id == section_id))
        session.execute(delete(Ticket).where(Ticket.section_id == section_id))
        session.execute(update(Seat).where(Seat.section_id == section_id).values(secret_hash=None))
        session.execute(
            update(Section).where(Section.id == section_id).values(erased_at=now, door_open=False)
        )
        audit.record(
            session,
            chain=audit.SITE,
            action="seat_secrets_erased",
            subject=f"section:{section_id}",
            account_id=None,
            now=now,
        )
    return len(due)
