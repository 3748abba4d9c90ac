r"""A calendar file (RFC 5545) of a day or of one section. Nothing secret is in it: it is handed on.

>>> from datetime import UTC
>>> ten = datetime(2026, 3, 2, 10, tzinfo=UTC)
>>> entry = CalendarEntry("a-day-1@scenario-app", "Tea; then, talk", ten, ten, "Corn Exchange", "Two\nlines", "")
>>> print(calendar([entry], now=ten).decode().replace("\r\n", "\n"))
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Scenario App//EN
BEGIN:VEVENT
UID:a-day-1@scenario-app
DTSTAMP:20260302T100000Z
DTSTART:20260302T100000Z
DTEND:20260302T100000Z
SUMMARY:Tea\; then\, talk
LOCATION:Corn Exchange
DESCRIPTION:Two\nlines
END:VEVENT
END:VCALENDAR
<BLANKLINE>
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

LONGEST_LINE: Final = 75


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One thing to go to, or one day. `uid` stays the same for ever, so that a newer file replaces an older one.

    Of whole days, `ends_at` is the day after the last.
    """

    uid: str
    summary: str
    starts_at: datetime | date
    ends_at: datetime | date
    location: str
    description: str
    url: str


def calendar(entries: Iterable[CalendarEntry], *, now: datetime) -> bytes:
    """Return a calendar file of these entries; `now` is when it was made."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Scenario App//EN"]
    for entry in entries:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{entry.uid}",
            f"DTSTAMP:{_moment(now)}",
            f"DTSTART{_moment_or_day(entry.starts_at)}",
            f"DTEND{_moment_or_day(entry.ends_at)}",
            f"SUMMARY:{_escaped(entry.summary)}",
            f"LOCATION:{_escaped(entry.location)}",
            f"DESCRIPTION:{_escaped(entry.description)}",
        ]
        lines += [f"URL:{entry.url}"] if entry.url else []
        lines.append("END:VEVENT")
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _moment_or_day(when: datetime | date) -> str:
    """Return when, as it stands behind the name of its property.

    >>> _moment_or_day(date(2026, 10, 31)), _moment_or_day(datetime(2026, 3, 2, 10, tzinfo=UTC))
    (';VALUE=DATE:20261031', ':20260302T100000Z')
    """
    return f":{_moment(when)}" if isinstance(when, datetime) else f";VALUE=DATE:{when:%Y%m%d}"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(words: str) -> str:
    for found, instead in (("\\", "\\\\"), (";", "\\;"), (",", "\\,")):
        words = words.replace(found, instead)
    return "\\n".join("".join(ch for ch in line if ch.isprintable()) for line in words.splitlines())


def _folded(line: str) -> bytes:
    r"""Return a line in pieces of 75 octets at most, never cut within a character.

    >>> [len(piece) for piece in _folded("DESCRIPTION:" + "é" * 80).split(b"\r\n")]
    [74, 75, 25, 0]
    """
    pieces, piece = [], b""
    for letter in line:
        encoded = letter.encode()
        if len(piece) + len(encoded) > LONGEST_LINE:
            pieces.append(piece)
            piece = b" "
        piece += encoded
    return b"\r\n".join([*pieces, piece]) + b"\r\n"
