"""Log lines: where a bug is, and nothing that anybody typed."""

import json
import logging

import pytest

from scenario_app.kernel.logs import set_up_logs


@pytest.fixture
def root_as_it_was():
    """Give the root logger back as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level


def test_a_bug_is_logged_with_its_place_and_without_the_words_at_hand(capsys, root_as_it_was):
    def take(words: str) -> str:
        return {}[len(words)]

    set_up_logs("INFO")
    try:
        take("PLANTED-SENTENCE-OF-A-STORY")
    except KeyError:
        logging.getLogger("test").exception("a request failed")

    line = capsys.readouterr().err
    assert json.loads(line)["event"] == "a request failed"
    assert '"name": "take"' in line
    assert "PLANTED" not in line
