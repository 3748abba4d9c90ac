"""Read a zip from any bytes at all, by rules so few that static/js/verify_zip.js can follow them to the letter.

Entries are what the central directory names; each must have its local header with the same name, be stored or
deflated, and give exactly as many bytes as it claims. No encryption, no zip64: no pack has them.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

_END = struct.Struct("<4s4H2LH")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_FARTHEST_END = 65_535 + _END.size
_STORED, _DEFLATED = 0, 8
_ENCRYPTED_OR_PATCHED = 0x61
# What no name of a pack holds and what could change how a line is read: controls, line and direction marks.
_NEVER_IN_NAMES = frozenset(
    chr(code)
    for first, last in (
        (0, 31),
        (127, 159),
        (0x200E, 0x200F),
        (0x2028, 0x202E),
        (0x2066, 0x2069),
        (0xFEFF, 0xFEFF),
    )
    for code in range(first, last + 1)
)


class NoZip(ValueError):
    """These bytes are no zip that can be read."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the central directory says of one file. `size` is as claimed."""

    name: str
    stays_inside: bool
    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    at: int


def entries_in(pack: bytes) -> Iterator[Entry]:
    """Yield the entries in the order of the central directory. Reads nothing of what they hold.

    :raises NoZip: there is no central directory, or it is damaged
    """
    end = pack.rfind(b"PK\5\6", max(0, len(pack) - _FARTHEST_END))
    if end < 0 or end + _END.size > len(pack):
        raise NoZip
    length, offset = _END.unpack_from(pack, end)[5:7]
    place = end - length
    # Bytes before the zip move everything by as much.
    moved = place - offset
    if place < 0 or moved < 0:
        raise NoZip
    while place < end:
        if place + _CENTRAL.size > end:
            raise NoZip
        (magic, _, _, flags, method, _, _, crc, packed, size, named, extra, remark, _, _, _, at) = (
            _CENTRAL.unpack_from(pack, place)
        )
        after_name = place + _CENTRAL.size + named
        following = after_name + extra + remark
        if magic != b"PK\1\2" or following > end:
            raise NoZip
        raw_name = pack[place + _CENTRAL.size : after_name]
        name, readable = _name(raw_name)
        yield Entry(name, readable, raw_name, flags, method, crc, packed, size, at + moved)
        place = following


def content_of(pack: bytes, entry: Entry) -> bytes | None:
    """Return what an entry holds, or None when it is damaged or packed in a way that packs are not."""
    if entry.flags & _ENCRYPTED_OR_PATCHED or entry.at + _LOCAL.size > len(pack):
        return None
    magic, *_, named, extra = _LOCAL.unpack_from(pack, entry.at)
    start = entry.at + _LOCAL.size
    if magic != b"PK\3\4" or pack[start : start + named] != entry.raw_name:
        return None
    start += named + extra
    if start + entry.packed > len(pack):
        return None
    content = _unpacked(pack[start : start + entry.packed], entry)
    return content if content is not None and zlib.crc32(content) == entry.crc else None


def _unpacked(packed: bytes, entry: Entry) -> bytes | None:
    if entry.method == _STORED:
        return packed if len(packed) == entry.size else None
    if entry.method != _DEFLATED:
        return None
    inflating = zlib.decompressobj(-15)
    try:
        # One byte more than it claims: enough to see that it lies, and no bomb goes off.
        content = inflating.decompress(packed, entry.size + 1)
    except zlib.error:
        return None
    whole = inflating.eof and not inflating.unused_data and not inflating.unconsumed_tail
    return content if whole and len(content) == entry.size else None


def _name(raw: bytes) -> tuple[str, bool]:
    """Return a name, and whether it stays inside the pack and is written as one is.

    >>> _name(b"tables/results.csv"), _name(b"../x"), _name(b"\\xff")
    (('tables/results.csv', True), ('../x', False), ('ÿ', False))
    """
    try:
        name = raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1"), False
    parts = name.split("/")
    plain = not {"", ".", ".."} & set(parts) and "\\" not in name and ":" not in name
    return name, plain and not _NEVER_IN_NAMES & set(name)
