"""Outbound network blocked, on the server and in the browser: an event runs, and help numbers can be read."""

import asyncio
import re
import textwrap
import urllib.request

import pytest

from tests.halls import act, new_hall, prepare, see
from tests.real_servers import Server

# Loaded by Python itself before anything else: whoever asks for a name, or for an address elsewhere, is written down
# and gets nowhere.
NOBODY_OUT_THERE = """
import socket, sys

def watch(event, arguments):
    if event == "socket.connect":
        address = arguments[1]
        if isinstance(address, tuple) and not str(address[0]).startswith(("127.", "::1", "localhost")):
            note(f"connect {address}")
            raise OSError(101, "Network is unreachable")
    if event == "socket.getaddrinfo" and arguments[0] not in (None, "", "127.0.0.1", "localhost", b"127.0.0.1"):
        note(f"name {arguments[0]}")
        raise socket.gaierror(-3, "Temporary failure in name resolution")

def note(words):
    with open(WHERE, "a") as file:
        file.write(words + "\\n")

sys.addaudithook(watch)
"""
PAGES = [
    "/",
    "/help-now",
    "/about",
    "/privacy",
    "/accessibility",
    "/events",
    "/scenarios",
    "/join",
    "/evidence",
]


@pytest.fixture
def hall(tmp_path, migrated_sqlite):
    told = tmp_path / "asked-for.txt"
    blocker = tmp_path / "blocker"
    blocker.mkdir()
    (blocker / "sitecustomize.py").write_text(f"WHERE = {str(told)!r}\n" + textwrap.dedent(NOBODY_OUT_THERE))
    town = prepare(tmp_path / "data", migrated_sqlite)
    server = Server(tmp_path / "data", {})
    server.env = {"PYTHONPATH": f"{blocker}:{server.environment['PYTHONPATH']}", "LAN": "1"}
    try:
        server.start()
        hall = new_hall(town, server, "an-evening")
        hall.told = told
        yield hall
    finally:
        server.stop()
        town.database.close()


def pages_of(hall) -> dict[str, str]:
    found = {}
    for path in [*PAGES, f"/join/{hall.code}", "/events/an-evening"]:
        with urllib.request.urlopen(hall.server.url + path, timeout=10) as answer:
            found[path] = answer.read().decode()
    return found


@pytest.mark.slow
def test_an_event_runs_and_help_can_be_read_with_nobody_out_there(hall):
    async def evening():
        async with hall.desk() as desk:
            await act(desk, "set_door", open=True)
            await act(desk, "start_performance", performance=hall.tokens["performances"][0]["id"])
            async with hall.phones(6) as phones:
                cue = await act(desk, "open_round")
                await see(phones, cue["seq"])
                acks = await asyncio.gather(*(phone.cast(cue["round"]["id"], "a") for phone in phones))
                assert all(ack["ok"] for ack in acks)
                await act(desk, "close_round", round=cue["round"]["id"])
                cue = await act(desk, "reveal", round=cue["round"]["id"])
                await see(phones, cue["seq"])
                return phones[0].cue["result"]["votes"]

    votes = asyncio.run(evening())
    pages = pages_of(hall)  # the door is open by now

    assert votes == {"a": 6, "b": 0, "c": 0}
    assert "116 123" in pages["/help-now"]
    assert not hall.told.exists(), hall.told.read_text()


@pytest.mark.slow
def test_no_page_fetches_anything_from_elsewhere(hall):
    asyncio.run(_open(hall))
    for path, page in pages_of(hall).items():
        fetched = re.findall(r'<(?:script|img|link|iframe|source|video)[^>]+(?:src|href)="([^"]+)"', page)
        assert all(address.startswith("/") for address in fetched), (path, fetched)


async def _open(hall) -> None:
    async with hall.desk() as desk:
        await act(desk, "set_door", open=True)
