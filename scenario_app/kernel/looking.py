"""Look again and again, for as long as the process lives; nothing that goes wrong in one look ends the looking."""

import logging
from collections.abc import Callable

import gevent

from scenario_app.kernel.database import StorageUnavailable

log = logging.getLogger(__name__)


def quietly(look: Callable[..., object], *args: object) -> None:
    """Look once; what goes wrong is logged, without a word of what was looked at, and left to the next look.

    >>> quietly(print, "looked")
    looked
    """
    try:
        look(*args)
    except StorageUnavailable:
        log.warning("storage gave no answer; looking again in a while", extra={"look": _name_of(look)})
    except Exception as problem:
        log.exception("a look failed", extra={"bug": type(problem).__name__, "look": _name_of(look)})


def look_every(seconds: float, look: Callable[[], object]) -> "gevent.Greenlet[..., None]":
    """Look now and every so many seconds, in a greenlet of its own, which is returned. Ends when it is killed."""

    def for_ever() -> None:
        while True:
            quietly(look)
            gevent.sleep(seconds)

    return gevent.spawn(for_ever)


def _name_of(look: Callable[..., object]) -> str:
    return getattr(look, "__qualname__", type(look).__name__)
