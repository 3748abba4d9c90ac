"""Sign in with a code that a person types; sign out."""

from dataclasses import dataclass

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from scenario_app.accounts import service
from scenario_app.accounts.access import current_account, forget, open_to_all, remember
from scenario_app.accounts.mail import send_letter
from scenario_app.accounts.rules import Duty
from scenario_app.kernel.context import config, now, reading, transaction
from scenario_app.kernel.http import own_path
from scenario_app.kernel.security import WrongCodes
from scenario_app.kernel.word_codes import clean_word_code

blueprint = Blueprint("accounts", __name__, template_folder="templates")


@dataclass(frozen=True, slots=True)
class SignInPage:
    """What the two sign-in pages show."""

    next: str
    can_mail: bool
    wrong: bool = False


@blueprint.get("/sign-in")
@open_to_all
def sign_in() -> str | Response:
    """Ask for the e-mail address."""
    if current_account():
        return redirect(_first_page())
    return render_template("accounts/sign_in.html", page=_page())


@blueprint.post("/sign-in")
@open_to_all
def ask_for_code() -> Response:
    """Send a code when there is such an account; say the same either way."""
    email = request.form.get("email", "")[:254]
    if mail_url := config().mail_url:  # a code that reaches nobody would only make guessing easier
        _mail_code(email, mail_url)
    session["signing_in"] = email
    return redirect(url_for(".type_code", next=_next()))


@blueprint.get("/sign-in/code")
@open_to_all
def type_code() -> str | Response:
    """Ask for the six digits."""
    return render_template("accounts/code.html", page=_page(), email=session.get("signing_in", ""))


@blueprint.post("/sign-in/code")
@open_to_all
def use_code() -> Response | str | tuple[str, int]:
    """Sign in, or say that the code is not right; the address typed stays in the field."""
    email = request.form.get("email", "")[:254]
    with transaction() as db:
        account = service.sign_in(
            db, email=email, code=request.form.get("code", "")[:20], now=now(), key=config().secret_key
        )
    if account is None:
        return render_template("accounts/code.html", page=_page(wrong=True), email=email), 403
    target = _next()
    remember(account, now())
    flash(_("You are signed in as %(name)s.", name=account.name))
    return redirect(target or _first_page())


@blueprint.get("/sign-in/words")
@open_to_all
def type_words() -> str | Response:
    """Ask a co-writer for the six words."""
    return render_template("accounts/words.html", page=_page())


@blueprint.post("/sign-in/words")
@open_to_all
def use_words() -> Response | tuple[str, int]:
    """Sign a co-writer in. Wrong words are counted against the address they came from; right ones never refused."""
    with reading() as db:
        account = service.sign_in_with_words(
            db, words=clean_word_code(request.form.get("words", "")), key=config().secret_key
        )
    if account is None:
        wrong: WrongCodes = current_app.extensions["wrong_words"]
        address = request.remote_addr or "unknown"
        wrong.check("words", address)
        wrong.was_wrong("words", address)
        return render_template("accounts/words.html", page=_page(wrong=True)), 403
    remember(account, now())
    flash(_("You are signed in as %(name)s.", name=account.name))
    return redirect(_next() or _first_page())


@blueprint.record_once
def _count_wrong_words(state: BlueprintSetupState) -> None:
    state.app.extensions["wrong_words"] = WrongCodes(state.app.extensions["house"].config.redis_url)


@blueprint.post("/sign-out")
@open_to_all
def sign_out() -> Response:
    """Sign this browser out."""
    forget()
    return redirect(url_for("pages.home"))


def _mail_code(email: str, mail_url: str) -> None:
    with transaction() as db:
        try:
            code = service.issue_code(db, email=email, now=now(), key=config().secret_key)
        except service.NoSuchAccount:
            return
    try:
        send_letter(
            mail_url,
            to=email,
            subject=_("Your code for %(site)s", site=config().site_name),
            text=_("Your code is %(code)s. It is good once, for 15 minutes.", code=code),
        )
    except OSError as problem:
        current_app.logger.warning("a sign-in code could not be mailed: %s", type(problem).__name__)


def _page(*, wrong: bool = False) -> SignInPage:
    return SignInPage(next=_next(), can_mail=config().mail_url is not None, wrong=wrong)


def _next() -> str:
    """Return where to go afterwards: a path of this site, never another site's address."""
    return own_path(request.values.get("next", ""))


def _first_page() -> str:
    account = current_account()
    if account and account.has(Duty.FACILITATOR, Duty.OWNER):
        return url_for("desk.home")
    if account and account.has(Duty.MODERATOR, Duty.CO_WRITER):
        return url_for("reviews.home")
    if account and account.has(Duty.COMMISSIONER):
        return url_for("answers.work")
    return url_for("evidence.catalogue")
