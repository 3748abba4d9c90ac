"""How a request becomes a WebSocket: check it, answer it, take the socket out of the web server's hands."""

import _socket
import re
import socket
import ssl
from collections.abc import Mapping
from typing import Any

from wsproto.utilities import generate_accept_token


class NoHandshake(Exception):
    """This request does not open a WebSocket; the sentence says what is missing."""


def handshake_answer(environ: Mapping[str, Any]) -> bytes:
    """Write the 101 to a request that opens a WebSocket. Extensions are never agreed to, so never compression.

    :raises NoHandshake: it does not
    """
    wanted = {token.strip().lower() for token in environ.get("HTTP_CONNECTION", "").split(",")}
    if "upgrade" not in wanted or environ.get("HTTP_UPGRADE", "").lower() != "websocket":
        raise NoHandshake("Connect with a WebSocket; nothing else is spoken here.")
    if environ.get("HTTP_SEC_WEBSOCKET_VERSION") != "13":
        raise NoHandshake("Sec-WebSocket-Version must be 13.")
    key = environ.get("HTTP_SEC_WEBSOCKET_KEY", "")
    if not re.fullmatch(r"[A-Za-z0-9+/]{22}==", key):
        raise NoHandshake("Sec-WebSocket-Key is missing or no key.")
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + generate_accept_token(key.encode("ascii")) + b"\r\n\r\n"
    )


def take_socket(environ: Mapping[str, Any]) -> _socket.socket:
    """Take the socket out of the web server's hands, under gevent's pywsgi or gunicorn's gevent worker.

    The server's own object is left detached: whatever it does with it afterwards reaches nobody.

    :raises NoHandshake: another server, or TLS that ends here and not at the proxy
    """
    holder = environ.get("gunicorn.socket") or environ.get("gunicorn.sock")
    if holder is None:
        source = environ.get("wsgi.input")
        reader = getattr(source, "rfile", source)
        holder = getattr(getattr(reader, "raw", None), "_sock", None)
    if holder is None or isinstance(holder, ssl.SSLSocket) or hasattr(holder, "cipher"):
        raise NoHandshake(
            "WebSockets are served by gevent or gunicorn's gevent worker, behind a proxy for TLS."
        )
    family, kind, protocol = holder.family, holder.type, holder.proto
    taken = _socket.socket(family, kind, protocol, fileno=holder.detach())
    taken.setblocking(False)
    if family in (socket.AF_INET, socket.AF_INET6):
        taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return taken
