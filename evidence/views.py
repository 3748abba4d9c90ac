"""A published pack: its page and its downloads, for everybody."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, render_template

from evidence.correction import Correction
from evidence.equality.words import equality_answers, equality_questions
from evidence.pack import MANIFEST, SIGNATURE
from evidence.queries import (
    Pack,
    correction_of,
    file_of,
    files_of,
    pack,
    packs_of,
    signed_by,
    table_file,
    telling_of,
    zip_of,
)
from evidence.rules import NoSuchTable
from evidence.schema import TABLES
from evidence.telling import Telling
from live.queries import EventView, event_by_slug
from live.words import group_labels, tie_rule_words
from scenario_app.accounts.access import open_to_all
from scenario_app.kernel.context import config, reading
from scenario_app.kernel.http import download

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
    correction: Correction | None

    @property
    def fingerprint(self) -> list[str]:
        """Return the SHA-256 in groups of eight, as people compare it."""
        return _in_eights(self.pack.sha256)

    @property
    def key_fingerprint(self) -> list[str]:
        """Return the fingerprint of the key that signed it in groups of eight; empty when it is not signed."""
        return _in_eights(self.signed_by)


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
            correction=correction_of(session, found),
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


def _in_eights(digits: str) -> list[str]:
    return [digits[place : place + 8] for place in range(0, len(digits), 8)]
