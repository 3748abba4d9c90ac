"""What a request can reach: a transaction, the time, the configuration. One place, so that tests can hand in others."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, current_app
from sqlalchemy.orm import Session

from scenario_app.kernel.clock import Clock
from scenario_app.kernel.config import Config
from scenario_app.kernel.database import Database


@dataclass(frozen=True, slots=True)
class House:
    """The three things that an entry point stands on."""

    config: Config
    database: Database
    clock: Clock


def furnish(app: Flask, house: House) -> None:
    """Give the application its house. Called once, by the factory."""
    app.extensions["house"] = house


def house() -> House:
    """Return the house of the current application."""
    found: House = current_app.extensions["house"]
    return found


def transaction() -> AbstractContextManager[Session]:
    """Open one write transaction; see `Database.transaction`."""
    return house().database.transaction()


def reading() -> AbstractContextManager[Session]:
    """Open one consistent view for reading; see `Database.reading`."""
    return house().database.reading()


def now() -> datetime:
    """Return this moment by the application's clock."""
    return house().clock()


def config() -> Config:
    """Return the configuration."""
    return house().config
