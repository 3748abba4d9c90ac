"""What a hostile peer sends to the whole application: frames for every namespace, requests for every address."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass

from live.messages import DESK_ACTIONS
from scenario_app.phones import masked_frame
from tests.kernel.test_hostile_frames import MAKERS

ODD = [
    None,
    True,
    -1,
    0,
    2**53,
    2**63,
    10**400,
    1.5,
    "",
    "a",
    "7",
    "a" * 3000,
    "\0",
    "\ud800",
    "__proto__",
    [],
    {},
    [[]],
]
TEXTS = [
    "%00",
    "%ff%fe",
    "%0d%0aSet-Cookie:%20a=b",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e/",
    "a" * 3000,
    "'%20OR%201=1--",
    "%u0000",
]
PLACES = [
    "/events/{}",
    "/scenarios/{}",
    "/scenarios/{}.md",
    "/join/{}",
    "/join?code={}",
    "/at/{}",
    "/evidence/{}",
    "/evidence/{}/pack.zip",
    "/evidence/{}/tables/{}.csv",
    "/evidence/{}/documents/{}",
    "/screen/{}",
    "/screen/{}?key={}",
    "/language/{}?back={}",
    "/sign-in?next={}",
    "/static/{}",
    "/{}",
    "/desk/sections/{}",
    "/desk/events/{}",
    "/api/v1/doors/{}",
    "/api/v1/doors/{}/cue",
    "/api/v1/events/{}",
    "/api/v1/scenarios/{}",
    "/api/v1/evidence/{}",
    "/socket.io/?EIO={}&transport={}",
    "/healthz?{}",
    "/metrics?{}",
    "/reviews/scripts/{}",
]
POSTS = [
    "/api/v1/doors/{code}/seats",
    "/api/v1/doors/AAAAAA/seats",
    "/api/v1/rounds/{round}/ballots",
    "/api/v1/rounds/99999999999999999999/ballots",
    "/api/v1/desk-tokens",
    "/api/v1/drafts",
    "/join/{code}",
    "/at/{code}",
    "/sign-in",
    "/sign-in/code",
    "/sign-out",
    "/desk/events/new",
    "/desk/sections/{code}/close_round",
    "/evidence/publish",
]
DEEP = b"[" * 100_000
BODIES = [
    b"",
    b"{",
    b"null",
    b"[]",
    b'"text"',
    b'{"role":',
    DEEP,
    b'{"role":' + b'{"a":' * 50_000,
    b"\xff\xfe\x00",
    b"\x00" * 500,
    b'{"email":"\\ud800","code":"1","section":"AAAAAA"}',
    b'{"email":"a\\u0000@x","code":"\\u0000","section":"\\u0000"}',
    b'{"email":[],"code":{},"section":1}',
    b'{"role":"\\u0000"}',
    b'{"role":' + b"9" * 6000 + b"}",
    b'{"round":1e999}',
    b'{"response":"a","key":"abcdefgh","rev":1}',
    b'{"response":"\\ud800","key":"abcdefgh","rev":true}',
    b"email=%00&code=%00",
    b"email=%ff%fe&code=1",
    b"role=%00",
    b"response=%00&key=%00&round=%00&rev=%00",
    b"a=b&" * 30_000,
    b"response=a&round=99999999999999999999&key=abcdefgh&rev=1",
    b"x" * 600_000,
    b'--b\r\nContent-Disposition: form-data; name="email"\r\n\r\n\xff\x00\r\n--b--\r\n',
    b"--b\r\n" * 2000,
]
KINDS = [
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=b",
    "multipart/form-data",
    "text/plain; charset=utf-16",
    "",
    "\x7f",
]
HEADERS = [
    "Authorization: Bearer \xff\xfe",
    "Authorization: " + "A" * 4000,
    "Cookie: staff=.eyJ9.x.y; seat-AAAAAA=\xff",
    "Cookie: " + "a=b;" * 900,
    "Accept-Language: " + "xx-" * 900,
    "Accept-Language: ar;q=nan, \xff",
    'If-None-Match: \xff, W/""',
    "If-Modified-Since: yesterday",
    "Range: bytes=9-1,-,0-99999999999999999999",
    "Host: \xff",
    "Host: evil.example:99999999",
    "X-Forwarded-For: 1.2.3.4\t,\xff",
    "Accept-Encoding: gzip;q=x",
    "Transfer-Encoding: gzip",
    "Content-Encoding: gzip",
    "Expect: 100-continue",
    "Upgrade: h2c",
    "X: " + "y" * 20_000,
]
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "CONNECT", "BREW", "GET\0"]


@dataclass(frozen=True)
class Target:
    """What attackers know: a door, its open round, seats of their own, another section's round, somebody's seat."""

    code: str
    round_id: int
    seats: list[str]
    other_round: int
    other_seat: str


def _event(rng: random.Random, name: str, payload: object, path: str = "/audience") -> bytes:
    body = json.dumps([name, payload])[:3900]
    return masked_frame(f"42{path},{rng.randrange(10**6)}{body}".encode("utf-8", "surrogatepass"))


def _cast(rng: random.Random, target: Target) -> bytes:
    ballot: dict[str, object] = {
        "round": target.round_id,
        "response": "a",
        "key": f"hostile-{rng.random()}",
        "rev": 1,
    }
    for _twist in range(rng.randint(1, 3)):
        ballot[rng.choice([*ballot, "seat", "seat_id", "section", "v"])] = rng.choice(ODD)
    return _event(rng, "cast", ballot)


def _desk_message(rng: random.Random, target: Target) -> bytes:
    name = rng.choice(DESK_ACTIONS).name
    payload = {
        "expects": rng.choice([1, 2, 3, *ODD]),
        "round": target.round_id,
        "open": False,
        "response": "a",
        "reason": "x",
    }
    return _event(rng, name, payload, rng.choice(["/audience", "/audience", "/desk", "/screen"]))


def _other_round(rng: random.Random, target: Target) -> bytes:
    return _event(rng, "cast", {"round": target.other_round, "response": "a", "key": "hostile-1", "rev": 1})


def _admission(rng: random.Random, target: Target) -> bytes:
    auth = rng.choice(
        [
            {"seat": rng.choice([*ODD, target.other_seat[:-1], target.code])},
            {"token": rng.choice([*ODD, target.other_seat]), "section": target.code},
            {"key": rng.choice([*ODD, target.other_seat, target.code])},
        ]
    )
    path = rng.choice(["/audience", "/desk", "/screen", "/", "/admin"])
    return masked_frame(f"40{path},{json.dumps(auth)[:3900]}".encode("utf-8", "surrogatepass"))


LIVE_MAKERS: list[Callable[[random.Random, Target], bytes]] = [
    _cast,
    _cast,
    _desk_message,
    _other_round,
    _admission,
]


def frame(rng: random.Random, target: Target) -> bytes:
    """Return one hostile frame: half of them for the transport, half for the live room."""
    if rng.random() < 0.5:
        return rng.choice(list(MAKERS.values()))(rng)
    return rng.choice(LIVE_MAKERS)(rng, target)


def hostile_request(rng: random.Random, target: Target) -> bytes:
    """Return one hostile HTTP request, as bytes."""
    body = b""
    if rng.random() < 0.5:
        place = rng.choice(POSTS).format(code=target.code, round=target.round_id)
        method, body = "POST", rng.choice(BODIES)
    else:
        place = rng.choice(PLACES).replace("{}", rng.choice(TEXTS))
        method = rng.choice(["GET", *METHODS])
    lines = [f"{method} {place} HTTP/1.1", "Connection: close", f"Content-Type: {rng.choice(KINDS)}"]
    lines += rng.sample(HEADERS, rng.randint(0, 2))
    if not any(line.startswith("Host:") for line in lines):
        lines.append("Host: 127.0.0.1")
    lines.append(f"Content-Length: {rng.choice([len(body)] * 9 + [len(body) + 5, -1, 'x'])}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
