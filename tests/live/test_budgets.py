"""One seat, one budget: whether its taps and texts come by socket, by plain form or through the JSON API."""

from types import SimpleNamespace

import pytest

from live import messages
from live.assembly.queries import feedback_of, offered_in
from live.queries import ballots_of
from live.sockets import AudienceNamespace
from live.talk.queries import desk_talk
from live.talk.said import waiting_words
from live.voting import SeatHolder
from scenario_app.kernel import budget
from tests.application import client_of, make_app
from tests.makers import SUPPORTER, SUPPORTER_WHERE, make_floor, make_town

# Budgets are in memory: they do not know which database there is.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def floor(database, config, clock, monkeypatch):
    """A play that runs, while the clock of every budget stands still."""
    monkeypatch.setattr(budget, "time", SimpleNamespace(monotonic=lambda: 1000.0))
    floor = make_floor(make_town(database, config, now=clock()), now=clock())
    floor.start()
    return floor


@pytest.fixture
def app(floor, config, clock):
    return make_app(config, floor.town.database, clock)


@pytest.fixture
def live(app):
    return app.extensions["live"]


def phone_of(app, floor, role=None):
    (seat,) = floor.sit(role)
    client = client_of(app)
    client.set_cookie(f"seat-{floor.section.code}", seat.secret)
    client.seat = seat
    client.at = f"/at/{floor.section.code}"
    return client


@pytest.fixture
def phone(app, floor):
    return phone_of(app, floor, "carer")


def vote_by_form(phone, floor, rev):
    fields = {
        "round": floor.round_id,
        "kind": "choose_one",
        "response": "a",
        "key": f"tap-{rev:05}",
        "rev": rev,
    }
    return phone.post(phone.at, data=fields, follow_redirects=True)


def vote_by_api(phone, floor, rev):
    return phone.post(
        f"/api/v1/rounds/{floor.round_id}/ballots",
        json={"response": "b", "key": f"tap-{rev:05}", "rev": rev},
        headers={"Authorization": f"Bearer {phone.seat.secret}"},
    )


def counted(phone, floor):
    with floor.town.database.reading() as session:
        return ballots_of(session, phone.seat.id)[floor.round_id]


def test_forms_and_the_api_spend_one_budget_and_are_told_so_in_their_own_way(app, phone, floor):
    floor.open_round()
    for rev in (1, 3, 5, 7, 9):
        vote_by_form(phone, floor, rev)
        assert vote_by_api(phone, floor, rev + 1).status_code == 200

    by_form = vote_by_form(phone, floor, 20)
    by_api = vote_by_api(phone, floor, 21)

    assert counted(phone, floor) == {"response": "b", "rev": 10}
    assert "Not counted yet: too many taps at once." in by_form.text
    assert (by_api.status_code, by_api.json["code"]) == (429, "rate")
    assert by_api.headers["Retry-After"] == "1"
    neighbour = phone_of(app, floor)
    assert vote_by_api(neighbour, floor, 1).status_code == 200


def test_a_phone_that_connects_again_has_what_it_had_left(live, phone):
    namespace = AudienceNamespace(live)
    first = namespace.admit({"seat": phone.seat.secret}, {})
    while first.votes.spend():
        pass

    again = namespace.admit({"seat": phone.seat.secret}, {})

    assert not again.votes.spend()
    assert live.budgets.of(phone.seat.id).votes is again.votes


def test_a_fourth_text_in_a_row_waits_and_its_words_are_still_there(phone, floor):
    floor.open_round()
    for number in range(3):
        said = {"decision": "d1", "text": f"Knock {number}", "key": f"tap-said-{number}"}
        phone.post(f"{phone.at}/suggestion", data=said)

    reason = {"round": floor.round_id, "text": "It is <near>", "key": "tap-said-8"}
    shown = phone.post(f"{phone.at}/reason", data=reason, follow_redirects=True).text
    offer = {"kind": "worries", "text": "The <night>", "key": "tap-said-9"}
    offered = phone.post(f"{phone.at}/words", data=offer, follow_redirects=True).text

    with floor.town.database.reading() as session:
        assert [said.text for said in waiting_words(session, floor.section_id)] == [
            "Knock 0",
            "Knock 1",
            "Knock 2",
        ]
        assert offered_in(session, floor.section_id) == []
    assert "One text every 20 seconds. Your words are still here.</p>" in shown
    assert "It is &lt;near&gt;</textarea>" in shown
    assert "The &lt;night&gt;</textarea>" in offered
    assert '<option value="worries" selected>' in offered
    assert "The &lt;night&gt;" not in phone.get(phone.at).text


def test_a_tap_by_form_is_no_way_around_the_budget(live, phone, floor):
    while live.budgets.of(phone.seat.id).votes.spend():
        pass

    phone.post(
        f"{phone.at}/stop", data={"scene": floor.section.current.scene, "line": "", "key": "tap-stop-1"}
    )

    with floor.town.database.reading() as session:
        assert desk_talk(session, floor.section_id).waiting == []


def test_who_leaves_says_so_a_few_times_and_no_more(phone, floor):
    for _time in range(3):
        assert phone.post(f"{phone.at}/leaving", data={"heard": "5", "safe": "5"}).status_code == 302

    refused = phone.post(f"{phone.at}/leaving", data={"words": "We were <heard>"})

    assert refused.status_code == 429
    assert "We were &lt;heard&gt;</textarea>" in refused.text
    assert "One text every 20 seconds. Your words are still here." in refused.text
    with floor.town.database.reading() as session:
        assert feedback_of(session, floor.section.event_id)[0].answers == 3


def test_one_phone_cannot_keep_the_supporter_from_anybody(live, app, phone, floor):
    def need(of, key):
        holder = SeatHolder(of.seat.id, floor.section_id, "", None)
        return live.hear(seat=holder, message=messages.NeedMinute(key=key))

    answers = [need(phone, f"minute-{number:04}") for number in range(80)]
    somebody_else = need(phone_of(app, floor), "minute-9999")

    with floor.town.database.reading() as session:
        assert len(desk_talk(session, floor.section_id).minutes) == 4
    assert [answer["told"] for answer in answers] == [True] * 3 + [False] * 77
    assert {(answer["supporter"], answer["where"]) for answer in answers} == {
        (somebody_else["supporter"], somebody_else["where"])
    }
    assert somebody_else["told"] is True
    assert need(phone, "minute-0001")["told"] is True, "a tap that is sent again was told of before"


def test_by_form_too_the_supporter_is_shown_and_nobody_says_that_they_were_told(phone, floor):
    for number in range(3):
        phone.post(f"{phone.at}/minute", data={"key": f"minute-{number:04}"})
    phone.delete_cookie(f"minute-{floor.section.code}")

    shown = phone.post(f"{phone.at}/minute", data={"key": "minute-0009"}, follow_redirects=True)

    assert shown.status_code == 200
    assert SUPPORTER in shown.text
    assert SUPPORTER_WHERE in shown.text
    assert 'role="alert" data-if="talk.unreached">It did not reach us.' in shown.text
    assert "We have seen that you need a minute" not in shown.text
