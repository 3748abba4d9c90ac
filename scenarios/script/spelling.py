"""Which known key somebody may have meant."""

from collections.abc import Iterable

_ALIKE_ENOUGH = 0.4
_MOST_COMPARED = 300  # keys; a script that people play has fewer than 60
_MOST_ASKED = 50  # suggestions for one script; whoever mistyped more has another problem
_LONGEST_COMPARED = 64


class Spelling:
    """The keys that are known, and the nearest of them to one that is not.

    >>> keys = Spelling(["dawit-at-the-door", "desk"])
    >>> "desk" in keys, keys.nearest("dawit-at-the-dor"), keys.nearest("dsek"), keys.nearest("zebra")
    (True, 'dawit-at-the-door', 'desk', None)
    """

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = dict.fromkeys(keys)
        self._pairs: dict[str, set[str]] = {}
        self._asked = 0

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def nearest(self, key: str) -> str | None:
        """Return the known key that shares most pairs of letters with this one, if it shares enough.

        After 50 questions the answer is None: its time must not grow with the square of the text.
        """
        self._asked += 1
        if self._asked > _MOST_ASKED or len(key) > _LONGEST_COMPARED:
            return None
        if not self._pairs:
            compared = list(self._keys)[:_MOST_COMPARED]
            self._pairs = {known: _pairs(known) for known in compared if len(known) <= _LONGEST_COMPARED}
        wanted = _pairs(key)
        alike = ((_alike(wanted, pairs), known) for known, pairs in self._pairs.items())
        likeness, known = max(alike, default=(0.0, ""))
        return known if likeness >= _ALIKE_ENOUGH else None


def _pairs(key: str) -> set[str]:
    marked = f"^{key.casefold()}$"
    return {marked[place : place + 2] for place in range(len(marked) - 1)}


def _alike(left: set[str], right: set[str]) -> float:
    return 2 * len(left & right) / (len(left) + len(right))
