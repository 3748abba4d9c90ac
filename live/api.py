"""The JSON API of doors, seats and ballots: what another program needs to join, vote and run a desk."""

from dataclasses import dataclass

from flask import Blueprint, Response, request

from live.floor import DESK_TOKEN, floor, may_desk, section_at
from live.listing import events_after
from live.messages import CastBallot
from live.queries import SectionView, event_by_slug
from live.rules import Cast, Channel, NotAllowed, NotAMember, Role
from live.voting import holder_of, take_seat
from live.words import role_label
from scenario_app.accounts import service as accounts
from scenario_app.accounts.access import open_to_all
from scenario_app.kernel.context import config, now, reading, transaction
from scenario_app.kernel.errors import BadMessage, NotFound
from scenario_app.kernel.http import json_body, json_response
from scenario_app.kernel.public_json import after_asked, limit_asked, public_json, readable_anywhere
from scenario_app.kernel.tokens import signed

blueprint = Blueprint("live_api", __name__, url_prefix="/api/v1")


@dataclass(frozen=True, slots=True)
class DoorAnswer:
    """A door, and who may open it from outside."""

    section: SectionView

    def as_json(self) -> dict[str, object]:
        """Return the door as docs/PROTOCOL.md shows it."""
        return {
            "code": self.section.code,
            "title": self.section.title,
            "event": self.section.event_title,
            "open": self.section.door_open and not self.section.door_frozen,
            "roles": [{"key": role.value, "label": role_label(role)} for role in Role],
            "decision_statement": self.section.decision_statement,
        }


@blueprint.get("/doors/<code>")
@open_to_all
@readable_anywhere
def door(code: str) -> Response:
    """Answer what is behind a door code."""
    return public_json(DoorAnswer(section_at(code)).as_json())


@blueprint.post("/doors/<code>/seats")
@open_to_all
def seats(code: str) -> Response:
    """Give a phone its seat. The secret is in this answer and nowhere else."""
    body = _body()
    role, ticket = body.get("role"), body.get("ticket", "")
    if role is not None and not isinstance(role, str):
        raise BadMessage(field="role")
    if not isinstance(ticket, str):
        raise BadMessage(field="ticket")
    section = section_at(code)
    floor().count_join(section.id)
    with transaction() as session:
        seat = take_seat(
            session, code=section.code, role=role, key=config().secret_key, now=now(), ticket=ticket[:40]
        )
    return json_response({"ok": True, "seat": seat.secret, "code": seat.code}, 201)


@blueprint.get("/doors/<code>/cue")
@open_to_all
@readable_anywhere
def cue(code: str) -> Response:
    """Answer the cue that the sockets send; with `If-None-Match`, 304 while it is the same."""
    current = floor().announcer.cue(section_at(code).id)
    response = json_response(current, headers={"Cache-Control": "no-cache"})
    response.set_etag(str(current["seq"]))
    response.make_conditional(request)
    return response


@blueprint.post("/rounds/<int:round_id>/ballots")
@open_to_all
def ballots(round_id: int) -> Response:
    """Count a ballot; the answer is the same as on the socket."""
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret or len(secret) > 200:
        raise NotAllowed
    message = CastBallot.parse({**_body(), "round": round_id})
    with reading() as session:
        seat = holder_of(session, secret=secret, key=config().secret_key)
    if seat.channel != Channel.ROOM:
        raise NotAMember  # who votes alone does so on the pages made for it, while they are open
    floor().budgets.of(seat.seat_id).spend_vote()
    counted = floor().box.cast(
        Cast(
            seat_id=seat.seat_id,
            section_id=seat.section_id,
            round_id=message.round_id,
            response=message.response,
            key=message.key,
            rev=message.rev,
            channel=seat.channel,
        )
    )
    return json_response({"ok": True, "receipt": counted.receipt, "rev": counted.rev})


@blueprint.post("/desk-tokens")
@open_to_all
def desk_tokens() -> Response:
    """Exchange a sign-in code for a token that opens one section's desk."""
    body = _body()
    email, code, door_code = (body.get(name) for name in ("email", "code", "section"))
    if not (isinstance(email, str) and isinstance(code, str) and isinstance(door_code, str)):
        raise BadMessage(expected="email, code and section")
    with transaction() as session:
        account = accounts.sign_in(
            session, email=email[:254], code=code[:20], now=now(), key=config().secret_key
        )
    if account is None:
        raise accounts.BadCode
    section = section_at(door_code)
    with reading() as session:
        if not may_desk(session, account, section):
            raise NotAllowed
    token = signed(
        {"account": account.id, "epoch": account.epoch, "section": section.code},
        key=config().secret_key,
        purpose=DESK_TOKEN,
    )
    performances = [
        {"id": p.id, "scenario": p.slug, "title": p.title, "state": p.state} for p in section.performances
    ]
    return json_response(
        {"ok": True, "token": token, "screen_key": section.screen_key, "performances": performances}, 201
    )


@blueprint.get("/events")
@open_to_all
@readable_anywhere
def all_events() -> Response:
    """Answer the events, newest first."""
    limit = limit_asked()
    with reading() as session:
        found, following = events_after(session, after=after_asked(), limit=limit)
    listed = [
        {
            "slug": event.slug,
            "title": event.title,
            "place": event.place,
            "starts_at": event.starts_at.isoformat(),
            "closed": event.closed,
        }
        for event in found
    ]
    return public_json({"events": listed, "next": following})


@blueprint.get("/events/<slug>")
@open_to_all
@readable_anywhere
def one_event(slug: str) -> Response:
    """Answer one event with its sections. Door codes are on the poster; they are told while the door is open."""
    with reading() as session:
        event = event_by_slug(session, slug)
    if event is None:
        raise NotFound
    return public_json(
        {
            "slug": event.slug,
            "title": event.title,
            "place": event.place,
            "starts_at": event.starts_at.isoformat(),
            "closed": event.closed_at is not None,
            "decision_statement": event.decision_statement,
            "sections": [
                {
                    "title": section.title,
                    "starts_at": section.starts_at.isoformat(),
                    "ends_at": section.ends_at.isoformat(),
                    "code": section.code if section.door_open else None,
                    "scenarios": [p.slug for p in section.performances],
                }
                for section in event.sections
            ],
        }
    )


def _body() -> dict[str, object]:
    body = json_body() if request.content_length else {}
    if not isinstance(body, dict):
        raise BadMessage(expected="a JSON object")
    return body
