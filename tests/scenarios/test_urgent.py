"""The urgent lane: what goes into it, who is told, that a failed letter is tried again and none holds a word."""

import smtplib
import socketserver
import threading
from collections.abc import Iterator

import pytest

from scenario_app.accounts.mail import send_letter
from scenario_app.kernel import audit
from scenarios.stories import queries, queue, urgent
from scenarios.stories.urgent import BadPhrase, NotUrgent
from scenarios.stories.watch import LOOK_SECONDS, UrgentWatch
from tests.application import make_app
from tests.makers import make_town
from tests.scenarios.test_reviewing import tell

CRY = {"first": "PLANTED-SENTENCE and I want to die tonight."}


class Mail(socketserver.ThreadingTCPServer):
    """A mail server that keeps what it is given."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.letters: list[str] = []

    @property
    def address(self) -> str:
        """What MAIL_URL says."""
        return f"smtp://127.0.0.1:{self.server_address[1]}?from=site@eastmere.example"


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        """Speak as much SMTP as smtplib needs."""
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            match line.split()[0].upper():
                case "DATA":
                    self.say("354 go on")
                    body = iter(lambda: self.rfile.readline().decode(), ".\r\n")
                    self.server.letters.append("".join(body))
                    self.say("250 taken")
                case "QUIT":
                    self.say("221 bye")
                    return
                case _:
                    self.say("250 fine")

    def say(self, words: str) -> None:
        """Answer one line."""
        self.wfile.write(words.encode() + b"\r\n")


@pytest.fixture
def mail() -> Iterator[Mail]:
    with Mail() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def town(database, config, clock):
    return make_town(database, config, now=clock())


@pytest.fixture
def mo(town) -> int:
    return town.account("mo").id


@pytest.fixture
def urgent_story(database, town, clock) -> int:
    """A story of danger, between a calm one and a draft that would be one."""
    with database.transaction() as session:
        tell(session, "calm", clock())
        found = tell(session, "urgent", clock(), answers=CRY)
        tell(session, "draft", clock(), answers=CRY, sent=False)
    return found


@pytest.fixture
def watch(database, config, clock, town):
    """Looks with a post office that can be told to fail."""
    app = make_app(config, database, clock)

    def watch(send, mail_url="smtp://nowhere") -> UrgentWatch:
        set_up = type(config)(
            data_dir=config.data_dir, database_url=config.database_url, secret_key=config.secret_key,
            mail_url=mail_url, public_url="https://eastmere.example",
        )  # fmt: skip
        return UrgentWatch(app, database, set_up, clock, send=send)

    return watch


def view(database, story_id):
    with database.reading() as session:
        return queries.story(session, story_id)


def test_a_story_of_danger_goes_to_the_top_when_it_is_sent(database, urgent_story, clock):
    with database.reading() as session:
        found = queue.queue(session, queue.QueueFilter())
        waiting = urgent.waiting_urgent(session)

    assert found.rows[0].id == urgent_story
    assert found.rows[0].urgent_since == clock()
    assert waiting == 1, "a calm one and a draft are not urgent"


def test_danger_is_seen_in_every_language_whatever_the_page_speaks(database, town):
    with database.reading() as session:
        assert urgent.is_urgent(session, ["It rained.", "Chcę umrzeć."])
        assert urgent.is_urgent(session, ["أريد أن أموت"])
        assert not urgent.is_urgent(session, ["It rained.", ""])


def test_a_community_changes_what_is_looked_for_and_the_change_is_recorded(database, town, mo, clock):
    with database.transaction() as session:
        before = audit.rows_of(session, audit.SITE)
        urgent.add_phrase(session, language="en", phrase="  at the   bridge ", account_id=mo, now=clock())
        urgent.add_phrase(session, language="en", phrase="at the bridge", account_id=mo, now=clock())
        assert urgent.is_urgent(session, ["I am at the bridge."])

        urgent.remove_phrase(session, language="en", phrase="at the bridge", account_id=mo, now=clock())
        urgent.remove_phrase(session, language="en", phrase="at the bridge", account_id=mo, now=clock())
        assert not urgent.is_urgent(session, ["I am at the bridge."])
        assert audit.rows_of(session, audit.SITE) == before + 2


@pytest.mark.parametrize("phrase", ["", "  ", "...", "x" * 121])
def test_a_phrase_without_letters_would_be_in_every_story(database, town, mo, clock, phrase):
    with pytest.raises(BadPhrase), database.transaction() as session:
        urgent.add_phrase(session, language="en", phrase=phrase, account_id=mo, now=clock())


def test_everybody_on_duty_gets_one_letter_without_a_word_of_the_story(
    database, urgent_story, watch, mail, clock
):
    looking = watch(send_letter, mail.address)

    assert looking.look() == 1
    assert looking.look() == 0

    assert view(database, urgent_story).urgent_told_at == clock()
    to = sorted(line for letter in mail.letters for line in letter.splitlines() if line.startswith("To:"))
    assert to == ["To: mo@eastmere.example", "To: olu@eastmere.example"]
    for letter in mail.letters:
        assert f"https://eastmere.example/reviews/stories/{urgent_story}" in letter.replace("=\r\n", "")
        assert "PLANTED" not in letter
        assert "die" not in letter


def test_a_letter_that_fails_is_tried_again_for_those_who_have_none(database, urgent_story, watch, clock):
    sent: list[str] = []
    broken = {"olu@eastmere.example"}

    def send(_mail_url, *, to, subject, text):
        if to in broken:
            raise ConnectionRefusedError
        sent.append(to)

    looking = watch(send)
    assert looking.look() == 0
    assert view(database, urgent_story).urgent_told_at is None
    broken.clear()
    clock.go_on(seconds=LOOK_SECONDS)

    assert looking.look() == 1

    assert sent == ["mo@eastmere.example", "olu@eastmere.example"]
    told = view(database, urgent_story)
    assert (told.urgent_told_at - told.urgent_since).total_seconds() <= 60


def test_an_address_that_is_refused_keeps_nobody_else_waiting(database, urgent_story, watch):
    def send(_mail_url, *, to, subject, text):
        if to.startswith("mo@"):
            raise smtplib.SMTPRecipientsRefused({to: (550, b"unknown")})

    assert watch(send).look() == 1


def test_two_processes_send_one_letter_each_to_nobody_twice(database, urgent_story, clock):
    with database.transaction() as session:
        first = urgent.claim_untold(session, now=clock())
    with database.transaction() as session:
        second = urgent.claim_untold(session, now=clock())
    clock.go_on(seconds=urgent.TELLING_LEASE.total_seconds())
    with database.transaction() as session:
        after_a_crash = urgent.claim_untold(session, now=clock())

    assert (first, second, after_a_crash) == ([urgent_story], [], [urgent_story])


def test_who_takes_it_stops_the_clock_and_the_letters(database, urgent_story, mo, watch, clock):
    with database.transaction() as session:
        urgent.take_urgent(session, story_id=urgent_story, account_id=mo, now=clock())
        assert urgent.waiting_urgent(session) == 0

    with pytest.raises(NotUrgent), database.transaction() as session:
        urgent.take_urgent(session, story_id=urgent_story, account_id=mo, now=clock())
    assert watch(lambda *_args, **_words: pytest.fail("nobody is to be told")).look() == 0
    assert view(database, urgent_story).claimed_by == mo


def test_a_moderator_can_raise_it_again_and_everybody_is_told_again(database, urgent_story, mo, watch, clock):
    sent = []
    looking = watch(lambda _url, *, to, subject, text: sent.append(to))
    looking.look()
    with database.transaction() as session:
        urgent.take_urgent(session, story_id=urgent_story, account_id=mo, now=clock())
    clock.go_on(minutes=5)

    with database.transaction() as session:
        urgent.raise_urgent(session, story_id=urgent_story, account_id=mo, now=clock())
    looking.look()

    assert len(sent) == 4
    assert view(database, urgent_story).urgent_since == clock()
