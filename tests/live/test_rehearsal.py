"""A rehearsal is the whole event once more; nothing of it is listed, counted or published, and nothing is left."""

import pytest
from sqlalchemy import inspect, text

from evidence.service import publish_pack
from live import messages
from live.cues import cue_of
from live.preparing.rehearsing import begin_rehearsal, end_rehearsal
from live.programme import close_event
from live.queries import event_by_slug, events, open_doors
from live.rules import NotAllowed
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


def end(floor, slug="an-evening-rehearsal"):
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
    assert client.get("/events/an-evening-rehearsal").status_code == 404
    assert client.get("/api/v1/events/an-evening-rehearsal").status_code == 404
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
            event_slug="an-evening-rehearsal",
            account_id=floor.town.account("fay").id,
            now=rehearsal.now,
        )

    with pytest.raises(DomainError), floor.town.database.transaction() as session:
        publish_pack(
            session,
            event_slug="an-evening-rehearsal",
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
        rehearse(floor, "an-evening-rehearsal")


def test_phones_that_are_simulated_come_into_no_real_event(floor, clock):
    floor.act(messages.SetDoor, open=True)
    client = client_of(make_app(floor.town.config, floor.town.database, clock), floor.town.account("fay"))

    answer = client.post(f"/desk/crowd/{floor.section.code}", data={"phones": "3"})

    assert answer.status_code == 403
    assert "crowds" not in client.application.extensions
