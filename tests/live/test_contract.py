"""The contract as an outside program meets it: real HTTP, every field, every refusal, and clients that others wrote."""

import asyncio
import json
import shutil
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import socketio

from scenario_app.kernel.clock import utc_now
from scenario_app.phones import Phone
from tests.halls import Hall, Json, act, ask, new_hall, prepare
from tests.kernel.test_other_clients import node_folder
from tests.makers import make_floor
from tests.real_servers import serving

__all__ = ["node_folder"]

WAIT = 15


@pytest.fixture(scope="module")
def town_and_server(tmp_path_factory, migrated_sqlite):
    """A server with the town and a noise section in which a round is open."""
    data_dir = tmp_path_factory.mktemp("contract") / "data"
    town = prepare(data_dir, migrated_sqlite)
    noise = make_floor(town, now=utc_now(), slug="somebody-elses-evening")
    noise.start()
    noise.open_round()
    with serving(data_dir) as server:
        yield town, server, noise
    town.database.close()


@pytest.fixture
def hall(town_and_server, request) -> Hall:
    """A section of this test's own, its door closed."""
    town, server, _noise = town_and_server
    slug = request.node.name.replace("_", "-")[5:60].strip("-")
    hall = new_hall(town, server, slug)
    hall.slug = slug
    return hall


@pytest.fixture
def noise(town_and_server):
    return town_and_server[2]


async def do(hall: Hall, *actions: tuple[str, Json]) -> Json:
    """Do desk actions one after the other and return the last cue. A round is filled in where one is needed."""
    async with hall.desk() as desk:
        for name, fields in actions:
            needs_round = name in ("close_round", "reveal", "take_branch")
            current = {"round": desk.cue["round"]["id"]} if needs_round else {}
            await act(desk, name, **current, **fields)
        return desk.cue


def play(hall: Hall, *names: str) -> Json:
    """Open the door, start, and then do what is named."""
    hall.sign_in()
    start = ("start_performance", {"performance": hall.tokens["performances"][0]["id"]})
    return asyncio.run(do(hall, ("set_door", {"open": True}), start, *((name, {}) for name in names)))


def refusal(answer: tuple[int, Json, object]) -> tuple[int, str]:
    """Return status and code of a refusal, whose shape is always the same."""
    status, body, _headers = answer
    assert set(body) == {"ok", "code", "message"}, body
    assert body["ok"] is False
    assert isinstance(body["message"], str)
    return status, body["code"]


# --- doors and seats ------------------------------------------------------------------------------------


def test_a_door_tells_what_is_behind_it(hall):
    status, door, _headers = ask(f"{hall.api}/doors/{hall.code.lower()}")

    assert status == 200
    assert set(door) == {"code", "title", "event", "open", "roles", "decision_statement"}
    assert (door["code"], door["open"]) == (hall.code, False)
    assert {"key", "label"} == set(door["roles"][0])
    assert "carer" in [role["key"] for role in door["roles"]]


def test_a_seat_is_given_when_the_door_is_open_and_refused_by_name_otherwise(hall):
    seats = f"{hall.api}/doors/{hall.code}/seats"

    assert refusal(ask(seats, {"role": None})) == (409, "door_closed")
    play(hall)
    assert refusal(ask(seats, {"role": "king"})) == (422, "unknown_role")
    assert refusal(ask(seats, {"role": 7})) == (422, "bad_message")
    assert refusal(ask(seats.replace(hall.code, "ZZZZZZ"), {"role": None})) == (404, "no_such_door")

    status, seat, _headers = ask(seats, {"role": "carer"})
    assert status == 201
    assert set(seat) == {"ok", "seat", "code"}
    assert (seat["ok"], seat["code"]) == (True, hall.code)
    assert len(seat["seat"]) >= 32
    assert ask(seats, {})[0] == 201


def test_a_door_that_closes_keeps_who_is_in_and_lets_nobody_else_in(hall):
    play(hall, "open_round")
    seat = hall.seat()
    asyncio.run(do(hall, ("set_door", {"open": False})))

    async def vote() -> Json:
        async with Phone(hall.server.url, seat) as phone:
            await phone.until(lambda it: it.cue is not None)
            assert phone.cue["section"]["door"] == "closed"
            return await phone.cast(phone.cue["round"]["id"], "a")

    assert asyncio.run(vote())["ok"] is True
    assert refusal(ask(f"{hall.api}/doors/{hall.code}/seats", {"role": None})) == (409, "door_closed")


def test_who_comes_late_gets_the_whole_cue_and_votes(hall):
    cue = play(hall, "open_round", "close_round", "reveal", "open_round")

    async def come_late() -> tuple[Json, Json, Json]:
        async with Phone(hall.server.url, await asyncio.to_thread(hall.seat, "carer")) as phone:
            await phone.until(lambda it: it.cue is not None and it.seat is not None)
            ack = await phone.cast(cue["round"]["id"], "b")
            return phone.seat, phone.cue, ack

    seat, seen, ack = asyncio.run(come_late())
    assert (seat["v"], seat["role"], seat["ballots"]) == (1, "carer", {})
    assert seen["round"]["number"] == 2
    assert seen == cue
    assert ack["ok"] is True


def test_five_hundred_people_behind_one_address_are_all_let_in(hall):
    play(hall)

    with ThreadPoolExecutor(8) as crowd:
        seats = list(crowd.map(lambda _person: hall.seat(), range(500)))

    assert len(set(seats)) == 500


# --- the cue --------------------------------------------------------------------------------------------

CUE = {
    "": "v seq section performance scene round result path screen stop intervention proposals commitments record",
    "section": "code title event door rehearsal",
    "performance": "id scenario state attempt",
    "performance.scenario": "slug title version content_notes",
    "scene": "key title kind html lines improvised",
    "round": "id about decision question asks number kind state practice tie_rule passing_rule responses",
    "result": "round winner tie_rule tied ballots seats votes hand_count hand_means by_role previous next_scene counts"
    " median online reasons",
}


def part(cue: Json, path: str) -> Json:
    for name in filter(None, path.split(".")):
        cue = cue[name]
    return cue


def test_the_cue_has_every_field_by_http_as_on_the_socket(hall):
    cue = play(hall, "open_round", "close_round", "reveal")

    status, polled, headers = ask(f"{hall.api}/doors/{hall.code}/cue")

    assert status == 200
    assert polled == cue
    assert headers["ETag"] == f'"{cue["seq"]}"'
    for path, names in CUE.items():
        assert set(part(polled, path)) == set(names.split()), path
    assert set(polled["scene"]["lines"][0]) == {"n", "kind", "who", "text"}
    assert set(polled["round"]["responses"][0]) == {"key", "label", "helps", "costs", "floor", "by"}
    assert [response["key"] for response in polled["round"]["responses"]] == ["a", "b", "c"]


def test_polling_costs_nothing_while_the_cue_is_the_same(hall):
    cue = play(hall)
    address = f"{hall.api}/doors/{hall.code}/cue"
    tag = {"If-None-Match": f'"{cue["seq"]}"'}

    status, body, _headers = ask(address, **tag)
    assert (status, body) == (304, {})
    asyncio.run(do(hall, ("open_round", {})))
    status, body, headers = ask(address, **tag)
    assert (status, body["seq"], headers["ETag"]) == (200, cue["seq"] + 1, f'"{cue["seq"] + 1}"')


# --- ballots --------------------------------------------------------------------------------------------


def test_a_ballot_by_http_gets_the_ack_of_the_socket(hall, noise):
    round_id = play(hall, "open_round")["round"]["id"]
    seat = hall.seat()
    ballot = {"response": "a", "key": "tap-0001", "rev": 1}

    def cast(round_: int = round_id, secret: str = seat, **changes: object) -> tuple[int, Json]:
        status, body, _headers = ask(
            f"{hall.api}/rounds/{round_}/ballots", {**ballot, **changes}, Authorization=f"Bearer {secret}"
        )
        return status, {name: value for name, value in body.items() if name != "message"}

    async def by_socket() -> Json:
        async with Phone(hall.server.url, seat) as phone:
            return await phone.cast(round_id, "a", key="tap-0001", rev=1)

    first = cast()
    assert first[0] == 200
    assert set(first[1]) == {"ok", "receipt", "rev"}
    assert cast() == first
    assert asyncio.run(by_socket()) == first[1]
    refused = {
        "key_reused": (409, cast(response="b")),
        "superseded": (409, cast(key="tap-0002")),
        "unknown_response": (422, cast(response="z", key="tap-0003", rev=2)),
        "bad_message": (422, cast(rev=True)),
        "unknown_round": (404, cast(round_=987654)),
        "not_a_member": (403, cast(round_=noise.round_id, key="tap-0004")),
        "not_allowed": (403, cast(secret="")),
    }
    for code, (status, answer) in refused.items():
        assert answer == (status, {"ok": False, "code": code})
    assert cast(secret="nobody's")[1]["code"] == "not_a_member"
    asyncio.run(do(hall, ("close_round", {})))
    assert cast(key="tap-0005", rev=2) == (409, {"ok": False, "code": "round_closed"})
    assert cast() == first, "the same tap is answered as before, also when it is over"


# --- the desk's token -----------------------------------------------------------------------------------


def token(hall: Hall, email: str, code: str | None = None, section: str = "") -> tuple[int, Json, object]:
    if code is None:
        code = json.loads(hall.server.run("account", "code", email, "--json").stdout)["code"]
    return ask(f"{hall.api}/desk-tokens", {"email": email, "code": code, "section": section or hall.code})


def test_a_sign_in_code_becomes_a_token_for_a_desk_and_a_key_for_a_screen(hall):
    status, answer, _headers = token(hall, "fay@eastmere.example")

    assert status == 201
    assert set(answer) == {"ok", "token", "screen_key", "performances"}
    [performance] = answer["performances"]
    assert set(performance) == {"id", "scenario", "title", "state"}
    assert (performance["scenario"], performance["state"]) == ("two-doors", "waiting")


def test_a_token_is_refused_to_a_wrong_code_a_wrong_duty_and_another_section(hall, noise):
    assert refusal(token(hall, "fay@eastmere.example", "000000x")) == (403, "bad_code")
    assert refusal(token(hall, "nobody@eastmere.example", "123456")) == (403, "bad_code")
    assert refusal(token(hall, "mo@eastmere.example")) == (403, "not_allowed")
    assert refusal(token(hall, "fay@eastmere.example", section="ZZZZZZ")) == (404, "no_such_door")
    assert refusal(ask(f"{hall.api}/desk-tokens", {"email": "fay@eastmere.example"})) == (422, "bad_message")

    mine = token(hall, "olu@eastmere.example")[1]["token"]
    client = socketio.Client(reconnection=False)
    why: list[object] = []
    client.on("connect_error", why.append, namespace="/desk")
    auth = {"token": mine, "section": noise.section.code}
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(hall.server.url, namespaces=["/desk"], transports=["websocket"], auth=auth)
    client.disconnect()
    assert why == [{"message": "not_allowed"}]


# --- lists ----------------------------------------------------------------------------------------------


def test_events_tell_their_sections_and_a_code_only_while_its_door_is_open(hall):
    [event] = [event for event in ask(f"{hall.api}/events")[1]["events"] if event["slug"] == hall.slug]
    assert set(event) == {"slug", "title", "place", "starts_at", "closed"}

    closed = ask(f"{hall.api}/events/{hall.slug}")[1]
    play(hall)
    opened = ask(f"{hall.api}/events/{hall.slug}")[1]

    assert closed["sections"][0]["code"] is None
    assert opened["sections"][0]["code"] == hall.code
    assert set(opened["sections"][0]) == {"title", "starts_at", "ends_at", "code", "scenarios"}
    assert refusal(ask(f"{hall.api}/events/none")) == (404, "not_found")


def test_scenarios_and_evidence_are_listed(hall):
    [scenario] = ask(f"{hall.api}/scenarios")[1]["scenarios"]

    assert {"slug", "title", "version", "content_notes"} <= set(scenario)
    one = ask(f"{hall.api}/scenarios/two-doors")[1]
    assert one["paths"] == 5
    assert "PLANTED" not in json.dumps(one)
    assert ask(f"{hall.api}/evidence")[0] == 200
    for address in ("scenarios/none", "evidence/none-v1", "nothing"):
        assert refusal(ask(f"{hall.api}/{address}"))[0] == 404
    assert refusal(ask(f"{hall.api}/desk-tokens")) == (405, "method_not_allowed")


# --- clients that others wrote --------------------------------------------------------------------------


class Desk:
    """A desk on python-socketio's own client, by docs/PROTOCOL.md alone."""

    def __init__(self, hall: Hall) -> None:
        self.tokens = hall.sign_in()
        self.cue: Json = {}
        self.client = socketio.SimpleClient()
        auth = {"token": self.tokens["token"], "section": hall.code}
        self.client.connect(hall.server.url, namespace="/desk", transports=["websocket"], auth=auth)
        self.follow(1)

    def follow(self, seq: int) -> None:
        while self.cue.get("seq", 0) < seq:
            name, message = self.client.receive(timeout=WAIT)
            assert message["v"] == 1
            if name == "cue":
                self.cue = message

    def act(self, name: str, **fields: object) -> Json:
        ack = self.client.call(name, {**fields, "expects": self.cue["seq"]}, timeout=WAIT)
        assert ack["ok"], (name, ack)
        self.follow(ack["seq"])
        return self.cue


def start(desk: Desk) -> int:
    desk.act("set_door", open=True)
    desk.act("start_performance", performance=desk.tokens["performances"][0]["id"])
    return int(desk.act("open_round")["round"]["id"])


def follow_to(phone: socketio.SimpleClient, state: str) -> Json:
    while True:
        name, message = phone.receive(timeout=WAIT)
        if name == "cue" and message["round"] and message["round"]["state"] == state:
            return message


def test_the_python_client_runs_a_desk_a_screen_and_five_phones(hall):
    desk = Desk(hall)
    round_id = start(desk)
    phones = [socketio.SimpleClient() for _phone in range(5)]
    for phone in phones:
        seat = ask(f"{hall.api}/doors/{hall.code}/seats", {"role": None})[1]["seat"]
        phone.connect(hall.server.url, namespace="/audience", transports=["websocket"], auth={"seat": seat})
        name, seat_of = phone.receive(timeout=WAIT)
        assert (name, seat_of["v"], seat_of["role"], seat_of["ballots"]) == ("seat", 1, None, {})
    screen = socketio.SimpleClient()
    key = {"key": desk.tokens["screen_key"]}
    screen.connect(hall.server.url, namespace="/screen", transports=["websocket"], auth=key)

    for number, phone in enumerate(phones):
        ballot = {"round": round_id, "response": "b", "key": f"python-{number}", "rev": 1}
        ack = phone.call("cast", ballot, timeout=WAIT)
        assert (ack["ok"], ack["rev"], len(ack["receipt"])) == (True, 1, 4)
    desk.act("close_round", round=round_id)
    desk.act("reveal", round=round_id)

    for watcher in (*phones, screen):
        revealed = follow_to(watcher, "revealed")
        assert revealed["result"]["winner"] == "b"
        assert revealed["result"]["votes"] == {"a": 0, "b": 5, "c": 0}
    after = desk.act("take_branch", round=round_id)
    assert after["scene"]["key"] == "garden"
    assert [step["response"] for step in after["path"]] == ["b"]
    for client in (*phones, screen, desk.client):
        client.disconnect()


NODE_PHONE = """
const { io } = require("socket.io-client");
const [url, code] = process.argv.slice(2);
(async () => {
  const door = await (await fetch(`${url}/api/v1/doors/${code}`)).json();
  const taken = await fetch(`${url}/api/v1/doors/${code}/seats`, {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ role: door.roles[0].key }) });
  const { seat } = await taken.json();
  const socket = io(url + "/audience", { transports: ["websocket"], auth: { seat } });
  const said = { status: taken.status, states: [], acks: [] };
  socket.on("connect_error", (problem) => { console.error(problem.message); process.exit(1); });
  socket.on("seat", (message) => { said.role = message.role; });
  socket.on("cue", async (cue) => {
    const state = cue.round ? cue.round.state : "none";
    said.states.push(state);
    if (state === "open" && !said.acks.length) {
      const ballot = { round: cue.round.id, response: "c", key: "tap-by-node", rev: 1 };
      said.acks.push(await socket.timeout(9000).emitWithAck("cast", ballot));
      said.acks.push(await socket.timeout(9000).emitWithAck("cast", ballot));
      said.acks.push(await socket.timeout(9000).emitWithAck("close_round", { round: cue.round.id, expects: cue.seq }));
      console.log("voted");
    }
    if (state === "revealed") {
      said.winner = cue.result.winner;
      console.log(JSON.stringify(said));
      socket.disconnect();
    }
  });
})();
"""


def test_the_client_from_npm_joins_votes_and_follows(hall, node_folder):
    (node_folder / "voter.js").write_text(NODE_PHONE)
    desk = Desk(hall)
    round_id = start(desk)
    node = subprocess.Popen(
        [str(shutil.which("node")), "voter.js", hall.server.url, hall.code],
        cwd=node_folder,
        stdout=subprocess.PIPE,
        text=True,
    )
    limit = threading.Timer(60, node.kill)
    limit.start()

    assert node.stdout is not None
    assert node.stdout.readline() == "voted\n"
    desk.act("close_round", round=round_id)
    desk.act("reveal", round=round_id)
    said = json.loads(node.stdout.readline())
    limit.cancel()
    node.communicate()
    desk.client.disconnect()

    assert (said["status"], said["winner"]) == (201, "c")
    assert said["role"] is not None
    assert said["states"][-3:] == ["open", "closed", "revealed"]
    first, again, closing = said["acks"]
    assert first["ok"] is True
    assert again == first
    assert closing == {"ok": False, "code": "bad_message"}, "a phone cannot close a round"


# --- last, since it spends this address's budget of wrong codes for a minute ----------------------------


def test_twenty_wrong_codes_from_one_address_are_enough_and_a_right_one_is_still_let_in(hall):
    play(hall)
    wrong = f"{hall.api}/doors/ZZZZZZ"

    codes = [refusal(ask(wrong)) for _guess in range(30)]

    assert codes[0] == (404, "no_such_door")
    assert codes[-1] == (429, "rate")
    assert codes == sorted(codes)
    assert ask(f"{hall.api}/doors/{hall.code}")[0] == 200
    assert len(hall.seat()) >= 32
