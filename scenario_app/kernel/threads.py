"""Work that would stop every phone if it were done on the loop: it is done in a real thread, and waited for."""

from collections.abc import Callable
from typing import TypeVar

import gevent

T = TypeVar("T")


def off_the_loop(work: Callable[[], T]) -> T:
    """Do some work in a thread and return what it returned, or raise what it raised. Other greenlets go on.

    For what waits for the database. What computes for long shares Python's lock with the loop even so.
    """

    def caught() -> tuple[T, None] | tuple[None, Exception]:
        # What a pool's thread raises it also prints; here it is handed over, and raised where it is waited for.
        try:
            return work(), None
        except Exception as problem:  # noqa: BLE001 - raised again on the loop
            return None, problem

    outcome: tuple[T, None] | tuple[None, Exception] = gevent.get_hub().threadpool.apply(caught)
    if outcome[1] is not None:
        raise outcome[1]
    return outcome[0]
