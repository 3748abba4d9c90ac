"""When a new version of a pack may be published."""

from dataclasses import replace

import pytest

from evidence.rules import NothingNew, TooLittleChanged, check_new_version
from evidence.tables import tables_of
from live.disclosure import protect
from tests.evidence.an_event import FIRST, SECOND, an_event


def tables(rounds=None):
    event = an_event()
    return tables_of(event if rounds is None else replace(event, rounds=rounds))


def test_the_same_tables_again_are_refused():
    with pytest.raises(NothingNew):
        check_new_version(tables(), tables(), threshold=8)


def test_a_new_round_of_a_whole_room_may_be_added():
    rounds = an_event().rounds

    check_new_version(tables([rounds[0]]), tables(rounds), threshold=8)


def test_a_round_by_role_of_fewer_people_than_the_threshold_may_not_be_added():
    rounds = an_event().rounds

    with pytest.raises(TooLittleChanged):
        check_new_version(tables([rounds[0]]), tables(rounds[:2]), threshold=100)


def test_a_round_that_is_not_shown_by_role_may_be_added_however_small():
    rounds = an_event().rounds

    check_new_version(tables(rounds[:3]), tables(rounds), threshold=100)


def test_a_table_by_role_that_was_published_is_never_published_in_another_form():
    event = an_event()
    other_form = replace(event.rounds[0], by_role=protect(FIRST, threshold=20))
    assert other_form.by_role != event.rounds[0].by_role
    assert other_form.by_role is not None

    with pytest.raises(TooLittleChanged):
        check_new_version(tables(), tables([other_form, *event.rounds[1:]]), threshold=8)


def test_the_rows_that_vanish_count_as_well():
    event = an_event()
    assert sum(sum(cells.values()) for cells in SECOND.values()) < 100

    with pytest.raises(TooLittleChanged):
        check_new_version(tables(), tables([event.rounds[0], *event.rounds[2:]]), threshold=100)


def test_who_was_in_the_room_is_never_told_in_another_form():
    event = an_event()
    other_form = {"gender": {"woman": 20, "man": None, "other_gender": None}}
    told_first = replace(event, floor=replace(event.floor, equality={}))
    told_otherwise = replace(event, floor=replace(event.floor, equality=other_form))

    check_new_version(tables_of(told_first), tables_of(event), threshold=8)
    with pytest.raises(TooLittleChanged):
        check_new_version(tables_of(event), tables_of(told_otherwise), threshold=8)
