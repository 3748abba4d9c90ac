"""What must be there before a door opens. Values in, reasons out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from scenario_app.kernel.errors import Conflict

LEAST_FREE_BYTES: Final = 500_000_000
# No clock that is right says an earlier year; and none goes back by more than an hour while an event is prepared.
BUILT_IN: Final = 2026
MOST_BACK: Final = timedelta(hours=1)


class Lacking(StrEnum):
    """What can keep a door shut."""

    DECISION_STATEMENT = "decision_statement"
    SCRIPT = "script"
    HELP_NUMBERS = "help_numbers"
    SUPPORTER = "supporter"
    DISK = "disk"
    CLOCK = "clock"


class NotReady(Conflict):
    """Something that people need is not there yet; `reasons` says what."""

    code = "not_ready"

    def __init__(self, reasons: "Sequence[Lacking]") -> None:
        super().__init__(reasons=[reason.value for reason in reasons])
        self.reasons = tuple(reasons)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the house knows of itself: room on its disk, and whether it says whom to ring where it stands."""

    free_bytes: int
    help_numbers: bool


# Where nobody asks the house: in services alone.
AMPLE: Final = Surroundings(free_bytes=LEAST_FREE_BYTES, help_numbers=True)


@dataclass(frozen=True, slots=True)
class Prepared:
    """How far an event is prepared. `broken_scripts` are titles; `newest` is when it last changed."""

    decision_statement: str
    supporter: str
    broken_scripts: Sequence[str]
    newest: datetime


def lacking(prepared: Prepared, around: Surroundings, *, now: datetime) -> tuple[Lacking, ...]:
    """Return what is missing, in the order in which it is looked at.

    >>> from datetime import UTC
    >>> ten = datetime(2026, 3, 2, 10, tzinfo=UTC)
    >>> lacking(Prepared("The board decides.", "Stella Marsh", (), newest=ten), AMPLE, now=ten)
    ()
    >>> bare = Prepared(" ", "", ("Two doors",), newest=ten)
    >>> [str(one) for one in lacking(bare, Surroundings(1, help_numbers=False), now=ten - timedelta(hours=2))]
    ['decision_statement', 'script', 'help_numbers', 'supporter', 'disk', 'clock']
    """
    wrong = {
        Lacking.DECISION_STATEMENT: not prepared.decision_statement.strip(),
        Lacking.SCRIPT: bool(prepared.broken_scripts),
        Lacking.HELP_NUMBERS: not around.help_numbers,
        Lacking.SUPPORTER: not prepared.supporter.strip(),
        Lacking.DISK: around.free_bytes < LEAST_FREE_BYTES,
        Lacking.CLOCK: now.year < BUILT_IN or now < prepared.newest - MOST_BACK,
    }
    return tuple(reason for reason, is_wrong in wrong.items() if is_wrong)
