"""Four characters tell whether a vote was counted, and nothing of what was chosen or by whom."""

from datetime import timedelta

import pytest

from live import messages
from live.closing import erase_secrets
from live.programme import close_event
from live.receipts import MOST_REVS_BACK, ReceiptState, receipt_state, rounds_with_receipts
from scenario_app.kernel.tokens import receipt_of
from tests.application import client_of, make_app
from tests.evidence.a_room import hold
from tests.makers import Floor, make_floor, make_town

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def floor(database, config, clock) -> Floor:
    """A section that votes twice; beside it another event with rounds, seats and receipts of its own."""
    town = make_town(database, config, now=clock())
    noise = make_floor(town, now=clock(), slug="somebody-elses-evening")
    noise.start()
    noise.open_round()
    hold(noise, noise.sit(*["carer"] * 6), "c")
    floor = make_floor(town, now=clock())
    floor.start()
    floor.open_round()
    return floor


def receipt(floor: Floor, round_id: int, seat_id: int, rev: int) -> str:
    return receipt_of(round_id, seat_id, rev, key=floor.town.config.secret_key)


def state(floor: Floor, round_id: int, typed: str) -> ReceiptState:
    with floor.town.database.reading() as session:
        return receipt_state(session, round_id=round_id, receipt=typed, key=floor.town.config.secret_key)


def test_a_counted_vote_a_replaced_one_and_one_of_another_round_are_told_apart(floor):
    first = floor.round_id
    red, blue = floor.sit("carer", None)
    floor.cast(red, "a")
    floor.cast(blue, "a")
    floor.cast(blue, "b", rev=2)
    floor.act(messages.CloseRound, round_id=first)

    assert state(floor, first, receipt(floor, first, red.id, 1)) is ReceiptState.COUNTED
    assert state(floor, first, receipt(floor, first, blue.id, 2)) is ReceiptState.COUNTED
    assert state(floor, first, receipt(floor, first, blue.id, 1)) is ReceiptState.REPLACED
    assert state(floor, first, receipt(floor, first, red.id, 2)) is ReceiptState.UNKNOWN
    second = floor.open_round()
    assert state(floor, second, receipt(floor, first, red.id, 1)) is ReceiptState.UNKNOWN
    assert state(floor, second, receipt(floor, second, red.id, 1)) is ReceiptState.UNKNOWN


def test_receipts_hold_when_the_secrets_of_seats_are_erased(floor):
    (red,) = floor.sit("carer")
    first = floor.round_id
    floor.cast(red, "a")
    floor.act(messages.CloseRound, round_id=first)

    with floor.town.database.transaction() as session:
        assert erase_secrets(session, retention=timedelta(hours=1), now=floor.now + timedelta(days=9))

    assert state(floor, first, receipt(floor, first, red.id, 1)) is ReceiptState.COUNTED


def test_a_phone_that_sent_an_enormous_number_of_changes_costs_no_more_than_twenty(floor):
    (red,) = floor.sit("carer")
    first = floor.round_id
    floor.cast(red, "a", rev=2_000_000_000)
    floor.act(messages.CloseRound, round_id=first)

    assert state(floor, first, receipt(floor, first, red.id, 2_000_000_000 - MOST_REVS_BACK)) == "replaced"
    assert state(floor, first, receipt(floor, first, red.id, 1)) is ReceiptState.UNKNOWN


def test_only_closed_rounds_of_the_event_are_offered_and_no_practice(floor):
    first = floor.round_id
    floor.vote(a=3)
    floor.open_round(practice=True)
    floor.vote(b=2)
    floor.open_round()

    with floor.town.database.reading() as session:
        found = rounds_with_receipts(session, "an-evening")

    assert [round_.id for round_ in found] == [first]


@ON_SQLITE
def test_the_page_says_counted_and_never_what_was_chosen(floor, database, config, clock):
    (red,) = floor.sit("carer")
    first = floor.round_id
    floor.cast(red, "b")
    floor.act(messages.CloseRound, round_id=first)
    stranger = client_of(make_app(config, database, clock))

    offered = stranger.get("/evidence/receipt?event=an-evening").text
    typed = f" {receipt(floor, first, red.id, 1).lower()} "
    answer = stranger.post(
        "/evidence/receipt", data={"event": "an-evening", "round": str(first), "receipt": typed}
    )

    assert "Which door does Ann try?" in offered
    assert "The vote with this receipt is among those that were counted." in answer.text
    assert typed.strip() not in answer.text
    with database.reading() as session:
        labels = [round_.decision for round_ in rounds_with_receipts(session, "an-evening")]
    assert labels == ["d1"]
    for words in ("red", "carer", "The back door", "seat"):
        assert f">{words}<" not in answer.text


@ON_SQLITE
def test_phones_and_the_page_of_the_event_lead_there_when_it_is_over(floor, database, config, clock):
    phone = client_of(make_app(config, database, clock))
    phone.set_cookie(f"seat-{floor.section.code}", floor.sit("carer")[0].secret)
    link = 'href="/evidence/receipt?event=an-evening"'
    assert link not in phone.get("/events/an-evening").text

    floor.act(messages.CloseRound, round_id=floor.round_id)
    floor.act(messages.EndPerformance)
    with database.transaction() as session:
        close_event(session, event_slug="an-evening", account_id=floor.town.account("fay").id, now=floor.now)

    assert link in phone.get(f"/at/{floor.section.code}").text
    assert link in phone.get("/events/an-evening").text


@ON_SQLITE
@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"event": "an-evening", "round": "999999", "receipt": "7F3K"}, "Choose a round of the list."),
        ({"event": "an-evening", "receipt": "7F3K"}, "Choose a round of the list."),
        ({"event": "nowhere", "round": "1", "receipt": "7F3K"}, "Which event?"),
        ({"event": "an-evening", "round": "ROUND", "receipt": "0O1I"}, "A receipt has four letters"),
        ({"event": "an-evening", "round": "ROUND", "receipt": "x" * 500}, "A receipt has four letters"),
        ({}, "Which event?"),
    ],
)
def test_what_cannot_be_looked_up_is_said(floor, database, config, clock, form, says):
    first = floor.round_id
    floor.vote(a=3)
    stranger = client_of(make_app(config, database, clock))

    given = {name: str(first) if words == "ROUND" else words for name, words in form.items()}
    answer = stranger.post("/evidence/receipt", data=given)

    assert answer.status_code == 422
    assert says in answer.text


@ON_SQLITE
def test_guessing_is_slowed_down(floor, database, config, clock):
    first = floor.round_id
    floor.vote(a=3)
    stranger = client_of(make_app(config, database, clock))
    form = {"event": "an-evening", "round": str(first), "receipt": "2222"}

    codes = [stranger.post("/evidence/receipt", data=form).status_code for _ in range(22)]

    assert codes == [200] * 20 + [429] * 2
