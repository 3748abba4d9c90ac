"""The smallest program that stands on the live transport: what its tests drive, in a process of its own.

`python -m tests.kernel.small_hall PORT [LIMITS AS JSON]` serves; `--stock` serves the same messages as
Flask-SocketIO's documentation shows it, for tests that must catch what we leave out.
"""

import json
import logging
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import gevent
from flask import Flask
from flask_socketio import SocketIO

from scenario_app.kernel import serving
from scenario_app.kernel.errors import BadMessage, Conflict, Forbidden
from scenario_app.kernel.realtime import (
    Ack,
    Answer,
    Connection,
    GuardedNamespace,
    accepted,
    build_socketio,
    takes,
    takes_at_once,
)
from scenario_app.kernel.websocket import Limits


class NotAMember(Forbidden):
    code = "not_a_member"


class Later(Conflict):
    code = "busy"


@dataclass(slots=True)
class Member:
    name: str


@dataclass(frozen=True, slots=True)
class Anything:
    """A message that carries an object with anything in it."""

    fields: Mapping[str, Any]

    @classmethod
    def parse(cls, raw: object) -> Self:
        if not isinstance(raw, Mapping):
            raise BadMessage(found=type(raw).__name__, secret="never to be seen")
        return cls(raw)


class Hall(GuardedNamespace[Member]):
    """Everybody with a name may come in and shout."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.gone = 0

    def admit(self, auth: object, environ: Mapping[str, object]) -> Member:
        match auth:
            case {"seat": "crash"}:
                raise RuntimeError("a bug while somebody is let in")
            case {"seat": str(name)} if name.isalnum():
                return Member(name)
        raise NotAMember

    def rooms_of(self, member: Member) -> Iterable[str]:
        return ["hall", f"row:{member.name[0]}"]

    def welcomed(self, connection: Connection[Member]) -> None:
        self.send(connection, "seat", {"v": 1, "name": connection.member.name})

    def left(self, connection: Connection[Member]) -> None:
        self.gone += 1

    @takes(Anything)
    def echo(self, connection: Connection[Member], message: Anything) -> Ack:
        return accepted(said=dict(message.fields), by=connection.member.name)

    @takes(Anything)
    def shout(self, connection: Connection[Member], message: Anything) -> Ack:
        reached = 0
        for _ in range(message.fields.get("times", 1)):
            reached = self.broadcast("hall", "cue", {"v": 1, "text": "x" * message.fields.get("size", 10)})
        return accepted(reached=reached)

    @takes(Anything)
    def wait(self, connection: Connection[Member], message: Anything) -> Ack:
        gevent.sleep(message.fields["seconds"])
        return accepted(n=message.fields.get("n"))

    @takes(Anything)
    def boom(self, connection: Connection[Member], message: Anything) -> Ack:
        raise RuntimeError(f"a bug that quotes {message.fields}")

    @takes(Anything)
    def later(self, connection: Connection[Member], message: Anything) -> Ack:
        raise Later(retry_after_ms=250, secret="never to be seen")

    @takes(Anything)
    def census(self, connection: Connection[Member], message: Anything) -> Ack:
        return accepted(hall=self.count("hall"), gone=self.gone)

    @takes(Anything)
    def clear_row(self, connection: Connection[Member], message: Anything) -> Ack:
        return accepted(dismissed=self.disconnect_room(f"row:{message.fields['row']}"))

    @takes_at_once(Anything)
    def cast(self, connection: Connection[Member], message: Anything, answer: Answer) -> None:
        match message.fields.get("then"):
            case "later":
                raise Later(retry_after_ms=250)
            case "bug":
                raise RuntimeError("a bug in the hot path")
            case _:
                gevent.get_hub().loop.run_callback(answer, accepted(rev=message.fields.get("rev")))


def guarded(limits: Limits) -> tuple[Flask, Any]:
    """Return the application on our transport, and its SocketIO."""
    app = Flask(__name__)
    socketio = build_socketio(app, limits=limits)
    for path in ("/audience", "/screen"):
        socketio.server.register_namespace(Hall(path))  # type: ignore[attr-defined]

    @app.get("/hello")
    def hello() -> str:
        return "hello"

    return app, socketio


def stock() -> SocketIO:
    """Return the same hall as a tutorial would build it."""
    socketio = SocketIO(Flask(__name__), async_mode="gevent")

    @socketio.on("connect", namespace="/audience")
    def connect(auth: dict[str, str]) -> None:
        assert auth["seat"]

    @socketio.on("echo", namespace="/audience")
    def echo(fields: dict[str, Any]) -> dict[str, object]:
        return {"ok": True, "said": dict(fields)}

    return socketio


def main() -> None:
    listener = serving.listen("127.0.0.1", 0)
    settings = json.loads(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1] != "--stock" else {}
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s %(reason)s %(bug)s")
    logging.getLogger().handlers[0].addFilter(_with_fields)
    serving.REQUEST_SECONDS = settings.pop("request_seconds", serving.REQUEST_SECONDS)
    serving.raise_open_files(2000)

    def started() -> None:
        os.write(1, f"{listener.getsockname()[1]}\n".encode())

    if sys.argv[1:] == ["--stock"]:
        app = stock()
        serving.pywsgi.WSGIServer(listener, app.server.eio and app.sockio_mw, log=None).start()
        started()
        gevent.wait()
    else:
        app, socketio = guarded(Limits(**settings))
        serving.serve(app, listener, socketio.server.eio, started=started)


def _with_fields(record: logging.LogRecord) -> bool:
    for name in ("reason", "bug"):
        setattr(record, name, getattr(record, name, ""))
    return True


if __name__ == "__main__":
    main()
else:
    application = guarded(Limits())[0] if os.environ.get("SMALL_HALL") == "gunicorn" else None
