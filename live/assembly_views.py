"""Pages of what comes after the play: words that a phone offers, leaving well, and the desk's part of both."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from live.assembly.committing import leave_well
from live.assembly.queries import (
    CommitmentView,
    Offered,
    ProposalView,
    Tried,
    commitments_of,
    offered_in,
    proposals_of,
    tried_in,
)
from live.budgets import TooFast
from live.floor import floor, seated, section_at
from live.forms import not_taken, number_typed
from live.messages import OfferWords
from live.queries import SectionView
from live.words import group_label, passing_rule_words, proposal_state_words, public_question_words
from scenario_app.accounts.access import open_to_all
from scenario_app.kernel.context import now, transaction
from scenario_app.kernel.errors import DomainError, Invalid

blueprint = Blueprint("assembly", __name__, template_folder="templates")
_NOTHING = {"heard": "", "safe": "", "words": ""}


@dataclass(frozen=True, slots=True)
class AssemblyPanel:
    """What a desk sees of the proposals and promises of its section."""

    proposals: Sequence[ProposalView]
    offered: Sequence[Offered]
    interventions: Sequence[Tried]
    commitments: Sequence[CommitmentView]
    states: Mapping[str, str]
    questions: Mapping[str, str]
    passing_rules: Mapping[str, str]
    roles: Mapping[str, str]
    today: date

    @property
    def to_read_back(self) -> int:
        """How many promises the room has not seen in these words."""
        return sum(commitment.read_back_at is None for commitment in self.commitments)


@dataclass(frozen=True, slots=True)
class LeavingPage:
    """Three short questions on leaving."""

    section: SectionView
    typed: Mapping[str, str]
    wrong: str


def assembly_panel(session: Session, section_id: int) -> AssemblyPanel:
    """Return the desk's panel of a section. About five queries."""
    offered = offered_in(session, section_id)
    return AssemblyPanel(
        proposals=proposals_of(session, section_id),
        offered=offered,
        interventions=tried_in(session, section_id),
        commitments=commitments_of(session, section_id),
        states=proposal_state_words(),
        questions=public_question_words(),
        passing_rules=passing_rule_words(),
        roles={it.role or "no_role": group_label(it.role or "no_role") for it in offered},
        today=now().date(),
    )


@blueprint.post("/at/<code>/words")
@open_to_all
def offer(code: str) -> Response:
    """Take words about the proposals that came by plain form: the same call as on the socket."""
    section = section_at(code)
    back = redirect(url_for("live.phone", code=section.code) + "#after")
    if not request.form.get("text", "").strip():
        flash(_("Write your words first, then send them."))
        return back
    proposal = request.form.get("proposal", "")
    message = OfferWords.parse(
        {
            "kind": request.form.get("kind", ""),
            "proposal": number_typed(proposal),
            "text": request.form.get("text", "")[:500],
            "key": request.form.get("key") or secrets.token_urlsafe(12),
        }
    )
    try:
        floor().hear(seat=seated(section), message=message)
        flash(_("Your words are with the people at the desk. They are read before anybody else sees them."))
    except DomainError as refusal:
        if refusal.status >= 500:
            raise
        not_taken(refusal, {"offer": message.text, "kind": message.kind, "proposal": proposal})
    return back


@blueprint.get("/at/<code>/leaving")
@open_to_all
def leaving(code: str) -> str:
    """Ask three short questions on leaving."""
    return render_template("live/leaving.html", page=LeavingPage(section_at(code), _NOTHING, ""))


@blueprint.post("/at/<code>/leaving")
@open_to_all
def left(code: str) -> str | Response | tuple[str, int]:
    """Keep what somebody says on leaving, apart from their seat and from every vote."""
    section = section_at(code)
    seat = seated(section)
    typed = {name: request.form.get(name, "") for name in _NOTHING}
    try:
        floor().budgets.of(seat.seat_id).spend_leaving()
        with transaction() as session:
            leave_well(
                session,
                section_id=section.id,
                heard=_step(typed["heard"]),
                safe=_step(typed["safe"]),
                words=typed["words"],
            )
    except TooFast as refusal:
        page = LeavingPage(section, typed, refusal.code)
        return render_template("live/leaving.html", page=page), refusal.status
    except Invalid as refusal:
        page = LeavingPage(section, typed, str(refusal.details.get("field", "words")))
        return render_template("live/leaving.html", page=page), refusal.status
    flash(_("Thank you. What you said is kept without your seat, your role or your votes."))
    return redirect(url_for("live.phone", code=section.code))


def _step(typed: str) -> int | None:
    if not typed:
        return None
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 3 else 0
