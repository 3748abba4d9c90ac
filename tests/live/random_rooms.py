"""Random rooms of people who vote twice, and what a reader knows of each table that is published of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from live.disclosure import LEAST_VALUES, NO_ROLE, OTHER_ROLES, ROUNDED_TO, Breakdown
from tests.live.exact_solver import Span, possible_values

ROLES = ("amhp", "carer", "commissioner", "neighbour", "nurse", "officer", "service_user", "student")
RESPONSES = ("a", "b", "c", "d", "e", "f")
SIZES = (40, 80, 200)
Votes = Mapping[str | None, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Room:
    """The exact votes of two rounds, by role and response."""

    first: Votes
    second: Votes


def rooms(count: int, *, seed: int) -> Iterator[Room]:
    """Yield rooms of 40, 80 and 200 seats by turns, with 2 to 8 roles and 2 to 6 responses."""
    random = Random(seed)
    for number in range(count):
        yield _room(random, SIZES[number % len(SIZES)])


def _room(random: Random, seats: int) -> Room:
    """People prefer by role, more or less strongly; in round 2 some change, some leave and some come."""
    roles: list[str | None] = [*random.sample(ROLES, random.randint(2, len(ROLES))), None]
    responses = RESPONSES[: random.randint(2, len(RESPONSES))]
    crowd = [random.random() ** 1.5 + 0.05 for _ in roles]
    liking = {role: [random.gammavariate(1.5, 1) + 1e-9 for _ in responses] for role in roles}
    appeal = [random.gammavariate(1.0, 1) + 1e-9 for _ in responses]

    def vote(role: str | None) -> str:
        weights = [a * b for a, b in zip(appeal, liking[role], strict=True)]
        return random.choices(responses, weights)[0]

    people = random.choices(roles, crowd, k=seats)
    turnout, change = random.choice((1.0, 0.97, 0.8)), random.random() * 0.6
    first = [(role, vote(role)) for role in people if random.random() < turnout]
    second = [
        (role, vote(role) if random.random() < change else response)
        for role, response in first
        if random.random() < turnout
    ]
    second += [(role, vote(role)) for role in random.choices(roles, crowd, k=random.choice((0, 0, 1, 2, 9)))]
    return Room(_table(first, responses), _table(second, responses))


def _table(ballots: Sequence[tuple[str | None, str]], responses: Sequence[str]) -> Votes:
    table: dict[str | None, dict[str, int]] = {}
    for role, response in ballots:
        table.setdefault(role, dict.fromkeys(responses, 0))[response] += 1
    return table


@dataclass(frozen=True, slots=True)
class Found:
    """What a reader is left with: protected cells, and how many of them have too few possible values."""

    protected: int = 0
    narrowed: int = 0

    def __add__(self, other: "Found") -> "Found":
        return Found(self.protected + other.protected, self.narrowed + other.narrowed)


def read(votes: Votes, shown: Breakdown | None, *, threshold: int) -> Found:
    """Return what the strongest reader of one table finds; see `exact_solver.spans` for what is known."""
    if shown is None:
        return Found()
    responses = list(next(iter(votes.values())))
    room = {key: sum(of_role[key] for of_role in votes.values()) for key in responses}
    counts = [_counts(votes, shown, group.key, responses) for group in shown.groups]
    between = [
        [_between(group.votes, key, room[key], threshold) for key in responses] for group in shown.groups
    ]
    values = possible_values(counts, between)
    found = Found()
    for i, group in enumerate(shown.groups):
        for j, key in enumerate(responses):
            if key not in group.votes:  # withheld: the room total alone may leave fewer than 3
                found += Found(1, values[i, j] < min(LEAST_VALUES, room[key] + 1))
            elif group.votes[key] is None:
                found += Found(1, values[i, j] < LEAST_VALUES)
    return found


def _between(cells: Mapping[str, int | None], key: str, in_room: int, threshold: int) -> Span:
    if key not in cells:
        return (0, in_room)
    cell = cells[key]
    if cell is None:
        return (1, threshold - 1)
    half = ROUNDED_TO // 2
    return (0, 0) if cell == 0 else (max(threshold, cell - half), cell + half)


def _counts(votes: Votes, shown: Breakdown, group: str, responses: Sequence[str]) -> list[int]:
    def belongs(role: str | None) -> bool:
        key = role or NO_ROLE
        return key not in shown.roles if group == OTHER_ROLES else key == group

    return [sum(of_role[key] for role, of_role in votes.items() if belongs(role)) for key in responses]
