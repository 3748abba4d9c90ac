"""Count one round, compare two, and name the winner by a rule that was said before the vote opened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class TieRule(StrEnum):
    """Who wins when two responses or more have the most votes. Named before the round opens."""

    FIRST_LISTED = "first_listed"
    AS_IT_HAPPENED = "as_it_happened"
    JOKER_DECIDES = "joker_decides"


@dataclass(frozen=True, slots=True)
class Tally:
    """The count of one round. `votes` holds every response that could be chosen, in the script's order.

    `people`: how many voted, where one could name several responses; else it is the sum of the votes.
    """

    votes: Mapping[str, int]
    seats: int
    people: int | None = None

    @property
    def ballots(self) -> int:
        """Return how many ballots were counted."""
        return sum(self.votes.values()) if self.people is None else self.people

    @property
    def turnout(self) -> float | None:
        """Return ballots ÷ seats, 0 to 1; None where nobody had a seat."""
        return self.ballots / self.seats if self.seats else None

    @property
    def leaders(self) -> tuple[str, ...]:
        """Return the responses that have the most votes, in the script's order; none without a ballot.

        >>> Tally({"a": 4, "b": 7, "c": 7}, seats=20).leaders
        ('b', 'c')
        >>> Tally({"a": 0, "b": 0}, seats=20).leaders
        ()
        """
        most = max(self.votes.values(), default=0)
        return tuple(response for response, votes in self.votes.items() if votes == most) if most else ()


@dataclass(frozen=True, slots=True)
class Winner:
    """The response that opens the next scene. `tie_rule` is None when the votes alone decided."""

    response: str
    votes: int
    tie_rule: TieRule | None


def tally(
    counted: Mapping[str, int], *, responses: Sequence[str], seats: int, people: int | None = None
) -> Tally:
    """Return the tally of a round from its counted ballots, with a zero for what nobody chose.

    >>> tally({"c": 2, "a": 5}, responses=["a", "b", "c"], seats=10)
    Tally(votes={'a': 5, 'b': 0, 'c': 2}, seats=10, people=None)

    :raises ValueError: a ballot for a response that the round did not offer; the ballot box refuses these
    """
    if strangers := counted.keys() - set(responses):
        raise ValueError(f"ballots for responses that the round did not offer: {sorted(strangers)}")
    return Tally({response: counted.get(response, 0) for response in responses}, seats, people)


def with_hands(phones: Tally, hands: Mapping[str, int]) -> Tally:
    """Return phones and counted hands together: what decides the winner, though they are reported apart.

    Each counted hand is a person without a phone, and so one seat more.

    >>> with_hands(Tally({"a": 5, "b": 6}, seats=12), {"a": 3})
    Tally(votes={'a': 8, 'b': 6}, seats=15, people=None)

    Where one could name several responses, nobody knows how many people the hands were: at least the most of one.

    >>> with_hands(Tally({"a": 5, "b": 6}, seats=12, people=7), {"a": 3, "b": 1})
    Tally(votes={'a': 8, 'b': 7}, seats=15, people=10)
    """
    votes = {response: count + hands.get(response, 0) for response, count in phones.votes.items()}
    if phones.people is None:
        return Tally(votes, phones.seats + sum(hands.values()))
    more = max(hands.values(), default=0)
    return Tally(votes, phones.seats + more, phones.people + more)


def shift(before: Tally, after: Tally) -> Mapping[str, int]:
    """Return how many votes each response gained from one round to a later one (negative: lost).

    A response of only one of them, like one added from the floor, counts 0 in the other.

    >>> shift(Tally({"a": 9, "b": 3}, seats=20), Tally({"a": 4, "b": 8, "f1": 2}, seats=20))
    {'a': -5, 'b': 5, 'f1': 2}
    """
    responses = dict.fromkeys([*before.votes, *after.votes])
    return {response: after.votes.get(response, 0) - before.votes.get(response, 0) for response in responses}


def winner(counted: Tally, tie_rule: TieRule, *, as_it_happened: str | None = None) -> Winner | None:
    """Return the winner of a round; None without a ballot, or where the joker must choose between the tied.

    >>> tied = Tally({"a": 2, "b": 7, "c": 7, "d": 7}, seats=30)
    >>> winner(tied, TieRule.FIRST_LISTED)
    Winner(response='b', votes=7, tie_rule=<TieRule.FIRST_LISTED: 'first_listed'>)
    >>> winner(tied, TieRule.AS_IT_HAPPENED, as_it_happened="c").response
    'c'
    >>> winner(tied, TieRule.AS_IT_HAPPENED, as_it_happened="a").response
    'b'

    (What happened is not among the tied, so the first of these.)

    >>> winner(tied, TieRule.JOKER_DECIDES) is None
    True
    >>> winner(Tally({"a": 2, "b": 7}, seats=30), TieRule.JOKER_DECIDES)
    Winner(response='b', votes=7, tie_rule=None)
    """
    leaders = counted.leaders
    if not leaders:
        return None
    votes = counted.votes[leaders[0]]
    if len(leaders) == 1:
        return Winner(leaders[0], votes, tie_rule=None)
    match tie_rule:
        case TieRule.FIRST_LISTED:
            return Winner(leaders[0], votes, tie_rule)
        case TieRule.AS_IT_HAPPENED:
            happened = as_it_happened if as_it_happened in leaders else leaders[0]
            return Winner(happened or leaders[0], votes, tie_rule)
        case TieRule.JOKER_DECIDES:
            return None
