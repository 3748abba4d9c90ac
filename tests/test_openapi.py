"""The description of the JSON API and the API itself: the same routes, and answers as they are described."""

import re
import shutil

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from evidence.service import publish_pack
from scenario_app.api_shapes import SHAPES
from scenario_app.kernel.config import Config
from scenario_app.kernel.database import Database
from scenario_app.openapi import OPERATIONS, ROOT, description
from tests.application import make_app
from tests.conftest import SECRET, TestClock
from tests.evidence.a_room import close, play
from tests.makers import make_floor, make_town


@pytest.fixture(scope="module")
def site(tmp_path_factory, migrated_sqlite):
    """An evening whose evidence is published, and another one whose door is open."""
    folder = tmp_path_factory.mktemp("described")
    shutil.copy(migrated_sqlite, folder / "scenario.db")
    config = Config(data_dir=folder, database_url=f"sqlite:///{folder}/scenario.db", secret_key=SECRET)
    database, clock = Database(config.database_url), TestClock()
    town = make_town(database, config, now=clock())
    floor = make_floor(town, now=clock())
    floor.start()
    play(floor)
    close(floor)
    with database.transaction() as session:
        account = town.account("stella").id
        publish_pack(session, event_slug="an-evening", account_id=account, now=floor.now, threshold=8)
    open_door = make_floor(town, now=clock(), slug="tonight")
    open_door.start()
    app = make_app(config, database, clock)
    yield app, open_door.section.code
    database.close()


def test_every_route_is_described_and_nothing_else(site):
    app, _code = site
    routes = {
        (method.lower(), re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule.removeprefix(ROOT)))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert set(OPERATIONS) == routes


def test_every_reading_route_may_be_read_from_anywhere_and_no_other(site):
    app, _code = site
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/"):
            readable = getattr(app.view_functions[rule.endpoint], "readable_anywhere", False)
            assert readable == ("GET" in (rule.methods or set())), rule.rule


def test_every_shape_that_is_named_is_there():
    told = str(description())

    named = set(re.findall(r"#/components/schemas/(\w+)", told))
    assert named == set(SHAPES)


KNOWN = {
    "/events/{slug}": {"slug": "an-evening"},
    "/scenarios/{slug}": {"slug": "two-doors"},
    "/evidence/{reference}": {"reference": "an-evening-v1"},
    "/chain/{kind}/{key}": {"kind": "version", "key": "two-doors-v1"},
}
# A cursor is a text that only a list itself can tell: of any other text 400 is the right answer.
LEFT_OUT = [positive_data_acceptance]
BOUNDED = settings(
    max_examples=6,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def reading_operations(app):
    api = schemathesis.openapi.from_wsgi(f"{ROOT}/openapi.json", app)
    return [found.ok() for found in api.include(method="GET").get_all_operations()]


def test_what_is_there_is_answered_as_described(site):
    app, code = site
    known = {**KNOWN, "/doors/{code}": {"code": code}, "/doors/{code}/cue": {"code": code}}

    for operation in reading_operations(app):
        case = operation.Case(path_parameters=known.get(operation.path.removeprefix(ROOT), {}))
        answer = case.call_and_validate(excluded_checks=LEFT_OUT)
        assert answer.status_code == 200, operation.path
        assert "ETag" in answer.headers or "etag" in answer.headers


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_whatever_is_asked_is_answered_as_described(site, mode):
    app, _code = site
    tried = 0
    for operation in reading_operations(app):

        @BOUNDED
        @given(case=operation.as_strategy(generation_mode=mode))
        def holds(case):
            nonlocal tried
            tried += 1
            case.call_and_validate(excluded_checks=LEFT_OUT)

        try:
            holds()
        except Unsatisfiable:  # there is no wrong way to ask this
            assert mode == GenerationMode.NEGATIVE

    assert tried > 25


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
def test_what_can_only_be_read_says_so(site, method):
    app, _code = site
    client = app.test_client()
    written = {path for verb, path in OPERATIONS if verb != "get"}
    for verb, path in OPERATIONS:
        if verb == "get" and path not in written:
            answer = client.open(ROOT + re.sub(r"{\w+}", "x", path), method=method.upper())
            assert (answer.status_code, answer.json["code"]) == (405, "method_not_allowed"), path
            assert "GET" in answer.headers["Allow"]
