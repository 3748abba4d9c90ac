"""A drawing of the branching: scenes in columns by how far they are from the start, endings in the last one.

A picture of what the page says in words beside it; it holds nothing that the words do not. Coordinates are
the drawing's own units, x and y of the middle of a thing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from scenarios.script.graph import finished, in_loops
from scenarios.script.parts import Ending, Scene
from scenarios.script.script import Script

BOX_WIDTH, BOX_HEIGHT, COLUMN = 148, 54, 198
_BETWEEN_BOXES, _BETWEEN_THREADS = 72, 34
_LETTERS_IN_A_ROW = 14
_SWEEPS = 16

# A box by its key; where a thread crosses the column of other boxes, the thread and the column.
Node = str | tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Box:
    """A scene or an ending: its number or letter, its title in one row or two."""

    key: str
    label: str
    rows: tuple[str, ...]
    x: float
    y: float
    is_ending: bool
    decides: bool
    is_dead_end: bool


@dataclass(frozen=True, slots=True)
class Way:
    """A line from box to box, as an SVG path. `letters` are the responses that take it; they stand at x, y."""

    path: str
    letters: str
    x: float
    y: float
    played_first: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """All of it, and how much room it needs. The ways played first come last, so that they lie on top."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    ways: tuple[Way, ...]


def labels_of(script: Script) -> dict[str, str]:
    """Return how each scene and ending is called in a list: scenes 1, 2, 3 ..., endings a, b, c ..."""
    labels = {scene.key: str(number) for number, scene in enumerate(script.scenes, start=1)}
    for number, ending in enumerate(script.endings):
        labels.setdefault(ending.key, chr(ord("a") + number) if number < 26 else f"z{number - 24}")
    return labels


def drawing_of(script: Script) -> Drawing | None:
    """Return the drawing; None when the script has no start or goes in circles, so that nothing can be drawn."""
    places = {place.key: place for place in reversed(script.reading.places)}
    ways = {key: _ways_on(place, places) for key, place in places.items()}
    if script.start is None or in_loops(ways):
        return None
    columns = _columns(script.start, ways, places)
    threads = [_thread(key, target, columns) for key in columns for target in dict.fromkeys(ways[key])]
    heights = _heights(_in_order(threads, columns), threads)
    labels, played_first = labels_of(script), set(pairwise(script.anti_model()))
    return Drawing(
        width=COLUMN * max(columns.values()) + BOX_WIDTH,
        height=max(heights.values()) + BOX_HEIGHT / 2,
        boxes=tuple(_box(places[key], labels[key], columns[key], heights[key]) for key in columns),
        ways=tuple(
            sorted(
                (
                    _way(thread, places[key], heights, columns, (key, target) in played_first)
                    for thread in threads
                    for key, target in [(str(thread[0]), str(thread[-1]))]
                ),
                key=lambda way: way.played_first,
            )
        ),
    )


def _ways_on(place: Scene | Ending, places: Mapping[str, object]) -> list[str]:
    return [key for key in place.ways_on if key in places] if isinstance(place, Scene) else []


# --- columns and threads --------------------------------------------------------------------------------------


def _columns(
    start: str, ways: Mapping[str, list[str]], places: Mapping[str, Scene | Ending]
) -> dict[str, int]:
    """Return the column of everything within reach: after all that leads to it; for an ending, the last one."""
    columns = {start: 0}
    for key in reversed(list(finished(ways, [start], set()))):
        for target in ways[key]:
            columns[target] = max(columns.get(target, 0), columns[key] + 1)
    last = max(columns.values())
    return {key: last if isinstance(places[key], Ending) else column for key, column in columns.items()}


def _thread(key: str, target: str, columns: Mapping[str, int]) -> list[Node]:
    """Return what a way goes through: its box, each column between, the box that it leads to."""
    between: list[Node] = [(key, target, column) for column in range(columns[key] + 1, columns[target])]
    return [key, *between, target]


def _in_order(threads: list[list[Node]], columns: Mapping[str, int]) -> list[list[Node]]:
    """Return the nodes of each column from top to bottom, in the order found with fewest crossings."""
    rows: list[list[Node]] = [[] for _ in range(max(columns.values()) + 1)]
    for node in dict.fromkeys([*columns, *(node for thread in threads for node in thread)]):
        rows[columns[node] if isinstance(node, str) else node[2]].append(node)
    before, after = _neighbours(threads)
    best, fewest = rows, _crossings(rows, after)
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        rows = _swept(rows, before if forward else after, forward=forward)
        crossings = _crossings(rows, after)
        if crossings < fewest:
            best, fewest = rows, crossings
    return best


def _neighbours(threads: list[list[Node]]) -> tuple[dict[Node, list[Node]], dict[Node, list[Node]]]:
    before: dict[Node, list[Node]] = {}
    after: dict[Node, list[Node]] = {}
    for thread in threads:
        for left, right in pairwise(thread):
            after.setdefault(left, []).append(right)
            before.setdefault(right, []).append(left)
    return before, after


def _swept(rows: list[list[Node]], beside: Mapping[Node, list[Node]], *, forward: bool) -> list[list[Node]]:
    """Return the columns with each node moved to the middle of those beside it, one column after another."""
    swept = list(rows)
    for column in range(1, len(rows)) if forward else range(len(rows) - 2, -1, -1):
        places = {node: place for place, node in enumerate(swept[column - 1 if forward else column + 1])}
        middles = {
            node: _mean([places[other] for other in beside.get(node, []) if other in places], place)
            for place, node in enumerate(swept[column])
        }
        swept[column] = sorted(swept[column], key=lambda node: middles[node])
    return swept


def _crossings(rows: list[list[Node]], after: Mapping[Node, list[Node]]) -> int:
    count = 0
    for left, right in pairwise(rows):
        places = {node: place for place, node in enumerate(right)}
        ends = [sorted(places[other] for other in after.get(node, [])) for node in left]
        for upper, above in enumerate(ends):
            below = [end for lower in ends[upper + 1 :] for end in lower]
            count += sum(1 for one in above for other in below if other < one)
    return count


# --- heights --------------------------------------------------------------------------------------------------


def _heights(rows: list[list[Node]], threads: list[list[Node]]) -> dict[Node, float]:
    """Return the height of every node: near those it is joined to, and never on top of another."""
    before, after = _neighbours(threads)
    heights = {node: _BETWEEN_BOXES * float(place) for row in rows for place, node in enumerate(row)}
    for sweep in range(_SWEEPS):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            wished = [
                _mean([heights[other] for other in before.get(node, []) + after.get(node, [])], heights[node])
                for node in row
            ]
            heights.update(zip(row, _apart(row, wished), strict=True))
    top = min(heights.values()) - BOX_HEIGHT / 2
    return {node: round(height - top, 1) for node, height in heights.items()}


def _apart(row: list[Node], wished: list[float]) -> list[float]:
    """Return heights near the wished ones, in the same order and far enough apart."""
    gaps = [0.0] + [_gap(above, below) for above, below in pairwise(row)]
    downward, upward = list(wished), list(wished)
    for place in range(1, len(row)):
        downward[place] = max(wished[place], downward[place - 1] + gaps[place])
    for place in range(len(row) - 2, -1, -1):
        upward[place] = min(wished[place], upward[place + 1] - gaps[place + 1])
    middle = [(low + high) / 2 for low, high in zip(upward, downward, strict=True)]
    for place in range(1, len(row)):
        middle[place] = max(middle[place], middle[place - 1] + gaps[place])
    return middle


def _gap(above: Node, below: Node) -> float:
    both_boxes = isinstance(above, str) and isinstance(below, str)
    one_box = isinstance(above, str) or isinstance(below, str)
    return (
        _BETWEEN_BOXES
        if both_boxes
        else (_BETWEEN_BOXES + _BETWEEN_THREADS) / 2
        if one_box
        else _BETWEEN_THREADS
    )


def _mean(values: Iterable[float], otherwise: float) -> float:
    found = list(values)
    return sum(found) / len(found) if found else otherwise


# --- boxes and ways -------------------------------------------------------------------------------------------


def _box(place: Scene | Ending, label: str, column: int, height: float) -> Box:
    return Box(
        key=place.key,
        label=label,
        rows=_in_two_rows(place.title),
        x=column * COLUMN + BOX_WIDTH / 2,
        y=height,
        is_ending=isinstance(place, Ending),
        decides=isinstance(place, Scene) and place.decision is not None,
        is_dead_end=isinstance(place, Scene) and not place.ways_on,
    )


def _in_two_rows(title: str) -> tuple[str, ...]:
    """Return a title as one row or two, cut with an ellipsis where it does not fit.

    >>> _in_two_rows("The other side of the door")
    ('The other side', 'of the door')
    >>> _in_two_rows("Handover")
    ('Handover',)
    """
    rows = [""]
    for word in title.split():
        longer = f"{rows[-1]} {word}".strip()
        if len(longer) <= _LETTERS_IN_A_ROW or not rows[-1]:
            rows[-1] = longer
        else:
            rows.append(word)
    shown = rows[:2]
    if len(rows) > 2:
        shown[1] += "…"
    return tuple(row if len(row) <= _LETTERS_IN_A_ROW + 2 else row[:_LETTERS_IN_A_ROW] + "…" for row in shown)


def _way(
    thread: list[Node],
    place: Scene | Ending,
    heights: Mapping[Node, float],
    columns: Mapping[str, int],
    first: bool,
) -> Way:
    column, here = columns[place.key], heights[thread[0]]
    path = f"M{column * COLUMN + BOX_WIDTH} {here:g}"
    for node in thread[1:]:
        left, right = column * COLUMN + BOX_WIDTH, (column + 1) * COLUMN
        middle = (left + right) / 2
        path += f"C{middle:g} {here:g} {middle:g} {heights[node]:g} {right} {heights[node]:g}"
        path += "" if isinstance(node, str) else f"H{right + BOX_WIDTH}"
        column, here = column + 1, heights[node]
    start, towards = heights[thread[0]], heights[thread[1]]
    return Way(
        path=path,
        letters=_letters(place, str(thread[-1])),
        x=columns[place.key] * COLUMN + BOX_WIDTH + (COLUMN - BOX_WIDTH) * 0.66,
        y=round(start + (towards - start) * 0.74, 1),
        played_first=first,
    )


def _letters(place: Scene | Ending, target: str) -> str:
    if not isinstance(place, Scene) or place.decision is None:
        return ""
    return " ".join(
        response.key.upper() for response in place.decision.responses if response.target == target
    )
