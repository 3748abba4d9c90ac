"""Tellers are told what came of their story: on their own page, and by letter when they asked for one."""

import re
import smtplib
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from evidence.letter_watch import LetterWatch, token_of
from evidence.loop.chain import story_key
from evidence.loop.letters import claim_followers, follow, follows, stop_following
from evidence.withdrawal import withdraw_story
from scenarios.stories.telling import begin_story, erase_abandoned
from tests.application import client_of, make_app
from tests.evidence.aftermath import CODE, SECRET_WORDS, tell
from tests.scenarios.test_urgent import mail

__all__ = ["mail"]
ADDRESS, BENS = "ada@home.example", "ben@home.example"
OTHER_CODE = "acorn kettle heron lamp mint raven"
ONE_OF_BOTH = pytest.mark.parametrize("kind_of_database", ["sqlite"], indirect=True)


@pytest.fixture
def site(evening):
    """The site's configuration with a mail server and an address of its own."""
    return replace(evening.town.config, mail_url="smtp://nowhere", public_url="https://eastmere.example")


@pytest.fixture
def app(evening, site):
    return make_app(site, evening.town.database, evening.clock)


@pytest.fixture
def ada(app):
    """The teller's browser, with their story open in it."""
    client = client_of(app)
    assert client.post("/stories/return", data={"words": CODE}).status_code == 302
    return client


class Post:
    """A post office that keeps what it is given, or fails."""

    def __init__(self) -> None:
        self.letters: list[dict[str, object]] = []
        self.fails: Exception | None = None
        self.fails_for: dict[object, Exception] = {}
        self.knocks = 0

    def __call__(self, _mail_url: str, **letter: object) -> None:
        """Take a letter."""
        self.knocks += 1
        if problem := self.fails or self.fails_for.get(letter["to"]):
            raise problem
        self.letters.append(letter)


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def look(app, evening, site, post):
    """Look once whether something is new, as the watch does."""
    watch = LetterWatch(app, evening.town.database, site, evening.clock, send=post)
    return watch.look


def ask(evening, *, story_id: int | None = None, address: str = ADDRESS) -> None:
    with evening.town.database.transaction() as session:
        follow(
            session,
            story_id=story_id or evening.story_id,
            address=address,
            language="pl",
            key=evening.town.config.secret_key,
            now=evening.clock(),
        )


def ben_asks_too(evening) -> None:
    """Ben's story is in the same play, and he waits for letters as well."""
    bens = tell(evening.town, evening.clock, code=OTHER_CODE)
    with evening.town.database.transaction() as session:
        woven = text(
            "INSERT INTO version_source (version_id, story_id, story_revision)"
            " SELECT version_id, :ben, 1 FROM version_source WHERE story_id = :ada"
        )
        session.execute(woven, {"ben": bens, "ada": evening.story_id})
    ask(evening, story_id=bens, address=BENS)


def files_with(evening, words: str) -> list[str]:
    """Return the files of the site that hold some words."""
    files = [each for each in evening.town.config.data_dir.iterdir() if each.is_file()]
    return [each.name for each in files if words.encode() in each.read_bytes()]


def is_told(evening) -> bool:
    with evening.town.database.reading() as session:
        return follows(session, evening.story_id)


def test_a_letter_comes_once_when_something_new_came_of_the_story_and_says_no_word_of_it(evening, look, post):
    ask(evening)

    assert (look(), post.letters) == (0, [])
    evening.update("Light", "under_way", "Ordered.")
    evening.clock.go_on(hours=2)
    assert look() == 1
    evening.clock.go_on(days=2)
    assert look() == 0

    [letter] = post.letters
    assert letter["to"] == ADDRESS
    assert "https://eastmere.example/stories/return" in letter["text"]
    for words in (SECRET_WORDS, "Light", "Ordered", "heron"):
        assert words not in str(letter)
    assert letter["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_what_waits_for_a_moderator_is_no_news(evening, look, post):
    ask(evening)
    evening.update("Bench")

    evening.clock.go_on(hours=2)
    assert look() == 0
    evening.check()
    evening.clock.go_on(hours=2)
    assert look() == 1


@ONE_OF_BOTH
def test_nobody_gets_two_letters_on_one_day_and_nothing_is_lost_by_that(evening, look, post):
    ask(evening)
    evening.update("Light", "under_way", "Ordered.")
    look()
    evening.update("Light", "under_way", "It is on its way.")

    evening.clock.go_on(hours=5)
    assert look() == 0
    evening.clock.go_on(hours=20)
    assert look() == 1


@ONE_OF_BOTH
def test_two_processes_write_to_nobody_twice(evening, look, post):
    ask(evening)
    evening.update("Light", "under_way", "Ordered.")
    with evening.town.database.transaction() as session:
        first = claim_followers(session, now=evening.clock())
    with evening.town.database.transaction() as session:
        second = claim_followers(session, now=evening.clock())

    assert (len(first), second, look()) == (1, [], 0)
    evening.clock.go_on(hours=1)
    assert look() == 1, "the first one died; an hour later somebody else writes"


@ONE_OF_BOTH
def test_a_letter_that_could_not_be_sent_is_tried_again_and_an_unknown_address_is_erased(evening, look, post):
    ask(evening)
    evening.update("Light", "under_way", "Ordered.")
    post.fails = OSError("nobody answers")
    assert look() == 0
    post.fails = smtplib.SMTPRecipientsRefused({ADDRESS: (450, b"later")})
    evening.clock.go_on(hours=2)
    assert look() == 0
    post.fails = None
    evening.clock.go_on(hours=2)
    assert look() == 1
    evening.answer("Bus")

    post.fails = smtplib.SMTPRecipientsRefused({ADDRESS: (550, b"unknown")})
    evening.clock.go_on(days=2)

    assert look() == 0
    assert not is_told(evening)


def test_the_address_goes_with_the_story_and_when_its_owner_says_stop(evening, look):
    ask(evening)
    withdraw_story(evening.town.database, story_id=evening.story_id, now=evening.clock())
    assert not is_told(evening)

    ask(evening)
    with evening.town.database.transaction() as session:
        stop_following(session, story_id=evening.story_id)

    assert not is_told(evening)


@ONE_OF_BOTH
def test_a_teller_follows_their_story_to_the_change_and_asks_for_letters_on_their_own_page(evening, ada):
    evening.update("Light", "under_way", "Ordered.")

    mine = ada.get("/stories/mine").text

    key = story_key(evening.story_id, key=evening.town.config.secret_key)
    assert "Ordered." in mine
    assert "Bus at night" in mine
    assert f"/chain/story/{key}" in mine
    assert f"/chain/commitment/{evening.promises['Light']}" in mine
    assert ada.post("/stories/mine/letters", data={"email": "nobody"}).status_code == 302
    assert not is_told(evening)
    ada.post("/stories/mine/letters", data={"email": ADDRESS})
    assert is_told(evening)
    mine = ada.get("/stories/mine").text
    assert ADDRESS not in mine
    assert "No more letters" in mine
    ada.post("/stories/mine/no-letters")
    assert not is_told(evening)


@ONE_OF_BOTH
def test_one_tap_ends_the_letters_and_looking_at_the_link_does_not(evening, app, look, post, site):
    ask(evening)
    evening.update("Light", "under_way", "Ordered.")
    look()
    link = re.search(
        r"https://eastmere.example(/stories/letters/\S+)>", str(post.letters[0]["headers"])
    ).group(1)
    app.config["WTF_CSRF_ENABLED"] = True
    program = client_of(app)

    assert program.get(link).status_code == 200
    assert is_told(evening)
    assert program.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not is_told(evening)
    assert program.post(link).status_code == 200
    other = token_of(1, key="another-secret")
    assert program.get(f"/stories/letters/{other}").status_code == 404


@ONE_OF_BOTH
def test_a_site_that_cannot_write_letters_offers_none(evening):
    plain = client_of(make_app(evening.town.config, evening.town.database, evening.clock))
    plain.post("/stories/return", data={"words": CODE})

    assert "Be told by letter" not in plain.get("/stories/mine").text
    assert plain.post("/stories/mine/letters", data={"email": ADDRESS}).status_code == 404


@ONE_OF_BOTH
def test_the_link_that_ends_letters_goes_over_the_wire_whole(evening, app, site, mail):
    ask(evening)
    evening.update("Light", "under_way", "Ordered.")
    watch = LetterWatch(app, evening.town.database, replace(site, mail_url=mail.address), evening.clock)

    assert watch.look() == 1

    [letter] = mail.letters
    assert re.search(
        r"List-Unsubscribe: ?\r?\n? ?<https://eastmere\.example/stories/letters/[\w.-]+>", letter
    )


@pytest.mark.parametrize(
    "problem",
    [AttributeError(f"no head for {ADDRESS}"), smtplib.SMTPRecipientsRefused({ADDRESS: (450, b"later")})],
    ids=["a fault of ours", "refused"],
)
@ONE_OF_BOTH
def test_one_letter_that_fails_keeps_nobody_else_from_theirs_and_no_log_has_the_address(
    evening, look, post, caplog, problem
):
    ask(evening)
    ben_asks_too(evening)
    evening.update("Light", "under_way", "Ordered.")
    post.fails_for[ADDRESS] = problem

    assert look() == 1

    assert [letter["to"] for letter in post.letters] == [BENS]
    assert caplog.records
    assert ADDRESS not in caplog.text


@pytest.mark.parametrize(
    "problem",
    [ConnectionRefusedError(), smtplib.SMTPSenderRefused(550, b"no", "site")],
    ids=["down", "sender"],
)
@ONE_OF_BOTH
def test_a_mail_server_that_takes_no_letters_at_all_is_asked_once_in_a_look(evening, look, post, problem):
    ask(evening)
    ben_asks_too(evening)
    evening.update("Light", "under_way", "Ordered.")
    post.fails = problem

    assert look() == 0

    assert post.knocks == 1
    post.fails = None
    evening.clock.go_on(hours=2)
    assert look() == 2


def test_a_story_that_nobody_sent_is_erased_with_the_address_that_follows_it(evening):
    ask(evening)
    with evening.town.database.transaction() as session:
        draft = begin_story(
            session,
            code=OTHER_CODE,
            key=evening.town.config.secret_key,
            language="en",
            pathway_id=None,
            now=evening.clock(),
        )
    ask(evening, story_id=draft.id, address=BENS)

    with evening.town.database.transaction() as session:
        erased = erase_abandoned(
            session, older_than=timedelta(days=30), now=evening.clock() + timedelta(days=31)
        )

    assert erased == 1
    assert is_told(evening)
    with evening.town.database.reading() as session:
        assert not follows(session, draft.id)


@ONE_OF_BOTH
def test_nobody_is_told_of_a_story_that_was_never_sent(evening, app):
    newcomer = client_of(app)
    newcomer.post("/stories/new/first", data={"first": "I once fell", "way": "on"})

    answer = newcomer.post("/stories/mine/letters", data={"email": BENS})

    assert answer.status_code == 404
    assert not files_with(evening, BENS)


@pytest.mark.parametrize("typed", ["é@[", 'b@=,"', "ada@home.example, ben@home.example", "ada@", "<ada@b.c>"])
@ONE_OF_BOTH
def test_what_no_letter_can_be_addressed_to_is_not_kept(evening, ada, typed):
    ada.post("/stories/mine/letters", data={"email": typed})

    assert not is_told(evening)


@pytest.mark.parametrize("way", ["page", "link", "bounce", "another address"])
@ONE_OF_BOTH
def test_an_address_leaves_the_files_at_once_whichever_way_it_goes(evening, ada, app, look, post, site, way):
    ada.post("/stories/mine/letters", data={"email": ADDRESS})
    assert files_with(evening, ADDRESS)
    evening.update("Light", "under_way", "Ordered.")

    if way == "page":
        ada.post("/stories/mine/no-letters")
    elif way == "link":
        look()
        stop = str(post.letters[0]["headers"]["List-Unsubscribe"])
        client_of(app).post(stop.strip("<>").removeprefix(str(site.public_url)))
    elif way == "bounce":
        post.fails = smtplib.SMTPRecipientsRefused({ADDRESS: (550, b"unknown")})
        look()
    else:
        ada.post("/stories/mine/letters", data={"email": BENS})

    assert not files_with(evening, ADDRESS)
