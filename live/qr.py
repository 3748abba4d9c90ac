"""A QR code as numbers for an inline SVG: no picture file, no other site."""

from dataclasses import dataclass

import segno


@dataclass(frozen=True, slots=True)
class QrCode:
    """`path` is SVG path data in modules; `size` is the width in modules, quiet zone left out."""

    path: str
    size: int
    address: str


def qr_code(address: str) -> QrCode:
    """Return the QR code of an address, with medium error correction: readable with a corner in shadow.

    >>> qr_code("http://localhost/join/KTM4RW").size
    29
    """
    code = segno.make(address, error="m", micro=False)
    rows = [list(row) for row in code.matrix]
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return QrCode(path=path, size=len(rows), address=address)
