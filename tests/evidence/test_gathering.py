"""What a pack is made of is read in a fixed number of queries: an event of a hundred rounds is no slower to ask for."""

import pytest
from sqlalchemy import event

from evidence.gathering import gather
from live.queries import event_by_slug
from tests.evidence.a_room import hold
from tests.makers import make_floor, make_town


def queries_of(database) -> int:
    asked = []

    def note(_connection, _cursor, statement, *_rest):
        asked.append(statement)

    with database.reading() as session:
        found = event_by_slug(session, "an-evening")
        event.listen(database.engine, "before_cursor_execute", note)
        gather(session, found, threshold=8)
        event.remove(database.engine, "before_cursor_execute", note)
    return len(asked)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_more_rounds_take_no_more_queries(database, config, clock):
    floor = make_floor(make_town(database, config, now=clock()), now=clock())
    floor.start()
    seats = floor.sit(*["carer"] * 12)
    floor.open_round()
    hold(floor, seats, "aab")
    one = queries_of(database)
    for _ in range(5):
        floor.open_round()
        hold(floor, seats, "abc")

    assert queries_of(database) == one
