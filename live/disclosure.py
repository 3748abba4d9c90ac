"""What may be shown of small groups: one set of rules for screen, page, API and pack alike.

Room totals stand as they are (a show of hands would show them too). Votes by role are protected:

1. A response with fewer than `threshold` ballots in the whole room is withheld: with the room total known,
   its cells would say who chose it, or almost.
2. A role stands alone when it has `threshold` ballots or more, spread over two responses or more. All others
   are counted together as *other roles*, for which the same holds.
3. Inside: 0 stays 0; 1 to `threshold` - 1 are hidden; the rest is rounded to the nearest 5. Sums are rounded
   on their own.
4. If a reader could still narrow a hidden cell to fewer than `LEAST_VALUES` values, further roles are counted
   together: as few as help, the smallest first. If two groups cannot be kept, there is no breakdown.
5. A later round of the same decision starts from the groups of the earlier one and only ever joins them.

The reader of rule 4 knows these rules, the exact room total of every response and, to be on the safe side,
the exact number of ballots in every group. That last is never published, but two rounds, another decision of
the same section, turnout or a head count in the hall may come close to it. Given it, rounds have nothing more
to tell about each other: a hidden cell of one round shares no sum with a cell of another. So what is shown of
one round stays safe whatever is shown later. A hidden cell always means 1 to `threshold` - 1: no larger one
is hidden to protect it, because a reader who can replay the rules would undo that. Whether the rules narrow
anything is asked of what is published, never of what lies behind it, so the answer itself tells nothing.
Source: docs/DECISIONS.md, small numbers.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice

from live.choices import RoundKind
from live.disclosure_audit import CellKnowledge, gives_too_much_away

OTHER_ROLES = "other_roles"
NO_ROLE = "no_role"
HIDDEN = "*"
LEAST_BALLOTS = 5
LEAST_VALUES = 3
ROUNDED_TO = 5
# 9 roles can be joined in 512 ways. In 20,000 rooms 60 were never needed; the bound keeps a hostile one fast.
MOST_TRIES = 160

Votes = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RoleGroup:
    """The protected votes of one role, or of *other roles*. None is a hidden cell; `ballots` is rounded."""

    key: str
    votes: Mapping[str, int | None]
    ballots: int

    def share_of(self, response: str) -> float | None:
        """Return a response's share of the group, 0 to 1, from the rounded figures; None where hidden.

        >>> RoleGroup("carer", {"a": 10, "b": None}, ballots=25).share_of("a")
        0.4
        """
        votes = self.votes[response]
        return None if votes is None else votes / self.ballots


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Votes by role as they may be shown. What the groups hold no cell for is withheld."""

    groups: tuple[RoleGroup, ...]

    @property
    def roles(self) -> frozenset[str]:
        """Return the roles that stand alone (somebody without a role counts as one, `NO_ROLE`)."""
        return frozenset(group.key for group in self.groups) - {OTHER_ROLES}

    def rows(self) -> list[dict[str, object]]:
        """Return plain values for a message or for storage, hidden cells as `*`.

        >>> Breakdown((RoleGroup("carer", {"a": 10, "b": None}, ballots=15),)).rows()
        [{'group': 'carer', 'ballots': 15, 'votes': {'a': 10, 'b': '*'}}]
        """
        return [
            {
                "group": group.key,
                "ballots": group.ballots,
                "votes": {key: HIDDEN if cell is None else cell for key, cell in group.votes.items()},
            }
            for group in self.groups
        ]

    @classmethod
    def from_rows(cls, rows: Iterable[object]) -> "Breakdown":
        """Return the breakdown that `rows()` was made from.

        >>> shown = Breakdown((RoleGroup("carer", {"a": 10, "b": None}, ballots=15),))
        >>> Breakdown.from_rows(shown.rows()) == shown
        True

        :raises ValueError: these are not rows of a breakdown
        """
        return cls(tuple(_group_from(row) for row in rows))


def _group_from(row: object) -> RoleGroup:
    match row:
        case {"group": str(key), "ballots": int(ballots), "votes": dict(votes)}:
            return RoleGroup(
                key, {name: None if cell == HIDDEN else cell for name, cell in votes.items()}, ballots
            )
    raise ValueError("not a row of a breakdown")


def room_votes(votes: Votes, *, ballots: int | None = None) -> Votes | None:
    """Return the votes of the whole room as they may be shown; None below 5 ballots: then only the winner is.

    `ballots`: how many people voted, where one could name several responses; else it is the sum of the votes.

    >>> room_votes({"a": 3, "b": 1}) is None
    True
    """
    return votes if (sum(votes.values()) if ballots is None else ballots) >= LEAST_BALLOTS else None


def people_of(kind: str, votes: Votes) -> int:
    """Return how many people counted votes stand for: where one could name several, at least the most of one.

    >>> people_of("choose_one", {"a": 3, "b": 1}), people_of("approve", {"a": 3, "b": 1})
    (4, 3)
    """
    return max(votes.values(), default=0) if kind == RoundKind.APPROVE else sum(votes.values())


def protect(
    votes: Mapping[str | None, Votes], *, threshold: int, before: Breakdown | None = None
) -> Breakdown | None:
    """Return the votes of one round by role as they may be shown, or None when nothing may.

    `votes` is by role, then response (every role has every response; None is somebody without a role).
    `threshold` is a number of people, from Config.suppress_below. `before` is what was shown of the latest
    earlier round of this decision. The same input gives the same answer, in whatever order roles come.

    >>> votes = {"carer": {"a": 20, "b": 11}, "police": {"a": 2, "b": 10}, None: {"a": 4, "b": 5}}
    >>> for row in protect(votes, threshold=8).rows(): print(row)
    {'group': 'carer', 'ballots': 30, 'votes': {'a': 20, 'b': 10}}
    {'group': 'police', 'ballots': 10, 'votes': {'a': '*', 'b': 10}}
    {'group': 'no_role', 'ballots': 10, 'votes': {'a': '*', 'b': '*'}}

    :raises ValueError: threshold below `LEAST_BALLOTS`, or one role has other responses than another
    """
    if threshold < LEAST_BALLOTS:
        raise ValueError(f"a threshold of {threshold} protects nobody")
    table = _Table.of(votes, threshold)
    roles = table.roles if before is None else [role for role in table.roles if role in before.roles]
    alone = [role for role in roles if table.may_stand([role])]
    for kept in islice(_finest_first(table, alone), MOST_TRIES):
        groups = table.groups(kept)
        if not gives_too_much_away(*table.as_published(groups)):
            return Breakdown(tuple(table.shown(key, group) for key, group in groups.items()))
    return None


def rounded(people: int) -> int:
    """Return a number of people to the nearest 5.

    >>> [rounded(people) for people in (8, 12, 13, 17, 18)]
    [10, 10, 15, 15, 20]
    """
    return (people + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO


@dataclass(frozen=True, slots=True)
class _Table:
    """The exact votes of one round, and what the rules say about any set of its roles."""

    cells: Mapping[str, Votes]
    room: Votes
    threshold: int

    @classmethod
    def of(cls, votes: Mapping[str | None, Votes], threshold: int) -> "_Table":
        responses = list(next(iter(votes.values()), ()))
        if any(list(of_role) != responses for of_role in votes.values()):
            raise ValueError("every role needs the same responses in the same order")
        room = {key: sum(of_role[key] for of_role in votes.values()) for key in responses}
        # By name, never by size: the order of rows must not tell which of two rounded groups is larger.
        named = sorted((role is None, role or NO_ROLE, of_role) for role, of_role in votes.items())
        return cls({role: of_role for _, role, of_role in named if any(of_role.values())}, room, threshold)

    @property
    def roles(self) -> Sequence[str]:
        return list(self.cells)

    @property
    def withheld(self) -> tuple[str, ...]:
        return tuple(key for key, ballots in self.room.items() if 0 < ballots < self.threshold)

    def counts(self, roles: Sequence[str]) -> list[int]:
        return [sum(self.cells[role][key] for role in roles) for key in self.room]

    def ballots(self, roles: Sequence[str]) -> int:
        return sum(self.counts(roles))

    def may_stand(self, roles: Sequence[str]) -> bool:
        """Say whether a group is large enough, and does not tell what everybody in it chose.

        Withheld responses do not help: a lone figure beside one would show that somebody chose the rare one.
        """
        seen = [
            votes
            for votes, ballots in zip(self.counts(roles), self.room.values(), strict=True)
            if votes and ballots >= self.threshold
        ]
        return self.ballots(roles) >= self.threshold and len(seen) > 1

    def groups(self, alone: Sequence[str]) -> dict[str, list[str]]:
        """Return each group's roles by its key: those that stand alone, then all others together."""
        groups = {role: [role] for role in self.roles if role in alone}
        if others := [role for role in self.roles if role not in alone]:
            groups[OTHER_ROLES] = others
        return groups

    def shown(self, key: str, roles: Sequence[str]) -> RoleGroup:
        cells = dict(zip(self.room, self.counts(roles), strict=True))
        votes = {
            response: None if 0 < cell < self.threshold else rounded(cell)
            for response, cell in cells.items()
            if response not in self.withheld
        }
        return RoleGroup(key, votes, ballots=rounded(self.ballots(roles)))

    def as_published(
        self, groups: Mapping[str, Sequence[str]]
    ) -> tuple[list[list[int]], list[list[CellKnowledge]]]:
        """Return the exact counts of groups, and what a reader knows of each once they are shown."""
        counts = [self.counts(roles) for roles in groups.values()]
        known = [
            [self._known(votes, key) for key, votes in zip(self.room, row, strict=True)] for row in counts
        ]
        return counts, known

    def _known(self, votes: int, response: str) -> CellKnowledge:
        in_room = self.room[response]
        if response in self.withheld:
            # The room total alone leaves in_room + 1 values: a breakdown must not take any of a handful away.
            return CellKnowledge(0, in_room, needs=min(LEAST_VALUES, in_room + 1))
        if votes == 0:
            return CellKnowledge(0, 0)
        if votes < self.threshold:
            return CellKnowledge(1, self.threshold - 1, needs=LEAST_VALUES)
        nearest = rounded(votes)
        half = ROUNDED_TO // 2
        return CellKnowledge(max(self.threshold, nearest - half), nearest + half)


def _finest_first(table: _Table, alone: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield each choice of roles to keep alone that leaves two groups or more, all of which may stand.

    First those that join the fewest roles to the others; of these, those that join the smallest.
    """
    by_size = sorted(alone, key=lambda role: (table.ballots([role]), role))
    for joined in range(len(by_size) + 1):
        for leaving in combinations(by_size, joined):
            kept = [role for role in by_size if role not in leaving]
            others = table.groups(kept).get(OTHER_ROLES)
            if len(kept) + bool(others) >= 2 and (others is None or table.may_stand(others)):
                yield kept
