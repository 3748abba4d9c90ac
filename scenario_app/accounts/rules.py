"""What duties there are, and how long a sign-in lasts."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from scenario_app.kernel.errors import Invalid

CODE_LIFE = timedelta(minutes=15)
IDLE_LIFE = timedelta(minutes=30)
WHOLE_LIFE = timedelta(hours=8)
# Good at the same time for one account: five guesses at twenty codes of a million are one in ten thousand.
MOST_CODES = 20
FAILURES_ALLOWED = 5
FAILURES_WINDOW = timedelta(minutes=15)


class Duty(StrEnum):
    """What an account may do. (A *role* is how somebody of the audience describes themselves.)"""

    FACILITATOR = "facilitator"
    MODERATOR = "moderator"
    CO_WRITER = "co-writer"
    STEWARD = "steward"
    COMMISSIONER = "commissioner"
    OWNER = "owner"


class UnknownDuty(Invalid):
    """No duty has this name."""

    code = "unknown_duty"


def duties_from(names: Iterable[str]) -> frozenset[Duty]:
    """Return duties by their names.

    >>> sorted(duties_from(["steward", "owner"]))
    [<Duty.OWNER: 'owner'>, <Duty.STEWARD: 'steward'>]

    :raises UnknownDuty: a name that is no duty, with the ones there are
    """
    known = {duty.value: duty for duty in Duty}
    found = list(names)
    for name in found:
        if name not in known:
            raise UnknownDuty(found=name, expected=", ".join(known))
    return frozenset(known[name] for name in found)


def still_signed_in(*, since: datetime, seen_at: datetime, now: datetime) -> bool:
    """Say whether a sign-in holds: 30 minutes without a page, 8 hours at most."""
    return now - seen_at <= IDLE_LIFE and now - since <= WHOLE_LIFE


def may_try(failures: int, failing_since: datetime | None, now: datetime) -> bool:
    """Say whether an account may try another code: 5 wrong ones in 15 minutes end it for that time."""
    if failing_since is None or now - failing_since > FAILURES_WINDOW:
        return True
    return failures < FAILURES_ALLOWED
