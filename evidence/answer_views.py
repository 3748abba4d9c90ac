"""Pages of those who answer: what waits for an answer, what is late; and of moderators, who check what is claimed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from evidence.loop.answering import answer_proposal, update_promise
from evidence.loop.checking import Claim, ClaimKind, check_claim, claims, waiting_claims
from evidence.loop.rules import NoSuchClaim, NothingToAnswer
from evidence.loop.tracker import Changes, PromiseTold, ProposalTold, changes
from evidence.loop_words import standing_words, verdict_words
from live.words import proposal_state_words
from scenario_app.accounts.access import needs, require_account
from scenario_app.accounts.rules import Duty
from scenario_app.kernel.context import now, reading, transaction
from scenario_app.kernel.errors import DomainError, Invalid

blueprint = Blueprint("answers", __name__, template_folder="templates")
_ANSWER = ("verdict", "because", "name")
_UPDATE = ("status", "words", "evidence_url", "new_day", "name")
Typed = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WorkPage:
    """Everything that can be answered: what is late and what has no answer first. `waiting`: `answer-7`, `update-3`."""

    changes: Changes
    waiting: frozenset[str]
    standings: Mapping[str, str]
    states: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """One proposal, what was answered before, and the form."""

    told: ProposalTold
    said: Sequence[Claim]
    verdicts: Mapping[str, str]
    typed: Typed
    wrong: str


@dataclass(frozen=True, slots=True)
class UpdatePage:
    """One promise, what was said of it before, and the form."""

    told: PromiseTold
    said: Sequence[Claim]
    standings: Mapping[str, str]
    typed: Typed
    wrong: str


@dataclass(frozen=True, slots=True)
class ClaimsPage:
    """What is claimed and waits for a check. `refused`: of which claim, why, and the words that were typed."""

    claims: Sequence[Claim]
    me: int
    standings: Mapping[str, str]
    verdicts: Mapping[str, str]
    refused: str = ""
    why: str = ""
    how: str = ""


@blueprint.get("/evidence/answers")
@needs(Duty.COMMISSIONER)
def work() -> str:
    """Show what waits for an answer, what is late first."""
    with reading() as session:
        page = WorkPage(
            changes=changes(session, today=now().date()),
            waiting=frozenset(f"{each.kind}-{each.about_id}" for each in waiting_claims(session)),
            standings=standing_words(),
            states=proposal_state_words(),
        )
    return render_template("evidence/answers.html", page=page)


@blueprint.get("/evidence/answers/proposals/<int:proposal_id>")
@needs(Duty.COMMISSIONER)
def answer(proposal_id: int) -> str:
    """Ask for the official answer to a proposal."""
    return _answer_page(proposal_id, {}, "")


@blueprint.post("/evidence/answers/proposals/<int:proposal_id>")
@needs(Duty.COMMISSIONER)
def answer_now(proposal_id: int) -> Response | tuple[str, int]:
    """Keep the official answer to a proposal."""
    typed = {name: request.form.get(name, "") for name in _ANSWER}
    try:
        with transaction() as session:
            waits = answer_proposal(
                session,
                proposal_id=proposal_id,
                verdict=typed["verdict"],
                because=typed["because"],
                answered_as=typed["name"],
                account_id=require_account().id,
                now=now(),
            )
    except Invalid as refusal:
        return _answer_page(proposal_id, typed, str(refusal.details.get("field", "because"))), refusal.status
    _say(waits)
    return redirect(url_for(".work"))


@blueprint.get("/evidence/answers/promises/<int:commitment_id>")
@needs(Duty.COMMISSIONER)
def promise(commitment_id: int) -> str:
    """Ask what became of a promise."""
    return _update_page(commitment_id, {}, "")


@blueprint.post("/evidence/answers/promises/<int:commitment_id>")
@needs(Duty.COMMISSIONER)
def promise_now(commitment_id: int) -> Response | tuple[str, int]:
    """Keep what became of a promise."""
    typed = {name: request.form.get(name, "") for name in _UPDATE}
    try:
        with transaction() as session:
            waits = update_promise(
                session,
                commitment_id=commitment_id,
                status=typed["status"],
                words=typed["words"],
                evidence_url=typed["evidence_url"],
                new_day=_day(typed["new_day"]),
                said_as=typed["name"],
                account_id=require_account().id,
                now=now(),
            )
    except Invalid as refusal:
        return _update_page(commitment_id, typed, str(refusal.details.get("field", "words"))), refusal.status
    _say(waits)
    return redirect(url_for(".work"))


# --- moderators -----------------------------------------------------------------------------------------


@blueprint.get("/reviews/claims")
@needs(Duty.MODERATOR)
def claimed() -> str:
    """Show what is claimed and waits for a check."""
    return render_template("evidence/claims.html", page=_claims_page())


@blueprint.post("/reviews/claims/<kind>/<int:claim_id>")
@needs(Duty.MODERATOR)
def check(kind: str, claim_id: int) -> Response | tuple[str, int]:
    """Show a claim to everybody, or not."""
    if kind not in set(ClaimKind):
        raise NoSuchClaim(found=kind[:20])
    how = request.form.get("how", "")
    try:
        with transaction() as session:
            check_claim(
                session,
                kind=ClaimKind(kind),
                claim_id=claim_id,
                digest=request.form.get("digest", "")[:64],
                show=request.form.get("show") == "yes",
                how=how,
                account_id=require_account().id,
                now=now(),
            )
    except NoSuchClaim:
        raise
    except DomainError as refusal:
        page = _claims_page(f"{kind}-{claim_id}", refusal.code, how)
        return render_template("evidence/claims.html", page=page), refusal.status
    flash(
        _("Kept. Everybody sees it now.")
        if request.form.get("show") == "yes"
        else _("Kept. It is not shown.")
    )
    return redirect(url_for(".claimed"))


# --- within ---------------------------------------------------------------------------------------------


def _say(waits: bool) -> None:
    flash(
        _("Kept. A moderator checks it before everybody sees it.")
        if waits
        else _("Kept. Everybody sees it now.")
    )


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        raise Invalid(field="new_day", expected="a day") from None


def _said(session: Session, kind: ClaimKind, about_id: int) -> list[Claim]:
    return [each for each in claims(session) if (each.kind, each.about_id) == (kind, about_id)]


def _name(session: Session) -> str:
    """Return the name and office under which this account answered last; at first its own name."""
    account = require_account()
    mine = [each for each in claims(session) if each.said_by == account.id]
    return max(mine, key=lambda each: each.said_at).said_as if mine else account.name


def _answer_page(proposal_id: int, typed: Typed, wrong: str) -> str:
    with reading() as session:
        found = changes(session, today=now().date()).proposals
        told = next((each for each in found if each.proposal.id == proposal_id), None)
        if told is None:
            raise NothingToAnswer(proposal=proposal_id)
        page = AnswerPage(
            told=told,
            said=_said(session, ClaimKind.ANSWER, proposal_id),
            verdicts=verdict_words(),
            typed=typed or {**dict.fromkeys(_ANSWER, ""), "name": _name(session)},
            wrong=wrong,
        )
    return render_template("evidence/answer.html", page=page)


def _update_page(commitment_id: int, typed: Typed, wrong: str) -> str:
    with reading() as session:
        found = changes(session, today=now().date()).promises
        told = next((each for each in found if each.promise.id == commitment_id), None)
        if told is None:
            raise NothingToAnswer(commitment=commitment_id)
        page = UpdatePage(
            told=told,
            said=_said(session, ClaimKind.UPDATE, commitment_id),
            standings=standing_words(),
            typed=typed or {**dict.fromkeys(_UPDATE, ""), "name": _name(session)},
            wrong=wrong,
        )
    return render_template("evidence/update.html", page=page)


def _claims_page(refused: str = "", why: str = "", how: str = "") -> ClaimsPage:
    with reading() as session:
        return ClaimsPage(
            claims=waiting_claims(session),
            me=require_account().id,
            standings=standing_words(),
            verdicts=verdict_words(),
            refused=refused,
            why=why,
            how=how,
        )
