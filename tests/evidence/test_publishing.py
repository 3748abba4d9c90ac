"""A steward publishes: what was counted in the room is frozen, and says what the room saw."""

import csv
import io
import json
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from evidence.exports import files_in
from evidence.models import PublishedPack
from evidence.queries import NoSuchPack, PackDamaged, packs, packs_of, table_file, telling_of, zip_of
from evidence.rules import NoSuchTable, NothingClosed, NothingNew
from evidence.service import draft_pack, publish_pack
from evidence.verify import differences_in
from live import messages
from live.programme import NoSuchEvent
from live.queries import event_by_slug
from live.record import closed_rounds
from scenario_app.kernel.audit import head_of
from tests.evidence.a_room import ROLES, cast, close, hold, play
from tests.makers import Floor, make_floor, make_town


@pytest.fixture
def floor(database, config, clock) -> Floor:
    """A section of 35 people, and beside it another event with ballots that must never be counted."""
    town = make_town(database, config, now=clock())
    noise = make_floor(town, now=clock(), slug="somebody-elses-evening")
    noise.start()
    noise.open_round()
    hold(noise, noise.sit(*["carer"] * 9), "c")
    floor = make_floor(town, now=clock())
    floor.start()
    return floor


@pytest.fixture
def played(floor) -> Floor:
    """The section after two rounds on one decision and a practice round before."""
    play(floor)
    return floor


def publish(floor: Floor, event: str = "an-evening", threshold: int = 8):
    with floor.town.database.transaction() as session:
        return publish_pack(
            session,
            event_slug=event,
            account_id=floor.town.account("stella").id,
            now=floor.now + timedelta(days=1),
            threshold=threshold,
        )


def read(floor: Floor, reference: str, table: str) -> list[dict[str, str]]:
    with floor.town.database.reading() as session:
        data = table_file(session, reference, table)
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def frozen(floor: Floor, reference: str) -> bytes:
    with floor.town.database.reading() as session:
        return zip_of(session, reference)


def test_what_was_counted_is_published_and_verifies(played):
    close(played)

    pack = publish(played)

    assert (pack.reference, pack.version, pack.decisions, pack.ballots) == ("an-evening-v1", 1, 1, 70)
    assert differences_in(frozen(played, pack.reference)) == ()
    votes = {
        (row["round"], row["response"]): int(row["votes"]) for row in read(played, pack.reference, "results")
    }
    with played.town.database.reading() as session:
        event = event_by_slug(session, "an-evening")
        counted = {
            (str(round_.id), key): votes
            for round_ in closed_rounds(session, event.id)
            if not round_.practice
            for key, votes in round_.votes.items()
        }
    assert votes == counted
    assert sum(votes.values()) == 70


def test_practice_rounds_and_other_events_are_left_out_and_the_path_is_what_was_played(played):
    close(played)

    reference = publish(played).reference

    rounds = read(played, reference, "rounds")
    with pytest.raises(NoSuchTable):
        read(played, reference, "seats")
    assert [(row["decision"], row["number"], row["taken"]) for row in rounds] == [
        ("d1", "1", ""),
        ("d1", "2", "b"),
    ]
    assert [(row["scene"], row["decision"], row["response"]) for row in read(played, reference, "path")] == [
        ("landing", "d1", "b")
    ]
    assert read(played, reference, "attendance")[0]["practice_rounds"] == "1"


def test_votes_by_role_are_those_that_stood_on_the_screen(played):
    close(played)
    with played.town.database.reading() as session:
        event = event_by_slug(session, "an-evening")
        shown = {round_.id: round_.by_role_shown for round_ in closed_rounds(session, event.id)}
    assert any(shown.values())

    # A higher threshold since then must not make a second form of a table that people have seen.
    reference = publish(played, threshold=12).reference

    published: dict[tuple[str, str], dict[str, object]] = {}
    for row in read(played, reference, "results_by_role"):
        cell = row["votes"] if row["votes"] == "*" else int(row["votes"])
        published.setdefault((row["round"], row["role_group"]), {})[row["response"]] = cell
    assert published == {
        (str(round_id), row["group"]): row["votes"] for round_id, rows in shown.items() for row in rows or []
    }


def test_rounds_that_were_never_revealed_are_broken_down_when_the_event_is_closed(floor):
    seats = floor.sit(*ROLES)
    floor.open_round()
    cast(floor, seats, "aab")
    floor.act(messages.CloseRound, round_id=floor.round_id)
    with pytest.raises(NothingClosed):
        publish(floor)
    close(floor)

    reference = publish(floor).reference

    assert sum(int(row["votes"]) for row in read(floor, reference, "results")) == len(ROLES)
    assert {row["role_group"] for row in read(floor, reference, "results_by_role")} == {
        "carer",
        "police",
        "other_roles",
    }


def test_rounds_that_were_never_revealed_keep_to_the_same_groups(floor):
    seats = floor.sit(*ROLES)
    few_police = [seat for seat in seats if seat not in seats[19:26]]
    for voters in (few_police, seats):
        floor.open_round()
        cast(floor, voters, "aab")
        floor.act(messages.CloseRound, round_id=floor.round_id)
    close(floor)

    reference = publish(floor).reference

    groups: dict[str, set[str]] = {}
    for row in read(floor, reference, "role_ballots"):
        groups.setdefault(row["round"], set()).add(row["role_group"])
    first, second = groups.values()
    assert first == second == {"carer", "other_roles"}


def test_an_overruling_is_published_with_its_reason(floor):
    round_id = floor.open_round()
    floor.vote(a=6, b=3)
    floor.act(messages.Overrule, round_id=round_id, response="c", reason="Ann's actor had to leave.")
    close(floor)

    reference = publish(floor).reference

    (row,) = read(floor, reference, "rounds")
    assert (row["winner"], row["taken"], row["overruled"]) == ("a", "c", "true")
    assert row["overrule_reason"] == "Ann's actor had to leave."
    assert b"Ann's actor had to leave." in files_in(frozen(floor, reference))["README.md"]


def test_nothing_closed_nothing_published(floor):
    with pytest.raises(NothingClosed):
        publish(floor)

    with floor.town.database.reading() as session:
        assert packs(session) == []
        assert isinstance(draft_pack(session, event_slug="an-evening", threshold=8).refusal, NothingClosed)


@pytest.mark.parametrize("name", ["no-such-evening", "a\0b", ""])
def test_an_event_that_does_not_exist_cannot_be_published(database, config, clock, name):
    with database.reading() as session, pytest.raises(NoSuchEvent):
        draft_pack(session, event_slug=name, threshold=8)


def test_a_version_that_adds_nothing_is_refused_and_one_that_adds_a_round_is_the_next(played):
    first = publish(played)
    with pytest.raises(NothingNew):
        publish(played)
    before = frozen(played, first.reference)
    seats = played.sit(*ROLES)
    played.open_round()
    hold(played, seats, "ab")

    second = publish(played)

    assert second.reference == "an-evening-v2"
    assert frozen(played, first.reference) == before
    with played.town.database.reading() as session:
        assert [pack.version for pack in packs_of(session, "an-evening")] == [2, 1]


def test_publishing_writes_one_row_of_audit_and_the_pack_holds_the_head_before_it(played):
    close(played)
    with played.town.database.reading() as session:
        before = head_of(session, "event:an-evening")

    reference = publish(played).reference

    manifest = json.loads(files_in(frozen(played, reference))["manifest.json"])
    assert manifest["audit"] == {"chain": "event:an-evening", "rows": before.rows, "sha256": before.hash}
    with played.town.database.reading() as session:
        assert head_of(session, "event:an-evening").rows == before.rows + 1


def test_the_database_refuses_to_change_a_pack(played):
    publish(played)

    with pytest.raises(DBAPIError, match="never changes"), played.town.database.transaction() as session:
        session.execute(update(PublishedPack).values(zip=b"another"))


def test_bytes_that_are_not_those_that_were_published_are_not_served(played):
    publish(played)
    table = PublishedPack.__table__
    with played.town.database.transaction() as session:
        values = dict(session.execute(select(*table.columns)).mappings().one())
        session.execute(delete(table))
        session.execute(insert(table).values({**values, "zip": b"another"}))

    with played.town.database.reading() as session, pytest.raises(PackDamaged):
        zip_of(session, "an-evening-v1")


@pytest.mark.parametrize("reference", ["an-evening-v9", "an\0evening-v1", "", "x" * 5000])
def test_a_pack_that_is_not_there_is_not_found(database, reference):
    with database.reading() as session, pytest.raises(NoSuchPack):
        zip_of(session, reference)


def test_a_pack_tells_both_rounds_and_what_came_of_them(played):
    publish(played)

    with played.town.database.reading() as session:
        telling = telling_of(session, "an-evening-v1")

    (performance,) = telling.performances
    (decision,) = performance.decisions
    assert [round_.number for round_ in decision.rounds] == [1, 2]
    assert decision.taken == "b"
    assert decision.response("b").leads_to == "The garden"
    before, after = decision.response("a").votes
    assert decision.response("a").change.value == after.value - before.value
