"""Signing in: a code is good once and for a quarter of an hour, guessing gets nobody in and tells nobody anything."""

import re

import pytest
from sqlalchemy import text

from scenario_app.accounts import service
from scenario_app.accounts.rules import MOST_CODES, Duty
from scenario_app.kernel import audit
from tests.application import client_of, make_app

FAY = "fay@eastmere.example"
NOBODY = "nobody@eastmere.example"


@pytest.fixture
def fay(database, clock):
    """Fay, and somebody else whose codes and failures are noise."""
    with database.transaction() as session:
        service.add_account(
            session, email="noise@eastmere.example", name="Noise", duties=[Duty.OWNER], now=clock()
        )
        return service.add_account(session, email=FAY, name="Fay", duties=[Duty.FACILITATOR], now=clock())


@pytest.fixture
def app(database, config, clock, fay):
    return make_app(config, database, clock)


@pytest.fixture
def ask_code(database, config, clock):
    def issue(email: str = FAY) -> str:
        with database.transaction() as session:
            return service.issue_code(session, email=email, now=clock(), key=config.secret_key)

    return issue


def type_code(client, code: str, email: str = FAY, **query: str):
    return client.post("/sign-in/code", data={"email": email, "code": code}, query_string=query)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def may_see_the_desk(client) -> bool:
    return client.get("/desk").status_code == 200


def test_a_code_is_good_once(app, ask_code):
    code = ask_code()

    first = client_of(app)
    assert type_code(first, f"{code[:3]} {code[3:]}").status_code == 302
    second = client_of(app)
    assert type_code(second, code).status_code == 403

    assert may_see_the_desk(first)
    assert not may_see_the_desk(second)


def test_a_code_is_good_for_fifteen_minutes(app, ask_code, clock):
    early, late = ask_code(), ask_code()

    clock.go_on(minutes=14, seconds=59)
    assert type_code(client_of(app), early).status_code == 302
    clock.go_on(seconds=2)
    assert type_code(client_of(app), late).status_code == 403


def test_a_code_of_another_account_is_a_wrong_one(app, ask_code):
    theirs = ask_code("noise@eastmere.example")

    assert type_code(client_of(app), theirs).status_code == 403


def test_after_five_wrong_codes_the_right_one_waits_fifteen_minutes(app, ask_code, clock):
    code = ask_code()
    for _guess in range(5):
        assert type_code(client_of(app), wrong(code)).status_code == 403

    assert type_code(client_of(app), code).status_code == 403
    clock.go_on(minutes=15, seconds=1)
    assert type_code(client_of(app), ask_code()).status_code == 302


def test_guessing_does_not_tell_which_addresses_have_an_account(app, ask_code):
    code = ask_code()
    for _guess in range(7):
        known = type_code(client_of(app), wrong(code))
        unknown = type_code(client_of(app), wrong(code), email=NOBODY)
        assert known.status_code == unknown.status_code == 403
        assert plain(known.text, FAY) == plain(unknown.text, NOBODY)

    asked = [client_of(app).post("/sign-in", data={"email": email}) for email in (FAY, NOBODY)]
    assert [(answer.status_code, answer.location) for answer in asked] == [(302, "/sign-in/code?next=")] * 2

    tokens = [
        client_of(app).post("/api/v1/desk-tokens", json={"email": email, "code": "1", "section": "AAAAAA"})
        for email in (FAY, NOBODY)
    ]
    assert [(answer.status_code, answer.json["code"]) for answer in tokens] == [(403, "bad_code")] * 2


def plain(page: str, email: str) -> str:
    return re.sub(r'name="csrf_token" value="[^"]*"', "", page).replace(email, "EMAIL")


def test_asking_for_codes_again_and_again_does_not_make_guessing_easier(app, ask_code, database):
    first = ask_code()
    for _code in range(MOST_CODES):
        newest = ask_code()
    for _asked in range(30):
        client_of(app).post("/sign-in", data={"email": FAY})

    assert type_code(client_of(app), first).status_code == 403
    assert type_code(client_of(app), newest).status_code == 302
    with database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM sign_in_code")) <= MOST_CODES


def test_signing_in_leaves_nothing_of_the_session_that_was_there_before(app, ask_code):
    client = client_of(app)
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    before = client.get_cookie("staff").value

    type_code(client, ask_code())

    assert client.get_cookie("staff").value != before
    with client.session_transaction() as session:
        assert "planted" not in session
    cookie = client.get_cookie("staff")
    assert cookie.http_only
    assert cookie.same_site == "Lax"


def test_a_sign_in_ends_after_thirty_idle_minutes_and_after_eight_hours(app, ask_code, clock):
    idle, busy = client_of(app), client_of(app)
    type_code(idle, ask_code())
    type_code(busy, ask_code())

    for _look in range(16):
        clock.go_on(minutes=29)
        assert may_see_the_desk(busy)
    assert not may_see_the_desk(idle)
    clock.go_on(minutes=29)
    assert not may_see_the_desk(busy)


def test_signing_out_everywhere_ends_every_browser_at_once(app, ask_code, fay, database, clock):
    browsers = [client_of(app), client_of(app)]
    for browser in browsers:
        type_code(browser, ask_code())

    with database.transaction() as session:
        service.end_every_sign_in(session, account_id=fay.id, now=clock())

    assert not any(may_see_the_desk(browser) for browser in browsers)
    with database.reading() as session:
        assert audit.first_broken_row(session, audit.SITE) is None


def test_signing_out_needs_a_press_and_ends_this_browser(app, ask_code):
    client = client_of(app)
    type_code(client, ask_code())

    assert client.get("/sign-out").status_code == 405
    assert may_see_the_desk(client)
    client.post("/sign-out")
    assert not may_see_the_desk(client)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "/\t/evil.example/",
        "/\n/evil.example/",
        "/\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "",
    ],
)
def test_nobody_is_sent_to_another_site(app, ask_code, target):
    signed_in = type_code(client_of(app), ask_code(), next=target)
    spoke = client_of(app).get("/language/en", query_string={"back": target})

    assert (signed_in.status_code, signed_in.location) == (302, "/desk")
    assert (spoke.status_code, spoke.location) == (302, "/")


def test_somebody_who_signs_in_is_sent_on_to_the_page_they_came_for(app, ask_code):
    answer = type_code(client_of(app), ask_code(), next="/desk/events/new")

    assert answer.location == "/desk/events/new"


def test_an_address_is_taken_once_whatever_its_case(database, fay, clock):
    with pytest.raises(service.EmailTaken), database.transaction() as session:
        service.add_account(session, email=" FAY@Eastmere.example ", name="Fay", duties=[], now=clock())
    with pytest.raises(service.NotAnEmail), database.transaction() as session:
        service.add_account(session, email="fay at eastmere", name="Fay", duties=[], now=clock())
