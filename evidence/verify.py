"""Check a pack without a network: is every file what the manifest says, and is there nothing else?

Takes any bytes at all and never raises: what cannot be read is a difference too.
"""

import hashlib
import io
import json
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from evidence.data_package import json_bytes
from evidence.exports import zip_bytes
from evidence.pack import MANIFEST, sealed

MOST_BYTES = 256 * 1024 * 1024
MOST_FILES = 2_000
WHOLE_FILE = "(the zip itself)"

# What zipfile and zlib raise on hostile or damaged input.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    KeyError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)


class Finding(StrEnum):
    """How a file differs from what was published."""

    CHANGED = "changed"
    MISSING = "missing"
    ADDED = "added"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    BAD_NAME = "bad_name"
    TWICE = "twice"
    REWRAPPED = "rewrapped"
    NO_PACK = "no_pack"


WORDS = {
    Finding.CHANGED: "is not what was published",
    Finding.MISSING: "is missing",
    Finding.ADDED: "was not in the pack that was published",
    Finding.UNREADABLE: "is damaged and cannot be read",
    Finding.TOO_LARGE: f"claims to hold more than a pack can ({MOST_BYTES // 1024 // 1024} MB, {MOST_FILES} files)",
    Finding.BAD_NAME: "has a name that points outside the pack",
    Finding.TWICE: "stands in the zip more than once",
    Finding.REWRAPPED: "was written anew or edited around its files, which are as published",
    Finding.NO_PACK: "is not a pack: it is no zip that can be read, or has no manifest.json",
}


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One thing that is not as published. `path` is as it stands in the zip."""

    path: str
    finding: Finding

    def __str__(self) -> str:
        """Return the difference as a sentence.

        >>> print(Difference("tables/results.csv", Finding.CHANGED))
        tables/results.csv is not what was published
        """
        # Control characters of a hostile name must not reach a terminal.
        name = "".join(
            character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in self.path
        )
        return f"{name[:200]} {WORDS[self.finding]}"


class _Stop(Exception):
    """Nothing more can be said than this."""

    def __init__(self, path: str, finding: Finding) -> None:
        super().__init__(path)
        self.difference = Difference(path, finding)


def differences_in(pack: bytes) -> tuple[Difference, ...]:
    """Return what is not as published, by path; nothing when the pack is intact.

    A manifest vouches for the files and for itself. Whether it is the published one, only the fingerprint of
    the zip on the site can say.
    """
    try:
        files, damaged = _unzipped(pack)
        listed, vouched = _read_manifest(files, damaged)
    except _Stop as stop:
        return (stop.difference,)
    found = set(damaged)
    named = {difference.path for difference in damaged}
    if not vouched:
        found.add(Difference(MANIFEST, Finding.CHANGED))
    for path, (size, digest) in listed.items():
        if path in files:
            if len(files[path]) != size or hashlib.sha256(files[path]).hexdigest() != digest:
                found.add(Difference(path, Finding.CHANGED))
        elif path not in named:
            found.add(Difference(path, Finding.MISSING))
    found.update(Difference(path, Finding.ADDED) for path in files.keys() - listed.keys() - {MANIFEST})
    if not found and pack != zip_bytes({path: files[path] for path in (*listed, MANIFEST)}):
        found.add(Difference(WHOLE_FILE, Finding.REWRAPPED))
    return tuple(sorted(found))


def _unzipped(pack: bytes) -> tuple[dict[str, bytes], list[Difference]]:
    """Return what could be read, and a difference for each entry that could not."""
    if len(pack) > MOST_BYTES:
        raise _Stop(WHOLE_FILE, Finding.TOO_LARGE)
    try:
        archive = zipfile.ZipFile(io.BytesIO(pack))
        entries = archive.infolist()
    except _DAMAGE:
        raise _Stop(WHOLE_FILE, Finding.NO_PACK) from None
    # Before anything is unpacked: a bomb says how large it is, and what it does not say is never read.
    if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise _Stop(WHOLE_FILE, Finding.TOO_LARGE)
    damaged = [
        Difference(name, Finding.TWICE)
        for name, times in Counter(entry.filename for entry in entries).items()
        if times > 1
    ]
    files: dict[str, bytes] = {}
    for entry in entries:
        if not _stays_inside(entry):
            damaged.append(Difference(entry.filename, Finding.BAD_NAME))
            continue
        try:
            with archive.open(entry) as stream:
                files[entry.filename] = stream.read(entry.file_size)
        except _DAMAGE:
            damaged.append(Difference(entry.filename, Finding.UNREADABLE))
    return files, damaged


def _stays_inside(entry: zipfile.ZipInfo) -> bool:
    name = entry.filename
    path = PurePosixPath(name)
    plain = not path.is_absolute() and ".." not in path.parts and "\\" not in name and ":" not in name
    return plain and not entry.is_dir() and name.isprintable() and str(path) == name


def _read_manifest(
    files: Mapping[str, bytes], damaged: list[Difference]
) -> tuple[dict[str, tuple[int, str]], bool]:
    """Return size and digest by path, and whether the manifest is byte for byte as one is written."""
    if MANIFEST not in files:
        unreadable = any(difference.path == MANIFEST for difference in damaged)
        raise _Stop(*((MANIFEST, Finding.UNREADABLE) if unreadable else (WHOLE_FILE, Finding.NO_PACK)))
    try:
        manifest = json.loads(files[MANIFEST])
        listed = {}
        for entry in manifest["files"]:
            match entry:
                case {"path": str(path), "bytes": int(size), "sha256": str(digest)}:
                    listed[path] = (size, digest)
                case _:
                    raise ValueError("not an entry of a manifest")
        return listed, files[MANIFEST] == json_bytes(sealed(manifest))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _Stop(MANIFEST, Finding.CHANGED) from None
