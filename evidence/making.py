"""Compile a pack in a process of its own, which gives way to everything else: `python -m evidence.making`.

A thread would share Python's lock with the loop, and every vote would wait for it a dozen times. Material and edition
go in by standard input, the zip comes out by standard output; nothing is written anywhere.
"""

import os
import pickle
import sys
from collections.abc import Callable

from gevent import subprocess

from evidence.exports import zip_bytes
from evidence.material import Material
from evidence.pack import Edition, compile_pack

GIVES_WAY = 10


class NotMade(Exception):
    """The process ended without a pack; what it had to say is in this one's log."""


def made_here(material: Material, edition: Edition) -> bytes:
    """Return the bytes of a pack."""
    return zip_bytes(compile_pack(material, edition))


def made_aside(material: Material, edition: Edition, *, meanwhile: Callable[[], object]) -> bytes:
    """Return the bytes of a pack, compiled in another process. `meanwhile` is called every ten seconds.

    :raises NotMade: it could not be compiled
    """
    child = subprocess.Popen(
        [sys.executable, "-m", "evidence.making"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    handed: bytes | None = pickle.dumps((material, edition))
    while True:
        try:
            made, _nothing = child.communicate(handed, timeout=10)
            break
        except subprocess.TimeoutExpired:
            handed = None  # it is on its way already
            try:
                meanwhile()
            except BaseException:
                child.kill()  # nobody waits for it any more
                raise
    if child.returncode != 0:
        raise NotMade(f"ended with {child.returncode}")
    return bytes(made)


def main() -> None:
    """Read what a pack is made of, write its bytes. What is read comes from the process that began this one alone."""
    os.nice(GIVES_WAY)
    material, edition = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own parent wrote it
    sys.stdout.buffer.write(made_here(material, edition))


if __name__ == "__main__":
    main()
