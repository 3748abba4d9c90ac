"""Questions about what leads where. Keys are strings; `ways` holds, for each scene, the keys it leads to.

Nothing here calls itself, so the longest script cannot overflow, and counting lists no paths, so a script
with more of them than there are atoms costs no more than a short one.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

Ways = Mapping[str, Sequence[str]]


def reached(ways: Ways, start: str) -> set[str]:
    """Return every key that some path from `start` comes to, `start` among them.

    >>> sorted(reached({"a": ["b"], "b": [], "c": ["a"]}, "a"))
    ['a', 'b']
    """
    return set(finished(ways, [start], set()))


def in_loops(ways: Ways) -> set[str]:
    """Return every key that can lead back to itself.

    >>> sorted(in_loops({"a": ["b"], "b": ["c"], "c": ["b", "d"], "d": ["e"], "e": ["e"]}))
    ['b', 'c', 'e']
    """
    back: dict[str, list[str]] = {}
    for key, targets in ways.items():
        for target in targets:
            back.setdefault(target, []).append(key)
    found = {key for key, targets in ways.items() if key in targets}
    seen: set[str] = set()
    # Kosaraju: walking backwards, the latest finished first, each walk finds keys that lead to one another.
    for key in reversed(list(finished(ways, ways, set()))):
        if key not in seen:
            together = list(finished(back, [key], seen))
            found.update(together if len(together) > 1 else ())
    return found


def count_paths(ways: Ways, start: str) -> int | None:
    """Return how many ways lead from `start` to where nothing leads on; None when a loop makes them endless.

    >>> count_paths({"a": ["b", "c", "c"], "b": ["c"], "c": []}, "a")
    3
    """
    if reached(ways, start) & in_loops(ways):
        return None
    counts: Counter[str] = Counter()
    for key in finished(ways, [start], set()):  # what a key leads to is finished before it
        counts[key] = sum(counts[target] for target in ways.get(key, ())) if ways.get(key) else 1
    return counts[start]


def finished(ways: Ways, starts: Iterable[str], seen: set[str]) -> Iterator[str]:
    """Yield each key the starts come to, after those it leads to; leave out, and add to, the seen."""
    for start in starts:
        if start in seen:
            continue
        seen.add(start)
        walk = [(start, iter(ways.get(start, ())))]
        while walk:
            key, rest = walk[-1]
            unseen = next((target for target in rest if target not in seen), None)
            if unseen is None:
                walk.pop()
                yield key
            else:
                seen.add(unseen)
                walk.append((unseen, iter(ways.get(unseen, ()))))
