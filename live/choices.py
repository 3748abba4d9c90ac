"""What a ballot says, for each kind of question: one response, several, a step of five, an order.

A choice is kept as one short text, so that one ballot is one row whatever was asked: `a`; `+a+c` (could live
with both); `=4` (fourth of five steps); `>b>a` (b before a). The first sign tells which kind it is.

What a phone sends becomes such a text, and it must never be able to send one itself: no response's key holds a sign
(`live.messages.reading`), a round takes only the one way in which a choice is written (`may_choose`), and what is
read back names each response once whatever is written (`choice_from`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

LONGEST_CHOICE = 80
SIGNS = frozenset("+>=")
SCALE = ("1", "2", "3", "4", "5")


class RoundKind(StrEnum):
    """What is asked of a ballot."""

    CHOOSE_ONE = "choose_one"
    APPROVE = "approve"
    SCALE = "scale"
    RANK = "rank"


@dataclass(frozen=True, slots=True)
class Choice:
    """What one ballot says. `keys` are responses, or the one step of a scale."""

    kind: RoundKind
    keys: tuple[str, ...]

    @classmethod
    def approval(cls, keys: Iterable[str]) -> Self:
        """Return the choice of everything that somebody could live with; none is a choice too.

        >>> Choice.approval(["c", "a"]).kept, Choice.approval([]).kept
        ('+a+c', '+')
        """
        return cls(RoundKind.APPROVE, tuple(sorted(keys)))

    @classmethod
    def ranking(cls, keys: Iterable[str]) -> Self:
        """Return an order, the best first; what is left out comes after everything named."""
        return cls(RoundKind.RANK, tuple(keys))

    @classmethod
    def scale(cls, step: int) -> Self:
        """Return one of five steps.

        >>> Choice.scale(4).kept
        '=4'
        """
        return cls(RoundKind.SCALE, (str(step),))

    @property
    def kept(self) -> str:
        """Return the choice as a ballot keeps it."""
        match self.kind:
            case RoundKind.CHOOSE_ONE:
                return self.keys[0]
            case RoundKind.APPROVE:
                return "+" + "+".join(self.keys)
            case RoundKind.SCALE:
                return "=" + "".join(self.keys)
            case RoundKind.RANK:
                return ">" + ">".join(self.keys)

    @property
    def said(self) -> dict[str, object]:
        """Return the choice as a phone says it, and is told it.

        >>> Choice.ranking(["c", "a"]).said, Choice.scale(4).said, chosen("a").said
        ({'ranking': ['c', 'a']}, {'scale': 4}, {'response': 'a'})
        """
        match self.kind:
            case RoundKind.CHOOSE_ONE:
                return {"response": self.keys[0]}
            case RoundKind.APPROVE:
                return {"responses": list(self.keys)}
            case RoundKind.SCALE:
                return {"scale": int(self.keys[0])}
            case RoundKind.RANK:
                return {"ranking": list(self.keys)}

    def fits(self, kind: str, responses: Sequence[str]) -> bool:
        """Say whether a round of this kind, with these responses, can take this choice.

        >>> Choice.ranking(["b", "a"]).fits("rank", ["a", "b", "c"])
        True
        >>> Choice.ranking(["b", "z"]).fits("rank", ["a", "b", "c"]), chosen("a").fits("rank", ["a"])
        (False, False)

        An order names at least one response and a scale one step; a list of what somebody could live with may be
        empty.
        """
        if self.kind != kind or (self.kind is not RoundKind.APPROVE and not self.keys):
            return False
        return set(self.keys) <= set(responses) and len(self.kept) <= LONGEST_CHOICE


def chosen(response: str) -> Choice:
    """Return the choice of one response."""
    return Choice(RoundKind.CHOOSE_ONE, (response,))


def choice_from(kept: str) -> Choice:
    """Return the choice that a ballot keeps: each response once, one step of a scale, whatever the text says.

    >>> choice_from("+a+c").keys, choice_from("+").keys, choice_from(">b>a").keys, choice_from("=4").kind.value
    (('a', 'c'), (), ('b', 'a'), 'scale')
    >>> choice_from("+b+b+b").keys, choice_from(">a>b>a>").keys, choice_from("=5=5").keys
    (('b',), ('a', 'b'), ('5',))
    """
    keys = dict.fromkeys(key for key in kept[1:].split(kept[:1] or None) if key)
    match kept[:1]:
        case "+":
            return Choice.approval(keys)
        case ">":
            return Choice.ranking(keys)
        case "=":
            return Choice(RoundKind.SCALE, tuple(keys)[:1])
    return chosen(kept)


def may_choose(kept: str, kind: str, responses: Sequence[str]) -> bool:
    """Say whether a round of this kind, with these responses, can take what a ballot keeps.

    >>> may_choose("a", "choose_one", ["a", "b"]), may_choose("+a", "choose_one", ["a", "b"])
    (True, False)
    >>> may_choose(">b", "rank", ["a", "b"]), may_choose("b", "rank", ["a", "b"])
    (True, False)

    There is one way to write a choice. Whatever reads the same and is written otherwise is nobody's ballot:

    >>> may_choose("+b+b", "approve", ["a", "b"]), may_choose(">a>b>", "rank", ["a", "b"])
    (False, False)
    """
    if kind == RoundKind.CHOOSE_ONE:  # nearly every ballot; no response's key holds a sign
        return kept in responses
    choice = choice_from(kept)
    return choice.kept == kept and choice.fits(kind, responses)


def by_response(kept: Mapping[str, int], responses: Sequence[str]) -> dict[str, int]:
    """Count ballots by response, zeros included: of an order its first, of several each one.

    >>> by_response({"+a+c": 3, "+c": 2, "+": 9}, ["a", "b", "c"])
    {'a': 3, 'b': 0, 'c': 5}
    >>> by_response({">b>a": 3, ">b": 1}, ["a", "b"])
    {'a': 0, 'b': 4}
    """
    votes = dict.fromkeys(responses, 0)
    for choice, ballots in ((choice_from(text), ballots) for text, ballots in kept.items()):
        for key in choice.keys[:1] if choice.kind is RoundKind.RANK else choice.keys:
            if key in votes:
                votes[key] += ballots
    return votes


def orders_of(kept: Mapping[str, int]) -> Counter[tuple[str, ...]]:
    """Return how many ballots cast each order of preference.

    >>> orders_of({">b>a": 3, ">b": 1})
    Counter({('b', 'a'): 3, ('b',): 1})
    """
    orders = Counter[tuple[str, ...]]()
    for text, ballots in kept.items():
        orders[choice_from(text).keys] += ballots
    return orders


def middle_step(votes: Mapping[str, int]) -> int | None:
    """Return the median of a scale: the step of the person in the middle, the lower of two; None without a ballot.

    >>> middle_step({"1": 3, "2": 0, "3": 1, "4": 1, "5": 1}), middle_step({"1": 0, "5": 0})
    (1, None)
    """
    below, ballots = 0, sum(votes.values())
    for step, people in votes.items():
        below += people
        if people and 2 * below >= ballots:
            return int(step)
    return None
