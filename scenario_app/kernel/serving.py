"""Serve the application from one process: listen, keep no access log, leave within two seconds when told to."""

import errno
import gc
import logging
import resource
import signal
import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import gevent
from gevent import pywsgi
from gevent.event import Event
from gevent.pool import Pool

from scenario_app.kernel.config import BadSetting
from scenario_app.kernel.transport import Engine

if TYPE_CHECKING:
    from types import TracebackType

    from _typeshed.wsgi import WSGIApplication

log = logging.getLogger(__name__)

# How long somebody may take to say what they want, and to take what they asked for.
REQUEST_SECONDS = 20
RESPONSE_SECONDS = 300
LEAVE_SECONDS = 1.6
BACKLOG = 4096
# Besides one descriptor for each phone: database, logs, pages being fetched.
SPARE_FILES = 512
# The phones of a full section (its facilitator's limit unless raised), and as many again coming back.
EXPECTED_PHONES = 4_000


class _Handler(pywsgi.WSGIHandler):
    """pywsgi's handler, bounded in time, with no access log: an address never reaches a line."""

    def handle(self) -> None:
        self.socket.settimeout(REQUEST_SECONDS)
        super().handle()

    def handle_one_response(self) -> None:
        self.socket.settimeout(RESPONSE_SECONDS)
        super().handle_one_response()
        self.socket.settimeout(REQUEST_SECONDS)

    def log_request(self) -> None:
        pass

    def handle_error(
        self, t: type[BaseException] | None, v: BaseException | None, tb: "TracebackType | None"
    ) -> None:
        if isinstance(v, OSError):  # they hung up or were too slow: nothing of ours failed
            self.close_connection = True
            return
        super().handle_error(t, v, tb)

    def _handle_client_error(self, problem: Exception) -> Any:
        # pywsgi would print a traceback for a client that hangs up in the middle of its headers.
        return None if isinstance(problem, OSError) else super()._handle_client_error(problem)  # type: ignore[misc]


def listen(host: str, port: int) -> socket.socket:
    """Open the port.

    :raises BadSetting: it is taken, or this machine has no such address
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener: socket.socket = gevent.socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as problem:
        listener.close()
        if problem.errno == errno.EADDRINUSE:
            raise BadSetting("PORT", f"{port}, which another program is using", "a free port") from None
        if problem.errno == errno.EACCES:
            raise BadSetting("PORT", f"{port}, which needs more rights", "a port from 1024") from None
        raise BadSetting("HOST", repr(host), "an address of this machine") from None
    return listener


def serve(
    application: "WSGIApplication",
    listener: socket.socket,
    engine: Engine,
    *,
    started: Callable[[], None] = lambda: None,
    leaving: Callable[[], None] = lambda: None,
) -> None:
    """Serve until SIGTERM or SIGINT, then leave within two seconds.

    `started` is called when the port answers. `leaving` is called when nobody new is let in any more: it
    finishes what was accepted (the ballot box), while connections still stand to carry the answers.
    """
    told = Event()
    handlers = [gevent.signal_handler(number, told.set) for number in (signal.SIGTERM, signal.SIGINT)]
    requests = Pool()
    server = pywsgi.WSGIServer(listener, application, log=None, spawn=requests, handler_class=_Handler)
    server.start()
    settle_in()
    started()
    told.wait()
    until = time.monotonic() + LEAVE_SECONDS
    engine.draining = True
    server.close()
    gevent.with_timeout(LEAVE_SECONDS / 2, leaving, timeout_value=None)
    engine.drain(until - time.monotonic() - 0.1)
    requests.kill(timeout=0.1)
    for handler in handlers:
        handler.cancel()


def settle_in() -> None:
    """Do what a serving process does once, after start-up: raise its open files, tune its collector."""
    if (warning := raise_open_files(EXPECTED_PHONES)) is not None:
        log.warning(warning)
    tune_collector()


def tune_collector() -> None:
    """Keep the garbage collector away from what lives as long as the process. Call once, after start-up.

    A full collection over ten thousand live connections stalls every phone; by the defaults it was a third
    of all time.
    """
    gc.collect()
    gc.freeze()
    # The young are looked at after ten thousand (a millisecond), the old almost never.
    gc.set_threshold(10_000, 50, 1_000)


def raise_open_files(phones: int) -> str | None:
    """Raise the soft limit of open files as far as it goes; return a sentence when that is too few for `phones`."""
    wanted = phones + SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else hard
    if soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    if most >= wanted:
        return None
    return (
        f"This system lets one program hold {most} open files, enough for about {max(0, most - SPARE_FILES)} phones; "
        f"{phones} are expected. Raise the limit (ulimit -n {wanted}) before the room fills."
    )
