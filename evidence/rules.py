"""When a pack may be published, what it is called, and when a new version would give too much away."""

import re
from collections.abc import Mapping, Sequence

from evidence.columns import Row, Tables
from scenario_app.kernel.errors import Conflict, Invalid, NotFound

_EVENT = r"[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?"
_VERSION = r"[1-9][0-9]{0,5}"


class NoSuchPack(NotFound):
    """No pack has this reference."""

    code = "no_such_pack"


class NoSuchTable(NotFound):
    """The pack has no table of this name."""

    code = "no_such_table"


class TooManyPacks(Invalid):
    """More packs than one file should hold."""

    code = "too_many_packs"


class NothingClosed(Conflict):
    """No round of the event has closed, practice apart: there is nothing to prove."""

    code = "nothing_closed"


class NothingNew(Conflict):
    """The tables would be the same as in the newest version."""

    code = "nothing_new"


class TooLittleChanged(Conflict):
    """So few people's ballots would be new by role that the two versions, subtracted, would show them."""

    code = "too_little_changed"


class JustPublished(Conflict):
    """Somebody else published this version at the same moment: look at theirs first."""

    code = "just_published"


def reference_of(event: str, version: int) -> str:
    """Return the name by which a pack is cited.

    >>> reference_of("spring-rehearsal", 2)
    'spring-rehearsal-v2'
    """
    return f"{event}-v{version}"


def is_reference(text: str) -> bool:
    """Say whether a text has the form of a reference.

    >>> is_reference("spring-rehearsal-v2"), is_reference("spring-rehearsal"), is_reference("../x-v1")
    (True, False, False)
    """
    return re.fullmatch(f"{_EVENT}-v{_VERSION}", text) is not None


def is_event_name(text: str) -> bool:
    """Say whether a text has the form of an event's address.

    >>> is_event_name("spring-rehearsal"), is_event_name("Spring\\0")
    (True, False)
    """
    return re.fullmatch(_EVENT, text) is not None


def check_new_version(before: Tables, after: Tables, *, threshold: int) -> None:
    """Refuse a version that adds nothing, or so little by role that two versions would show who.

    `threshold` is a number of people, from Config.suppress_below. Source: docs/DECISIONS.md, frozen packs.

    :raises NothingNew: every table is the same
    :raises TooLittleChanged: a round is broken down otherwise than before, or there are new ones and they have
        fewer ballots together than `threshold`
    """
    if all(list(before[name]) == list(rows) for name, rows in after.items()):
        raise NothingNew
    old, new = _protected(before), _protected(after)
    rewritten = [number for number in old.keys() & new.keys() if old[number] != new[number]]
    # The equality form is told once, when its event has ended; in another form it would tell more.
    if before["equality_summary"] and list(before["equality_summary"]) != list(after["equality_summary"]):
        rewritten.append("equality_summary")
    come_and_gone = old.keys() ^ new.keys()
    people = sum(
        _whole(row["ballots"])
        for tables in (before, after)
        for row in tables["rounds"]
        if row["round"] in come_and_gone
    )
    if rewritten or (come_and_gone and people < threshold):
        raise TooLittleChanged(people=people, least=threshold)


def _protected(tables: Tables) -> Mapping[object, Sequence[Row]]:
    found: dict[object, list[Row]] = {}
    for name in ("results_by_role", "role_ballots"):
        for row in tables[name]:
            found.setdefault(row["round"], []).append(row)
    return found


def _whole(value: object) -> int:
    assert isinstance(value, int)
    return value
