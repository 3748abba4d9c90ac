"""Compute in a process of its own, which gives way to everything else: `python -m scenario_app.kernel.aside`.

A thread would share Python's lock with the loop, and every vote would wait for it a dozen times. What is to be done
goes in by standard input, bytes come out by standard output; nothing is written anywhere.
"""

import os
import pickle
import sys
from collections.abc import Callable
from typing import ParamSpec

from gevent import subprocess

GIVES_WAY = 10
P = ParamSpec("P")


class NotDone(Exception):
    """The process ended without a result; what it had to say is in this one's log."""


def aside(work: Callable[P, bytes], meanwhile: Callable[[], object] = bool) -> Callable[P, bytes]:
    """Return a function that does the same work in another process. `meanwhile` is called every ten seconds.

    The work is a module's function; what it takes is handed over with it. An import of what it needs comes first:
    some tenths of a second. What `meanwhile` raises ends the process, and is raised.

    :raises NotDone: when it is called, if the process failed
    """

    def done_aside(*args: P.args, **kwargs: P.kwargs) -> bytes:
        handed: bytes | None = pickle.dumps((work, args, kwargs))
        command = [sys.executable, "-m", __name__]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
            try:
                while True:
                    try:
                        done, _nothing = child.communicate(handed, timeout=10)
                        break
                    except subprocess.TimeoutExpired:
                        handed = None  # it is on its way already
                        meanwhile()
            except BaseException:
                child.kill()  # nobody waits for it any more
                raise
        if child.returncode != 0:
            raise NotDone(f"ended with {child.returncode}")
        return bytes(done)

    return done_aside


def main() -> None:
    """Read what to do, write what comes of it. What is read comes from the process that began this one alone."""
    os.nice(GIVES_WAY)
    work, args, kwargs = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own parent wrote it
    sys.stdout.buffer.write(work(*args, **kwargs))


if __name__ == "__main__":
    main()
