"""Pages and JSON of evidence: the catalogue, a pack and its downloads for everybody; publishing for a steward."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from evidence.equality.words import equality_answers, equality_questions
from evidence.key_file import signing_key
from evidence.pack import MANIFEST, SIGNATURE
from evidence.queries import (
    Pack,
    file_of,
    files_of,
    pack,
    packs,
    packs_of,
    signed_by,
    table_file,
    telling_of,
    zip_of,
)
from evidence.rules import NoSuchTable
from evidence.schema import TABLES
from evidence.service import PackDraft, draft_pack, publish_pack
from evidence.telling import Telling
from live.queries import EventView, event_by_slug, events
from live.words import group_labels, tie_rule_words
from scenario_app.accounts.access import needs, open_to_all, require_account
from scenario_app.accounts.rules import Duty
from scenario_app.kernel.context import config, now, reading, transaction
from scenario_app.kernel.http import download, json_response

blueprint = Blueprint("evidence", __name__, template_folder="templates")
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCUMENTS = {
    "report.html": "text/html; charset=utf-8",
    "README.md": "text/markdown; charset=utf-8",
    "codebook.md": "text/markdown; charset=utf-8",
    "datapackage.json": "application/json; charset=utf-8",
    MANIFEST: "application/json; charset=utf-8",
    SIGNATURE: "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class CataloguePage:
    """Every published pack; of each event the newest version first, older ones behind it."""

    newest: Sequence[Pack]
    older: Mapping[str, Sequence[Pack]]


@dataclass(frozen=True, slots=True)
class PackPage:
    """One pack, told from its own tables."""

    pack: Pack
    newest: Pack
    event: EventView | None
    telling: Telling
    tables: Sequence[str]
    groups: Mapping[str, str]
    tie_rules: Mapping[str, str]
    equality_questions: Mapping[str, str]
    equality_answers: Mapping[str, str]
    threshold: int
    signed_by: str
    files: Collection[str]

    @property
    def fingerprint(self) -> list[str]:
        """Return the SHA-256 in groups of eight, as people compare it."""
        return _in_eights(self.pack.sha256)

    @property
    def key_fingerprint(self) -> list[str]:
        """Return the fingerprint of the key that signed it in groups of eight; empty when it is not signed."""
        return _in_eights(self.signed_by)


@dataclass(frozen=True, slots=True)
class PublishPage:
    """What a steward may publish: the events, and what is in the one that was chosen."""

    events: Sequence[tuple[EventView, Sequence[Pack]]]
    chosen: str
    draft: PackDraft | None


@blueprint.get("/evidence")
@open_to_all
def catalogue() -> str:
    """Show every pack."""
    with reading() as session:
        found = packs(session)
    older: dict[str, list[Pack]] = {}
    newest = []
    for each in found:
        if each.withdrawn_at is not None:
            continue
        if each.event_slug in older:
            older[each.event_slug].append(each)
        else:
            older[each.event_slug] = []
            newest.append(each)
    return render_template("evidence/catalogue.html", page=CataloguePage(newest=newest, older=older))


@blueprint.get("/evidence/<reference>")
@open_to_all
def show(reference: str) -> str:
    """Show one pack: what the room decided, how it was made, the downloads, the fingerprint."""
    with reading() as session:
        found = pack(session, reference)
        page = PackPage(
            pack=found,
            newest=packs_of(session, found.event_slug)[0],
            event=event_by_slug(session, found.event_slug),
            telling=telling_of(session, reference),
            tables=[table.name for table in TABLES],
            groups=group_labels(),
            tie_rules=tie_rule_words(),
            equality_questions=equality_questions(),
            equality_answers=equality_answers(),
            threshold=config().suppress_below,
            signed_by=signed_by(session, reference),
            files=files_of(session, reference).keys(),
        )
    return render_template("evidence/pack.html", page=page)


@blueprint.get("/evidence/<reference>/pack.zip")
@open_to_all
def pack_zip(reference: str) -> Response:
    """Answer the frozen bytes of a pack."""
    with reading() as session:
        body = zip_of(session, reference)
    return download(body, filename=f"{reference}.zip", content_type="application/zip")


@blueprint.get("/evidence/<reference>/tables/<name>.csv")
@open_to_all
def table(reference: str, name: str) -> Response:
    """Answer one table of a pack as it was published."""
    with reading() as session:
        body = table_file(session, reference, name)
    return download(
        body, filename=f"{reference}-{name}.csv", content_type="text/csv; charset=utf-8; header=present"
    )


@blueprint.get("/evidence/<reference>/workbook.xlsx")
@open_to_all
def workbook(reference: str) -> Response:
    """Answer the tables of a pack as a workbook."""
    with reading() as session:
        body = file_of(session, reference, "workbook.xlsx")
    return download(body, filename=f"{reference}.xlsx", content_type=WORKBOOK_TYPE)


@blueprint.get("/evidence/<reference>/report.pdf")
@open_to_all
def report_pdf(reference: str) -> Response:
    """Answer the report of a pack, to print."""
    with reading() as session:
        body = file_of(session, reference, "report.pdf")
    return download(body, filename=f"{reference}.pdf", content_type="application/pdf")


@blueprint.get("/evidence/<reference>/documents/<name>")
@open_to_all
def document(reference: str, name: str) -> Response:
    """Answer one of a pack's documents, to be saved: a report brings its own style, which a page here may not."""
    if name not in DOCUMENTS:
        raise NoSuchTable(found=name[:40])
    with reading() as session:
        body = file_of(session, reference, name)
    return download(body, filename=f"{reference}-{name}", content_type=DOCUMENTS[name])


# --- publishing -----------------------------------------------------------------------------------------


@blueprint.get("/evidence/publish")
@needs(Duty.STEWARD)
def publish() -> str:
    """Show what could be published, and what would be in it."""
    chosen = request.args.get("event", "")[:80]
    with reading() as session:
        page = PublishPage(
            events=[(event, packs_of(session, event.slug)) for event in events(session)],
            chosen=chosen,
            draft=draft_pack(session, event_slug=chosen, threshold=config().suppress_below)
            if chosen
            else None,
        )
    return render_template("evidence/publish.html", page=page)


@blueprint.post("/evidence/publish")
@needs(Duty.STEWARD)
def publish_now() -> BaseResponse:
    """Publish an event's evidence as its next version."""
    account = require_account()
    key = signing_key(config())
    with transaction() as session:
        published = publish_pack(
            session,
            event_slug=request.form.get("event", "")[:80],
            account_id=account.id,
            now=now(),
            threshold=config().suppress_below,
            key=key,
        )
    flash(_("Published as %(reference)s. It will not change any more.", reference=published.reference))
    return redirect(url_for(".show", reference=published.reference))


# --- for programs ---------------------------------------------------------------------------------------


@blueprint.get("/api/v1/evidence")
@open_to_all
def packs_json() -> Response:
    """Answer every pack, the newest event first."""
    with reading() as session:
        found = packs(session)
    return json_response({"ok": True, "packs": [_described(each) for each in found]})


@blueprint.get("/api/v1/evidence/<reference>")
@open_to_all
def pack_json(reference: str) -> Response:
    """Answer one pack: what it is, and where its files are."""
    with reading() as session:
        found = pack(session, reference)
        files = files_of(session, reference)
    addresses = {
        each.name: url_for(".table", reference=reference, name=each.name)
        for each in TABLES
        if each.path in files
    }
    return json_response({"ok": True, **_described(found), "tables": addresses, "files": list(files)})


def _in_eights(digits: str) -> list[str]:
    return [digits[place : place + 8] for place in range(0, len(digits), 8)]


def _described(found: Pack) -> dict[str, object]:
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
        "page": url_for(".show", reference=found.reference),
        "zip": url_for(".pack_zip", reference=found.reference),
    }
