"""Work in another process: its result comes back, or it is gone."""

import os
import threading
from contextlib import suppress
from pathlib import Path

import gevent
import pytest

from scenario_app.kernel import aside as module
from scenario_app.kernel.aside import NotDone, aside


def pipes() -> set[str]:
    found = set()
    for each in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the one that is read here
            found.add(str(each.readlink()))
    return {each for each in found if each.startswith("pipe:")}


def children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


@pytest.fixture(autouse=True)
def _loop():
    """Children of the loop are reaped by watchers that it opens with the first of them."""
    aside(bytes)(1)


def wait_for_ever(begun: str) -> bytes:
    Path(begun).touch()
    threading.Event().wait()
    return b""


def fail(_nothing: str) -> bytes:
    raise ValueError("no words of anybody")


def test_what_is_done_aside_comes_back():
    assert aside(bytes.fromhex)("c0ffee") == b"\xc0\xff\xee"


@pytest.mark.parametrize("work", [fail, os._exit])
def test_work_that_fails_is_not_done_and_leaves_nothing(work, capfd):
    before = children() | pipes()

    with pytest.raises(NotDone):
        aside(work)(3)

    assert (children() | pipes()) - before == set()


def test_what_cannot_be_handed_over_begins_nothing(monkeypatch):
    monkeypatch.setattr(module.subprocess, "Popen", None)

    with pytest.raises(Exception, match="pickle"):
        aside(fail)(lambda: None)


def test_whoever_gives_up_leaves_no_process_behind(tmp_path):
    before, open_before = children(), pipes()
    waiting = gevent.spawn(aside(wait_for_ever), str(tmp_path / "begun"))
    with gevent.Timeout(20):
        while not (tmp_path / "begun").exists():
            gevent.sleep(0.01)
    assert len(children() - before) == 1

    waiting.kill(timeout=20)

    assert children() - before == set()
    assert pipes() - open_before == set()
