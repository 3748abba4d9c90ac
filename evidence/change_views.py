"""The public tracker: what was promised, what changed, what did not; as a page, a calendar, feeds and JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _

from evidence.loop.feeds import Feed, FeedEntry, atom
from evidence.loop.queries import Update
from evidence.loop.rules import Standing
from evidence.loop.tracker import Changes, PromiseTold, changes
from evidence.loop_words import standing_words, verdict_words
from evidence.queries import packs
from live.floor import public_address
from live.preparing.calendar import CalendarEntry, calendar
from live.words import proposal_state_words
from scenario_app.accounts.access import open_to_all
from scenario_app.kernel.context import config, now, reading
from scenario_app.kernel.language import current_language
from scenario_app.kernel.public_json import after_asked, limit_asked, page_of, public_json, readable_anywhere

blueprint = Blueprint("changes", __name__, template_folder="templates")
OPEN = (Standing.OVERDUE, Standing.UNDER_WAY, Standing.PROMISED)
NOT_PROMISED, UNANSWERED = "not_promised", "unanswered"


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """What came of it. `state` and `event` say what is shown only; `whole` has everything, for the counts."""

    whole: Changes
    shown: Changes
    state: str
    event: str
    standings: Mapping[str, str]
    verdicts: Mapping[str, str]
    states: Mapping[str, str]
    today: datetime

    @property
    def promises(self) -> Sequence[PromiseTold]:
        """The promises of the state that was asked for."""
        if self.state in ("", *OPEN, Standing.DONE, Standing.NOT_DONE):
            return [told for told in self.shown.promises if self.state in ("", told.standing)]
        return []

    @property
    def not_promised(self) -> Sequence[PromiseTold]:
        """What is not promised, where that was asked for."""
        return self.shown.not_promised if self.state in ("", NOT_PROMISED) else []

    @property
    def with_proposals(self) -> bool:
        """Whether proposals belong to what was asked for."""
        return self.state in ("", UNANSWERED)


@blueprint.get("/changes")
@open_to_all
def show() -> str:
    """Show every promise and where it stands, what is not promised and why, every proposal and its answer."""
    state, event = request.args.get("state", ""), request.args.get("event", "")[:80]
    words = standing_words()
    with reading() as session:
        whole = changes(session, today=now().date())
    known = {held.slug for held in whole.events}
    page = ChangesPage(
        whole=whole,
        shown=whole.of(event) if event in known else whole,
        state=state if state in words else "",
        event=event if event in known else "",
        standings=words,
        verdicts=verdict_words(),
        states=proposal_state_words(),
        today=now(),
    )
    return render_template("evidence/changes.html", page=page)


@blueprint.get("/changes.ics")
@open_to_all
def promise_days() -> Response:
    """Answer the days of promises that are not settled yet, as a calendar that can be subscribed to."""
    with reading() as session:
        found = changes(session, today=now().date()).promises
    entries = [
        CalendarEntry(
            uid=f"promise-{told.promise.id}@scenario-app",
            summary=_("Promised: %(what)s", what=told.promise.what),
            starts_at=told.promise.due,
            ends_at=told.promise.due + timedelta(days=1),
            location="",
            description=told.promise.owner,
            url=public_address(url_for("chain.show", kind="commitment", key=told.promise.id)),
        )
        for told in found
        # No day comes after the last one there is, so no calendar can end it.
        if told.standing in OPEN and told.promise.due is not None and told.promise.due < date.max
    ]
    return Response(calendar(entries, now=now()), content_type="text/calendar; charset=utf-8")


@blueprint.get("/changes.atom")
@open_to_all
def feed() -> Response:
    """Answer what changed as a feed: promises, what was said of them, answers, and days that have gone by."""
    with reading() as session:
        whole = changes(session, today=now().date())
    return _feed("changes", _("What changed"), url_for(".show"), _entries(whole))


@blueprint.get("/evidence.atom")
@open_to_all
def evidence_feed() -> Response:
    """Answer the published packs as a feed."""
    with reading() as session:
        found = [each for each in packs(session) if each.withdrawn_at is None]
    entries = [
        FeedEntry(
            f"pack:{each.reference}",
            f"{each.title} ({each.reference})",
            public_address(url_for("evidence.show", reference=each.reference)),
            each.generated_at,
        )
        for each in found
    ]
    return _feed("evidence", _("Evidence"), url_for("evidence.catalogue"), entries)


@blueprint.get("/api/v1/commitments")
@open_to_all
@readable_anywhere
def commitments_json() -> Response:
    """Answer every promise of closed events and where it stands today, and what is not promised and why.

    `?event=SLUG` answers one event's alone; `standing` is null where something is not promised.
    """
    event, limit = request.args.get("event", "")[:80], limit_asked()
    with reading() as session:
        found = changes(session, today=now().date())
    found = found.of(event) if event else found
    told = sorted((*found.promises, *found.not_promised), key=lambda each: each.promise.id)
    shown, following = page_of(
        [(str(each.promise.id), each) for each in told], after=after_asked(), limit=limit
    )
    return public_json({"ok": True, "commitments": [_described(each) for each in shown], "next": following})


def _entries(whole: Changes) -> list[FeedEntry]:
    words, answers = standing_words(), verdict_words()
    entries = []
    for told in (*whole.promises, *whole.not_promised):
        page = public_address(url_for("chain.show", kind="commitment", key=told.promise.id))
        first = words["promised" if told.promise.promised else NOT_PROMISED]
        made = told.promise.held.closed_at
        entries.append(
            FeedEntry(f"commitment:{told.promise.id}", f"{first}: {told.promise.what}", page, made)
        )
        entries += [
            FeedEntry(
                f"update:{each.id}", f"{words[each.status]}: {told.promise.what}", page, _shown_at(each)
            )
            for each in told.updates
        ]
        if told.standing is Standing.OVERDUE and told.promise.due is not None:
            gone_by = datetime.combine(told.promise.due + timedelta(days=1), time(), UTC)
            title = f"{words['overdue']}: {told.promise.what}"
            entries.append(FeedEntry(f"overdue:{told.promise.id}", title, page, gone_by))
    return entries + [
        FeedEntry(
            f"answer:{each.id}",
            f"{answers[each.verdict]}: {told.proposal.wording}",
            public_address(url_for("chain.show", kind="proposal", key=told.proposal.id)),
            each.checked_at or each.answered_at,
        )
        for told in whole.proposals
        for each in told.answers
    ]


def _shown_at(update: Update) -> datetime:
    return update.checked_at or update.said_at


def _feed(name: str, title: str, page: str, entries: Sequence[FeedEntry]) -> Response:
    made = Feed(
        name=name,
        title=f"{title}. {config().site_name}",
        author=config().site_name,
        language=current_language().code,
        address=public_address(request.path),
        page=public_address(page),
        entries=entries,
    )
    body = atom(made, key=config().secret_key)
    return Response(body, content_type="application/atom+xml; charset=utf-8")


def _described(told: PromiseTold) -> dict[str, object]:
    promise = told.promise
    return {
        "id": promise.id,
        "event": promise.held.slug,
        "promised": promise.promised,
        "what": promise.what,
        "owner": promise.owner or None,
        "due": promise.due.isoformat() if promise.due else None,
        "why_not": promise.why or None,
        "proposal": promise.proposal_id,
        "read_back": promise.read_back_at is not None,
        "standing": told.standing.value if told.standing else None,
        "days_late": told.days_late,
        "updates": [
            {
                "id": each.id,
                "status": each.status,
                "words": each.words,
                "evidence": each.evidence_url or None,
                "expected": each.new_day.isoformat() if each.new_day else None,
                "said_by": each.said_as,
                "said_at": each.said_at.isoformat(timespec="seconds"),
                "checked_at": each.checked_at.isoformat(timespec="seconds") if each.checked_at else None,
            }
            for each in told.updates
        ],
        "page": url_for("chain.show", kind="commitment", key=promise.id),
    }
