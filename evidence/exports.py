"""Write the files of a pack into one zip whose bytes depend on nothing but the files, and read it back."""

import io
import zipfile
from collections.abc import Mapping

from evidence.columns import Tables
from evidence.csv_files import rows_from
from evidence.schema import TABLES

# The zip format knows no time zone and nothing before 1980; a fixed moment keeps the bytes the same.
_MOMENT = (1980, 1, 1, 0, 0, 0)
_READABLE_FILE = 0o100644 << 16
_UNIX = 3


def zip_bytes(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of the files, in the order given.

    Stored, not compressed: compressed bytes differ from one zlib to the next, and packs are small.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for path, data in files.items():
            entry = zipfile.ZipInfo(path, _MOMENT)
            entry.create_system = _UNIX
            entry.external_attr = _READABLE_FILE
            archive.writestr(entry, data)
    return out.getvalue()


def files_in(pack: bytes) -> dict[str, bytes]:
    """Return the files of a zip that `zip_bytes` wrote, by path. For our own packs: `verify` takes any bytes."""
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def tables_in(files: Mapping[str, bytes]) -> Tables:
    """Return the tables of a pack's files as rows; a table that an older pack does not have is empty."""
    return {
        table.name: rows_from(table, files[table.path]) if table.path in files else [] for table in TABLES
    }
