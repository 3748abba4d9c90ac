"""An event on a venue's own network, without internet: which address phones reach, and what stays on this machine.

Without encryption everybody on the network can read along. So from other devices there is only what a hall needs
to watch and vote; stories, moderation, desks and signing in stay on the machine itself, or come with a certificate.
Source: docs/DECISIONS.md, a hall without internet.
"""

import contextlib
import ipaddress
import socket
import struct
from collections.abc import Iterable

from flask import Flask, request
from flask_babel import gettext as _

from scenario_app.kernel.config import Config
from scenario_app.kernel.errors import Forbidden

# What somebody on the same network must not send or read in the clear.
KEPT_HERE = (
    "/stories",
    "/reviews",
    "/desk",
    "/sign-in",
    "/co-write",
    "/api/v1/desk-tokens",
    "/api/v1/drafts",
    "/api/v1/story",
)
_SIOCGIFADDR = 0x8915


class OnlyHere(Forbidden):
    """On a network without encryption, this page is for the machine itself."""

    code = "only_on_this_machine"


def best_address(addresses: Iterable[str]) -> str | None:
    """Return the address that phones of a hall reach: a private one before any other; None without one.

    >>> best_address(["127.0.0.1", "172.17.0.1", "192.168.8.20"])
    '192.168.8.20'
    >>> best_address(["127.0.0.1", "169.254.3.3"]) is None
    True

    192.168 comes first: it is what travel routers hand out; 172.16 to 31 last, since containers live there.
    """
    ranges = [ipaddress.ip_network(it) for it in ("192.168.0.0/16", "10.0.0.0/8", "172.16.0.0/12")]
    found = [ipaddress.IPv4Address(address) for address in addresses]
    usable = [it for it in found if not (it.is_loopback or it.is_link_local or it.is_unspecified)]
    for network in ranges:
        for address in usable:
            if address in network:
                return str(address)
    return str(usable[0]) if usable else None


def own_addresses() -> list[str]:
    """Return the IPv4 addresses of this machine, without asking anybody and without a route to anywhere."""
    found: list[str] = []
    try:
        import fcntl

        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            for _number, name in socket.if_nameindex():
                asked = struct.pack("256s", name.encode()[:15])
                with contextlib.suppress(OSError):
                    answer = fcntl.ioctl(probe.fileno(), _SIOCGIFADDR, asked)
                    found.append(socket.inet_ntoa(answer[20:24]))
    except (ImportError, OSError):
        pass
    if not found:  # a system that has no such call: which address would a packet leave from? None is sent
        for somewhere in ("192.168.255.254", "10.255.255.254", "172.31.255.254"):
            with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                probe.connect((somewhere, 9))
                found.append(probe.getsockname()[0])
    return list(dict.fromkeys(found))


def is_in_the_clear() -> bool:
    """Say whether this request came over a network that others can read."""
    caller = request.remote_addr or ""
    try:
        return not request.is_secure and not ipaddress.ip_address(caller).is_loopback
    except ValueError:
        return not request.is_secure


def fence(app: Flask, config: Config) -> None:
    """Keep what must not travel in the clear on this machine, and tell every page why. Does nothing without LAN."""
    app.jinja_env.globals["network_notice"] = lambda: ""
    if not config.lan:
        return

    @app.before_request
    def refuse_in_the_clear() -> None:
        path = request.path
        kept = any(path == part or path.startswith(part + "/") for part in KEPT_HERE)
        if kept and is_in_the_clear():
            raise OnlyHere

    def network_notice() -> str:
        if not is_in_the_clear():
            return ""
        return str(
            _(
                "This network is not encrypted. You can watch and vote here. "
                "Stories, desks and signing in are on the machine of the people who run this."
            )
        )

    app.jinja_env.globals["network_notice"] = network_notice
