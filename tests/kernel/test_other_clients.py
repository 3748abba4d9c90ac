"""Clients that others wrote, and the other server that we run under."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import socketio

from scenario_app.phones import Disconnected, Phone
from tests.kernel.hall_process import ROOT, HallProcess, eventually, hall

NODE_PHONE = """
const { io } = require("socket.io-client");
const socket = io(process.argv[2] + "/audience", { transports: ["websocket"], auth: { seat: "node" } });
const heard = [];
socket.on("seat", (seat) => heard.push(seat.name));
socket.on("cue", (cue) => heard.push(cue.text));
socket.on("connect_error", (problem) => { console.log(problem.message); process.exit(1); });
socket.on("connect", async () => {
  const acks = [];
  for (const name of ["echo", "cast", "later", "nothing_known"])
    acks.push(await socket.timeout(5000).emitWithAck(name, { rev: 1 }));
  acks.push(await socket.timeout(5000).emitWithAck("shout", { size: 5 }));
  socket.disconnect();
  const stranger = io(process.argv[2] + "/audience", {
    transports: ["websocket"], auth: { seat: "?" }, forceNew: true, reconnection: false });
  stranger.on("connect_error", (problem) => {
    console.log(JSON.stringify({ acks, heard, refused: problem.message }));
    stranger.disconnect();
  });
});
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HallProcess]:
    with hall(tmp_path_factory.mktemp("hall")) as running:
        yield running


def test_the_python_client_joins_hears_and_is_answered(house: HallProcess) -> None:
    client = socketio.SimpleClient()
    client.connect(house.address, namespace="/audience", transports=["websocket"], auth={"seat": "python"})

    seat = client.receive(timeout=5)
    answers = [
        client.call(name, {"rev": 1}, timeout=5) for name in ("echo", "cast", "later", "nothing_known")
    ]
    client.disconnect()

    assert seat == ["seat", {"v": 1, "name": "python"}]
    assert [answer.get("code", "ok") for answer in answers] == ["ok", "ok", "busy", "bad_message"]


def test_the_python_client_is_told_why_it_is_refused(house: HallProcess) -> None:
    client = socketio.Client(reconnection=False)
    why: list[object] = []
    client.on("connect_error", why.append, namespace="/audience")

    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(house.address, namespaces=["/audience"], transports=["websocket"], auth={"seat": "?"})

    client.disconnect()
    assert why == [{"message": "not_a_member"}]


@pytest.fixture(scope="module")
def node_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which npm's socket.io-client is installed."""
    if not (shutil.which("node") and (npm := shutil.which("npm"))):
        pytest.skip("node and npm are not here")
    folder = tmp_path_factory.mktemp("node")
    (folder / "package.json").write_text("{}")
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "socket.io-client@4"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("npm could not fetch socket.io-client in two minutes")
    if done.returncode:
        pytest.skip(f"npm could not fetch socket.io-client: {done.stderr.decode()[-200:]}")
    return folder


def test_the_client_from_npm_joins_hears_and_is_answered(house: HallProcess, node_folder: Path) -> None:
    script = node_folder / "phone.js"
    script.write_text(NODE_PHONE)

    done = subprocess.run(
        ["node", script, house.address], cwd=node_folder, capture_output=True, timeout=30, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(done.stdout)
    assert [ack.get("code", "ok") for ack in said["acks"]] == ["ok", "ok", "busy", "bad_message", "ok"]
    assert said["heard"] == ["node", "xxxxx"]
    assert said["refused"] == "not_a_member"


@pytest.mark.parametrize("worker", ["gevent", "gevent_pywsgi"])
def test_phones_are_served_under_gunicorn_too(worker: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    log = tmp_path / "gunicorn.log"
    command = [
        *(sys.executable, "-m", "gunicorn", "--worker-class", worker, "--bind", f"127.0.0.1:{port}"),
        *("--graceful-timeout", "2", "--no-control-socket", "tests.kernel.small_hall:application"),
    ]
    with log.open("wb") as lines:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "SMALL_HALL": "gunicorn"}, stdout=lines, stderr=lines
        )

    async def play() -> dict[str, object]:
        await eventually(lambda: "Booting worker" in log.read_text())
        async with asyncio.timeout(10):
            while True:
                try:
                    async with Phone(f"http://127.0.0.1:{port}", "ada") as phone:
                        return await phone.ask("echo", {"n": 1})
                except Disconnected:
                    await asyncio.sleep(0.1)

    try:
        answer = asyncio.run(play())
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)

    assert answer["said"] == {"n": 1}
    assert "Traceback" not in log.read_text()
    assert process.returncode == 0
