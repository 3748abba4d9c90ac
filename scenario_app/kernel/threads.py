"""Work that would stop every phone if it were done on the loop: it is done in a real thread, and waited for."""

from collections.abc import Callable
from typing import TypeVar

import gevent

T = TypeVar("T")


def off_the_loop(
    work: Callable[[], T], *, meanwhile: Callable[[], object] | None = None, every: float = 10.0
) -> T:
    """Do some work in a thread and return what it returned, or raise what it raised. Other greenlets go on.

    `meanwhile` is called every so many seconds while it lasts.
    """

    def caught() -> tuple[T, None] | tuple[None, Exception]:
        # What a pool's thread raises it also prints; here it is handed over, and raised where it is waited for.
        try:
            return work(), None
        except Exception as problem:  # noqa: BLE001 - raised again on the loop
            return None, problem

    running = gevent.get_hub().threadpool.spawn(caught)
    while meanwhile is not None and not running.ready():
        running.wait(every)
        if not running.ready():
            meanwhile()
    outcome: tuple[T, None] | tuple[None, Exception] | None = running.get()
    assert outcome is not None  # it is what `caught` returned
    if outcome[1] is not None:
        raise outcome[1]
    return outcome[0]
