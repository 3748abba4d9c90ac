"""A pack that was asked for is made aside, once, and what it is made of is looked at again before it is frozen."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from evidence.equality.service import count_equality
from evidence.packer import Packer
from evidence.packing import (
    AskedTooOften,
    JobState,
    MovedMeanwhile,
    NoSuchJob,
    NotMine,
    ask_for_pack,
    claim_job,
    job_asked,
    note_step,
    publish_job,
    refuse_job,
)
from evidence.queries import NoSuchPack, pack, packs, telling_of
from evidence.service import draft_pack, make_pack
from live.programme import NoSuchEvent
from live.queries import event_by_slug
from tests.application import client_of, make_app
from tests.evidence.a_room import ROLES, close, hold
from tests.evidence.bare import bare
from tests.makers import Floor, make_floor, make_town


@pytest.fixture
def floor(database, config, clock) -> Floor:
    """An evening with one round, and another evening beside it."""
    town = make_town(database, config, now=clock())
    noise = make_floor(town, now=clock(), slug="somebody-elses-evening")
    noise.start()
    floor = make_floor(town, now=clock())
    floor.start()
    floor.open_round()
    hold(floor, floor.sit(*ROLES[:12]), "aab")
    return floor


def packer_of(floor, clock, threshold=8) -> Packer:
    return Packer(
        floor.town.database,
        clock=clock,
        threshold=threshold,
        key=lambda: None,
        making=lambda _meanwhile: bare,
    )


def ask(floor, clock, event="an-evening") -> int:
    with floor.town.database.transaction() as session:
        account = floor.town.account("stella").id
        return ask_for_pack(session, event_slug=event, language="en", account_id=account, now=clock())


def job(floor, job_id):
    with floor.town.database.reading() as session:
        return job_asked(session, job_id)


def claim(floor, clock, worker, *, silent_for=60):
    with floor.town.database.transaction() as session:
        since = clock() - timedelta(seconds=silent_for)
        return claim_job(session, worker=worker, now=clock(), silent_since=since)


def test_a_pack_that_was_asked_for_is_made_and_says_so(floor, clock):
    job_id = ask(floor, clock)
    assert job(floor, job_id).state == JobState.WAITING

    assert packer_of(floor, clock).work() == 1

    done = job(floor, job_id)
    assert (done.state, done.step, done.reference) == (JobState.DONE, 3, "an-evening-v1")
    with floor.town.database.reading() as session:
        assert telling_of(session, "an-evening-v1").ballots.value == 12


def test_asked_twice_it_is_one_job_and_an_event_that_is_not_there_none(floor, clock):
    assert ask(floor, clock) == ask(floor, clock)
    with pytest.raises(NoSuchEvent):
        ask(floor, clock, event="nowhere")
    with pytest.raises(NoSuchJob):
        job(floor, 999)


def test_an_account_has_ten_packs_an_hour(floor, clock):
    for _ in range(10):
        job_id = ask(floor, clock)
        assert claim(floor, clock, "one") is not None
        with floor.town.database.transaction() as session:
            refuse_job(session, job_id=job_id, worker="one", code="nothing_new", now=clock())

    clock.go_on(minutes=50)
    with pytest.raises(AskedTooOften) as refusal:
        ask(floor, clock)
    assert refusal.value.details == {"retry_after_ms": 10 * 60 * 1000}
    clock.go_on(minutes=11)
    assert ask(floor, clock) > job_id


def test_two_workers_never_make_the_same_pack_and_never_two_at_a_time(floor, clock):
    first, second = ask(floor, clock), ask(floor, clock, event="somebody-elses-evening")

    mine = claim(floor, clock, "one")

    assert mine is not None
    assert mine.id == first
    assert claim(floor, clock, "two") is None
    assert job(floor, second).state == JobState.WAITING


def test_a_job_whose_worker_fell_silent_is_begun_anew_and_the_silent_one_can_do_nothing_more(floor, clock):
    job_id = ask(floor, clock)
    assert claim(floor, clock, "one") is not None
    clock.go_on(seconds=61)

    taken = claim(floor, clock, "two")

    assert taken is not None
    assert taken.id == job_id
    with floor.town.database.transaction() as session, pytest.raises(NotMine):
        note_step(session, job_id=job_id, worker="one", step=2, now=clock())


def test_what_a_process_left_half_done_is_made_by_the_next(floor, clock):
    job_id = ask(floor, clock)
    assert claim(floor, clock, "a process that was killed") is not None
    clock.go_on(seconds=61)

    assert packer_of(floor, clock).work() == 1

    assert job(floor, job_id).reference == "an-evening-v1"


def test_a_pack_made_of_what_is_no_longer_so_is_not_published(floor, clock):
    ask(floor, clock)
    mine = claim(floor, clock, "one")
    database = floor.town.database
    with database.reading() as session:
        draft = draft_pack(session, event_slug="an-evening", threshold=8)
    made = make_pack(draft, now=clock(), making=bare)
    floor.open_round()
    hold(floor, floor.sit(*ROLES[:12]), "b")

    with pytest.raises(MovedMeanwhile), database.transaction() as session:
        publish_job(session, job=mine, worker="one", draft=draft, made=made, now=clock())

    with database.reading() as session:
        assert packs(session) == []
    assert job(floor, mine.id).state == JobState.WORKING


def test_what_moved_meanwhile_is_made_anew_from_what_is_there(floor, clock, monkeypatch):
    job_id = ask(floor, clock)
    packer, moved = packer_of(floor, clock), []

    def draft_then_move(found):
        draft = Packer._draft(packer, found)
        if not moved:
            moved.append(True)
            before = replace(draft.material, title="As it was a moment ago")
            return replace(draft, gathered=before, material=before)
        return draft

    monkeypatch.setattr(packer, "_draft", draft_then_move)

    packer.work()

    assert moved
    with floor.town.database.reading() as session:
        assert pack(session, job(floor, job_id).reference).title != "As it was a moment ago"


def test_a_correction_is_published_also_after_the_threshold_was_raised(floor, clock):
    """What was told of who was in the room is told again as it was, and is nothing that changed meanwhile."""
    with floor.town.database.transaction() as session:
        event = event_by_slug(session, "an-evening")
        for person in range(30):
            gender = "woman" if person % 3 else "man"
            count_equality(session, event=event, answers={"gender": gender, "age": "25_44"})
    close(floor)
    ask(floor, clock)
    packer_of(floor, clock).work()
    with floor.town.database.transaction() as session:
        session.execute(text("UPDATE event SET title = 'A corrected title' WHERE slug = 'an-evening'"))
        session.execute(text("UPDATE round SET tie_rule = 'joker' WHERE practice = false"))

    job_id = ask(floor, clock)
    packer_of(floor, clock, threshold=12).work()

    done = job(floor, job_id)
    assert (done.state, done.refusal, done.reference) == (JobState.DONE, None, "an-evening-v2")


def test_a_refusal_and_a_bug_are_kept_and_the_next_job_is_made(floor, clock, monkeypatch):
    packer = packer_of(floor, clock)
    refused = ask(floor, clock, event="somebody-elses-evening")
    packer.work()
    monkeypatch.setattr(packer, "_key", lambda: 1 / 0)
    broken = ask(floor, clock)
    packer.work()
    monkeypatch.undo()
    fine = ask(floor, clock)

    assert packer.work() == 1

    assert [job(floor, each).refusal for each in (refused, broken, fine)] == ["nothing_closed", "bug", None]
    with floor.town.database.reading() as session, pytest.raises(NoSuchPack):
        pack(session, "somebody-elses-evening-v1")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestPages:
    """What a steward sees."""

    @pytest.fixture
    def app(self, floor, config, clock):
        return make_app(config, floor.town.database, clock)

    @pytest.fixture
    def stella(self, app, floor):
        return client_of(app, floor.town.account("stella"))

    def test_how_far_it_is_then_the_pack_itself(self, app, stella):
        asked = stella.post("/evidence/publish", data={"event": "an-evening", "language": "cy"})
        waiting = stella.get(asked.location)
        assert 'http-equiv="refresh"' in waiting.text
        assert "<progress" in waiting.text
        assert "Its pack is being made" in stella.get("/evidence/publish?event=an-evening").text

        app.extensions["packer"].work()

        there = stella.get(asked.location)
        assert (there.status_code, there.location) == (302, "/evidence/an-evening-v1")
        assert "Published as an-evening-v1" in stella.get(there.location).text

    def test_why_not_is_said_and_the_page_rests(self, app, stella):
        asked = stella.post("/evidence/publish", data={"event": "somebody-elses-evening"})
        app.extensions["packer"].work()

        page = stella.get(asked.location).text

        assert "No round can be published yet" in page
        assert 'http-equiv="refresh"' not in page
        assert "packing.js" not in page

    def test_what_was_never_asked_for_is_not_there(self, stella):
        assert stella.get("/evidence/publish/999").status_code == 404
        assert stella.post("/evidence/publish", data={"event": "nowhere"}).status_code == 404
