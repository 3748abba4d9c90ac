"""Rehearse from the desk: begin, let simulated phones in, throw it all away."""

import os
import subprocess
import sys
from dataclasses import dataclass

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from live.floor import event_to_lead, section_to_run
from live.preparing.rehearsing import begin_rehearsal, end_rehearsal
from live.rules import NotAllowed
from scenario_app.accounts.access import needs, require_account
from scenario_app.accounts.rules import Duty
from scenario_app.kernel.context import config, now, transaction

MOST_PHONES = 100
LONGEST_SECONDS = 2 * 3600

blueprint = Blueprint("rehearsal", __name__, url_prefix="/desk")


@dataclass(frozen=True, slots=True)
class Crowd:
    """Simulated phones that were let in together, and the process that they live in."""

    phones: int
    process: "subprocess.Popen[bytes]"


@blueprint.post("/events/<slug>/rehearse")
@needs(Duty.FACILITATOR)
def begin(slug: str) -> Response:
    """Make a rehearsal of an event and go to its desk."""
    event_to_lead(slug)
    with transaction() as session:
        rehearsal = begin_rehearsal(session, event_slug=slug, account_id=require_account().id, now=now())
    flash(
        _(
            "This is a rehearsal. Nothing of it is counted, listed or published, and it is thrown away at the end."
        )
    )
    return redirect(url_for("desk.event", slug=rehearsal))


@blueprint.post("/events/<slug>/end-rehearsal")
@needs(Duty.FACILITATOR)
def end(slug: str) -> Response:
    """Throw a rehearsal away."""
    event = event_to_lead(slug)
    with transaction() as session:
        real = end_rehearsal(session, event_slug=slug, account_id=require_account().id, now=now())
    for section in event.sections:
        send_home(section.code)
    flash(_("The rehearsal is over. Everything that was done in it is gone."))
    return redirect(url_for("desk.event", slug=real))


@blueprint.post("/crowd/<code>")
@needs(Duty.FACILITATOR)
def crowd(code: str) -> Response:
    """Let simulated phones in through a section's door: real seats, real sockets, in a process of their own.

    :raises NotAllowed: this is no rehearsal, or the door is closed, or somebody else leads it
    """
    section = section_to_run(code)
    event_to_lead(section.event_slug)
    typed = request.form.get("phones", "")
    phones = min(int(typed), MOST_PHONES) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 0
    if not section.rehearsal or not section.door_open or phones < 1:
        raise NotAllowed(state="no_rehearsal" if not section.rehearsal else "door_closed")
    crowds = _crowds()
    crowds[section.code] = [crowd for crowd in crowds.get(section.code, []) if crowd.process.poll() is None]
    phones = min(phones, MOST_PHONES - sum(crowd.phones for crowd in crowds[section.code]))
    if phones > 0:
        crowds[section.code].append(Crowd(phones, _begun(section.code, phones)))
    flash(
        ngettext(
            "%(num)s simulated phone is on its way.", "%(num)s simulated phones are on their way.", phones
        )
    )
    return redirect(url_for("desk.section", code=section.code))


def _begun(code: str, phones: int) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-c", "from scenario_app.cli import main; main()", "rehearse", code]
    options = ["--phones", str(phones), "--seconds", str(LONGEST_SECONDS)]
    options += ["--url", config().own_url]
    return subprocess.Popen(  # noqa: S603 - this program itself, with a door code that was looked up
        [*command, *options],
        env=dict(os.environ),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def send_home(code: str) -> None:
    """End the simulated phones of a section that this process let in."""
    for crowd in _crowds().pop(code, []):
        crowd.process.terminate()
        crowd.process.wait()


def _crowds() -> dict[str, list[Crowd]]:
    crowds: dict[str, list[Crowd]] = current_app.extensions.setdefault("crowds", {})
    return crowds
