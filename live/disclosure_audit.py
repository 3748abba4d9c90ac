"""How far a reader could narrow down one cell of a table whose row and column sums are known.

A table of whole numbers with fixed sums is a flow from rows to columns. Two facts follow, and both are used:
from any table that fits, any other is reached by moving people round closed loops of cells; and a cell can
have every whole number between the least and the most that it can have (Ford and Fulkerson, Flows in
Networks, 1962, chapter 2). So counting the values of a cell needs no search over tables.
"""

from collections.abc import Sequence
from dataclasses import dataclass

Counts = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class CellKnowledge:
    """What the publication says of one cell: it lies between `least` and `most`.

    `needs` is how many possible values it must keep; 0 for a cell that is not protected.
    """

    least: int
    most: int
    needs: int = 0


Knowledge = Sequence[Sequence[CellKnowledge]]


def gives_too_much_away(counts: Counts, knowledge: Knowledge) -> bool:
    """Say whether a reader who also knows every row and column sum is left with too few values for some cell.

    `counts` is the true table, which must agree with `knowledge`; the answer is the same for every table that
    agrees with it and has the same sums, so it tells nothing that the reader could not work out.
    """
    return any(
        possible_values(counts, knowledge, row=row, column=column, enough=cell.needs) < cell.needs
        for row, cells in enumerate(knowledge)
        for column, cell in enumerate(cells)
        if cell.needs
    )


def possible_values(counts: Counts, knowledge: Knowledge, *, row: int, column: int, enough: int) -> int:
    """Return how many values a cell could have, counting no further than `enough`.

    >>> free = CellKnowledge(0, 9)
    >>> possible_values([[2, 3], [4, 1]], [[free, free], [free, free]], row=0, column=0, enough=99)
    5

    (0, 1, 2, 3, 4: the right cell below has only one person to give, the others allow the rest.)
    """
    up = _way_to_go(counts, knowledge, (row, column), step=1, wanted=enough - 1)
    if up + 1 >= enough:
        return enough
    return up + 1 + _way_to_go(counts, knowledge, (row, column), step=-1, wanted=enough - 1 - up)


def _way_to_go(counts: Counts, knowledge: Knowledge, cell: tuple[int, int], *, step: int, wanted: int) -> int:
    """Return how far a cell can move up (`step` 1) or down (-1), at most `wanted`, while every sum stays."""
    row, column = cell
    moved = [list(line) for line in counts]
    target = min(wanted, _room(moved, knowledge, row, column, step))
    gone = 0
    while gone < target:
        loop = _loop(moved, knowledge, cell, step)
        if not loop:
            break
        by = min(_room(moved, knowledge, r, c, s) for r, c, s in loop)
        by = min(by, target - gone)
        for r, c, s in loop:
            moved[r][c] += s * by
        gone += by
    return gone


def _loop(
    counts: Sequence[Sequence[int]], knowledge: Knowledge, cell: tuple[int, int], step: int
) -> list[tuple[int, int, int]]:
    """Return the shortest loop of other cells, with their directions, that makes up for moving `cell`.

    Breadth first from the cell's column back to its row: a column gives in some row, that row takes in some
    other column, and so on. Empty when there is none.
    """
    row, column = cell
    reached_row: dict[int, int] = {}  # row -> the column it was reached from
    reached_column: dict[int, int | None] = {column: None}  # column -> the row it was reached from
    columns = [column]
    for at in columns:
        for r in range(len(counts)):
            if r in reached_row or (r, at) == cell or not _room(counts, knowledge, r, at, -step):
                continue
            reached_row[r] = at
            if r == row:
                return _walked(row, reached_row, reached_column, step)
            for c in range(len(counts[r])):
                if c not in reached_column and _room(counts, knowledge, r, c, step):
                    reached_column[c] = r
                    columns.append(c)
    return []


def _walked(
    row: int, reached_row: dict[int, int], reached_column: dict[int, int | None], step: int
) -> list[tuple[int, int, int]]:
    loop = []
    at: int | None = row
    while at is not None:
        column = reached_row[at]
        loop.append((at, column, -step))
        before = reached_column[column]
        if before is not None:
            loop.append((before, column, step))
        at = before
    return loop


def _room(counts: Sequence[Sequence[int]], knowledge: Knowledge, row: int, column: int, step: int) -> int:
    known = knowledge[row][column]
    return known.most - counts[row][column] if step > 0 else counts[row][column] - known.least
