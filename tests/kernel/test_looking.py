"""Looking again and again: what goes wrong in one look is logged without its words, and the next look comes."""

import gevent
from gevent.event import Event

from scenario_app.kernel.database import StorageUnavailable
from scenario_app.kernel.looking import look_every


def test_what_fails_in_one_look_is_logged_and_looked_at_again(caplog):
    came, turns = Event(), iter([StorageUnavailable(), ValueError("Ruth lives at 3 Hill Road"), None, None])
    seen = []

    def look_for_letters():
        problem = next(turns)
        seen.append(problem)
        if problem:
            raise problem
        came.set()

    looking = look_every(0.001, look_for_letters)
    with gevent.Timeout(10):
        came.wait()
    gevent.kill(looking)

    assert len(seen) >= 3
    assert [record.levelname for record in caplog.records] == ["WARNING", "ERROR"]
    assert caplog.records[1].bug == "ValueError"
    assert all("look_for_letters" in record.look for record in caplog.records)


def test_the_first_look_is_at_once():
    looked = Event()

    looking = look_every(3600, looked.set)
    with gevent.Timeout(10):
        assert looked.wait()
    gevent.kill(looking)
