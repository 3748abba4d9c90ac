"""Read what published packs say, each once: a pack never changes, so what was read of it is kept by its fingerprint."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from evidence.across.rules import Asked, Source, asked_in
from evidence.catalogue.queries import places_of, standing_packs
from evidence.csv_files import NotATable
from evidence.exports import tables_in
from evidence.queries import Pack, PackDamaged, files_of
from evidence.schema import TABLE_OF

# A few kilobytes each: what is kept of every pack of some years of events.
MOST_KEPT = 500
_READ = ("decisions", "responses", "rounds", "results", "attendance")
_kept: OrderedDict[str, tuple[Asked, ...]] = OrderedDict()


@dataclass(frozen=True, slots=True)
class Across:
    """What the standing packs of a pathway say, the oldest event first. `unread`: packs that could not be read."""

    asked: Sequence[Asked]
    packs: Sequence[Pack]
    unread: Sequence[Pack]


def across(session: Session, *, pathway: str) -> Across:
    """Return what the newest standing packs of a pathway say, without words that were taken back.

    Two queries, and one for each pack that was not read before.
    """
    packs = standing_packs(session, pathway=pathway)
    places = places_of(session, [each.reference for each in packs])
    asked: list[Asked] = []
    unread = []
    for each in packs:
        try:
            asked += _asked(session, each, places.get(each.reference, ""))
        except (PackDamaged, NotATable):  # said on the page: a sum must not look as if it were whole
            unread.append(each)
    return Across(asked, [each for each in packs if each not in unread], unread)


def forget_read() -> None:
    """Let go of everything that was read: somebody took their words back."""
    _kept.clear()


def _asked(session: Session, pack: Pack, place: str) -> tuple[Asked, ...]:
    if pack.sha256 in _kept:
        _kept.move_to_end(pack.sha256)
        return _kept[pack.sha256]
    files = files_of(session, pack.reference)
    wanted = {TABLE_OF[name].path for name in _READ}
    tables = tables_in({path: data for path, data in files.items() if path in wanted})
    source = Source(pack.reference, pack.event_slug, pack.title, place, pack.held_at)
    read = asked_in(tables, source)
    _kept[pack.sha256] = read
    while len(_kept) > MOST_KEPT:
        _kept.popitem(last=False)
    return read
