"""Put the live room together: one ballot box, one announcer, three namespaces, the pages."""

from flask import Flask
from flask_socketio import SocketIO

from live import (
    alone_views,
    api,
    assembly_views,
    event_views,
    print_views,
    rehearsal_views,
    talk_views,
    vote_views,
)
from live.ballot_box import BallotBox
from live.broadcast import Announcer, Audiences
from live.floor import Floor
from live.sockets import AudienceNamespace, DeskNamespace, ScreenNamespace
from scenario_app.kernel import metrics
from scenario_app.kernel.context import House
from scenario_app.kernel.realtime import build_socketio
from scenario_app.kernel.security import WrongCodes, csrf


def install(app: Flask, house: House) -> SocketIO:
    """Give the application its live room, reachable as `live.floor.floor()`, and return its Socket.IO server."""
    box = BallotBox(house.database, key=house.config.secret_key)
    announcer = Announcer(house.database, redis_url=house.config.redis_url)
    box.moved = announcer.ballots_moved
    floor = Floor(
        database=house.database,
        config=house.config,
        clock=house.clock,
        box=box,
        announcer=announcer,
        wrong_codes=WrongCodes(house.config.redis_url),
    )
    announcer.peak_rose = floor.keep_peak
    app.extensions["live"] = floor
    for feature in (
        event_views,  # with the pages of views, whose room it shares
        talk_views,
        vote_views,
        alone_views,
        print_views,  # with those of preparing_views and desk_views
        assembly_views,
        rehearsal_views,
        api,
    ):
        app.register_blueprint(feature.blueprint)
    csrf.exempt(api.blueprint)
    socketio = build_socketio(app, public_url=house.config.public_url)
    phones, desks, screens = AudienceNamespace(floor), DeskNamespace(floor), ScreenNamespace(floor)
    for namespace in (phones, desks, screens):
        socketio.server.register_namespace(namespace)  # type: ignore[attr-defined]  # its types leave it out
        metrics.CONNECTED.labels(namespace.path).set_function(namespace.connected)
    announcer.serve(Audiences(phones, desks, screens))
    return socketio
