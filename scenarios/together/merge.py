"""Put together two texts that were both written upon a third one. Pure; by whole lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

# Comparing grows with the product of the lines in the worst case: 0.4 s at this length, with a writer waiting.
MOST_LINES = 1200


@dataclass(frozen=True, slots=True)
class Settled:
    """Lines that need nobody: the same in both texts, or changed in one of them only."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clash:
    """Lines that both changed, each in another way. `before` is what both started from."""

    number: int
    before: tuple[str, ...]
    ours: tuple[str, ...]
    theirs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Merge:
    """Two texts put together as far as that can be done without a person."""

    parts: tuple[Settled | Clash, ...]

    @property
    def clashes(self) -> tuple[Clash, ...]:
        """The places where somebody must choose."""
        return tuple(part for part in self.parts if isinstance(part, Clash))

    def text(self, chosen: Sequence[Sequence[str]] = ()) -> str:
        """Return the whole text, with these lines at the clashes, in their order.

        :raises ValueError: not as many choices as clashes
        """
        wanted = iter(chosen)
        if len(chosen) != len(self.clashes):
            raise ValueError(f"{len(chosen)} choices for {len(self.clashes)} clashes")
        return "".join(
            line
            for part in self.parts
            for line in (part.lines if isinstance(part, Settled) else next(wanted))
        )


def merged(before: str, ours: str, theirs: str) -> Merge:
    r"""Put together what two people made of the same text.

    A place that one of them changed is taken from that one; a place that both changed alike is taken once; a
    place that both changed differently is a clash, and nothing of either is dropped. Lines keep their ends.
    Texts of more than 1,200 lines are not compared: whatever differs in them is one clash.

    >>> both = merged("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n")
    >>> both.clashes, both.text()
    ((), 'A\nb\nC\n')
    >>> merged("a\n", "b\n", "c\n").clashes
    (Clash(number=1, before=('a\n',), ours=('b\n',), theirs=('c\n',)),)
    """
    base, left, right = (text.splitlines(keepends=True) for text in (before, ours, theirs))
    to_left, to_right = _kept(base, left), _kept(base, right)
    anchors = [at for at in range(len(base)) if at in to_left and at in to_right]
    parts: list[Settled | Clash] = []
    clashes = 0
    done = done_left = done_right = 0
    for at in [*anchors, len(base)]:
        end_left, end_right = to_left.get(at, len(left)), to_right.get(at, len(right))
        part = _part(
            tuple(base[done:at]),
            tuple(left[done_left:end_left]),
            tuple(right[done_right:end_right]),
            clashes + 1,
        )
        clashes += isinstance(part, Clash)
        parts.append(part)
        if at < len(base):
            parts.append(Settled((base[at],)))
        done, done_left, done_right = at + 1, end_left + 1, end_right + 1
    return Merge(tuple(_joined(parts)))


def _kept(base: Sequence[str], changed: Sequence[str]) -> dict[int, int]:
    """Return where the lines that were kept stand now, by where they stood; none where there are too many."""
    if max(len(base), len(changed)) > MOST_LINES:
        return {}
    blocks = SequenceMatcher(a=base, b=changed, autojunk=False).get_matching_blocks()
    return {block.a + step: block.b + step for block in blocks for step in range(block.size)}


def _part(
    base: tuple[str, ...], left: tuple[str, ...], right: tuple[str, ...], number: int
) -> Settled | Clash:
    if left == right or right == base:
        return Settled(left)
    if left == base:
        return Settled(right)
    return Clash(number, base, left, right)


def _joined(parts: Sequence[Settled | Clash]) -> list[Settled | Clash]:
    """Return the parts with neighbours that are settled made one, and empty ones left out."""
    out: list[Settled | Clash] = []
    for part in parts:
        if isinstance(part, Settled) and out and isinstance(last := out[-1], Settled):
            out[-1] = Settled(last.lines + part.lines)
        elif part != Settled(()):
            out.append(part)
    return out
