"""Who may write on a script and who may publish it. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from scenario_app.kernel.errors import Conflict, DomainError, Forbidden, NotFound

INVITATION_LIFE = timedelta(days=14)
MOST_AN_HOUR = 10


class NoSuchInvitation(NotFound):
    """No invitation has this link, or it has been used, taken back, or has run out."""

    code = "no_such_invitation"


class SecondPersonWanted(Forbidden):
    """What was woven from somebody's story goes to a screen only when a second person has read these very words."""

    code = "second_person_wanted"


class NotForThisUse(Conflict):
    """The story is not approved as it stands, or its teller has not allowed it to be performed."""

    code = "not_for_this_use"


def check_invitation(
    *, expires_at: datetime, used_at: datetime | None, taken_back_at: datetime | None, now: datetime
) -> None:
    """Refuse an invitation that is no longer good: each is for one person, for 14 days.

    :raises NoSuchInvitation: used, taken back or too old; which of them is told to nobody
    """
    if used_at is not None or taken_back_at is not None or now >= expires_at:
        raise NoSuchInvitation


def check_second_person(*, woven: bool, saved_by: int, published_by: int) -> None:
    """Refuse that who wrote last puts a script woven from stories on the screen alone.

    >>> check_second_person(woven=True, saved_by=1, published_by=2)
    >>> check_second_person(woven=False, saved_by=1, published_by=1)

    :raises SecondPersonWanted: one person would do both
    """
    if woven and saved_by == published_by:
        raise SecondPersonWanted


class Sense(StrEnum):
    """What a reader may say of a scenario."""

    HERE = "here"
    NOT_HERE = "not_here"
    DIFFERENTLY = "differently"


class NoSuchSuggestion(NotFound):
    """The script has no such suggestion, or it was settled before."""

    code = "no_such_suggestion"


class PassageNotFound(Conflict):
    """The passage does not stand in the script exactly once; nothing was changed."""

    code = "passage_not_found"


class NoSuchSenseCheck(NotFound):
    """There is no such line of a reader, or it is another one now."""

    code = "no_such_sense_check"


class TooManySenseChecks(DomainError):
    """One browser has said very much in an hour; later it may say more."""

    code = "rate"
    status = 429


def check_passage(text: str, passage: str) -> None:
    """Refuse a passage that a script does not hold exactly once.

    :raises PassageNotFound: not there, or more than once, or empty

    >>> check_passage("one two", "two")
    """
    found = text.count(passage) if passage.strip() else 0
    if found != 1:
        raise PassageNotFound(found=found, expected=1)


def check_sense_pace(said: Sequence[datetime], *, now: datetime) -> None:
    """Refuse an eleventh word of one browser within an hour.

    :raises TooManySenseChecks: there were ten
    """
    if sum(now - moment < timedelta(hours=1) for moment in said) >= MOST_AN_HOUR:
        raise TooManySenseChecks(most=MOST_AN_HOUR)
