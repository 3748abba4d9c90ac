"""Everything that a search of the catalogue finds, in one file."""

from collections.abc import Sequence
from hashlib import sha256

import gevent
from flask import Response, request
from gevent.lock import BoundedSemaphore
from sqlalchemy.orm import Session

from evidence.catalogue.queries import newest_packs, places_of
from evidence.catalogue.rules import Search
from evidence.collection import Collected, zipped_collection
from evidence.queries import Pack, PackDamaged, zip_of
from evidence.rules import NoSuchPack, TooManyPacks
from evidence.views import blueprint
from scenario_app import __version__
from scenario_app.accounts.access import open_to_all
from scenario_app.kernel.aside import aside
from scenario_app.kernel.context import reading
from scenario_app.kernel.http import download

MOST = 500
# They are held in memory while they are collected: an ordinary pack has 0.2 MB, that of a full hall 2 MB.
MOST_BYTES = 100_000_000
# Each takes a processor for a second or two, and there are votes to count.
_one_at_a_time = BoundedSemaphore(1)


@blueprint.get("/evidence/collection.zip")
@open_to_all
def collection() -> Response:
    """Answer the tables of every pack that a search finds, each once.

    :raises NoSuchPack: nothing is found
    :raises TooManyPacks: more than one file should hold; a narrower search finds fewer
    """
    search = Search.parse(request.args)
    with _one_at_a_time:
        with reading() as session:
            found = newest_packs(session, search, after="", limit=MOST)
            if not found.packs:
                raise NoSuchPack
            if found.after or sum(each.size_bytes for each in found.packs) > MOST_BYTES:
                raise TooManyPacks(found=found.total, most=MOST)
            tag = _tag(found.packs, search)
            if tag in request.if_none_match:
                return _tagged(Response(status=304), tag)
            packs, unread = collect(session, found.packs)
        made = aside(zipped_collection)(packs, asked=search.as_asked, unread=unread)
    return _tagged(download(made, filename="evidence-collection.zip", content_type="application/zip"), tag)


def _tagged(answer: Response, tag: str) -> Response:
    answer.set_etag(tag)
    return answer


def collect(session: Session, found: Sequence[Pack]) -> tuple[list[Collected], list[str]]:
    """Return packs with their bytes, and the references of those that are damaged. A query for each, and one."""
    places = places_of(session, [each.reference for each in found])
    packs, unread = [], []
    for each in found:
        try:
            packs.append(_collected(each, places.get(each.reference, ""), zip_of(session, each.reference)))
        except PackDamaged:
            unread.append(each.reference)
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


def _tag(packs: Sequence[Pack], search: Search) -> str:
    parts = [__version__, *(f"{name}={value}" for name, value in search.as_asked.items())]
    return sha256("\n".join([*parts, *(each.sha256 for each in packs)]).encode()).hexdigest()[:32]
