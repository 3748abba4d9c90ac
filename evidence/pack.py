"""Compile a pack: material in, files out. The same material gives the same bytes, `generated_at` apart."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from evidence.correction import Correction
from evidence.csv_files import csv_bytes, moment
from evidence.data_package import LICENCE, codebook, data_package, json_bytes
from evidence.documents import readme, report
from evidence.exports import zip_bytes
from evidence.material import Material
from evidence.report_pdf import report_pdf
from evidence.rules import reference_of
from evidence.schema import TABLES
from evidence.signing import PackKey, fingerprint_of
from evidence.tables import tables_of
from evidence.telling import tell
from evidence.workbook import introduction, workbook
from live.disclosure import LEAST_BALLOTS, LEAST_VALUES, ROUNDED_TO
from scenario_app.kernel.wording import wording_of

MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
AUDIT_CHAIN = "audit.txt"


@dataclass(frozen=True, slots=True)
class Edition:
    """Which pack this is. Only the manifest says when it was made, and by which version of the application.

    `language` is that of the report. Tables, their columns and the codebook are the same in every language.
    Without a `key` it is not signed, as packs once were. `correction`: what changed since the version before it.
    """

    version: int
    generated_at: datetime
    app_version: str
    language: str = "en"
    key: PackKey | None = None
    correction: Correction | None = None


def compile_pack(material: Material, edition: Edition) -> Mapping[str, bytes]:
    """Return the files of a pack by path; last the manifest, and its signature."""
    material = material.in_order()
    reference = reference_of(material.event, edition.version)
    tables = tables_of(material)
    telling = tell(tables)
    files = {table.path: csv_bytes(table, tables[table.name]) for table in TABLES}
    described = data_package(reference=reference, version=edition.version, title=material.title, files=files)
    scripts = {played.path: _text(played.script.text_for_everyone()) for played in material.scenarios}
    fingerprint = fingerprint_of(edition.key.public_key) if edition.key else ""
    wording = wording_of(edition.language)
    page = report(material, reference=reference, telling=telling, wording=wording)
    compiled = {
        "README.md": readme(
            material,
            reference=reference,
            telling=telling,
            fingerprint=fingerprint,
            correction=edition.correction,
        ),
        "report.html": page,
        "report.pdf": report_pdf(page, reference=reference, title=material.title, wording=wording),
        "workbook.xlsx": workbook(
            tables,
            telling,
            introduction(material, reference=reference, telling=telling, wording=wording),
            wording,
        ),
        "codebook.md": codebook(),
        "datapackage.json": described,
        **files,
        **scripts,
        AUDIT_CHAIN: _chain(material),
    }
    manifest = _manifest(material, edition, reference, compiled)
    signature = {SIGNATURE: edition.key.sign(manifest)} if edition.key else {}
    return {**compiled, MANIFEST: manifest, **signature}


def zipped_pack(material: Material, edition: Edition) -> bytes:
    """Return a pack as one zip. Seconds for a large event: see docs/MEASURED.md."""
    return zip_bytes(compile_pack(material, edition))


def sealed(manifest: Mapping[str, object]) -> dict[str, object]:
    """Return a manifest with a digest over everything else in it, so that it cannot be edited unnoticed.

    Somebody who edits it on purpose can make the digest anew; against that stand the signature and the fingerprint
    on the site. The digest is the last line, so that a program need not know how we write JSON to check it.
    """
    bare = {key: value for key, value in manifest.items() if key != "sha256"}
    return {**bare, "sha256": hashlib.sha256(json_bytes(bare)).hexdigest()}


def _chain(material: Material) -> bytes:
    """Return one line for each row of the audit chain: its number and its hash, which somebody may have kept."""
    lines = (f"{number} {hash_}" for number, hash_ in enumerate(material.audit.hashes, start=1))
    return "".join(f"{line}\n" for line in lines).encode()


def _manifest(material: Material, edition: Edition, reference: str, files: Mapping[str, bytes]) -> bytes:
    return json_bytes(
        sealed(
            {
                "reference": reference,
                "version": edition.version,
                "generated_at": moment(edition.generated_at),
                "app_version": edition.app_version,
                "language": edition.language,
                "rules": {
                    "suppress_below": material.suppress_below,
                    "rounded_to": ROUNDED_TO,
                    "least_ballots": LEAST_BALLOTS,
                    "least_possible_values": LEAST_VALUES,
                    "spreadsheet": "text beginning with = + - @ tab CR LF has one apostrophe before it",
                    "licence": LICENCE["name"],
                },
                "audit": {
                    "chain": material.audit.chain,
                    "rows": material.audit.rows,
                    "sha256": material.audit.hash,
                },
                **_signed_by(edition),
                "files": [
                    {"path": path, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
                    for path, data in files.items()
                ],
            }
        )
    )


def _signed_by(edition: Edition) -> dict[str, object]:
    if edition.key is None:
        return {}
    public_key = edition.key.public_key
    return {
        "signed_by": {
            "algorithm": "Ed25519",
            "public_key": public_key,
            "fingerprint": fingerprint_of(public_key),
        }
    }


def _text(words: str) -> bytes:
    # A published script is valid UTF-8; what slipped in before the checker existed must not stop a pack.
    return words.encode("utf-8", "replace")
