"""Everything that a search of the catalogue finds, in one file."""

from collections.abc import Sequence
from hashlib import sha256

import gevent
from flask import Response, request
from gevent.lock import BoundedSemaphore

from evidence.catalogue.queries import newest_packs, places_of
from evidence.catalogue.rules import Search
from evidence.collection import Collected, zipped_collection
from evidence.queries import Pack, PackDamaged, PackWithdrawn, zip_of
from evidence.rules import NoSuchPack, TooManyPacks
from evidence.views import blueprint
from scenario_app import __version__
from scenario_app.accounts.access import open_to_all
from scenario_app.kernel.aside import aside
from scenario_app.kernel.context import reading
from scenario_app.kernel.errors import DomainError
from scenario_app.kernel.http import download

MOST = 500
# They are held in memory while they are collected: an ordinary pack has 0.2 MB, that of a full hall 2 MB.
MOST_BYTES = 50_000_000
# Each takes a processor for a second or two, and there are votes to count: one is made, and few wait for their turn.
MOST_WAITING = 4
_turn = BoundedSemaphore(1)
_places = BoundedSemaphore(1 + MOST_WAITING)
MOST_TRIES = 3
TRY_AGAIN_MS = 10_000


class MuchAskedFor(DomainError):
    """Others wait for files like this one, or packs changed each time while it was made; come back in a moment."""

    code = "much_asked_for"
    status = 503


@blueprint.get("/evidence/collection.zip")
@open_to_all
def collection() -> Response:
    """Answer the tables of every pack that a search finds, each once.

    :raises NoSuchPack: nothing is found
    :raises TooManyPacks: more than one file should hold; a narrower search finds fewer
    :raises PackDamaged: none of those that are found can be read
    :raises MuchAskedFor: too many people ask for one at this moment
    """
    search = Search.parse(request.args)
    tag = _tag(_find(search), search)
    if tag in request.if_none_match:
        return _tagged(Response(status=304), tag)
    if request.method == "HEAD":  # how long it is, only making it would tell
        return _tagged(Response(content_type="application/zip"), tag)
    if not _places.acquire(blocking=False):
        raise MuchAskedFor(retry_after_ms=TRY_AGAIN_MS)
    try:
        with _turn:
            made, tag = _make(search)
    finally:
        _places.release()
    answer = download(made, filename="evidence-collection.zip", content_type="application/zip")
    return _tagged(answer, tag) if tag else answer


def _make(search: Search) -> tuple[bytes, str]:
    """Return a collection and its tag; no tag where some pack could not be read, which may be mended at any moment."""
    for _try in range(MOST_TRIES):
        found = _find(search)
        packs, unread = collect(found)
        if unread and not packs:
            raise PackDamaged
        made = aside(zipped_collection)(packs, asked=search.as_asked, unread=unread)
        # A story may have been taken back meanwhile, and a pack with it: that is not sent any more.
        if _find(search) == found:
            return made, "" if unread else _tag(found, search)
    raise MuchAskedFor(retry_after_ms=TRY_AGAIN_MS)


def _find(search: Search) -> list[tuple[Pack, str]]:
    """Return the packs that a search finds, each with its place."""
    with reading() as session:
        found = newest_packs(session, search, after="", limit=MOST)
        if not found.packs:
            raise NoSuchPack
        if found.after or sum(each.size_bytes for each in found.packs) > MOST_BYTES:
            raise TooManyPacks(found=found.total, most=MOST)
        places = places_of(session, [each.reference for each in found.packs])
    return [(each, places.get(each.reference, "")) for each in found.packs]


def _tagged(answer: Response, tag: str) -> Response:
    answer.set_etag(tag)
    return answer


def collect(found: Sequence[tuple[Pack, str]]) -> tuple[list[Collected], list[str]]:
    """Return packs with their bytes, and the references of those that are damaged. A query for each.

    One that was withdrawn since it was found is in neither.
    """
    packs, unread = [], []
    for each, place in found:
        # Each in a reading of its own: whoever waits in one holds up a withdrawal, which waits for all that read.
        with reading() as session:
            try:
                packs.append(_collected(each, place, zip_of(session, each.reference)))
            except PackDamaged:
                unread.append(each.reference)
            except (NoSuchPack, PackWithdrawn):
                pass
        gevent.sleep(0)  # a vote may come between two packs
    return packs, unread


def _collected(pack: Pack, place: str, zip_: bytes) -> Collected:
    return Collected(
        reference=pack.reference,
        event=pack.event_slug,
        title=pack.title,
        place=place,
        held_at=pack.held_at,
        version=pack.version,
        decisions=pack.decisions,
        ballots=pack.ballots,
        sha256=pack.sha256,
        zip=zip_,
    )


def _tag(found: Sequence[tuple[Pack, str]], search: Search) -> str:
    parts = [__version__, *(f"{name}={value}" for name, value in search.as_asked.items())]
    return sha256("\n".join([*parts, *(each.sha256 for each, _place in found)]).encode()).hexdigest()[:32]
