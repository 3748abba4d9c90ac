"""The chain as pages and JSON: what a thing came from, and what came of it, each one click away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from evidence.loop.breaking import break_link
from evidence.loop.chain import chain_around
from evidence.loop.graph import Chain, Kind, Link, Name, Thing
from evidence.loop_words import kind_words, standing_words, verdict_words
from evidence.queries import packs_of
from live.assembly.record import HeldAt, events_kept
from live.words import proposal_state_words
from scenario_app.accounts.access import current_account, needs, open_to_all, require_account
from scenario_app.accounts.rules import Duty
from scenario_app.kernel.context import config, now, reading, transaction
from scenario_app.kernel.errors import Invalid
from scenario_app.kernel.public_json import public_json, readable_anywhere

blueprint = Blueprint("chain", __name__, template_folder="templates")


@dataclass(frozen=True, slots=True)
class Step:
    """Something before or after the thing that a page is about, and the link to it."""

    thing: Thing
    link: Link


@dataclass(frozen=True, slots=True)
class ChainPage:
    """One thing, what it came from and what came of it, and the whole way. `pack` is the evidence of its event."""

    thing: Thing
    came_from: Sequence[Step]
    led_to: Sequence[Step]
    way: Sequence[Thing]
    held: HeldAt | None
    pack: str
    kinds: Mapping[str, str]
    said: Mapping[str, Mapping[str, str]]
    may_break: bool
    wrong: bool = False
    reason: str = ""


@blueprint.get("/chain/<kind>/<key>")
@open_to_all
def show(kind: str, key: str) -> str:
    """Show one thing of the chain."""
    return _page(kind, key)


@blueprint.post("/chain/<kind>/<key>")
@needs(Duty.STEWARD)
def take_away(kind: str, key: str) -> BaseResponse | tuple[str, int]:
    """Take away a link that leads to this thing, with a reason."""
    reason = request.form.get("reason", "")
    try:
        with transaction() as session:
            break_link(
                session,
                start=request.form.get("start", "")[:230],
                end=f"{kind}/{key}",
                reason=reason,
                account_id=require_account().id,
                now=now(),
                key=config().secret_key,
            )
    except Invalid as refusal:
        return _page(kind, key, wrong=True, reason=reason), refusal.status
    flash(_("The link is taken away. That it was there, and why it is gone, stays to be seen."))
    return redirect(url_for(".show", kind=kind, key=key))


@blueprint.get("/api/v1/chain/<kind>/<key>")
@open_to_all
@readable_anywhere
def chain_json(kind: str, key: str) -> Response:
    """Answer one thing of the chain: what it came from and what came of it. `broken` is why a link was taken away."""
    with reading() as session:
        chain, name = chain_around(session, kind=kind, thing=key, key=config().secret_key, today=now().date())
    return public_json(
        {
            "ok": True,
            **_described(chain.things[name]),
            "came_from": [_linked(chain, link.start, link) for link in chain.came_from(name)],
            "led_to": [_linked(chain, link.end, link) for link in chain.led_to(name)],
        }
    )


def _page(kind: str, key: str, *, wrong: bool = False, reason: str = "") -> str:
    account = current_account()
    with reading() as session:
        chain, name = chain_around(session, kind=kind, thing=key, key=config().secret_key, today=now().date())
        thing = chain.things[name]
        held = events_kept(session, [thing.event_id]).get(thing.event_id) if thing.event_id else None
        packs = [each for each in packs_of(session, held.slug) if not each.withdrawn_at] if held else []
    way = [*chain.everything_before(name), name, *chain.everything_after(name)]
    page = ChainPage(
        thing=thing,
        came_from=[Step(chain.things[link.start], link) for link in chain.came_from(name)],
        led_to=[Step(chain.things[link.end], link) for link in chain.led_to(name)],
        way=[chain.things[each] for each in way],
        held=held,
        pack=packs[0].reference if packs else "",
        kinds=kind_words(),
        said={
            Kind.PROPOSAL.value: proposal_state_words(),
            Kind.ANSWER.value: verdict_words(),
            Kind.COMMITMENT.value: standing_words(),
            Kind.CHANGE.value: standing_words(),
        },
        may_break=account is not None and account.has(Duty.STEWARD, Duty.OWNER),
        wrong=wrong,
        reason=reason,
    )
    return render_template("evidence/chain.html", page=page)


def _linked(chain: Chain, name: Name, link: Link) -> dict[str, object]:
    return {**_described(chain.things[name]), "broken": link.broken}


def _described(thing: Thing) -> dict[str, object]:
    name = thing.name
    return {
        "kind": name.kind.value,
        "key": name.key,
        "title": thing.title or None,
        "number": thing.number,
        "says": thing.says or None,
        "page": url_for(".show", kind=name.kind.value, key=name.key),
        "chain": url_for(".chain_json", kind=name.kind.value, key=name.key),
    }
