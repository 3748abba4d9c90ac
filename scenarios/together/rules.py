"""Who may write on a script and who may publish it. Pure."""

from datetime import datetime, timedelta

from scenario_app.kernel.errors import Conflict, Forbidden, NotFound

INVITATION_LIFE = timedelta(days=14)


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
