"""Vote alone, online, before the play or after it: the same decisions, counted apart and never added to the room's."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from live.models import Ballot, Performance, Round, Seat
from live.queries import votes_in
from live.rules import Channel, NotAllowed, PerformanceState, SectionFull
from live.tally import TieRule, tally, winner
from scenario_app.kernel.tokens import hashed, new_secret
from scenarios.queries import script_of_version
from scenarios.script.parts import Scene

# Seats of one section that vote alone, before or after: more than live where a hall's people come from.
MOST_ALONE = 20_000


@dataclass(frozen=True, slots=True)
class AloneBallot:
    """A ballot of somebody who votes alone, as the ballot box takes it. `secret` is new with a new seat."""

    seat_id: int
    section_id: int
    round_id: int
    channel: str
    rev: int
    secret: str


def online_channel(*, online: bool, closed: bool, rehearsal: bool, state: str, begun: bool) -> Channel | None:
    """Return where a ballot that is cast alone now would count; None while nobody can vote alone.

    Before the play begins, and after it has ended until the event is closed; never while it is played.

    >>> online_channel(online=True, closed=False, rehearsal=False, state="waiting", begun=False).value
    'online_before'
    >>> online_channel(online=True, closed=False, rehearsal=False, state="ended", begun=True).value
    'online_after'
    >>> online_channel(online=True, closed=False, rehearsal=False, state="playing", begun=True) is None
    True
    """
    if not online or closed or rehearsal:
        return None
    if not begun:
        return Channel.ONLINE_BEFORE
    return Channel.ONLINE_AFTER if state == PerformanceState.ENDED else None


def channel_of(session: Session, performance_id: int) -> Channel | None:
    """Return where a ballot on a performance would count that is cast alone now. Two queries."""
    performance = session.get(Performance, performance_id)
    return None if performance is None else _channel(performance)


def prepare_ballot(
    session: Session, *, performance_id: int, decision: str, secret: str, key: str, now: datetime
) -> AloneBallot:
    """Find, or make, the seat and the round of a ballot that is cast alone.

    `secret` is what this browser kept of its seat, `key` the site's secret. Locks the performance, so that a
    decision has one round of each channel, and a play that begins meanwhile closes it first.

    :raises NotAllowed: nobody can vote alone on this now, or it has no such decision
    :raises SectionFull: as many as are counted have voted alone
    """
    performance = session.scalars(
        select(Performance).where(Performance.id == performance_id).with_for_update()
    ).first()
    channel = None if performance is None else _channel(performance)
    if performance is None or channel is None:
        raise NotAllowed(state="not_online")
    round_ = _round(session, performance, decision, channel, now)
    seat, kept = _seat(session, performance.section_id, channel, secret, key)
    rev = session.scalar(select(Ballot.rev).where(Ballot.round_id == round_.id, Ballot.seat_id == seat.id))
    return AloneBallot(seat.id, performance.section_id, round_.id, channel.value, (rev or 0) + 1, kept)


def close_alone(session: Session, performance: Performance, *, now: datetime) -> None:
    """Close what was voted on alone: the play begins, or the event is over. Every ballot so far is counted."""
    rounds = session.scalars(
        select(Round)
        .where(
            Round.performance_id == performance.id,
            Round.channel != Channel.ROOM.value,
            Round.closed_at.is_(None),
        )
        .with_for_update()
    ).all()
    script = script_of_version(session, performance.version_id) if rounds else None
    for round_ in rounds:
        assert script is not None
        # Whoever voted on this play: one browser has a seat for each, and is no voter of the others.
        seats = session.scalar(
            select(func.count(Ballot.seat_id.distinct()))
            .join(Round, Round.id == Ballot.round_id)
            .where(Round.performance_id == performance.id, Round.channel == round_.channel)
        )
        decision = script.scene_of(round_.decision).decision
        happened = next((r.key for r in decision.responses if r.as_it_happened), None) if decision else None
        counted = tally(
            votes_in(session, round_.id, round_.responses), responses=round_.responses, seats=seats or 0
        )
        found = winner(counted, TieRule(round_.tie_rule), as_it_happened=happened)
        round_.closed_at = round_.revealed_at = now
        round_.seats_at_close = counted.seats
        round_.winner = found.response if found else None


def _channel(performance: Performance) -> Channel | None:
    event = performance.section.event
    return online_channel(
        online=event.online,
        closed=event.closed_at is not None,
        rehearsal=event.rehearsal_of is not None,
        state=performance.state,
        begun=performance.started_at is not None,
    )


def _round(
    session: Session, performance: Performance, decision: str, channel: Channel, now: datetime
) -> Round:
    there = session.scalars(
        select(Round).where(
            Round.performance_id == performance.id,
            Round.decision == decision,
            Round.channel == channel.value,
            Round.closed_at.is_(None),
        )
    ).first()
    if there is not None:
        return there
    script = script_of_version(session, performance.version_id)
    place = next(
        (
            one
            for one in script.scenes
            if isinstance(one, Scene) and one.decision and one.decision.key == decision
        ),
        None,
    )
    if place is None or place.decision is None:
        raise NotAllowed(state="no_such_decision")
    highest = session.scalar(
        select(func.max(Round.number)).where(
            Round.performance_id == performance.id,
            Round.decision == decision,
            Round.channel == channel.value,
        )
    )
    made = Round(
        performance_id=performance.id,
        decision=decision,
        number=(highest or 0) + 1,
        kind="choose_one",
        practice=False,
        channel=channel.value,
        tie_rule=performance.tie_rule,
        responses=[response.key for response in place.decision.responses],
        opened_at=now,
    )
    session.add(made)
    session.flush()
    return made


def _seat(session: Session, section_id: int, channel: Channel, secret: str, key: str) -> tuple[Seat, str]:
    if secret:
        there = session.scalars(
            select(Seat).where(
                Seat.secret_hash == hashed(secret, key=key),
                Seat.section_id == section_id,
                Seat.channel == channel.value,
            )
        ).first()
        if there is not None:
            return there, secret
    taken = select(func.count()).where(Seat.section_id == section_id, Seat.channel == channel.value)
    if (session.scalar(taken) or 0) >= MOST_ALONE:
        raise SectionFull
    new = new_secret()
    seat = Seat(section_id=section_id, secret_hash=hashed(new, key=key), channel=channel.value)
    session.add(seat)
    session.flush()
    return seat, new
