"""A section that is played through services: 35 people, a practice round, two rounds on one decision."""

from collections.abc import Sequence

from live import messages
from live.ballot_box import write_ballots
from live.programme import close_event
from live.rules import Cast
from live.voting import TakenSeat
from tests.makers import Floor

ROLES = ("carer",) * 14 + ("police",) * 12 + ("commissioner",) * 3 + (None,) * 6


def play(floor: Floor) -> None:
    """Hold a practice round and two rounds on the first decision, and take the room's choice."""
    seats = floor.sit(*ROLES)
    floor.open_round(practice=True)
    hold(floor, seats[:3], "c")
    floor.open_round()
    hold(floor, seats, "aab")
    floor.open_round()
    hold(floor, seats, "abbbc")
    floor.act(messages.TakeBranch, round_id=floor.round_id)


def hold(floor: Floor, seats: Sequence[TakenSeat], pattern: str) -> None:
    """Let seats vote by turns along a pattern, in the round that is open; close and reveal it."""
    cast(floor, seats, pattern)
    floor.act(messages.CloseRound, round_id=floor.round_id)
    floor.act(messages.Reveal, round_id=floor.round_id)


def cast(floor: Floor, seats: Sequence[TakenSeat], pattern: str) -> None:
    """Place everybody's ballot in one transaction."""
    ballots = [
        Cast(
            seat_id=seat.id,
            section_id=seat.section_id,
            round_id=floor.round_id,
            response=pattern[place % len(pattern)],
            key=f"tap-{seat.id}-{floor.round_id}",
            rev=1,
        )
        for place, seat in enumerate(seats)
    ]
    with floor.town.database.transaction() as session:
        write_ballots(session, ballots, key=floor.town.config.secret_key)


def close(floor: Floor) -> None:
    """End the performance and close the event."""
    floor.act(messages.EndPerformance)
    with floor.town.database.transaction() as session:
        close_event(session, event_slug="an-evening", account_id=floor.town.account("fay").id, now=floor.now)
