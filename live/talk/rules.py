"""Stop!: when a hand may go up, and who is asked in first. Values in, values or refusals out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from live.rules import NotAllowed, PerformanceState

# A hand at every line would bury the desk; nobody is asked in twice before everybody was asked in once.
MOST_HANDS = 5
# Sixty people who need a minute are an emergency of the whole hall; a desk needs no more cards to see it. Whoever
# comes after them is still told who is there, and where.
MOST_MINUTES = 60


class StopState(StrEnum):
    """Where a raised hand stands. `in`: its person is asked in now; `done`: was in."""

    WAITING = "waiting"
    IN = "in"
    DONE = "done"
    PASSED = "passed"
    TAKEN_BACK = "taken_back"


class WeighingState(StrEnum):
    """Whether the room is asked, or was, if an intervention could happen here."""

    NO = "no"
    OPEN = "open"
    CLOSED = "closed"


class Verdict(StrEnum):
    """What somebody says of an intervention."""

    HERE = "here"
    MAGIC = "magic"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Hand:
    """A raised hand that waits. `person` is its seat, or None for somebody without a phone: then a person each."""

    id: int
    person: int | None
    role: str | None


_STOPPABLE = {
    PerformanceState.PLAYING,
    PerformanceState.INTERVENTIONS,
    PerformanceState.CLOSED,
    PerformanceState.REVEALED,
}
_RUNNING = set(PerformanceState) - {PerformanceState.WAITING, PerformanceState.ENDED}


def check_stop(state: str, *, scene_was_played: bool, line_is_there: bool) -> None:
    """Refuse a hand where there is nothing to stop: before the play, while people vote, after the end.

    >>> check_stop("playing", scene_was_played=True, line_is_there=True)
    """
    if state not in _STOPPABLE:
        raise NotAllowed(state=state)
    if not scene_was_played:
        raise NotAllowed(state="scene_not_played")
    if not line_is_there:
        raise NotAllowed(state="no_such_line")


def is_kept_for_later(state: str, *, attempt: int) -> bool:
    """Say whether a hand waits for the replay: the first playing is not stopped.

    >>> is_kept_for_later("playing", attempt=1), is_kept_for_later("interventions", attempt=2)
    (True, False)
    """
    return state == PerformanceState.PLAYING and attempt == 1


def check_running(state: str) -> None:
    """Refuse what needs a play that is going on."""
    if state not in _RUNNING:
        raise NotAllowed(state=state)


def fair_order(
    waiting: Iterable[Hand], *, been_in: Mapping[int, int], heard: Iterable[str | None]
) -> list[int]:
    """Return the waiting hands in the order in which they are asked in.

    The first hand of a person comes before anybody's second, counting how often each has been in (`been_in`).
    Among these, roles that this section has not heard come first, one of each; then who was first. Whoever would
    rather not say their role counts as a role like any other.

    >>> carer, police = "carer", "police"
    >>> hands = [Hand(1, 5, carer), Hand(2, 5, carer), Hand(3, 6, carer), Hand(4, 7, police), Hand(5, 8, police)]
    >>> fair_order(hands, been_in={}, heard=[])
    [1, 4, 3, 5, 2]
    >>> fair_order(hands, been_in={7: 1}, heard=[police])
    [1, 3, 5, 2, 4]

    Once the first has been asked in, the others follow in the order that was said:

    >>> fair_order([hand for hand in hands if hand.id != 1], been_in={5: 1}, heard=[carer])
    [4, 3, 5, 2]
    """
    turns: dict[int, list[Hand]] = {}
    had = dict(been_in)
    for hand in sorted(waiting, key=lambda each: each.id):
        turn = 0
        if hand.person is not None:
            turn = had.get(hand.person, 0)
            had[hand.person] = turn + 1
        turns.setdefault(turn, []).append(hand)
    known = set(heard)
    order: list[int] = []
    for turn in sorted(turns):
        new: list[int] = []
        others: list[int] = []
        for hand in turns[turn]:
            (others if hand.role in known else new).append(hand.id)
            known.add(hand.role)
        order += new + others
    return order
