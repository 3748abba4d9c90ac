"""Who was in the room: counted, never kept together, shown protected, tied to nobody."""

import random
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest
from sqlalchemy import select

from evidence.equality.models import EqualityCount
from evidence.equality.queries import equality_summary
from evidence.equality.rules import (
    ANSWERS_TO,
    EQUALITY_ANSWERS,
    EQUALITY_QUESTIONS,
    EqualityClosed,
    protect_question,
)
from evidence.equality.service import count_equality
from evidence.equality.words import equality_answers, equality_questions
from live.preparing.rehearsing import begin_rehearsal
from live.queries import event_by_slug
from scenario_app.kernel.database import Base
from scenario_app.kernel.errors import Invalid
from scenarios.together.rules import Sense
from scenarios.together.sense_checking import say_sense
from tests.application import client_of, make_app
from tests.evidence.a_room import close, play
from tests.evidence.test_publishing import floor, publish, read

__all__ = ["floor"]


def fill_in(floor, event="an-evening", **answers: str) -> int:
    with floor.town.database.transaction() as session:
        there = event_by_slug(session, event, rehearsals=True)
        assert there is not None
        return count_equality(session, event=there, answers=answers)


def counted(floor) -> dict[tuple[str, str], int]:
    with floor.town.database.reading() as session:
        event = event_by_slug(session, "an-evening")
        rows = session.scalars(select(EqualityCount).where(EqualityCount.event_id == event.id))
        return {(row.question, row.answer): row.people for row in rows}


def test_the_table_has_exactly_these_columns_and_none_that_ties_two_answers_together():
    columns = set(Base.metadata.tables["equality_count"].columns.keys())

    assert columns == {"event_id", "question", "answer", "people"}


def test_each_answer_is_counted_by_itself_and_a_skipped_question_not_at_all(floor):
    fill_in(floor, "somebody-elses-evening", age="18_24")

    assert fill_in(floor, age="25_44", gender="woman", religion="") == 2
    assert fill_in(floor, age="25_44") == 1
    assert fill_in(floor) == 0

    assert counted(floor) == {("age", "25_44"): 2, ("gender", "woman"): 1}


def test_of_people_who_send_at_the_same_moment_each_is_counted(floor):
    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(lambda _person: fill_in(floor, age="25_44"), range(24)))

    assert counted(floor) == {("age", "25_44"): 24}


def test_an_answer_that_is_none_of_the_question_counts_nothing(floor):
    with pytest.raises(Invalid):
        fill_in(floor, gender="woman", age="woman")

    assert counted(floor) == {}


def test_once_the_event_has_ended_nothing_more_is_counted_and_the_pack_tells_it_protected(floor):
    play(floor)
    for person in range(30):
        fill_in(floor, gender="woman" if person < 19 else "man", age="25_44")
    fill_in(floor, gender="other_gender")
    early = publish(floor).reference
    close(floor)

    with pytest.raises(EqualityClosed):
        fill_in(floor, gender="man")
    late = publish(floor).reference

    assert read(floor, early, "equality_summary") == []
    told = {(row["question"], row["answer"]): row["people"] for row in read(floor, late, "equality_summary")}
    # All who gave an age gave the same: that would say it of everybody who answered.
    assert told == {("gender", "woman"): "20", ("gender", "man"): "10", ("gender", "other_gender"): "*"}


def test_under_a_higher_threshold_a_later_version_tells_it_as_the_first_did(floor):
    """Two forms of one table, under two thresholds, leave one value for a star: 8 of 22, 8 and 3."""
    play(floor)
    for gender, people in (("woman", 22), ("man", 8), ("other_gender", 3)):
        for _person in range(people):
            fill_in(floor, gender=gender)
    close(floor)
    first = publish(floor).reference
    with floor.town.database.transaction() as session:  # something new, so that there is another version
        say_sense(
            session, slug="two-doors", browser_hash=bytes(32), verdict=Sense.HERE, why="", now=floor.now
        )

    second = publish(floor, threshold=9).reference

    assert read(floor, second, "equality_summary") == read(floor, first, "equality_summary")


def test_a_rehearsal_leaves_no_count(floor):
    with floor.town.database.transaction() as session:
        rehearsal = begin_rehearsal(
            session, event_slug="an-evening", account_id=floor.town.account("fay").id, now=floor.now
        )

    fill_in(floor, rehearsal, gender="man")

    with floor.town.database.reading() as session:
        assert session.scalars(select(EqualityCount)).all() == []


def test_the_form_is_filled_in_without_scripts_and_once(floor, config, clock):
    app = make_app(config, floor.town.database, clock)
    (seat,) = floor.sit("carer")
    phone, stranger = client_of(app), client_of(app)
    phone.set_cookie(f"seat-{floor.section.code}", seat.secret)
    address = f"/at/{floor.section.code}/about-you"

    page = phone.get(address).text
    sent = phone.post(address, data={"age": "65_over", "gender": ""})
    again = phone.post(address, data={"age": "65_over"})
    refused = stranger.post(address, data={"age": "65_over"})

    assert all(f'value="{answer}"' in page for answers in ANSWERS_TO.values() for answer in answers)
    assert page.count("Skip this question") == len(ANSWERS_TO)
    assert sent.status_code == 302
    assert (again.status_code, "Once is enough" in again.text) == (429, True)
    assert refused.status_code == 403
    assert counted(floor) == {("age", "65_over"): 1}


def test_the_words_of_pages_are_those_of_the_pack(config, floor, clock):
    with make_app(config, floor.town.database, clock).test_request_context(headers={"Accept-Language": "en"}):
        assert equality_questions() == EQUALITY_QUESTIONS
        assert equality_answers() == EQUALITY_ANSWERS
    assert sorted(answer for answers in ANSWERS_TO.values() for answer in answers) == sorted(EQUALITY_ANSWERS)


def possible(shown, answered: int, threshold: int = 8):
    """Return every table that somebody who knows the rules and how many answered must think possible."""
    ranges = [
        range(1, threshold)
        if figure is None
        else [0]
        if figure == 0
        else range(max(threshold, figure - 2), figure + 3)
        for figure in shown.values()
    ]
    return [table for table in product(*ranges) if sum(table) == answered]


def test_no_hidden_answer_can_be_narrowed_to_fewer_than_three_even_knowing_how_many_answered():
    chance = random.Random(20261123)
    shown_at_all = 0
    for _table in range(2_000):
        people = {
            str(answer): chance.choice((0, 1, 2, 3, 5, 8, 9, 12, 17))
            for answer in range(chance.choice((2, 3, 4)))
        }
        shown = protect_question(people, threshold=8)
        if shown is None:
            continue
        shown_at_all += 1
        tables = possible(shown, sum(people.values()))
        for place, figure in enumerate(shown.values()):
            if figure is None:
                assert len({table[place] for table in tables}) >= 3, people
    assert shown_at_all > 500


def test_the_solver_catches_plain_suppression():
    """The rule without its last part, which hides a question where a star could be narrowed down."""
    people = {"woman": 8, "man": 1}

    plain = {answer: None if 0 < count < 8 else 10 for answer, count in people.items()}

    assert len({table[1] for table in possible(plain, 9)}) < 3
    assert protect_question(people, threshold=8) is None


def test_few_people_are_not_shown_at_all(floor):
    for _person in range(7):
        fill_in(floor, gender="man")

    with floor.town.database.reading() as session:
        event = event_by_slug(session, "an-evening")
        assert equality_summary(session, event.id, threshold=8) == {}
