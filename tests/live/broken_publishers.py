"""Ways of publishing that do not protect anybody. A test of the promise that lets one pass proves nothing."""

from collections.abc import Callable

from live.disclosure import NO_ROLE, OTHER_ROLES, rounded
from tests.live.exact_solver import Span, possible_values
from tests.live.random_rooms import Found, Votes


def plain_suppression_below_5(votes: Votes) -> Found:
    """Hide 1 to 4 in a table of all roles, show everything else exactly."""
    return _read(votes, lambda cell: (1, 4) if 0 < cell < 5 else (cell, cell))


def unrounded_export(votes: Votes) -> Found:
    """Hide 1 to 7 among groups of 8 or more, show everything else exactly."""
    return _read(_grouped(votes), lambda cell: (1, 7) if 0 < cell < 8 else (cell, cell))


def no_joining_of_what_can_be_added_up(votes: Votes) -> Found:
    """Hide 1 to 7 and round the rest among groups of 8 or more; never ask what the sums give away."""
    return _read(_grouped(votes), _plain)


def _plain(cell: int) -> Span:
    if cell == 0:
        return (0, 0)
    return (1, 7) if cell < 8 else (max(8, rounded(cell) - 2), rounded(cell) + 2)


def _grouped(votes: Votes) -> Votes:
    large = {role or NO_ROLE: cells for role, cells in votes.items() if sum(cells.values()) >= 8}
    small = [cells for cells in votes.values() if sum(cells.values()) < 8]
    if small:
        large[OTHER_ROLES] = {key: sum(cells[key] for cells in small) for key in small[0]}
    return dict(large)


def _read(votes: Votes, shown: Callable[[int], Span]) -> Found:
    counts = [list(cells.values()) for cells in votes.values()]
    if len(counts) < 2:
        return Found()
    between = [[shown(cell) for cell in row] for row in counts]
    values = possible_values(counts, between)
    hidden = [cell for cell in values if between[cell[0]][cell[1]][0] == 1]
    return Found(len(hidden), sum(values[cell] < 3 for cell in hidden))


ALL = [plain_suppression_below_5, unrounded_export, no_joining_of_what_can_be_added_up]
