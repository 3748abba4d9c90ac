"""Check a pack without a network: is every file what the manifest says, is there nothing else, and who signed it?

Takes any bytes at all and never raises: what cannot be read is a difference too. static/js/verify_pack.js does the
same in a browser, by the same rules and with the same names.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from evidence.exports import zip_bytes
from evidence.pack import AUDIT_CHAIN, MANIFEST, SIGNATURE
from evidence.signing import fingerprint_of, is_signed
from evidence.zip_reader import Entry, NoZip, content_of, entries_in

MOST_BYTES = 256 * 1024 * 1024
MOST_FILES = 2_000
WHOLE_FILE = "(the zip itself)"

AUDIT_HEAD = "(audit head)"
LEAST_OF_A_HEAD = 16
_MOST_NESTED = 100
_SEAL = re.compile(rb',\n  "sha256": "([0-9a-f]{64})"\n\}\n\Z')


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
    FORGED = "forged"
    OTHER_KEY = "other_key"
    OTHER_HISTORY = "other_history"


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
    Finding.FORGED: "is not the signature of this manifest.json by the key that it names",
    Finding.OTHER_KEY: "was made with another key than the one you gave",
    Finding.OTHER_HISTORY: "is not in this pack: what was recorded up to it was changed, or it is another event's",
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


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check came to. `signed_by` is the public key (hex) whose signature holds, or empty."""

    differences: tuple[Difference, ...]
    signed_by: str = ""

    @property
    def fingerprint(self) -> str:
        """Return the fingerprint of the key that signed, or nothing."""
        return fingerprint_of(self.signed_by) if self.signed_by else ""


def differences_in(pack: bytes) -> tuple[Difference, ...]:
    """Return what is not as published, by path; nothing when the pack is intact."""
    return check(pack).differences


def check(pack: bytes, *, key: str = "", audit_head: str = "") -> Checked:
    """Return what is not as published, by path, and whose signature holds.

    `key`, a public key in hex, must be the one that signed. `audit_head`, of 16 hex digits or more, must be a head
    of the event's audit chain. Without a key a pack vouches for itself alone: whoever changes a pack can sign it
    anew, or leave it unsigned as packs once were. Against both stands what is on the site.
    """
    try:
        files, damaged = _unzipped(pack)
        listed, manifest = _read_manifest(files, damaged)
    except _Stop as stop:
        return Checked((stop.difference,))
    found = set(damaged)
    named = {difference.path for difference in damaged}
    vouched = _is_sealed(files[MANIFEST])
    if not vouched:
        found.add(Difference(MANIFEST, Finding.CHANGED))
    for path, (size, digest) in listed.items():
        if path in files:
            if len(files[path]) != size or hashlib.sha256(files[path]).hexdigest() != digest:
                found.add(Difference(path, Finding.CHANGED))
        elif path not in named:
            found.add(Difference(path, Finding.MISSING))
    found.update(
        Difference(path, Finding.ADDED) for path in files.keys() - listed.keys() - {MANIFEST, SIGNATURE}
    )
    signer = _signer_in(manifest)
    signature = _signature(files, named, signer, key, vouched)
    found.update(signature)
    if audit_head and not _in_chain(files, manifest, audit_head):
        found.add(Difference(AUDIT_HEAD, Finding.OTHER_HISTORY))
    order = [*listed, MANIFEST, *([SIGNATURE] if SIGNATURE in files else [])]
    if not found and pack != zip_bytes({path: files[path] for path in order}):
        found.add(Difference(WHOLE_FILE, Finding.REWRAPPED))
    holds = signer and vouched and not any(each.path == SIGNATURE for each in found)
    return Checked(tuple(sorted(found)), signer if holds else "")


def _signature(
    files: Mapping[str, bytes], named: set[str], signer: str, key: str, vouched: bool
) -> set[Difference]:
    if SIGNATURE not in files:
        wanted = (signer or key) and SIGNATURE not in named
        return {Difference(SIGNATURE, Finding.MISSING)} if wanted else set()
    if not signer:
        return {Difference(SIGNATURE, Finding.ADDED)}
    found = set()
    # A manifest that does not fit its own seal was accused already, and fits no signature either.
    if vouched and not is_signed(signer, files[MANIFEST], files[SIGNATURE]):
        found.add(Difference(SIGNATURE, Finding.FORGED))
    if key and key != signer:
        found.add(Difference(SIGNATURE, Finding.OTHER_KEY))
    return found


def _unzipped(pack: bytes) -> tuple[dict[str, bytes], list[Difference]]:
    """Return what could be read, and a difference for each entry that could not."""
    if len(pack) > MOST_BYTES:
        raise _Stop(WHOLE_FILE, Finding.TOO_LARGE)
    entries: list[Entry] = []
    try:
        for entry in entries_in(pack):
            if len(entries) == MOST_FILES:
                raise _Stop(WHOLE_FILE, Finding.TOO_LARGE)
            entries.append(entry)
    except NoZip:
        raise _Stop(WHOLE_FILE, Finding.NO_PACK) from None
    # Before anything is unpacked: a bomb says how large it is, and what it does not say is never read.
    if sum(entry.size for entry in entries) > MOST_BYTES:
        raise _Stop(WHOLE_FILE, Finding.TOO_LARGE)
    damaged = [
        Difference(name, Finding.TWICE)
        for name, times in Counter(entry.name for entry in entries).items()
        if times > 1
    ]
    files: dict[str, bytes] = {}
    for entry in entries:
        if not entry.stays_inside:
            damaged.append(Difference(entry.name, Finding.BAD_NAME))
        elif (content := content_of(pack, entry)) is None:
            damaged.append(Difference(entry.name, Finding.UNREADABLE))
        else:
            files[entry.name] = content
    return files, damaged


def _is_sealed(manifest: bytes) -> bool:
    """Say whether a manifest's last line is the digest of all that stands before it; see `evidence.pack.sealed`."""
    seal = _SEAL.search(manifest)
    return (
        seal is not None
        and hashlib.sha256(manifest[: seal.start()] + b"\n}\n").hexdigest() == seal[1].decode()
    )


def _read_manifest(
    files: Mapping[str, bytes], damaged: list[Difference]
) -> tuple[dict[str, tuple[int, str]], Mapping[str, object]]:
    """Return size and digest by path, and all that the manifest says."""
    if MANIFEST not in files:
        unreadable = any(difference.path == MANIFEST for difference in damaged)
        raise _Stop(*((MANIFEST, Finding.UNREADABLE) if unreadable else (WHOLE_FILE, Finding.NO_PACK)))
    try:
        manifest = _plain_json(files[MANIFEST])
        listed = {}
        if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), list):
            raise ValueError("no manifest")
        for entry in manifest["files"]:
            match entry:
                case {"path": str(path), "bytes": float(size), "sha256": str(digest)} if size.is_integer():
                    listed[path] = (int(size), digest)
                case _:
                    raise ValueError("not an entry of a manifest")
        if "signed_by" in manifest and not _signer_in(manifest):
            raise ValueError("signed by nobody")
        return listed, manifest
    except (ValueError, RecursionError):
        raise _Stop(MANIFEST, Finding.CHANGED) from None


def _plain_json(data: bytes) -> object:
    """Return JSON as a browser reads it: numbers are floats, `NaN` is none, and nothing is nested without end."""
    text = data.decode()
    depth = 0
    for bracket in re.findall(r"[\[\]{}]", text):
        depth += 1 if bracket in "[{" else -1
        if depth > _MOST_NESTED:
            raise ValueError("nested deeper than any manifest")
    return json.loads(text, parse_int=float, parse_constant=_no_number)


def _no_number(name: str) -> object:
    raise ValueError(name)


def _signer_in(manifest: Mapping[str, object]) -> str:
    """Return the public key that a manifest names, or nothing."""
    match manifest.get("signed_by"):
        case {"algorithm": "Ed25519", "public_key": str(key), "fingerprint": str(fingerprint)}:
            known = re.fullmatch("[0-9a-f]{64}", key) and fingerprint_of(key) == fingerprint
            return key if known else ""
    return ""


def _in_chain(files: Mapping[str, bytes], manifest: Mapping[str, object], head: str) -> bool:
    wanted = head.encode()
    match manifest.get("audit"):
        case {"sha256": str(newest)} if newest.encode("utf-8", "replace").startswith(wanted):
            return True
    lines = files.get(AUDIT_CHAIN, b"").split(b"\n")
    return any(line.partition(b" ")[2].startswith(wanted) for line in lines)
