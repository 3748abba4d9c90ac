"""What an official answer and an update of a promise need, which of them wait for a check, where a promise stands."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from urllib.parse import urlsplit

from live.assembly.rules import MOST_YEARS, is_too_far
from scenario_app.kernel.errors import Conflict, Forbidden, Invalid, NotFound

LONGEST_WORDS = 2000
LONGEST_NAME = 120
LONGEST_ADDRESS = 500


class Verdict(StrEnum):
    """What an official answer says of a proposal."""

    INFLUENCED = "influenced"
    NOT_CHANGED = "not_changed"


class Status(StrEnum):
    """What an update says of a promise."""

    UNDER_WAY = "under_way"
    DONE = "done"
    NOT_DONE = "not_done"


class Standing(StrEnum):
    """Where a promise stands on a day. The late ones come first wherever promises are listed."""

    OVERDUE = "overdue"
    UNDER_WAY = "under_way"
    PROMISED = "promised"
    DONE = "done"
    NOT_DONE = "not_done"


class NothingToAnswer(NotFound):
    """No closed event has this proposal or promise. Before it is closed, their words may still change."""

    code = "nothing_to_answer"


class NothingToCheck(Conflict):
    """This was checked already, or needs no check."""

    code = "nothing_to_check"


class OtherWords(Conflict):
    """These are not the words that were read."""

    code = "other_words"


class OwnClaim(Forbidden):
    """Whoever claims a change cannot check it."""

    code = "own_claim"


class NotPromised(Conflict):
    """This was not promised, so nothing can be said of its being done."""

    code = "not_promised"


class NoSuchClaim(NotFound):
    """There is no such answer or update."""

    code = "no_such_claim"


@dataclass(frozen=True, slots=True)
class Said:
    """What an update says, as it will stand."""

    status: Status
    words: str
    evidence_url: str
    new_day: date | None


def standing_of(*, due: date, said: Sequence[str], on: date) -> Standing:
    """Say where a promise stands on a day. `said`: the statuses of its updates that are shown, the first one first.

    A promise whose day has gone by is overdue, whatever is under way, until it is done and somebody checked that, or
    somebody says honestly that it will not be done. A claim that waits for a check is not in `said` and does not count.

    >>> day = date(2026, 10, 31)
    >>> standing_of(due=day, said=[], on=day), standing_of(due=day, said=[], on=date(2026, 11, 1))
    (<Standing.PROMISED: 'promised'>, <Standing.OVERDUE: 'overdue'>)
    >>> standing_of(due=day, said=["under_way"], on=day)
    <Standing.UNDER_WAY: 'under_way'>
    >>> standing_of(due=day, said=["under_way"], on=date(2026, 11, 1))
    <Standing.OVERDUE: 'overdue'>
    >>> standing_of(due=day, said=["under_way", "done"], on=date(2027, 11, 1))
    <Standing.DONE: 'done'>
    >>> standing_of(due=day, said=["not_done"], on=date(2027, 11, 1))
    <Standing.NOT_DONE: 'not_done'>

    What was done and is taken up again is no longer done:

    >>> standing_of(due=day, said=["done", "under_way"], on=date(2027, 11, 1))
    <Standing.OVERDUE: 'overdue'>
    """
    newest = Status(said[-1]) if said else None
    if newest is Status.DONE:
        return Standing.DONE
    if newest is Status.NOT_DONE:
        return Standing.NOT_DONE
    if due < on:
        return Standing.OVERDUE
    return Standing.UNDER_WAY if newest is Status.UNDER_WAY else Standing.PROMISED


def answer_waits(verdict: Verdict) -> bool:
    """Say whether an answer claims a change, and so waits for a moderator.

    >>> answer_waits(Verdict.INFLUENCED), answer_waits(Verdict.NOT_CHANGED)
    (True, False)
    """
    return verdict is Verdict.INFLUENCED


def update_waits(said: Said) -> bool:
    """Say whether an update claims a change or shows evidence, and so waits for a moderator.

    >>> update_waits(Said(Status.DONE, "", "", None)), update_waits(Said(Status.UNDER_WAY, "Begun", "", None))
    (True, False)
    >>> update_waits(Said(Status.UNDER_WAY, "Begun", "https://a.example/", None))
    True
    """
    return said.status is Status.DONE or bool(said.evidence_url)


def check_answer(*, verdict: str, because: str) -> tuple[Verdict, str]:
    """Return an answer that says something.

    >>> check_answer(verdict="not_changed", because=" The budget  is spent. ")
    (<Verdict.NOT_CHANGED: 'not_changed'>, 'The budget  is spent.')

    :raises Invalid: no verdict; no words, or over 2,000 characters
    """
    if verdict not in set(Verdict):
        raise Invalid(field="verdict", found=verdict[:40], expected=", ".join(Verdict))
    return Verdict(verdict), _words("because", because, needed=True)


def check_update(*, status: str, words: str, evidence_url: str, new_day: date | None, today: date) -> Said:
    """Return an update that says something: for *under way* and *not done* in words, for *done* also what shows it.

    >>> check_update(status="done", words="", evidence_url=" https://a.example/x ", new_day=None, today=date.min)
    Said(status=<Status.DONE: 'done'>, words='', evidence_url='https://a.example/x', new_day=None)
    >>> made = date(2026, 11, 23)
    >>> check_update(status="under_way", words="Late", evidence_url="", new_day=date.max, today=made)
    ... # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    scenario_app.kernel.errors.Invalid: ('invalid', {'field': 'new_day', ... 'expected': 'a day within 50 years'})

    :raises Invalid: no status; no words where they are needed; no address of the web; a new day that has gone by, or
        is more than 50 years away
    """
    if status not in set(Status):
        raise Invalid(field="status", found=status[:40], expected=", ".join(Status))
    clean, address = _words("words", words, needed=False), check_address(evidence_url)
    if not clean and not (status == Status.DONE and address):
        raise Invalid(field="words", found="nothing", expected="what is done, or why not")
    if new_day is not None and new_day < today:
        raise Invalid(field="new_day", found=new_day.isoformat(), expected="a day to come")
    if new_day is not None and is_too_far(new_day, today=today):
        raise Invalid(field="new_day", found=new_day.isoformat(), expected=f"a day within {MOST_YEARS} years")
    return Said(Status(status), clean, address, new_day if status == Status.UNDER_WAY else None)


def check_address(typed: str) -> str:
    """Return the address of a page on the web, or nothing where nothing was typed.

    >>> check_address("https://board.example/minutes?page=3"), check_address(" ")
    ('https://board.example/minutes?page=3', '')
    >>> check_address("javascript:alert(1)")
    Traceback (most recent call last):
    ...
    scenario_app.kernel.errors.Invalid: ('invalid', {'field': 'evidence_url', 'expected': 'https://...'})

    :raises Invalid: another scheme, no host, a name and password in it, spaces, or over 500 characters
    """
    clean = typed.strip()
    if not clean:
        return ""
    refusal = Invalid(field="evidence_url", expected="https://...")
    if len(clean) > LONGEST_ADDRESS or not clean.isprintable() or any(ch in clean for ch in ' "<>\\'):
        raise refusal
    try:
        parts = urlsplit(clean)
        host = parts.hostname
    except ValueError:
        raise refusal from None
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        raise refusal
    return clean


def check_name(typed: str) -> str:
    """Return the name and office that stand under an answer.

    >>> check_name("  Helen Marsh,   commissioner ")
    'Helen Marsh, commissioner'

    :raises Invalid: nothing, or over 120 characters
    """
    clean = " ".join(typed.split())
    if not 1 <= len(clean) <= LONGEST_NAME:
        raise Invalid(field="name", found=f"{len(clean)} characters", expected="1 to 120")
    return clean


def check_reason(typed: str) -> str:
    """Return how something was checked, why it is not shown, or why a link is taken away.

    :raises Invalid: nothing, or over 2,000 characters
    """
    return _words("reason", typed, needed=True)


def digest_of(*parts: str) -> str:
    """Return 32 hexadecimal digits that stand for exactly these words: who checks them checks no others.

    >>> digest_of("done", "a b") == digest_of("done a", "b")
    False
    """
    joined = "\0".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _words(field: str, typed: str, *, needed: bool) -> str:
    clean = typed.strip()
    if len(clean) > LONGEST_WORDS or (needed and not clean):
        raise Invalid(
            field=field, found=f"{len(clean)} characters", expected=f"1 to {LONGEST_WORDS} characters"
        )
    return clean
