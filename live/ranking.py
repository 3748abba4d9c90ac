"""Count an order of preference: the alternative vote, also called instant-runoff.

Each ballot counts for the best of its responses that is still in. While none has more than half of the ballots that
still count, the one with the fewest leaves, and its ballots go to their next. Of several with the fewest, the one
leaves that had fewer in the latest count before where they differ, going back to the first; if they never differed,
the one listed last. Two that are left with equally many are tied: the round's tie rule decides between them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Ballots = Mapping[tuple[str, ...], int]


@dataclass(frozen=True, slots=True)
class Count:
    """One count: what each response that is still in has, what left after it, how many ballots name none of them."""

    votes: Mapping[str, int]
    left: str | None
    exhausted: int


def counts(ballots: Ballots, responses: Sequence[str]) -> list[Count]:
    """Return every count of a vote, the deciding one last. None without a ballot.

    `ballots`: how many cast each order, the best first; an order may leave responses out.

    >>> for count in counts({("a",): 4, ("b", "c"): 3, ("c", "b"): 2}, ["a", "b", "c"]):
    ...     print(dict(count.votes), count.left, count.exhausted)
    {'a': 4, 'b': 3, 'c': 2} c 0
    {'a': 4, 'b': 5} None 0

    Of b and c, tied at the end of the list, c leaves:

    >>> [count.left for count in counts({("a", "b"): 2, ("b",): 1, ("c",): 1, ("d", "c"): 1}, ["a", "b", "c", "d"])]
    ['d', 'b', None]
    """
    if not any(ballots.values()):
        return []
    still_in, told = list(responses), list[Count]()
    while True:
        votes, exhausted = _count(ballots, still_in)
        leaving = None if _is_decided(votes) else _leaves(votes, told)
        told.append(Count(votes, leaving, exhausted))
        if leaving is None:
            return told
        still_in.remove(leaving)


def _count(ballots: Ballots, still_in: Sequence[str]) -> tuple[dict[str, int], int]:
    votes, exhausted = dict.fromkeys(still_in, 0), 0
    for order, people in ballots.items():
        best = next((response for response in order if response in votes), None)
        if best is None:
            exhausted += people
        else:
            votes[best] += people
    return votes, exhausted


def _is_decided(votes: Mapping[str, int]) -> bool:
    return len(votes) <= 2 or 2 * max(votes.values()) > sum(votes.values())


def _leaves(votes: Mapping[str, int], before: Sequence[Count]) -> str:
    """Return who leaves: the fewest now, then the fewest in the latest count before, then the last listed."""
    fewest = [response for response, people in votes.items() if people == min(votes.values())]
    for count in reversed(before):
        least = min(count.votes[response] for response in fewest)
        fewest = [response for response in fewest if count.votes[response] == least]
    return fewest[-1]
