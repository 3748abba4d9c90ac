"""Random pairs of versions of one pack, and what a reader who has both can work out of the protected cells.

The reader knows everything that `tests.live.exact_solver` gives away, and both versions. A second version may add a
round, give a round anew after somebody's ballot was taken out, give it under another threshold, or in other groups.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from evidence.columns import Tables
from live.disclosure import LEAST_VALUES, NO_ROLE, OTHER_ROLES, ROUNDED_TO, Breakdown, protect
from tests.live.random_rooms import Found, Room, Votes, read, rooms

THRESHOLD = 8


@dataclass(frozen=True, slots=True)
class Version:
    """What a version shows of each of its rounds, and under which threshold. `votes` is what lies behind it."""

    votes: Sequence[Votes]
    shown: Sequence[Breakdown | None]
    threshold: int = THRESHOLD

    @property
    def tables(self) -> Tables:
        """The tables that a rule on versions looks at."""
        rounds = list(enumerate(zip(self.votes, self.shown, strict=True), start=1))
        return {
            "rounds": [{"round": number, "ballots": _people(votes)} for number, (votes, _) in rounds],
            "results_by_role": [
                {"round": number, "role_group": group.key, "response": key, "votes": cell}
                for number, (_, shown) in rounds
                for group in (shown.groups if shown else ())
                for key, cell in group.votes.items()
            ],
            "role_ballots": [
                {"round": number, "role_group": group.key, "ballots": group.ballots}
                for number, (_, shown) in rounds
                for group in (shown.groups if shown else ())
            ],
            "equality_summary": [],
        }


def pairs(count: int, *, seed: int) -> Iterator[tuple[str, Version, Version]]:
    """Yield how the second version came about, and both versions: four pairs for each room."""
    random = Random(seed)
    for room in rooms(count, seed=seed):
        before = protect(room.first, threshold=THRESHOLD)
        first = Version([room.first], [before])
        after = protect(room.second, threshold=THRESHOLD, before=before)
        yield "another round", first, Version([room.first, room.second], [before, after])
        fewer = _one_fewer(room, random)
        yield "a ballot taken out", first, Version([fewer], [protect(fewer, threshold=THRESHOLD)])
        other = random.randint(THRESHOLD + 1, 20)
        yield (
            "another threshold",
            first,
            Version([room.first], [protect(room.first, threshold=other)], threshold=other),
        )
        regrouped = protect(room.first, threshold=THRESHOLD, before=after) if after else None
        yield "other groups", first, Version([room.first], [regrouped])


def read_both(first: Version, second: Version) -> Found:
    """Return the protected cells of the first round and of rounds that were added, and how many both give away."""
    found = Found()
    for votes, shown in list(zip(second.votes, second.shown, strict=True))[1:]:
        found += read(votes, shown, threshold=second.threshold)
    return found + _one_round(first, second)


def _one_round(first: Version, second: Version) -> Found:
    found = read(first.votes[0], first.shown[0], threshold=first.threshold)
    before, after = first.shown[0], second.shown[0]
    if before is None or after is None:
        return found
    taken_out = _people(first.votes[0]) - _people(second.votes[0])
    roles = {role or NO_ROLE for role in first.votes[0]}
    for group in before.groups:
        # Of the same people, the same number; of fewer people, one fewer at most in some cell.
        people = _members(group.key, before, roles)
        same = next((each for each in after.groups if _members(each.key, after, roles) == people), None)
        for key, cell in group.votes.items():
            if same is None or key not in same.votes or (cell is not None and same.votes[key] is not None):
                continue
            one = _between(cell, first.threshold)
            two = _between(same.votes[key], second.threshold)
            left = {value for value in one if any(value - gone in two for gone in range(taken_out + 1))}
            left_after = {value for value in two if any(value + gone in one for gone in range(taken_out + 1))}
            found += Found(1, len(left) < LEAST_VALUES or len(left_after) < LEAST_VALUES)
    return found + _differences(first, second, roles)


def _differences(first: Version, second: Version, roles: set[str]) -> Found:
    """What is left when *other roles* of one version are taken from those of the other: the roles that came or went."""
    before, after = first.shown[0], second.shown[0]
    assert before is not None
    assert after is not None
    found = Found()
    small = next((group for group in before.groups if group.key == OTHER_ROLES), None)
    large = next((group for group in after.groups if group.key == OTHER_ROLES), None)
    joined = before.roles - after.roles
    if small is None or large is None or len(joined) != 1 or not after.roles <= before.roles:
        return found
    (alone,) = [group for group in before.groups if group.key in joined]
    for key, cell in alone.votes.items():
        if cell is not None or key not in small.votes or key not in large.votes:
            continue
        wide, narrow = (
            _between(large.votes[key], second.threshold),
            _between(small.votes[key], first.threshold),
        )
        values = {one - two for one in wide for two in narrow} & set(_between(cell, first.threshold))
        found += Found(1, len(values) < LEAST_VALUES)
    return found


def _between(cell: int | None, threshold: int) -> range:
    if cell is None:
        return range(1, threshold)
    half = ROUNDED_TO // 2
    return range(1) if cell == 0 else range(max(threshold, cell - half), cell + half + 1)


def _members(key: str, shown: Breakdown, roles: set[str]) -> frozenset[str]:
    return frozenset(roles - shown.roles) if key == OTHER_ROLES else frozenset([key])


def _one_fewer(room: Room, random: Random) -> Votes:
    cells = [(role, key) for role, of_role in room.first.items() for key, votes in of_role.items() if votes]
    role, key = random.choice(cells)
    return {**room.first, role: {**room.first[role], key: room.first[role][key] - 1}}


def _people(votes: Votes) -> int:
    return sum(sum(of_role.values()) for of_role in votes.values())
