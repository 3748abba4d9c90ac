"""Publishing, for a steward: what could be published, what would be in it, and how far one is that was asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from evidence.packer import packer
from evidence.packing import STEPS, Job, JobState, ask_for_pack, job_asked, unfinished_jobs
from evidence.queries import Pack, packs_of
from evidence.service import PackDraft, draft_pack
from evidence.views import blueprint
from live.queries import EventView, events
from scenario_app.accounts.access import needs, require_account
from scenario_app.accounts.rules import Duty
from scenario_app.kernel.context import config, house, now, reading, transaction
from scenario_app.kernel.language import available
from scenario_app.kernel.threads import off_the_loop


@dataclass(frozen=True, slots=True)
class PublishPage:
    """What a steward may publish: the events, and what is in the one that was chosen.

    `making`: the number of the job of each event whose pack is being made.
    """

    events: Sequence[tuple[EventView, Sequence[Pack]]]
    chosen: str
    draft: PackDraft | None
    making: Mapping[str, int]
    refusals: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class JobPage:
    """How far a pack is. `steps` are the words of every step; `event_slug` is what it is of."""

    job: Job
    steps: Sequence[str]
    refusal: str


@blueprint.get("/evidence/publish")
@needs(Duty.STEWARD)
def publish() -> str:
    """Show what could be published, and what would be in it."""
    chosen, database, threshold = (
        request.args.get("event", "")[:80],
        house().database,
        config().suppress_below,
    )

    def draft() -> PackDraft:
        with database.reading() as session:
            return draft_pack(session, event_slug=chosen, threshold=threshold)

    with reading() as session:
        listed = [(event, packs_of(session, event.slug)) for event in events(session)]
        making = unfinished_jobs(session)
    page = PublishPage(
        events=listed,
        chosen=chosen,
        # A large event takes a moment to read and to tell: votes must not wait for it.
        draft=(off_the_loop(draft) if database.on_sqlite else draft()) if chosen else None,
        making=making,
        refusals=_refusals(),
    )
    return render_template("evidence/publish.html", page=page)


@blueprint.post("/evidence/publish")
@needs(Duty.STEWARD)
def publish_now() -> BaseResponse:
    """Ask for an event's evidence to be published as its next version, and show how far that is."""
    language = request.form.get("language", "en")
    with transaction() as session:
        job_id = ask_for_pack(
            session,
            event_slug=request.form.get("event", "")[:80],
            language=language if language in available(current_app.extensions["catalogues"]) else "en",
            account_id=require_account().id,
            now=now(),
        )
    packer().wake()
    return redirect(url_for(".job", job_id=job_id))


@blueprint.get("/evidence/publish/<int:job_id>")
@needs(Duty.STEWARD)
def job(job_id: int) -> str | BaseResponse:
    """Show how far a pack is that was asked for; the pack itself, once it is published."""
    with reading() as session:
        found = job_asked(session, job_id)
    if found.state == JobState.DONE and found.reference:
        flash(_("Published as %(reference)s. It will not change any more.", reference=found.reference))
        return redirect(url_for(".show", reference=found.reference))
    steps = (
        _("Reading what was counted"),
        _("Writing tables, report and workbook"),
        _("Freezing it"),
    )
    assert len(steps) == STEPS
    page = JobPage(job=found, steps=steps, refusal=_refusals().get(found.refusal or "", found.refusal or ""))
    return render_template("evidence/job.html", page=page)


def _refusals() -> dict[str, str]:
    return {
        "nothing_closed": _(
            "No round can be published yet: none has closed, or the event is not closed and none has been revealed."
        ),
        "nothing_new": _("The tables would be the same as in the newest version."),
        "too_little_changed": _(
            "Too few people’s ballots would be new. Whoever subtracted the two versions could work out how they voted. "
            "Publish again when more has been counted."
        ),
        "just_published": _("Somebody else published it at the same moment. Look at theirs first."),
        "moved_meanwhile": _("It kept changing while the pack was made. Try again in a quiet moment."),
        "bug": _(
            "Something went wrong on our side. Nothing was published. Try again, and tell us if it stays so."
        ),
    }
