"""The server on a clock that is set forth and back: a file in DATA_DIR says by how many seconds."""

from gevent import monkey

monkey.patch_all()

import os  # noqa: E402
import time  # noqa: E402
from datetime import UTC, datetime  # noqa: E402
from pathlib import Path  # noqa: E402

from scenario_app.kernel import clock  # noqa: E402

FILE = Path(os.environ["DATA_DIR"]) / "clock"
right = time.time


def shown() -> float:
    """Return what the clock on the wall shows."""
    try:
        return right() + float(FILE.read_text() or 0)
    except FileNotFoundError:
        return right()


# What is older than this module took a name of its own from `clock`; nothing of the application has yet.
time.time = shown
clock.utc_now = lambda: datetime.fromtimestamp(shown(), UTC)

from scenario_app.wsgi import main  # noqa: E402

if __name__ == "__main__":
    main()
