"""What published packs say together: the map, one scenario in several places, from published figures alone."""

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest

from evidence.across.queries import across, forget_read
from evidence.across.rules import Source, asked_in, heat_map, side_by_side
from evidence.tables import tables_of
from live import messages
from tests.application import client_of, make_app
from tests.evidence.a_room import ROLES, cast, hold
from tests.evidence.an_event import NOON, an_event
from tests.evidence.bare import publish_bare
from tests.makers import Floor, make_floor, make_town

SPRING = Source("spring-rehearsal-v1", "spring-rehearsal", "Spring", "Corn Exchange", NOON)


def asked(material=None, source=SPRING):
    return asked_in(tables_of(material or an_event()), source)


# --- the map --------------------------------------------------------------------------------------------


def test_a_square_is_the_share_of_the_last_round_that_left_what_happened():
    found = heat_map(asked(), ["first-response"])

    cell = found.cells["first-response", "bus-shelter"]
    # d1, round 2: 86 ballots, 13 as it happened; d2: 54 ballots. The first round on d1 is not in it.
    happened = sum(each.as_it_happened for each in asked() if each.scenario == "bus-shelter")
    ballots = sum(each.ballots for each in asked() if each.scenario == "bus-shelter")
    assert (cell.ballots, cell.left, cell.decisions) == (ballots, ballots - happened, 2)
    assert {each.number for each in asked() if each.decision == "d1" and each.scenario == "bus-shelter"} == {
        2
    }


def test_a_round_with_too_few_ballots_is_counted_as_such_and_in_no_sum():
    found = heat_map(asked(), ())

    [cell] = [cell for (_stage, scenario), cell in found.cells.items() if scenario == "farida-rings-999"]
    assert (cell.ballots, cell.left, cell.decisions, cell.too_few) == (0, 0, 0, 1)
    assert (cell.percent, cell.step) == (None, 0)


def test_only_phones_in_the_room_with_one_response_each_are_on_the_map():
    material = an_event()
    others = [
        replace(material.rounds[0], id=90, channel="online_after", number=1),
        replace(material.rounds[0], id=91, kind="approve", number=9),
    ]

    found = heat_map(asked(replace(material, rounds=(*material.rounds, *others))), ())

    assert found.cells == heat_map(asked(), ()).cells


def test_stages_stand_in_the_order_of_care_and_others_behind():
    found = heat_map(asked(), ["recognise", "first-response"])

    assert found.stages[:2] == ("recognise", "first-response")
    assert set(found.rows) <= set(found.stages)


def test_the_stage_where_most_left_is_named_and_of_equals_always_the_same():
    found = heat_map(asked(), ())

    assert found.most_left == found.least_left  # one square can be shown


# --- side by side ---------------------------------------------------------------------------------------


def test_the_same_words_stand_side_by_side_and_what_differs_is_said():
    autumn = replace(SPRING, reference="autumn-v1", event="autumn")
    material = an_event()
    smaller = replace(
        material.rounds[1], votes={"a": 5, "b": 1, "c": 0, "d": 1}, tie_rule="joker_decides", seats=9
    )
    elsewhere = asked(replace(material, rounds=(smaller,)), autumn)

    decisions = side_by_side([each for each in (*asked(), *elsewhere) if each.scenario == "bus-shelter"])

    together = next(each for each in decisions if each.decision == "d1")
    assert [each.source.event for each in together.asked] == ["spring-rehearsal", "autumn"]
    assert set(together.differs) == {"tie_rule", "size"}
    assert [each.differs for each in decisions if each.decision == "d2"] == [()]


def test_a_room_and_votes_online_are_never_one_column():
    material = an_event()
    online = replace(material.rounds[1], id=77, channel="online_before", number=1)

    decisions = side_by_side(asked(replace(material, rounds=(*material.rounds, online))))

    together = next(each for each in decisions if each.decision == "d1" and len(each.asked) > 1)
    assert [each.channel for each in together.asked] == ["room", "online_before"]
    assert "channel" in together.differs
    assert [each.ballots for each in together.asked] == [86, 86]


def test_other_words_are_another_decision():
    other = [replace(each, question="Something else?", version=9) for each in asked()]

    decisions = side_by_side([*asked(), *other])

    assert all(len(each.asked) == 1 for each in decisions)


# --- published packs ------------------------------------------------------------------------------------


@pytest.fixture
def town(database, config, clock):
    forget_read()
    return make_town(database, config, now=clock())


def played(town, clock, slug: str, pattern: str, *, people: int = len(ROLES)) -> Floor:
    floor = make_floor(town, now=clock(), slug=slug)
    floor.start()
    floor.open_round()
    hold(floor, floor.sit(*ROLES[:people]), pattern)
    return floor


def publish(floor: Floor, slug: str) -> str:
    return publish_bare(floor.town, slug, now=floor.now + timedelta(days=1)).reference


def found(town):
    with town.database.reading() as session:
        return across(session, pathway="eastmere-urgent-care")


def test_events_are_read_from_what_is_published_and_from_nothing_else(town, clock):
    first = played(town, clock, "first", "ab")
    publish(first, "first")
    quiet = played(town, clock, "never-published", "a")
    later = first.open_round()
    cast(first, first.sit(*ROLES), "b")
    first.act(messages.CloseRound, round_id=later)

    together = found(town)

    assert [each.reference for each in together.packs] == ["first-v1"]
    assert [(each.ballots, each.number) for each in together.asked] == [(35, 1)]
    assert quiet.section.event_slug not in {each.source.event for each in together.asked}


def test_only_the_newest_version_of_each_event_counts(town, clock):
    first = played(town, clock, "first", "ab")
    publish(first, "first")
    first.open_round()
    hold(first, first.sit(*ROLES), "bbc")
    publish(first, "first")
    publish(played(town, clock, "second", "a", people=10), "second")

    together = found(town)

    assert [each.reference for each in together.packs] == ["first-v2", "second-v1"]
    cell = heat_map(together.asked, ()).cells["first-response", "two-doors"]
    assert (cell.ballots, cell.left) == (35 + 10, 35)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestPages:
    """What people and programs get."""

    @pytest.fixture
    def stranger(self, town, config, clock):
        publish(played(town, clock, "first", "ab"), "first")
        publish(played(town, clock, "second", "a", people=4), "second")
        return client_of(make_app(config, town.database, clock))

    def test_the_map_prints_its_numbers_and_says_where_there_are_too_few(self, stranger):
        page = stranger.get("/evidence/across").text

        assert 'class="heat-3"' in page  # 17 of 35 left
        assert "49 %" in page
        assert "of 35" in page
        assert "2 events" in page

    def test_a_scenario_stands_side_by_side_without_what_few_chose(self, stranger):
        page = stranger.get("/evidence/across/two-doors").text

        assert "4 of 4" in page  # ballots of seats, as the packs have them
        assert "Asked in the same words" not in page
        assert page.count("100 %") == 0

    def test_the_numbers_behind_it_are_the_same_as_csv_and_json(self, stranger):
        rows = list(csv.DictReader(io.StringIO(stranger.get("/evidence/across.csv").text)))
        answer = stranger.get("/api/v1/evidence/across")

        assert [(row["event"], row["ballots"], row["something_else"]) for row in rows] == [
            ("first", "35", "17"),
            ("second", "4", ""),
        ]
        assert [str(row["ballots"]) for row in answer.json["decisions"]] == [row["ballots"] for row in rows]
        assert answer.json["cells"][0]["percent"] == 49
        assert (
            stranger.get(
                "/api/v1/evidence/across", headers={"If-None-Match": answer.headers["ETag"]}
            ).status_code
            == 304
        )

    @pytest.mark.parametrize("path", ["/evidence/across/nowhere", "/evidence/across?pathway=nowhere"])
    def test_what_is_not_there_is_a_calm_404(self, stranger, path):
        assert stranger.get(path).status_code == 404


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_one_event_only_and_none_at_all_are_said(town, config, clock):
    stranger = client_of(make_app(config, town.database, clock))
    assert "Nothing is published yet" in stranger.get("/evidence/across").text

    publish(played(town, clock, "first", "ab"), "first")

    assert "the evidence of one event" in stranger.get("/evidence/across").text
