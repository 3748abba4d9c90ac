"""Publishing, for a steward: what could be published, and what would be in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from evidence.key_file import signing_key
from evidence.queries import Pack, packs_of
from evidence.service import PackDraft, draft_pack, publish_pack
from evidence.views import blueprint
from live.queries import EventView, events
from scenario_app.accounts.access import needs, require_account
from scenario_app.accounts.rules import Duty
from scenario_app.kernel.context import config, now, reading, transaction


@dataclass(frozen=True, slots=True)
class PublishPage:
    """What a steward may publish: the events, and what is in the one that was chosen."""

    events: Sequence[tuple[EventView, Sequence[Pack]]]
    chosen: str
    draft: PackDraft | None


@blueprint.get("/evidence/publish")
@needs(Duty.STEWARD)
def publish() -> str:
    """Show what could be published, and what would be in it."""
    chosen = request.args.get("event", "")[:80]
    with reading() as session:
        page = PublishPage(
            events=[(event, packs_of(session, event.slug)) for event in events(session)],
            chosen=chosen,
            draft=draft_pack(session, event_slug=chosen, threshold=config().suppress_below)
            if chosen
            else None,
        )
    return render_template("evidence/publish.html", page=page)


@blueprint.post("/evidence/publish")
@needs(Duty.STEWARD)
def publish_now() -> BaseResponse:
    """Publish an event's evidence as its next version."""
    account = require_account()
    key = signing_key(config())
    with transaction() as session:
        published = publish_pack(
            session,
            event_slug=request.form.get("event", "")[:80],
            account_id=account.id,
            now=now(),
            threshold=config().suppress_below,
            key=key,
        )
    flash(_("Published as %(reference)s. It will not change any more.", reference=published.reference))
    return redirect(url_for(".show", reference=published.reference))
