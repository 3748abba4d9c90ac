"""What a reader of a published breakdown can work out, exactly, by other means than the publisher's.

Two readers are modelled.

`spans` is a reader who has one table. Known to this reader: the exact room total of every response; the exact
number of ballots in every group (never published; given for free, so that turnout, other rounds, other
decisions of the same seats, earlier versions and a head count in the hall can add nothing); and what the
publication says of each cell. Not known: the votes themselves. The least and most of a cell come from a cut
condition, not from moving people round: a table with row sums r, column sums c and cells between l and u
exists exactly when for every set I of rows

    r(I) <= sum over columns j of min(c[j] - l(rows outside I, j), u(I, j))

(Gale 1957, Hoffman 1960). Solving that for one cell gives its bounds; every whole number between is possible.

`replayed` is a reader who can run the publisher: every pair of tables with the room totals of two rounds is
published, and those that look the same are told apart by nothing. Only for very small rooms.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product

from live.disclosure import OTHER_ROLES, Breakdown

Span = tuple[int, int]
RoleTable = dict[str, dict[str, int]]


class Impossible(Exception):
    """No table fits: the publication contradicts itself."""


def spans(
    rows: Sequence[int], columns: Sequence[int], between: Sequence[Sequence[Span]]
) -> dict[tuple[int, int], Span]:
    """Return the least and the most that each cell can be.

    Time grows with 2 to the number of rows.

    :raises Impossible: no table has these sums and lies between these bounds
    """
    if sum(rows) != sum(columns):
        raise Impossible
    least = {(i, j): low for i, line in enumerate(between) for j, (low, _) in enumerate(line)}
    most = {(i, j): high for i, line in enumerate(between) for j, (_, high) in enumerate(line)}
    for chosen in range(1 << len(rows)):
        inside = [i for i in range(len(rows)) if chosen >> i & 1]
        outside = [i for i in range(len(rows)) if not chosen >> i & 1]
        needed = sum(rows[i] for i in inside)
        lows = [sum(between[i][j][0] for i in outside) for j in range(len(columns))]
        highs = [sum(between[i][j][1] for i in inside) for j in range(len(columns))]
        taken = [min(columns[j] - lows[j], highs[j]) for j in range(len(columns))]
        if needed > sum(taken):
            raise Impossible
        for j in range(len(columns)):
            elsewhere = sum(taken) - taken[j]
            for i in inside:
                fixed = highs[j] - between[i][j][1]
                least[i, j] = max(least[i, j], needed - elsewhere - fixed)
            for i in outside:
                fixed = lows[j] - between[i][j][0]
                most[i, j] = min(most[i, j], elsewhere + columns[j] - fixed - needed)
    return {cell: (least[cell], most[cell]) for cell in least}


def possible_values(
    counts: Sequence[Sequence[int]], between: Sequence[Sequence[Span]]
) -> dict[tuple[int, int], int]:
    """Return how many values each cell can have for a reader who knows the sums of `counts`."""
    rows = [sum(line) for line in counts]
    columns = [sum(column) for column in zip(*counts, strict=True)]
    return {cell: high - low + 1 for cell, (low, high) in spans(rows, columns, between).items()}


Publisher = Callable[[RoleTable, Breakdown | None], Breakdown | None]


def replayed(
    first: Mapping[str, int], second: Mapping[str, int], *, roles: Sequence[str], publish: Publisher
) -> Iterator[tuple[int, str, set[int]]]:
    """Yield, for all that could be published of two rounds, round, response and possible values of each hidden cell.

    `first` and `second` are the room totals by response. The reader knows besides that everybody who had a seat
    in round 1 voted in both (nobody left, some may have come): the closest that two rounds can be linked.
    """
    seen: dict[object, dict[tuple[int, str, str], set[int]]] = defaultdict(lambda: defaultdict(set))
    later: dict[object, list[tuple[object, dict[tuple[int, str, str], int], list[int]]]] = {}
    for table in _tables(first, roles):
        shown = publish(table, None)
        key = None if shown is None else shown.roles
        if key not in later:
            later[key] = [
                (_public(after), _hidden(2, following, after, roles), _sizes(following))
                for following in _tables(second, roles)
                for after in [publish(following, shown)]
            ]
        cells, sizes = _hidden(1, table, shown, roles), _sizes(table)
        for after_public, after_cells, after_sizes in later[key]:
            if any(before > after for before, after in zip(sizes, after_sizes, strict=True)):
                continue
            possible = seen[_public(shown), after_public]
            for cell, value in (cells | after_cells).items():
                possible[cell].add(value)
    for possible in seen.values():
        yield from ((number, response, values) for (number, _, response), values in possible.items())


def _tables(totals: Mapping[str, int], roles: Sequence[str]) -> Iterator[RoleTable]:
    for columns in product(*(_splits(total, len(roles)) for total in totals.values())):
        yield {
            role: {response: column[i] for response, column in zip(totals, columns, strict=True)}
            for i, role in enumerate(roles)
        }


def _splits(total: int, parts: int) -> list[tuple[int, ...]]:
    if parts == 1:
        return [(total,)]
    return [(head, *rest) for head in range(total + 1) for rest in _splits(total - head, parts - 1)]


def _public(shown: Breakdown | None) -> object:
    return shown and tuple((group.key, tuple(group.votes.items()), group.ballots) for group in shown.groups)


def _hidden(
    number: int, table: RoleTable, shown: Breakdown | None, roles: Sequence[str]
) -> dict[tuple[int, str, str], int]:
    """Return the true values of hidden and withheld cells."""
    if shown is None:
        return {}
    members = {
        group.key: [role for role in roles if role not in shown.roles]
        if group.key == OTHER_ROLES
        else [group.key]
        for group in shown.groups
    }
    return {
        (number, group.key, response): sum(table[role][response] for role in members[group.key])
        for group in shown.groups
        for response in table[roles[0]]
        if group.votes.get(response) is None
    }


def _sizes(table: RoleTable) -> list[int]:
    return [sum(votes.values()) for votes in table.values()]
