"""The long form of the promise on small numbers: `python -m bench.disclosure [ROOMS]` (10,000 rooms, two rounds each).

Prints, for what is published and for each broken publisher, how many protected cells a reader who knows every
sum could narrow to fewer than 3 values; and what protection costs: breakdowns kept, groups shown, time.
Ends with status 1 when a cell could be narrowed, or when a broken publisher was not caught.
"""

import sys
import time
from collections import Counter

from live.disclosure import protect
from tests.evidence.random_versions import pairs, read_both
from tests.evidence.test_versions import is_published
from tests.live import broken_publishers
from tests.live.random_rooms import SIZES, Found, Room, read, rooms

THRESHOLD = 8
SEED = 2026


def main(count: int) -> int:
    """Measure and print; return the exit status."""
    found = {size: Found() for size in SIZES}
    kept: Counter[int] = Counter()
    groups: Counter[int] = Counter()
    slowest = spent = 0.0
    for number, room in enumerate(rooms(count, seed=SEED)):
        size = SIZES[number % len(SIZES)]
        started = time.perf_counter()
        before = protect(room.first, threshold=THRESHOLD)
        after = protect(room.second, threshold=THRESHOLD, before=before)
        took = time.perf_counter() - started
        spent, slowest = spent + took, max(slowest, took)
        for votes, shown in ((room.first, before), (room.second, after)):
            found[size] += read(votes, shown, threshold=THRESHOLD)
            kept[size] += shown is not None
            groups[size] += len(shown.groups) if shown else 0
    for size in SIZES:
        tables = 2 * len(range(SIZES.index(size), count, len(SIZES)))
        print(
            f"rooms of {size:3}: {tables:6} tables, {found[size].protected:7} protected cells, "
            f"{found[size].narrowed} narrowed below 3 values; broken down {kept[size] / tables:4.0%}, "
            f"{groups[size] / max(1, kept[size]):.1f} groups each"
        )
    print(f"time for both rounds: {spent / count * 1000:.2f} ms on average, {slowest * 1000:.1f} ms at most")
    narrowed = _versions(count // 2)
    caught = _broken(list(rooms(min(count, 1000), seed=SEED + 1)))
    return 0 if caught and not narrowed + sum(each.narrowed for each in found.values()) else 1


def _versions(count: int) -> int:
    """Print what pairs of versions give away; return how many cells, of those that the rule lets be published."""
    held, broken, seen = Found(), Found(), 0
    for _how, first, second in pairs(count, seed=SEED + 2):
        seen += 1
        both = read_both(first, second)
        broken += both
        if is_published(first, second):
            held += both
    print(
        f"pairs of versions: {seen}, {held.protected} protected cells of those published, "
        f"{held.narrowed} narrowed below 3 values"
    )
    print(f"caught: no rule on versions: {broken.narrowed} of {broken.protected} hidden cells narrowed")
    return held.narrowed + (broken.narrowed == 0)


def _broken(sample: list[Room]) -> bool:
    caught = True
    for publish in broken_publishers.ALL:
        found = sum((publish(room.first) for room in sample), Found())
        share = found.narrowed / found.protected
        print(f"caught: {publish.__name__}: {share:.0%} of {found.protected} hidden cells narrowed")
        caught = caught and found.narrowed > 0
    return caught


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
