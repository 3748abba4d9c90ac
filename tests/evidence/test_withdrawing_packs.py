"""Which packs a withdrawal reaches: every one that tells of a play with the story in it, voted on or not."""

import logging

import pytest

from evidence.csv_files import rows_from
from evidence.exports import files_in, tables_in
from evidence.key_file import KEPT_IN, signing_key
from evidence.queries import pack, packs_of, zip_of
from evidence.schema import TABLE_OF
from evidence.service import publish_pack
from evidence.withdrawal import withdraw_story
from live import messages
from tests.application import client_of, make_app
from tests.evidence.aftermath import CODE
from tests.evidence.test_withdrawal import NOISE, PHRASE, WOVEN, everything_in, tell, weave
from tests.makers import SHORT_SCRIPT, make_floor, make_town


@pytest.fixture
def town(database, config, clock):
    return make_town(database, config, now=clock())


def publish(town, now, *, slug: str = "an-evening") -> str:
    with town.database.transaction() as session:
        return publish_pack(
            session, event_slug=slug, account_id=town.account("stella").id, now=now, threshold=8
        ).reference


def play_with_a_hand_up(floor, place: int) -> None:
    floor.start(place=place)
    floor.act(messages.RaiseStopForSomebody, line=2, role="carer")
    floor.act(messages.EndPerformance)


def vote_on(floor, place: int) -> None:
    floor.start(place=place)
    floor.open_round()
    floor.vote(a=9, b=12)
    floor.act(messages.EndPerformance)


def tables(town, reference: str):
    with town.database.reading() as session:
        return tables_in(files_in(zip_of(session, reference)))


def standing(town, slug: str = "an-evening") -> list[str]:
    with town.database.reading() as session:
        return [each.reference for each in packs_of(session, slug) if each.withdrawn_at is None]


@pytest.fixture
def hand_up(town, clock):
    """A play that nobody voted on, where somebody stopped at the words; another one that was voted on."""
    story_id = tell(town, clock, PHRASE)
    noise = tell(town, clock, NOISE)
    weave(town, clock, noise, SHORT_SCRIPT.replace("Hello?", NOISE).replace("id: two-doors", "id: river"))
    weave(town, clock, story_id, WOVEN)
    town.slugs = [*town.slugs, "river", "the-heron"]
    floor = make_floor(town, now=clock())
    play_with_a_hand_up(floor, place=len(town.slugs) - 2)
    play_with_a_hand_up(floor, place=len(town.slugs) - 1)
    vote_on(floor, place=0)
    return story_id, floor


def test_words_of_a_play_that_was_never_voted_on_leave_the_pack_too(town, hand_up):
    story_id, floor = hand_up
    reference = publish(town, floor.now)
    before = tables(town, reference)
    assert PHRASE in str(before["stops"]).casefold()

    done = withdraw_story(town.database, story_id=story_id, now=floor.now)

    left = everything_in(town.database)
    assert list(done.reissued) == standing(town) == ["an-evening-v2"]
    assert PHRASE not in left.casefold()
    after = tables(town, "an-evening-v2")
    assert [row["stop"] for row in after["stops"]] == [row["stop"] for row in before["stops"]]
    assert NOISE in str(after["stops"])
    assert after["results"] == before["results"]


def test_every_standing_version_that_tells_of_the_play_loses_its_bytes(town, hand_up):
    story_id, floor = hand_up
    first = publish(town, floor.now)
    floor.act(messages.MakeProposal, wording="A bench by the door")
    second = publish(town, floor.now)
    assert standing(town) == [second, first]

    withdraw_story(town.database, story_id=story_id, now=floor.now)

    assert standing(town) == ["an-evening-v3"]
    assert PHRASE not in everything_in(town.database).casefold()


def test_a_pack_of_another_play_at_the_same_event_stays_as_it_was(town, clock):
    story_id = tell(town, clock, PHRASE)
    weave(town, clock, story_id, WOVEN)
    town.slugs = [*town.slugs, "the-heron"]
    floor = make_floor(town, now=clock())
    vote_on(floor, place=0)
    reference = publish(town, floor.now)
    play_with_a_hand_up(floor, place=len(town.slugs) - 1)

    done = withdraw_story(town.database, story_id=story_id, now=floor.now)

    assert list(done.reissued) == []
    assert standing(town) == [reference]


def test_a_story_of_which_no_line_is_in_the_play_is_counted_no_longer(evening):
    town = evening.town
    reference = publish(town, evening.clock())
    assert len(tables(town, reference)["stories"]) == 1

    done = withdraw_story(town.database, story_id=evening.story_id, now=evening.clock())

    assert list(done.reissued) == standing(town) == ["an-evening-v2"]
    after = tables(town, "an-evening-v2")
    assert (after["stories"], [row for row in after["moderation_log"] if row["of"] == "story"]) == ([], [])


@pytest.mark.parametrize("kind_of_database", ["sqlite"], indirect=True)
def test_a_damaged_signing_key_does_not_keep_a_story_from_being_taken_back(evening, caplog):
    town = evening.town
    reference = publish(town, evening.clock())
    ada = client_of(make_app(town.config, town.database, evening.clock), None)
    ada.post("/stories/return", data={"words": CODE})
    signing_key(town.config)
    (town.config.data_dir / KEPT_IN).write_text("damaged")

    with caplog.at_level(logging.ERROR):
        answer = ada.post("/stories/mine/take-back", data={"sure": "yes"})

    assert answer.status_code == 302
    assert "signing key" in caplog.text
    assert CODE not in caplog.text
    assert standing(town) == []
    with town.database.reading() as session:
        assert pack(session, reference).withdrawn_at == evening.clock()
    assert publish(town, evening.clock()) == "an-evening-v2"


def test_no_pack_says_what_a_teller_may_stop_allowing_tomorrow(evening):
    reference = publish(evening.town, evening.clock())

    (row,) = tables(evening.town, reference)["stories"]

    assert set(row) == {"scenario", "version", "story", "told_for", "edits"}


def test_a_pack_from_when_a_table_had_a_column_more_is_read_without_it():
    older = b"scenario,version,story,told_for,may_be_quoted,edits\r\nthe-heron,1,1,self,true,2\r\n"

    (row,) = rows_from(TABLE_OF["stories"], older)

    assert row == {"scenario": "the-heron", "version": 1, "story": 1, "told_for": "self", "edits": 2}


@pytest.mark.parametrize("kind_of_database", ["sqlite"], indirect=True)
def test_a_teller_reads_beforehand_that_words_of_other_people_are_not_searched(evening):
    ada = client_of(make_app(evening.town.config, evening.town.database, evening.clock), None)
    ada.post("/stories/return", data={"words": CODE})

    page = ada.get("/stories/mine/take-back").text

    assert "We do not search what other people wrote about it later" in page
