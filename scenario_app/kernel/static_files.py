"""Static files under an address that holds the hash of the whole tree: kept for ever, never stale."""

import gzip
import hashlib
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from whitenoise import WhiteNoise

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_COMPRESSIBLE = {".css", ".js", ".svg", ".txt", ".json"}
YEAR_SECONDS = 31_536_000


class StaticFiles:
    """The files of one folder, pre-compressed and served at `/static/<hash of the tree>/...`."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder = folder
        self.digest = _digest_of(folder)
        self._ready = _prepare(folder, cache / self.digest)

    def address(self, name: str) -> str:
        """Return the address of a file.

        :raises FileNotFoundError: there is no such file: a wrong name in a template is found at once
        """
        if not (self.folder / name).is_file():
            raise FileNotFoundError(name)
        return f"/static/{self.digest}/{name}"

    def serve(self, inner: "WSGIApplication") -> WhiteNoise:
        """Return the application with these files in front of it."""
        layer = WhiteNoise(inner, max_age=YEAR_SECONDS, allow_all_origins=False, immutable_file_test=_always)
        layer.add_files(str(self._ready), prefix=f"static/{self.digest}/")
        return layer


def _always(_path: str, _url: str) -> bool:
    return True


def _files(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _digest_of(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in _files(folder):
        digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _prepare(folder: Path, target: Path) -> Path:
    """Copy the tree beside the data, with a compressed twin of each text file. Done once per tree."""
    if target.exists():
        return target
    aside = target.with_name(f"{target.name}.{secrets.token_hex(8)}.new")
    shutil.copytree(folder, aside)
    for path in _files(aside):
        if path.suffix in _COMPRESSIBLE:
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
    try:
        aside.rename(target)
    except OSError:  # another process was quicker: its copy is the same
        shutil.rmtree(aside)
    return target
