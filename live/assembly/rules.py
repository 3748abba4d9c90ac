"""What a proposal and a promise need before anybody is held to them: values in, values or refusals out."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from scenario_app.kernel.errors import Conflict, Invalid, NotFound
from scenario_app.kernel.typed import one_line

LONGEST_WORDING = 500
MOST_YEARS = 50


class ProposalState(StrEnum):
    """Where a proposal stands."""

    OPEN = "open"
    ADOPTED = "adopted"
    NOT_ADOPTED = "not_adopted"
    WITHDRAWN = "withdrawn"


class PublicQuestion(StrEnum):
    """The four questions that are answered in public before a proposal is voted on."""

    HEARD_BEFORE = "heard_before"
    EXCITES = "excites"
    WORRIES = "worries"
    STEPS = "steps"


class UnknownProposal(NotFound):
    """The section has no such proposal."""

    code = "unknown_proposal"


class ProposalSettled(Conflict):
    """The proposal was voted on or withdrawn: its words are what they were."""

    code = "proposal_settled"


@dataclass(frozen=True, slots=True)
class Promise:
    """What was promised, with owner and day; or what is not promised, and why."""

    promised: bool
    what: str
    owner: str
    due: date | None
    why: str


def check_wording(words: str) -> str:
    """Return the words of a proposal, trimmed.

    >>> check_wording("  A quiet room   at the station ")
    'A quiet room at the station'

    :raises Invalid: empty, or over 500 characters
    """
    clean = one_line(words)
    if not 1 <= len(clean) <= LONGEST_WORDING:
        raise Invalid(field="wording", found=f"{len(clean)} characters", expected="1 to 500 characters")
    return clean


def is_too_far(day: date, *, today: date) -> bool:
    """Say whether a day is more than 50 years from today: a slip of the finger, and of no use to anybody waiting.

    >>> is_too_far(date(2076, 11, 23), today=date(2026, 11, 23)), is_too_far(date.max, today=date(2026, 11, 23))
    (False, True)
    """
    return (day.year - MOST_YEARS, day.month, day.day) > (today.year, today.month, today.day)


def check_promise(
    *, promised: bool, what: str, owner: str | None, due: date | None, why: str | None, today: date
) -> Promise:
    """Return a promise that somebody can be held to, or a refusal that says why it is none.

    >>> made = date(2026, 11, 23)
    >>> day = date(2027, 3, 1)
    >>> check_promise(promised=True, what="A quiet room", owner="Cleo", due=day, why=None, today=made).owner
    'Cleo'
    >>> check_promise(promised=True, what="A quiet room", owner=" ", due=day, why=None, today=made)
    ... # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    scenario_app.kernel.errors.Invalid: ('invalid', {'field': 'owner', ...})
    >>> check_promise(promised=True, what="A quiet room", owner="Cleo", due=date.max, why=None, today=made)
    ... # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    scenario_app.kernel.errors.Invalid: ('invalid', {'field': 'due', ... 'expected': 'a day within 50 years'})

    :raises Invalid: a promise without owner or day, with a day gone by or after 50 years; a refusal without a reason
    """
    clean = check_wording(what)
    who, because = one_line(owner or ""), one_line(why or "")
    if not promised:
        if not because:
            raise Invalid(field="why", found="nothing", expected="why it is not promised")
        return Promise(False, clean, "", None, because)
    if not who:
        raise Invalid(field="owner", found="nothing", expected="who will do it")
    if due is None:
        raise Invalid(field="due", found="nothing", expected="by which day")
    if due < today:
        raise Invalid(field="due", found=due.isoformat(), expected="a day to come")
    if is_too_far(due, today=today):
        raise Invalid(field="due", found=due.isoformat(), expected=f"a day within {MOST_YEARS} years")
    return Promise(True, clean, who, due, because)
