"""The chain as values: things with names, and links that are seen from both ends.

>>> one, two, three = (Name(Kind.ROUND, "1"), Name(Kind.STOP, "2"), Name(Kind.COMMITMENT, "3"))
>>> things = [Thing(name, title=name.key) for name in (one, two, three)]
>>> chain = Chain.of(things, [Link(one, two), Link(two, three, broken="It was about another play.")])
>>> [str(link.start) for link in chain.came_from(two)], [str(link.end) for link in chain.led_to(two)]
(['round/1'], ['commitment/3'])

A broken link stays visible at both ends, with its reason; nothing is followed through it:

>>> [link.broken for link in chain.came_from(three)], chain.everything_before(three), chain.everything_after(one)
(['It was about another play.'], [], [Name(kind=<Kind.STOP: 'stop'>, key='2')])
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What the chain is made of, in the order in which one thing comes of another."""

    STORY = "story"
    VERSION = "version"
    SCENE = "scene"
    DECISION = "decision"
    ROUND = "round"
    STOP = "stop"
    INTERVENTION = "intervention"
    PROPOSAL = "proposal"
    AMENDMENT = "amendment"
    ANSWER = "answer"
    COMMITMENT = "commitment"
    CHANGE = "change"


PLACE: Final = {kind: place for place, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class Name:
    """What names one thing for ever: its kind, and its key among them."""

    kind: Kind
    key: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.key}"


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing as the chain tells it. A story has no title: nothing is said of it but that it is there.

    `language` is that of the script whose words these are, else empty. `says` is the state, verdict or standing of
    whatever has one. `number` tells several of a kind apart. `event_id` is None for what belongs to no event.
    """

    name: Name
    title: str = ""
    language: str = ""
    says: str = ""
    number: int | None = None
    event_id: int | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """One thing came of another. `broken` is why somebody took the link away, or None."""

    start: Name
    end: Name
    broken: str | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """Things and the links between them; no link leads to something that is not there."""

    things: Mapping[Name, Thing]
    _to: Mapping[Name, Sequence[Link]]
    _from: Mapping[Name, Sequence[Link]]

    @classmethod
    def of(cls, things: Iterable[Thing], links: Iterable[Link]) -> "Chain":
        """Return a chain of these things; a link to something that may not be told of is left out."""
        told = {thing.name: thing for thing in things}
        to: dict[Name, list[Link]] = {}
        on: dict[Name, list[Link]] = {}
        for link in dict.fromkeys(links):
            if link.start in told and link.end in told:
                to.setdefault(link.end, []).append(link)
                on.setdefault(link.start, []).append(link)
        return cls(told, to, on)

    def came_from(self, name: Name) -> list[Link]:
        """Return the links that lead to a thing, broken ones too."""
        return list(self._to.get(name, ()))

    def led_to(self, name: Name) -> list[Link]:
        """Return the links that lead on from a thing, broken ones too."""
        return list(self._from.get(name, ()))

    def everything_before(self, name: Name) -> list[Name]:
        """Return everything that a thing came from, however far back, along links that hold, in order."""
        return self._reached(name, lambda at: [link.start for link in self.came_from(at) if not link.broken])

    def everything_after(self, name: Name) -> list[Name]:
        """Return everything that came of a thing, however far on, along links that hold, in order."""
        return self._reached(name, lambda at: [link.end for link in self.led_to(at) if not link.broken])

    def _reached(self, start: Name, onward: Callable[[Name], list[Name]]) -> list[Name]:
        seen, waiting = {start}, [start]
        while waiting:
            fresh = [name for name in onward(waiting.pop()) if name not in seen]
            seen.update(fresh)
            waiting += fresh
        place = {name: at for at, name in enumerate(self.things)}
        return sorted(seen - {start}, key=lambda name: (PLACE[name.kind], place[name]))
