"""A rehearsal is the whole event once more; nothing of it is listed, counted or published, and nothing is left."""

import pytest
from sqlalchemy import inspect, text

from evidence.service import publish_pack
from live import messages, rehearsal_views
from live.cues import cue_of
from live.preparing.appointing import appoint_facilitator
from live.preparing.rehearsing import begin_rehearsal, end_rehearsal
from live.programme import close_event
from live.queries import event_by_slug, events, open_doors
from live.rules import NotAllowed, Right
from scenario_app.accounts.rules import Duty
from scenario_app.accounts.service import add_account
from scenario_app.kernel.errors import DomainError
from tests.application import client_of, make_app
from tests.makers import Floor, make_floor, make_town

SEEN_BY_EVERYBODY = ["/", "/events", "/api/v1/events", "/evidence", "/events/an-evening"]


@pytest.fixture
def town(database, config, clock):
    return make_town(database, config, now=clock())


@pytest.fixture
def floor(town, clock):
    noise = make_floor(town, now=clock(), slug="another-evening")
    noise.start()
    noise.open_round()
    noise.vote(a=3, b=6)
    return make_floor(town, now=clock())


def rehearse(floor, event="an-evening"):
    """Begin a rehearsal and return its floor."""
    with floor.town.database.transaction() as session:
        slug = begin_rehearsal(
            session, event_slug=event, account_id=floor.town.account("fay").id, now=floor.now
        )
    with floor.town.database.reading() as session:
        found = event_by_slug(session, slug, rehearsals=True)
    assert found is not None
    return Floor(floor.town, found.sections[0].id, floor.now)


def play(floor):
    """Do something of everything that a desk and a room can do."""
    floor.start()
    floor.open_round()
    floor.vote(a=2, b=7)
    floor.act(messages.ReplayFrom, scene=floor.section.current.scene, stops=True)
    floor.act(messages.MakeProposal, wording="A rehearsed wish")
    floor.act(messages.RecordCommitment, promised=False, what="A rehearsed wish", why="It is a rehearsal")


def rows(database):
    with database.reading() as session:
        tables = set(inspect(session.connection()).get_table_names()) - {"audit_entry", "alembic_version"}
        return {
            name: session.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
            for name in sorted(tables)
        }


def end(floor, slug="an-evening.rehearsal"):
    with floor.town.database.transaction() as session:
        return end_rehearsal(session, event_slug=slug, account_id=floor.town.account("fay").id, now=floor.now)


def test_a_rehearsal_has_doors_of_its_own_and_says_everywhere_what_it_is(floor):
    rehearsal = rehearse(floor)

    assert rehearsal.section.code != floor.section.code
    assert [p.slug for p in rehearsal.section.performances] == [p.slug for p in floor.section.performances]
    with floor.town.database.reading() as session:
        assert cue_of(session, rehearsal.section_id).section.rehearsal is True
        assert cue_of(session, floor.section_id).section.rehearsal is False


def test_after_it_is_thrown_away_no_row_of_it_is_left(floor):
    before = rows(floor.town.database)
    rehearsal = rehearse(floor)
    play(rehearsal)
    assert rows(floor.town.database) != before

    assert end(rehearsal) == "an-evening"

    assert rows(floor.town.database) == before


def test_nothing_of_a_rehearsal_is_listed_or_told(floor, clock):
    rehearsal = rehearse(floor)
    rehearsal.act(messages.SetDoor, open=True)
    client = client_of(make_app(floor.town.config, floor.town.database, clock))

    for address in SEEN_BY_EVERYBODY:
        said = client.get(address).get_data(as_text=True)
        assert "rehearsal" not in said, address
        assert rehearsal.section.code not in said, address
    assert client.get("/events/an-evening.rehearsal").status_code == 404
    assert client.get("/api/v1/events/an-evening.rehearsal").status_code == 404
    with floor.town.database.reading() as session:
        assert {event.slug for event in events(session)} == {"an-evening", "another-evening"}
        assert rehearsal.section.code not in {door.code for door in open_doors(session, now=rehearsal.now)}


def test_a_rehearsal_that_is_played_to_the_end_becomes_no_evidence(floor):
    rehearsal = rehearse(floor)
    play(rehearsal)
    rehearsal.act(messages.EndPerformance)
    with floor.town.database.transaction() as session:
        close_event(
            session,
            event_slug="an-evening.rehearsal",
            account_id=floor.town.account("fay").id,
            now=rehearsal.now,
        )

    with pytest.raises(DomainError), floor.town.database.transaction() as session:
        publish_pack(
            session,
            event_slug="an-evening.rehearsal",
            account_id=floor.town.account("stella").id,
            now=rehearsal.now,
            threshold=8,
        )


def test_only_a_rehearsal_is_ever_thrown_away(floor):
    with pytest.raises(NotAllowed):
        end(floor, "an-evening")

    with floor.town.database.reading() as session:
        assert event_by_slug(session, "an-evening") is not None


def test_one_rehearsal_at_a_time_and_none_of_a_rehearsal(floor):
    rehearse(floor)

    with pytest.raises(NotAllowed):
        rehearse(floor)
    with pytest.raises(NotAllowed):
        rehearse(floor, "an-evening.rehearsal")


def test_phones_that_are_simulated_come_into_no_real_event(floor, clock):
    floor.act(messages.SetDoor, open=True)
    client = client_of(make_app(floor.town.config, floor.town.database, clock), floor.town.account("fay"))

    answer = client.post(f"/desk/crowd/{floor.section.code}", data={"phones": "3"})

    assert answer.status_code == 403
    assert "crowds" not in client.application.extensions


class Crowd:
    """Stands for the process of a crowd: it lives until it is told to go."""

    begun: list[list[str]]

    def __init__(self, command, **_settings):
        self.begun.append(command)
        self.gone = None

    def poll(self):
        return self.gone


@pytest.fixture
def crowds(monkeypatch):
    """Let nobody in but on paper, and return the commands that would have."""
    Crowd.begun = []
    monkeypatch.setattr(rehearsal_views.subprocess, "Popen", Crowd)
    return Crowd.begun


def let_in(client, floor, phones):
    return client.post(
        f"/desk/crowd/{floor.section.code}", data={"phones": str(phones)}, follow_redirects=True
    )


def test_simulated_phones_of_a_section_are_a_hundred_and_no_more(floor, clock, crowds):
    rehearsal = rehearse(floor)
    rehearsal.act(messages.SetDoor, open=True)
    client = client_of(make_app(floor.town.config, floor.town.database, clock), floor.town.account("fay"))

    let_in(client, rehearsal, 60)
    some = let_in(client, rehearsal, 60)
    none = let_in(client, rehearsal, 60)

    assert [command[command.index("--phones") + 1] for command in crowds] == ["60", "40"]
    assert "40 simulated phones are on their way." in some.text
    assert "0 simulated phones are on their way." in none.text
    client.application.extensions["crowds"][rehearsal.section.code][0].process.gone = 0
    let_in(client, rehearsal, 70)
    assert crowds[-1][crowds[-1].index("--phones") + 1] == "60"


def test_who_only_sits_at_a_desk_lets_no_simulated_phone_in(floor, clock, crowds):
    with floor.town.database.transaction() as session:
        gil = add_account(
            session, email="gil@eastmere.example", name="Gil", duties=[Duty.FACILITATOR], now=floor.now
        )
        appoint_facilitator(
            session,
            event_slug="an-evening",
            account_id=gil.id,
            rights=[Right.RUN],
            appointed_by=floor.town.account("fay").id,
            now=floor.now,
        )
    rehearsal = rehearse(floor)
    rehearsal.act(messages.SetDoor, open=True)
    client = client_of(make_app(floor.town.config, floor.town.database, clock), gil)

    answer = let_in(client, rehearsal, 3)

    assert answer.status_code == 403
    assert crowds == []
    assert "/desk/crowd/" not in client.get(f"/desk/sections/{rehearsal.section.code}").text
