"""The application in this process, for pages and the JSON API, with the cast to sign in as."""

from flask import Flask
from flask.testing import FlaskClient

from scenario_app.accounts.queries import SignedIn
from scenario_app.factory import create_app
from scenario_app.kernel.clock import Clock
from scenario_app.kernel.config import Config
from scenario_app.kernel.database import Database


def make_app(config: Config, database: Database, clock: Clock) -> Flask:
    """Build the application on a test's own database and clock. Forms need no CSRF token here."""
    app = create_app(config, database=database, clock=clock)
    app.testing = False  # errors are answered as they are to people
    app.config["WTF_CSRF_ENABLED"] = False
    return app


def client_of(app: Flask, account: SignedIn | None = None) -> FlaskClient:
    """Return a browser without scripts; signed in, when an account is given."""
    client = app.test_client()
    if account is not None:
        moment = app.extensions["house"].clock().isoformat()
        with client.session_transaction() as session:
            session.update(account=account.id, epoch=account.epoch, since=moment, seen=moment)
    return client
