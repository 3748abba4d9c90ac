"""The only reader of the wall clock. Everything else is handed `now`."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return this moment, timezone-aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the one place that may
