"""Write to tellers who asked for it when something new came of their story. Looks every ten minutes.

No word of a story is in a letter, and its subject says nothing of one. What cannot be sent is tried again.
"""

import logging
from collections.abc import Callable
from smtplib import SMTPDataError, SMTPNotSupportedError, SMTPRecipientsRefused

from flask import Flask
from flask_babel import force_locale
from flask_babel import gettext as _

from evidence.loop.letters import News, claim_followers, mark_told, news_for, somebody_follows, stop_letters
from scenario_app.accounts.mail import send_letter
from scenario_app.kernel.clock import Clock
from scenario_app.kernel.config import Config
from scenario_app.kernel.database import Database, StorageUnavailable
from scenario_app.kernel.looking import look_every
from scenario_app.kernel.tokens import signed, unsigned

LOOK_SECONDS = 600.0
# Whoever finds an old letter in ten years must still be able to end them.
TOKEN_SECONDS = 10 * 365 * 86_400
Send = Callable[..., None]
log = logging.getLogger(__name__)


def token_of(follower_id: int, *, key: str) -> str:
    """Return what ends the letters to somebody: in each of them, and nowhere else."""
    return signed({"follower": follower_id}, key=key, purpose="letters")


def follower_of(token: str, *, key: str) -> int | None:
    """Return whose letters a token ends; None for one that we did not make."""
    payload = unsigned(token, key=key, purpose="letters", max_age_seconds=TOKEN_SECONDS)
    found = payload.get("follower") if payload else None
    return found if isinstance(found, int) else None


class LetterWatch:
    """Looks whether something new came of a story, and writes to its teller."""

    def __init__(
        self, app: Flask, database: Database, config: Config, clock: Clock, *, send: Send = send_letter
    ) -> None:
        self._app = app
        self._database = database
        self._config = config
        self._clock = clock
        self._send = send

    def serve(self) -> None:
        """Start looking. Does nothing without a mail server and an address of one's own."""
        if self._config.mail_url and self._config.public_url:
            look_every(LOOK_SECONDS, self.look)

    def look(self) -> int:
        """Write every letter that is due; return how many. One query when nobody waits for one.

        One that fails keeps nobody else from theirs. Ends when the mail server does not answer; who is left is
        looked at in an hour.
        """
        with self._database.reading() as session:
            if not somebody_follows(session, now=self._clock()):
                return 0
        with self._database.transaction() as session:
            claimed = claim_followers(session, now=self._clock())
        told = 0
        for follower_id in claimed:
            try:
                told += self._tell(follower_id)
            except StorageUnavailable:
                raise
            except OSError as problem:
                # A server that does not answer costs ten seconds each time: the others are looked at in an hour.
                log.warning("letters cannot be sent now", extra={"reason": type(problem).__name__})
                break
            except Exception as problem:  # noqa: BLE001 - its words and its trace may hold the address
                log.error("a letter cannot be written", extra={"bug": type(problem).__name__})
        return told

    def _tell(self, follower_id: int) -> bool:
        with self._database.reading() as session:
            news = news_for(session, follower_id=follower_id, key=self._config.secret_key, now=self._clock())
        if news is None or not self._write(news):
            return False
        with self._database.transaction() as session:
            mark_told(session, news=news, now=self._clock())
        return True

    def _write(self, news: News) -> bool:
        site = self._config.public_url or ""
        stop = f"{site}/stories/letters/{token_of(news.follower_id, key=self._config.secret_key)}"
        with self._app.app_context(), force_locale(news.language):
            subject = _("News from %(site)s", site=self._config.site_name)
            text = _(
                "Something new came of what you told us. Your six words open it: %(address)s\n\n"
                "No more letters, and your address erased: %(stop)s",
                address=f"{site}/stories/return",
                stop=stop,
            )
        headers = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        try:
            self._send(self._config.mail_url, to=news.address, subject=subject, text=text, headers=headers)
        except SMTPRecipientsRefused as problem:
            if any(code >= 550 for code, _words in problem.recipients.values()):
                with self._database.transaction() as session:
                    stop_letters(session, follower_id=news.follower_id)
                self._database.forget_deleted()
            log.warning("the mail server does not take letters to an address")
            return False
        except SMTPDataError as problem:  # the server answers, and does not want this letter
            log.warning("the mail server does not take a letter", extra={"reason": type(problem).__name__})
            return False
        except SMTPNotSupportedError as problem:
            if news.address.isascii():
                raise  # it is not about the address
            log.warning(
                "the mail server does not know such addresses", extra={"reason": type(problem).__name__}
            )
            return False
        return True
