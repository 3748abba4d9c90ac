"""Tell everybody on duty of an urgent story, by mail, without a word of it. Looks every twenty seconds.

A letter that cannot be sent is tried again at the next look; the request in which the story was sent waits for
nothing. Several processes share the work through the database.
"""

import logging
from collections.abc import Callable
from smtplib import SMTPRecipientsRefused

from flask import Flask
from flask_babel import gettext as _

from scenario_app.accounts.mail import send_letter
from scenario_app.accounts.queries import SignedIn, people_with
from scenario_app.accounts.rules import Duty
from scenario_app.kernel.clock import Clock
from scenario_app.kernel.config import Config
from scenario_app.kernel.database import Database
from scenario_app.kernel.looking import look_every
from scenarios.stories.urgent import claim_untold, mark_told, mark_untold, untold

LOOK_SECONDS = 20.0
Send = Callable[..., None]
log = logging.getLogger(__name__)


class UrgentWatch:
    """Looks for urgent stories that nobody was told of, and writes to every moderator and owner."""

    def __init__(
        self, app: Flask, database: Database, config: Config, clock: Clock, *, send: Send = send_letter
    ) -> None:
        self._app = app
        self._database = database
        self._config = config
        self._clock = clock
        self._send = send
        # Who has had the letter already, for each story: a second try must not write to them again.
        self._reached: dict[int, set[int]] = {}

    def serve(self) -> None:
        """Start looking. Does nothing without a mail server: then the banner on the pages has to do."""
        if self._config.mail_url:
            look_every(LOOK_SECONDS, self.look)

    def look(self) -> int:
        """Tell of every story that nobody was told of yet; return how many are told. One query when there is none."""
        with self._database.reading() as session:
            if not untold(session):
                return 0
            people = people_with(session, Duty.MODERATOR, Duty.OWNER)
        with self._database.transaction() as session:
            claimed = claim_untold(session, now=self._clock())
        return sum(self._tell(story_id, people) for story_id in claimed)

    def _tell(self, story_id: int, people: list[SignedIn]) -> bool:
        reached = self._reached.setdefault(story_id, set())
        for person in people:
            if person.id not in reached and person.email and self._write_to(person, story_id):
                reached.add(person.id)
        everybody = all(person.id in reached for person in people if person.email)
        with self._database.transaction() as session:
            if everybody:
                mark_told(session, story_id=story_id, now=self._clock())
            else:
                mark_untold(session, story_id=story_id)
        if everybody:
            del self._reached[story_id]
        return everybody

    def _write_to(self, person: SignedIn, story_id: int) -> bool:
        """Send one letter; say whether it needs no second try."""
        path = f"/reviews/stories/{story_id}"
        with self._app.app_context():
            subject = _("A story needs somebody now")
            text = _(
                "Somebody who wrote a story may be in danger. Please read it now: %(address)s",
                address=(self._config.public_url or self._config.site_name + ":") + path,
            )
        try:
            self._send(self._config.mail_url, to=person.email, subject=subject, text=text)
        except SMTPRecipientsRefused:
            # This address will not be there in twenty seconds either; the others have their letters.
            log.warning("the mail server does not know the address of an account")
        except OSError as problem:
            log.warning(
                "an urgent letter could not be sent; trying again", extra={"reason": type(problem).__name__}
            )
            return False
        return True
