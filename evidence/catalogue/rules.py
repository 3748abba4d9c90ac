"""What a search of the catalogue may ask for, and how words are compared."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta

from scenario_app.kernel.errors import BadParameter

LONGEST = 100
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Search:
    """What packs are looked for. Empty fields ask nothing; the days are those the event was held on, in UTC.

    >>> Search.parse({"words": "Bus  SHELTER", "since": "2026-10-01"})
    Search(words='Bus SHELTER', pathway='', stage='', place='', since=datetime.date(2026, 10, 1), until=None)
    >>> Search.parse({"since": "yesterday"})
    Traceback (most recent call last):
    scenario_app.kernel.errors.BadParameter: ('bad_parameter', {'parameter': 'since', 'expected': 'YYYY-MM-DD'})
    """

    words: str = ""
    pathway: str = ""
    stage: str = ""
    place: str = ""
    since: date | None = None
    until: date | None = None

    @classmethod
    def parse(cls, asked: Mapping[str, str]) -> "Search":
        """Return the search that an address asks for.

        :raises BadParameter: a day is none
        """
        return cls(
            words=_text(asked, "words"),
            pathway=_text(asked, "pathway"),
            stage=_text(asked, "stage"),
            place=_text(asked, "place"),
            since=_day(asked, "since"),
            until=_day(asked, "until"),
        )

    @property
    def narrows(self) -> bool:
        """Whether anything is asked for."""
        return self != Search()

    @property
    def as_asked(self) -> dict[str, str]:
        """Return the search as the parameters of an address.

        >>> Search(stage="leaving", until=date(2026, 3, 1)).as_asked
        {'stage': 'leaving', 'until': '2026-03-01'}
        """
        asked = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: str(value) for name, value in asked.items() if value}

    @property
    def folded_words(self) -> list[str]:
        """Return the words that must all stand in what is found."""
        return folded(self.words).split()

    @property
    def from_moment(self) -> datetime | None:
        """Return the first moment of the first day."""
        return _begin(self.since) if self.since else None

    @property
    def to_moment(self) -> datetime | None:
        """Return the first moment after the last day; None also where there is no day after it."""
        return _begin(self.until + timedelta(days=1)) if self.until and self.until < date.max else None


def folded(text: str) -> str:
    """Return text so that capital letters, accents and spaces make no difference.

    >>> folded("  Café am  SCHLOẞ "), folded("Łódź, Llŷn")
    ('cafe am schloss', 'łodz, llyn')
    """
    apart = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(each for each in apart if not unicodedata.combining(each)).split())


def _text(asked: Mapping[str, str], name: str) -> str:
    kept = "".join(each if each.isprintable() else " " for each in asked.get(name, ""))
    return " ".join(kept.split())[:LONGEST]


def _day(asked: Mapping[str, str], name: str) -> date | None:
    text = asked.get(name, "").strip()
    if not text:
        return None
    refusal = BadParameter(parameter=name, expected="YYYY-MM-DD")
    if not _DAY.fullmatch(text):
        raise refusal
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise refusal from None


def _begin(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
