"""The frames that are read in place, held against wsproto; the packets, held against python-socketio."""

import gc
import socket

import gevent
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from socketio.packet import Packet as TheirPacket
from wsproto.connection import Connection, ConnectionType
from wsproto.events import TextMessage
from wsproto.frame_protocol import FrameProtocol

from scenario_app.kernel.errors import BadMessage
from scenario_app.kernel.packets import (
    Kind,
    Packet,
    Undecodable,
    ack_text,
    event_text,
    read_event,
    read_packet,
)
from scenario_app.kernel.websocket import Limits, WebSocket, read_whole_text, text_frame
from scenario_app.phones import masked_frame

MANY = settings(max_examples=300, deadline=None, derandomize=True)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@MANY
@given(st.text(max_size=300), st.binary(max_size=20))
@example("", b"")
@example("x" * 125, b"")
@example("x" * 126, b"\x81")
@example("x" * 65535, b"")
def test_a_whole_text_is_read_as_wsproto_reads_it(text: str, more: bytes) -> None:
    frame = masked_frame(text.encode())
    theirs = Connection(ConnectionType.SERVER)
    theirs.receive_data(frame)

    body, rest = read_whole_text(frame + more) or (None, None)

    assert body is not None
    assert next(theirs.events()) == TextMessage(data=body.decode())
    assert rest == more


@MANY
@given(st.binary(max_size=40))
def test_what_is_read_in_place_out_of_noise_is_what_wsproto_reads_first(noise: bytes) -> None:
    found = read_whole_text(noise)

    if found is not None:
        theirs = Connection(ConnectionType.SERVER)
        theirs.receive_data(noise[: len(noise) - len(found[1])])
        event = next(theirs.events())
        try:
            assert event == TextMessage(data=found[0].decode())
        except UnicodeDecodeError:
            assert not isinstance(event, TextMessage)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536])
def test_a_text_frame_is_one_that_wsproto_reads(size: int) -> None:
    theirs = Connection(ConnectionType.CLIENT)
    theirs.receive_data(text_frame("ü" * (size // 2) + "x" * (size % 2)))

    [event] = theirs.events()

    assert isinstance(event, TextMessage)
    assert len(event.data.encode()) == size


@MANY
@given(st.text(max_size=100) | st.from_regex(r"4[0-9][0-9]{0,3}-?/?[a-z,]*[0-9]*[\[{\"].*"))
def test_any_text_is_a_packet_or_undecodable(text: str) -> None:
    try:
        packet = read_packet(text)
    except Undecodable:
        return
    assert packet.kind in Kind
    try:
        name, _ = read_event(packet.data)
    except BadMessage:
        return
    assert isinstance(name, str)


@MANY
@given(
    st.sampled_from(["/", "/audience", "/desk"]),
    st.none() | st.integers(0, 10**9 - 1),
    st.text(max_size=20),
    JSON,
)
def test_an_event_of_python_socketio_is_read_as_it_was_meant(
    path: str, number: int | None, name: str, payload: object
) -> None:
    text = "4" + TheirPacket(2, data=[name, payload], namespace=path, id=number).encode()

    packet = read_packet(text)

    assert packet[:3] == Packet(Kind.EVENT, path, number, "")[:3]
    if "\\x00" in repr([name, payload]):
        with pytest.raises(BadMessage):
            read_event(packet.data)
    else:
        assert read_event(packet.data) == (name, payload)


@MANY
@given(st.dictionaries(st.text(), JSON, max_size=3), st.integers(0, 10**6))
def test_what_we_write_python_socketio_reads(payload: dict[str, object], number: int) -> None:
    event = TheirPacket(encoded_packet=event_text("/audience", "cue", payload)[1:])
    ack = TheirPacket(encoded_packet=ack_text("/audience", number, payload)[1:])

    assert (event.packet_type, event.namespace, event.data) == (2, "/audience", ["cue", payload])
    assert (ack.packet_type, ack.namespace, ack.id, ack.data) == (3, "/audience", number, [payload])


class Listening(WebSocket):
    """A connection that writes down what it hears."""

    __slots__ = ("texts",)

    def heard(self, text: str) -> None:
        self.texts.append(text)

    def gone(self, reason: str) -> None:
        self.texts.append(reason)


def test_an_ended_connection_leaves_nothing_that_only_the_collector_would_find() -> None:
    ours, peer = socket.socketpair()
    ours.setblocking(False)
    listening = Listening(ours, Limits())
    listening.texts = texts = []
    gc.collect()
    gc.disable()
    try:
        peer.sendall(masked_frame(b"by ", 0x01) + masked_frame(b"wsproto", 0x80))
        gevent.sleep(0.01)
        peer.close()
        gevent.sleep(0.01)
        del listening

        assert texts == ["by wsproto", "transport close"]
        assert not [thing for thing in gc.get_objects() if isinstance(thing, Listening | FrameProtocol)]
    finally:
        gc.enable()
