"""Evidence as JSON, for programs of anybody: what is published, page by page, and each pack with its files."""

from dataclasses import asdict

from flask import Response, request, url_for

from evidence.catalogue.queries import all_packs
from evidence.catalogue.rules import Search
from evidence.queries import Pack, correction_of, files_of, pack, standing_after
from evidence.schema import TABLES
from evidence.views import blueprint
from scenario_app.accounts.access import open_to_all
from scenario_app.kernel.context import reading
from scenario_app.kernel.public_json import after_asked, limit_asked, public_json, readable_anywhere


@blueprint.get("/api/v1/evidence")
@open_to_all
@readable_anywhere
def packs_json() -> Response:
    """Answer the packs that a search finds, every version, the newest event first."""
    search, limit = Search.parse(request.args), limit_asked()
    with reading() as session:
        found = all_packs(session, search, after=after_asked(), limit=limit)
        newer = standing_after(session, found.packs)
    packs = [_described(each, newer.get(each.reference)) for each in found.packs]
    return public_json({"ok": True, "packs": packs, "total": found.total, "next": found.after})


@blueprint.get("/api/v1/evidence/<reference>")
@open_to_all
@readable_anywhere
def pack_json(reference: str) -> Response:
    """Answer one pack: what it is, and where its files are."""
    with reading() as session:
        found = pack(session, reference)
        files = files_of(session, reference)
        newer = standing_after(session, [found]).get(reference)
        correction = correction_of(session, found)
    addresses = {
        each.name: url_for(".table", reference=reference, name=each.name)
        for each in TABLES
        if each.path in files
    }
    return public_json(
        {
            "ok": True,
            **_described(found, newer),
            "tables": addresses,
            "files": list(files),
            "correction": asdict(correction) if correction else None,
        }
    )


def _described(found: Pack, newer: str | None) -> dict[str, object]:
    return {
        "reference": found.reference,
        "version": found.version,
        "event": found.event_slug,
        "title": found.title,
        "held_at": found.held_at.isoformat(timespec="seconds"),
        "generated_at": found.generated_at.isoformat(timespec="seconds"),
        "app_version": found.app_version,
        "decisions": found.decisions,
        "ballots": found.ballots,
        "rows": found.rows,
        "bytes": found.size_bytes,
        "sha256": found.sha256,
        "withdrawn": found.withdrawn_at is not None,
        "newer": newer,
        "page": url_for(".show", reference=found.reference),
        "zip": url_for(".pack_zip", reference=found.reference),
    }
