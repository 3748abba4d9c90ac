"""Logs: one JSON line each, on standard error, without personal data.

There is no access log: an address, a code or a secret never reaches a line.
"""

import logging
import sys

import structlog
from structlog.tracebacks import ExceptionDictTransformer


def set_up_logs(level: str) -> None:
    """Send every logger's lines of at least `level` to standard error as JSON."""
    shared: list[structlog.types.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(allow={"bug", "room", "count", "reason", "look", "job"}),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # never the local variables, which hold what people typed, codes and secrets
        structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(sort_keys=True),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in ("engineio", "socketio", "geventwebsocket", "alembic", "werkzeug"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
