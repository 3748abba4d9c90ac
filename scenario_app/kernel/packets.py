"""Socket.IO 5 on Engine.IO 4, as text: read what a client sent, write what it gets. Knows no socket and no namespace.

A text message is one Engine.IO digit and, for messages (4), one Socket.IO packet:
`42/audience,17["cast",{"round":3}]` is event 2 for /audience, to be answered under the number 17.
"""

import json
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple, Never

from scenario_app.kernel.errors import BadMessage

PING = "2"
PONG = "3"
_LONGEST_INTEGER = 20

_PACKET = re.compile(
    r"4([0-6])(?:[0-9]{1,3}-)?(?:(/[^,\[{\"]{0,64})(?:,|$))?([0-9]{1,9})?([\[{\"].*)?", re.DOTALL
)
# Characters that no database keeps and no page shows: half a surrogate pair, and NUL.
_UNKEEPABLE = re.compile("[\ud800-\udfff\x00]")


class Kind(StrEnum):
    """What a Socket.IO packet is for."""

    CONNECT = "0"
    DISCONNECT = "1"
    EVENT = "2"
    ACK = "3"
    CONNECT_ERROR = "4"
    BINARY_EVENT = "5"
    BINARY_ACK = "6"


class Packet(NamedTuple):
    """One packet from a client. `number` asks for an answer under it; `data` is JSON that nobody has read yet."""

    kind: Kind
    namespace: str
    number: int | None
    data: str


class Undecodable(ValueError):
    """This text is no packet; whoever sent it does not speak the protocol."""


_KINDS = {str(kind): kind for kind in Kind}


def read_packet(text: str) -> Packet:
    """Take one text message apart.

    >>> read_packet('42/audience,17["cast",{"round":3}]')
    Packet(kind=<Kind.EVENT: '2'>, namespace='/audience', number=17, data='["cast",{"round":3}]')
    >>> read_packet('40/desk').namespace
    '/desk'

    :raises Undecodable: it is none
    """
    found = _PACKET.fullmatch(text)
    if found is None:
        raise Undecodable
    kind, namespace, number, data = found.groups()
    return Packet(_KINDS[kind], namespace or "/", int(number) if number else None, data or "")


def read_json(data: str) -> object:
    """Read JSON from a client, without what other languages or a database would stumble over.

    >>> read_json('{"round":3}')
    {'round': 3}

    :raises BadMessage: it is not JSON, nested too deep, or holds NaN, a number of more than 20 digits, half
        a surrogate pair or a NUL
    """
    try:
        value: object = _decoder.decode(data)
        # Only an escape can bring such a character in: the frame itself was valid UTF-8.
        if "\\u" in data and any(_UNKEEPABLE.search(string) for string in _strings(value)):
            raise BadMessage
    except (ValueError, RecursionError):
        raise BadMessage from None
    return value


def read_event(data: str) -> tuple[str, object]:
    """Return the name and the payload of an event; an event without a payload carries None.

    >>> read_event('["cast",{"round":3}]')
    ('cast', {'round': 3})

    :raises BadMessage: see `read_json`, or it has no name or more than one payload
    """
    match read_json(data):
        case [str(name)]:
            return name, None
        case [str(name), payload]:
            return name, payload
    raise BadMessage


def event_text(namespace: str, name: str, payload: Mapping[str, object]) -> str:
    """Write a message to a client.

    >>> event_text("/screen", "tally", {"ballots": 12})
    '42/screen,["tally",{"ballots":12}]'
    """
    return f"42{_prefix(namespace)}{_json([name, payload])}"


def ack_text(namespace: str, number: int, answer: Mapping[str, object]) -> str:
    """Write the answer to message `number`.

    >>> ack_text("/audience", 17, {"ok": True})
    '43/audience,17[{"ok":true}]'
    """
    return f"43{_prefix(namespace)}{number}[{_json(answer)}]"


def disconnect_text(namespace: str) -> str:
    """Write that the client is no longer in this namespace."""
    return f"41{_prefix(namespace)}"


def _strings(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from _strings(item)
        case dict():
            for key, item in value.items():
                yield key
                yield from _strings(item)


def _prefix(namespace: str) -> str:
    return "" if namespace == "/" else f"{namespace},"


def _json(value: object) -> str:
    return _encoder.encode(value)


def _no_number(name: str) -> Never:
    raise ValueError(name)


def _integer(digits: str) -> int:
    if len(digits) > _LONGEST_INTEGER:
        raise ValueError(digits)
    return int(digits)


# Python's JSON would take NaN and Infinity, which no other JSON knows.
_decoder = json.JSONDecoder(parse_constant=_no_number, parse_int=_integer)
_encoder = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False)
