"""Write the files of a pack into one zip whose bytes depend on nothing but the files."""

import io
import zipfile
from collections.abc import Mapping

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
