"""Every route says who may see it; what says nothing is seen by nobody."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from flask import Flask, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from scenario_app.accounts.queries import SignedIn, account_by_id
from scenario_app.accounts.rules import Duty, still_signed_in
from scenario_app.kernel.context import now, reading
from scenario_app.kernel.errors import Forbidden
from scenario_app.kernel.http import wants_json

View = TypeVar("View", bound=Callable[..., Any])
EVERYBODY: frozenset[Duty] = frozenset()


class NotAllowed(Forbidden):
    """This account does not have the duty."""

    code = "not_allowed"


def open_to_all(view: View) -> View:
    """Declare that a route may be seen by anybody."""
    view.access = EVERYBODY  # type: ignore[attr-defined]
    return view


def needs(*duties: Duty) -> Callable[[View], View]:
    """Declare that a route may be seen by an account with one of these duties (the owner has every duty)."""

    def declare(view: View) -> View:
        view.access = frozenset({*duties, Duty.OWNER})  # type: ignore[attr-defined]
        return view

    return declare


def access_of(view: Callable[..., Any]) -> frozenset[Duty] | None:
    """Return who may see a route: no duty means everybody, None that nobody said."""
    found: frozenset[Duty] | None = getattr(view, "access", None)
    return found


def guard(app: Flask) -> None:
    """Refuse every request whose route does not let this caller in. Unknown addresses go on to their 404."""

    @app.before_request
    def _let_in() -> Response | None:
        if request.endpoint is None:
            return None
        access = access_of(app.view_functions[request.endpoint])
        if access is None:
            raise NotAllowed
        if access == EVERYBODY:
            return None
        account = current_account()
        if account is None:
            if request.method == "GET" and not wants_json():
                return redirect(url_for("accounts.sign_in", next=request.path))
            raise NotAllowed
        if not account.has(*access):
            raise NotAllowed
        return None


def remember(account: SignedIn, moment: datetime) -> None:
    """Sign this browser in. The session is made anew, so that one planted before is worth nothing."""
    session.clear()
    session["account"] = account.id
    session["epoch"] = account.epoch
    session["since"] = session["seen"] = moment.isoformat()
    g.account = account


def forget() -> None:
    """Sign this browser out."""
    session.clear()
    g.account = None


def current_account() -> SignedIn | None:
    """Return who is signed in here, or None. Runs one query, once per request."""
    if "account" not in g:
        g.account = _find()
    found: SignedIn | None = g.account
    return found


def require_account() -> SignedIn:
    """Return who is signed in.

    :raises NotAllowed: nobody is
    """
    account = current_account()
    if account is None:
        raise NotAllowed
    return account


def _find() -> SignedIn | None:
    if "account" not in session:
        return None
    moment = now()
    since = datetime.fromisoformat(session["since"])
    seen = datetime.fromisoformat(session["seen"])
    if not still_signed_in(since=since, seen_at=seen, now=moment):
        session.clear()
        return None
    with reading() as db:
        account = account_by_id(db, session["account"])
    if account is None or account.epoch != session["epoch"]:
        session.clear()
        return None
    # Once a minute is enough, and spares a cookie per page.
    if (moment - seen).total_seconds() > 60:
        session["seen"] = moment.isoformat()
    return account
