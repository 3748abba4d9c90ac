"""Desks: two of them do nothing twice, plain forms do everything, and nothing of theirs reaches the room too early."""

import asyncio
import json
import re
import urllib.request

import pytest

from live.queries import section_by_code
from scenario_app.accounts.service import end_every_sign_in
from scenario_app.kernel.clock import utc_now
from scenario_app.phones import Client, Desk, Phone, Refused
from tests.application import client_of, make_app
from tests.halls import Hall, act, new_hall, prepare, see
from tests.makers import make_floor, make_town
from tests.real_servers import serving

NOTE = "PLANTED-FACILITATOR-NOTE"


@pytest.fixture(scope="module")
def town_and_server(tmp_path_factory, migrated_sqlite):
    """A server with the town."""
    data_dir = tmp_path_factory.mktemp("desks") / "data"
    town = prepare(data_dir, migrated_sqlite)
    with serving(data_dir) as server:
        yield town, server
    town.database.close()


@pytest.fixture
def hall(town_and_server, request) -> Hall:
    """A section of this test's own, and one beside it in which a round is open."""
    town, server = town_and_server
    slug = request.node.name.replace("_", "-")[5:50].strip("-")
    noise = make_floor(town, now=utc_now(), slug=f"noise-{slug}")
    noise.start()
    noise.open_round()
    hall = new_hall(town, server, slug)
    hall.town = town
    return hall


async def open_a_round(hall: Hall, desk: Desk) -> int:
    await act(desk, "set_door", open=True)
    await act(desk, "start_performance", performance=hall.tokens["performances"][0]["id"])
    return int((await act(desk, "open_round"))["round"]["id"])


# --- two desks ------------------------------------------------------------------------------------------


async def both_press(hall: Hall) -> list[tuple[str, list]]:
    """Let two desks press the same button on the same cue, button after button; return what each was told."""
    told = []
    async with hall.desk() as left, hall.desk() as right:
        round_id = await open_a_round(hall, left)
        await see([left, right], left.cue["seq"])
        for action in ("close_round", "reveal", "open_round", "close_round", "reveal"):
            fields = {} if action == "open_round" else {"round": left.cue["round"]["id"]}
            expects = left.cue["seq"]
            acks = await asyncio.gather(
                *(desk.ask(action, {**fields, "expects": expects}) for desk in (left, right))
            )
            await see([left, right], expects + 1)
            assert left.cue["seq"] == right.cue["seq"] == expects + 1
            told.append((action, acks))
        assert left.cue["round"]["number"] == 2
        assert left.cue["round"]["id"] != round_id
    return told


def test_two_desks_that_press_at_once_do_nothing_twice(hall):
    told = asyncio.run(both_press(hall))

    assert len(told) == 5
    for action, acks in told:
        assert sorted(ack["ok"] for ack in acks) == [False, True], action
        [refused] = [ack for ack in acks if not ack["ok"]]
        assert refused == {"ok": False, "code": "stale_cue"}, action


# --- an account that was signed out everywhere ----------------------------------------------------------


async def sign_out_in_the_middle(hall: Hall) -> tuple[dict, dict, str]:
    async with hall.desk() as desk:
        await act(desk, "set_door", open=True)
        before = desk.cue
        with hall.town.database.transaction() as session:
            end_every_sign_in(session, account_id=hall.town.account("olu").id, now=utc_now())
        refused = await desk.act("set_door", open=False)
    try:
        async with Desk(hall.server.url, hall.tokens["token"], hall.code):
            let_in = ""
    except Refused as refusal:
        let_in = refusal.code
    return before, refused, let_in


def test_the_desk_of_an_account_that_was_signed_out_everywhere_is_refused(hall):
    hall.sign_in("olu@eastmere.example")

    before, refused, let_in = asyncio.run(sign_out_in_the_middle(hall))

    assert refused == {"ok": False, "code": "not_allowed"}
    assert let_in == "not_allowed"
    with hall.town.database.reading() as session:
        section = section_by_code(session, hall.code)
    assert section.door_open is True
    assert section.cue_seq == before["seq"]


# --- what never leaves ----------------------------------------------------------------------------------


class Ear:
    """Hears everything that one client is sent, in order."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.heard: list[tuple[str, dict]] = []
        client.message_came = self._came

    def _came(self, name: str) -> None:
        self.heard.append((name, self.client.latest(name)))


def page(address: str) -> str:
    with urllib.request.urlopen(address, timeout=20) as answer:
        return answer.read().decode()


def votes_in_it(message: object) -> list[object]:
    """Return every value under a name that counts by response: `votes`, `winner`, `by_role`, `result`."""
    if isinstance(message, dict):
        here = [
            value
            for name, value in message.items()
            if name in ("votes", "winner", "by_role", "result") and value
        ]
        return here + [found for value in message.values() for found in votes_in_it(value)]
    if isinstance(message, list):
        return [found for value in message for found in votes_in_it(value)]
    return []


async def an_evening_with_open_ears(hall: Hall) -> tuple[list, list, list[str]]:
    """Vote and reveal; return what was heard before the reveal, everything heard but by the desk, and the pages."""
    desk = Desk(hall.server.url, hall.tokens["token"], hall.code)
    screen, phone = hall.screen(), Phone(hall.server.url, await asyncio.to_thread(hall.seat))
    ears = [Ear(client) for client in (desk, screen, phone)]
    pages = []
    for client in (desk, screen, phone):
        await client.join()
    async with hall.phones(12, ("carer", None)) as voters:
        ears += [Ear(voter) for voter in voters[:3]]
        cue = await act(desk, "open_round")
        await see(voters, cue["seq"])
        for number, voter in enumerate(voters):
            assert (await voter.cast(cue["round"]["id"], "ab"[number % 3 == 0]))["ok"]
        await desk.until(lambda it: (it.latest("tally") or {}).get("ballots") == 12)
        await act(desk, "close_round", round=cue["round"]["id"])
        await everybody_sees([screen, phone, *voters], desk.cue["seq"])
        pages += await asyncio.gather(*(asyncio.to_thread(page, address) for address in addresses(hall)))
        before = [heard for ear in ears for heard in ear.heard]
        await act(desk, "reveal", round=cue["round"]["id"])
        await everybody_sees([screen, phone, *voters], desk.cue["seq"])
        assert phone.cue["result"]["votes"] == {"a": 8, "b": 4, "c": 0}
        pages += await asyncio.gather(*(asyncio.to_thread(page, address) for address in addresses(hall)))
    public = [heard for ear in ears[1:] for heard in ear.heard]
    for client in (desk, screen, phone):
        client.leave()
    return before, public, pages


async def everybody_sees(clients: list[Client], seq: int) -> None:
    """Wait until every client, screens too, was sent this cue or a newer one."""
    for client in clients:
        await client.until(lambda it: (it.latest("cue") or {}).get("seq", 0) >= seq)


def addresses(hall: Hall) -> list[str]:
    base, code = hall.server.url, hall.code
    key = hall.tokens["screen_key"]
    paths = [
        "/",
        "/events",
        "/scenarios",
        "/scenarios/two-doors",
        f"/join/{code}",
        f"/screen/{code}?key={key}",
    ]
    api = [f"/doors/{code}", f"/doors/{code}/cue", "/scenarios/two-doors", "/events"]
    return [base + path for path in (*paths, *(f"/api/v1{path}" for path in api))]


def test_no_count_by_response_leaves_before_the_reveal_and_no_note_of_the_facilitators_ever(hall):
    async def evening():
        async with hall.desk() as desk:
            await act(desk, "set_door", open=True)
            await act(desk, "start_performance", performance=hall.tokens["performances"][0]["id"])
        return await an_evening_with_open_ears(hall)

    before, public, pages = asyncio.run(evening())

    assert {name for name, _message in before} == {"cue", "seat", "tally", "presence"}
    assert [found for _name, message in before for found in votes_in_it(message)] == []
    assert [tally["ballots"] for name, tally in before if name == "tally"][-1] == 12
    assert votes_in_it([message for _name, message in public]), "after the reveal they are there"
    assert NOTE not in json.dumps([message for _name, message in public])
    assert not any(NOTE in text for text in pages)


# --- without scripts ------------------------------------------------------------------------------------


@pytest.fixture
def floor(database, config, clock):
    return make_floor(make_town(database, config, now=clock()), now=clock())


@pytest.fixture
def app(database, config, clock, floor):
    return make_app(config, database, clock)


class Forms:
    """A desk in a browser without scripts: it presses the buttons that the page shows."""

    def __init__(self, client, code: str) -> None:
        self.client, self.address = client, f"/desk/sections/{code}"

    def page(self) -> str:
        answer = self.client.get(self.address)
        assert answer.status_code == 200
        return answer.text

    def press(self, action: str, **typed: str) -> str:
        """Press a button of the page as it is now, with its hidden fields; return the page afterwards."""
        forms = re.findall(r"<form\b[^>]*\saction=\"([^\"]+)\"[^>]*>(.*?)</form>", self.page(), re.DOTALL)
        bodies = [body for address, body in forms if address == f"{self.address}/{action}"]
        assert bodies, (action, [address for address, _body in forms])
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', bodies[0]))
        hidden.pop("csrf_token", None)
        answer = self.client.post(f"{self.address}/{action}", data={**hidden, **typed})
        assert answer.status_code == 302, (action, hidden, answer.status_code)
        return self.page()


def test_an_evening_is_run_by_plain_forms_from_start_to_end(app, floor):
    desk = Forms(client_of(app, floor.town.account("fay")), floor.section.code)
    assert NOTE in desk.page()

    desk.press("set_door")
    desk.press("start_performance")
    desk.press("open_round")
    for seat in floor.sit(*[None] * 6):
        floor.cast(seat, "b")
    closed = desk.press("close_round")
    assert "6" in closed
    desk.press("reveal")
    desk.press("take_branch")
    assert floor.section.current.scene == "garden"
    desk.press("open_round")
    desk.press("close_round")
    desk.press("reveal")
    desk.press("overrule", response="b", reason="Nobody voted; we want to see it.")
    assert floor.section.current.scene == "ending-tea"
    desk.press("end_performance")

    assert floor.section.current.state == "ended"
    assert floor.section.door_open is True


def test_a_form_that_lay_open_while_another_desk_acted_does_nothing_and_says_so(app, floor):
    fay, olu = (
        Forms(client_of(app, floor.town.account(name)), floor.section.code) for name in ("fay", "olu")
    )
    old = str(floor.section.cue_seq)
    olu.press("set_door")

    late = fay.client.post(
        f"{fay.address}/set_door", data={"open": "false", "expects": old}, follow_redirects=True
    )

    assert "Another desk acted first" in late.text
    assert floor.section.door_open is True


def test_signing_out_everywhere_closes_the_plain_desk_too(app, floor, clock):
    fay = Forms(client_of(app, floor.town.account("fay")), floor.section.code)
    assert fay.page()
    with floor.town.database.transaction() as session:
        end_every_sign_in(session, account_id=floor.town.account("fay").id, now=clock())

    refused = fay.client.post(
        f"{fay.address}/set_door", data={"open": "true", "expects": floor.section.cue_seq}
    )

    assert refused.status_code == 403
    assert floor.section.door_open is False
