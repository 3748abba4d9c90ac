"""Read what came over a wire into typed values: anything at all goes in, a value or `BadMessage` comes out."""

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import date
from typing import Any, Final, Self

from live.choices import SIGNS
from scenario_app.kernel.errors import BadMessage

Raw = Mapping[object, object]
Reader = Callable[[Raw, str], Any]

LONGEST_LABEL: Final = 120
LONGEST_TEXT: Final = 500
_KEY = re.compile(r"[A-Za-z0-9_\-]{8,64}")
_LARGEST_ID: Final = 2**53  # what a JavaScript number holds exactly
_MOST_RESPONSES: Final = 20


def mapping(raw: object) -> Raw:
    """Return a JSON object.

    :raises BadMessage: it is something else
    """
    if not isinstance(raw, Mapping):
        raise BadMessage(found=type(raw).__name__, expected="an object")
    return raw


def whole(raw: Raw, name: str) -> int:
    """Return a whole number from 1."""
    value = raw.get(name)
    # bool is an int in Python: true is not a number of anything.
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < _LARGEST_ID:
        raise BadMessage(field=name, expected="a whole number from 1")
    return value


def count(raw: Raw, name: str) -> int:
    """Return a number of people, 0 to 100,000."""
    value = raw.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 100_000:
        raise BadMessage(field=name, expected="a number of people from 0")
    return value


def text_of(longest: int) -> Reader:
    """Return a reader of 1 to `longest` characters that every database can store."""

    def read(raw: Raw, name: str) -> str:
        value = raw.get(name)
        if not isinstance(value, str) or not 1 <= len(value) <= longest:
            raise BadMessage(field=name, expected=f"1 to {longest} characters")
        # A lone surrogate or a NUL can be stored by no database.
        if "\0" in value or (not value.isascii() and any("\ud800" <= ch <= "\udfff" for ch in value)):
            raise BadMessage(field=name, expected="text")
        return value

    return read


word = text_of(LONGEST_LABEL)
_response_key = text_of(8)
_short = text_of(64)
words = text_of(LONGEST_TEXT)


def response_key(raw: Raw, name: str) -> str:
    """Return what a response is known by: 1 to 8 characters, none of the signs that a ballot is kept with."""
    key: str = _response_key(raw, name)
    # One that held a sign could say of itself that it is several, or an order: `live.choices`.
    if not SIGNS.isdisjoint(key):
        raise BadMessage(field=name, expected="a response, without any of + > =")
    return key


def flag(raw: Raw, name: str) -> bool:
    """Return true or false."""
    value = raw.get(name)
    if not isinstance(value, bool):
        raise BadMessage(field=name, expected="true or false")
    return value


def tap(raw: Raw, name: str) -> str:
    """Return a client's own key: 8 to 64 letters, digits, - or _; one for each tap."""
    value: str = _short(raw, name)
    if not _KEY.fullmatch(value):
        raise BadMessage(field=name, expected="8 to 64 letters, digits, - or _")
    return value


def day(raw: Raw, name: str) -> date:
    """Return a day written as 2027-03-01."""
    try:
        return date.fromisoformat(text_of(10)(raw, name))
    except ValueError:
        raise BadMessage(field=name, expected="a day, written as 2027-03-01") from None


def counts(raw: Raw, name: str) -> Mapping[str, int]:
    """Return a number of people for each response."""
    value = raw.get(name)
    if not isinstance(value, Mapping) or not 1 <= len(value) <= _MOST_RESPONSES:
        raise BadMessage(field=name, expected="a number for each response")
    return {response_key({"": key}, ""): count(value, key) for key in value if isinstance(key, str)}


def keys(raw: Raw, name: str) -> tuple[str, ...]:
    """Return response keys, none twice, in the order they came. It may be empty."""
    value = raw.get(name)
    if not isinstance(value, list) or len(value) > _MOST_RESPONSES:
        raise BadMessage(field=name, expected=f"a list of up to {_MOST_RESPONSES} responses")
    found = tuple(response_key({"": item}, "") for item in value)
    if len(set(found)) != len(found):
        raise BadMessage(field=name, expected="each response once")
    return found


def one_of(*allowed: str) -> Reader:
    """Return a reader of one of these words."""

    def read(raw: Raw, name: str) -> str:
        value = raw.get(name)
        if not isinstance(value, str) or value not in allowed:
            raise BadMessage(field=name, expected=", ".join(allowed))
        return value

    return read


def must(reader: Reader, name: str = "") -> Any:
    """Return a field that has to be sent, under `name` (else the field's own)."""
    return field(metadata={"reader": reader, "name": name})


def may(reader: Reader, default: Any = None, name: str = "") -> Any:
    """Return a field that may be left out, or be null."""
    return field(default=default, metadata={"reader": reader, "name": name})


@dataclass(frozen=True, slots=True)
class Parsed:
    """A message that is read field by field, as its dataclass says."""

    @classmethod
    def parse(cls, raw: object) -> Self:
        """Read the fields of this message; what it does not know is left alone.

        :raises BadMessage: any other shape
        """
        sent = mapping(raw)
        found: dict[str, Any] = {}
        for each in fields(cls):
            name = each.metadata["name"] or each.name
            if sent.get(name) is None and each.default is not MISSING:
                continue
            found[each.name] = each.metadata["reader"](sent, name)
        return cls(**found)
