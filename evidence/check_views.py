"""Pages on which people check what they hold: the public key, a pack in their own browser, a receipt."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from evidence.key_file import signing_key
from evidence.signing import fingerprint_of, pem_of
from live.floor import floor
from live.house import HOUSE
from live.receipts import (
    ReceiptRound,
    ReceiptState,
    clean_receipt,
    events_with_receipts,
    receipt_state,
    rounds_with_receipts,
)
from live.rules import About
from scenario_app.accounts.access import open_to_all
from scenario_app.kernel.context import config, reading
from scenarios import queries as scenarios

blueprint = Blueprint("evidence_checks", __name__, template_folder="templates")


@dataclass(frozen=True, slots=True)
class VerifyPage:
    """The form in which a pack is chosen, with the key of this site: who checks a pack here wants one of this site."""

    public_key: str


@dataclass(frozen=True, slots=True)
class RoundChoice:
    """A closed round as the form names it. The question is in its script's language, or a question of the house."""

    id: int
    section: str
    question: str
    number: int
    alone: bool


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """Where a receipt is looked up: the events, the rounds of the chosen one, and what was found."""

    events: Sequence[tuple[str, str]]
    event: str
    rounds: Sequence[RoundChoice]
    chosen: RoundChoice | None = None
    state: ReceiptState | None = None
    wrong: str = ""


@blueprint.get("/evidence/public-key")
@open_to_all
def public_key() -> Response:
    """Answer the key whose signature packs carry, as text that `evidence verify --key` reads as it is."""
    key = signing_key(config()).public_key
    body = render_template(
        "evidence/public_key.txt", key=key, fingerprint=fingerprint_of(key), pem=pem_of(key).strip()
    )
    return Response(body, content_type="text/plain; charset=utf-8")


@blueprint.get("/evidence/verify")
@open_to_all
def verify() -> str:
    """Show the page on which a browser checks a pack by itself. Nothing is sent here."""
    return render_template("evidence/verify.html", page=VerifyPage(signing_key(config()).public_key))


@blueprint.get("/evidence/receipt")
@open_to_all
def receipt() -> str:
    """Show the form in which a receipt is looked up."""
    with reading() as session:
        page = _receipt_page(session, request.args.get("event", "")[:80])
    return render_template("evidence/receipt.html", page=page)


@blueprint.post("/evidence/receipt")
@open_to_all
def look_up() -> str | tuple[str, int]:
    """Say whether the ballot with a receipt was counted, and nothing of what was chosen.

    An unknown one is counted against the address that it came from, as a wrong door code is.
    """
    typed = clean_receipt(request.form.get("receipt", "")[:40])
    with reading() as session:
        page = _receipt_page(session, request.form.get("event", "")[:80])
        chosen = next((each for each in page.rounds if str(each.id) == request.form.get("round", "")), None)
        if chosen is None or not typed:
            wrong = "round" if chosen is None else "receipt"
            again = ReceiptPage(page.events, page.event, page.rounds, chosen, wrong=wrong)
            return render_template("evidence/receipt.html", page=again), 422
        address, here = request.remote_addr or "unknown", floor()
        # Before it is looked up: whoever guesses learns nothing more, right or wrong.
        here.wrong_codes.check("receipt", address)
        state = receipt_state(session, round_id=chosen.id, receipt=typed, key=config().secret_key)
    if state is ReceiptState.UNKNOWN:
        here.wrong_codes.was_wrong("receipt", address)
    return render_template(
        "evidence/receipt.html", page=ReceiptPage(page.events, page.event, page.rounds, chosen, state)
    )


def _receipt_page(session: Session, event: str) -> ReceiptPage:
    events = events_with_receipts(session)
    known = event if event in dict(events) else ""
    return ReceiptPage(events, known, _choices(session, known) if known else [])


def _choices(session: Session, event: str) -> list[RoundChoice]:
    rounds = rounds_with_receipts(session, event)
    versions = scenarios.versions(session, (round_.version_id for round_ in rounds))
    asked = {
        (version.id, decision.key): decision.question
        for version in versions.values()
        for decision in version.script.decisions
    }
    return [
        RoundChoice(
            id=round_.id,
            section=round_.section_title,
            question=asked.get((round_.version_id, round_.decision)) or _beside(round_),
            number=round_.number,
            alone=round_.alone,
        )
        for round_ in rounds
    ]


def _beside(round_: ReceiptRound) -> str:
    if round_.question:
        return round_.question
    house = HOUSE.get(About(round_.about))
    return _(house.question) if house and house.question else round_.decision
