"""Somebody walks through a scenario alone, by links."""

import re
from html import unescape

import pytest

from scenarios.samples import sample_texts
from tests.application import client_of, make_app
from tests.makers import make_town
from tests.scenarios.scripts import spoilt

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def anybody(database, config, clock):
    """Return a browser, in a town with all samples."""
    make_town(database, config, now=clock(), texts=sample_texts())
    return client_of(make_app(config, database, clock))


def ways_on(page: str, path: str) -> list[str]:
    """Return the paths that the links of a page add one step to."""
    found = re.findall(r'href="[^"]*/play\?path=([^"]*)"', unescape(page))
    longer = [
        one
        for one in found
        if one.count(".") == path.count(".") + 1 or (path == "" and one and "." not in one)
    ]
    return [one for one in longer if one.startswith(f"{path}." if path else "")]


def test_every_path_of_every_sample_is_walked_by_links_alone(anybody):
    ends = 0
    for slug in re.findall(r'href="/scenarios/([a-z0-9-]+)"', anybody.get("/scenarios").text):
        assert f'href="/scenarios/{slug}/play"' in anybody.get(f"/scenarios/{slug}").text
        waiting = [""]
        while waiting:
            path = waiting.pop()
            answer = anybody.get(f"/scenarios/{slug}/play", query_string={"path": path})
            assert answer.status_code == 200, (slug, path)
            onward = ways_on(answer.text, path)
            waiting += onward
            ends += not onward
            assert ("The way you took" in answer.text) == (not onward)

    assert ends == 248


def test_it_begins_with_the_content_note_and_says_that_nothing_is_kept(anybody):
    page = anybody.get(_first(anybody))

    assert "Before you read:" in page.text
    assert "Nothing that you choose is kept or counted." in page.text


def _first(anybody) -> str:
    found = re.search(r'href="(/scenarios/[a-z0-9-]+)"', anybody.get("/scenarios").text)
    assert found
    return f"{found[1]}/play"


def test_what_happened_is_said_only_after_choosing_and_there_is_a_way_back(anybody):
    address = _first(anybody)
    path = ""
    while "decides:" not in (page := anybody.get(address, query_string={"path": path}).text):
        [path] = ways_on(page, path)

    ways = ways_on(page, path)
    after = [anybody.get(address, query_string={"path": way}).text for way in ways]

    assert "hat happened" not in page
    assert sum("That is what happened." in one for one in after) == 1
    assert sum("What happened:" in one for one in after) == len(ways) - 1
    assert all("One step back" in one and "Start again" in one for one in after)


@pytest.mark.parametrize("path", ["z", "a.a.a.a.a.a.a.a.a.a.a.a", "-.", ".", "a" * 5000, "%00", "<script>"])
def test_a_path_that_is_none_is_refused_and_not_shown(anybody, path):
    answer = anybody.get(_first(anybody), query_string={"path": path})

    assert answer.status_code in (400, 404, 422)
    assert "<script>" not in answer.text.split("<main")[1]


def test_versions_of_a_scenario_lead_to_one_another_and_to_no_other(database, config, clock):
    original, polish, easy, other = (
        spoilt("id: the-gate", f"id: {slug}\n{key}", spoilt("title: The gate", f"title: {title}"))
        for slug, key, title in (
            ("the-gate", "setting: here", "The gate"),
            ("brama", "language: pl\ntranslation_of: the-gate", "Brama"),
            ("gate-easy", "easy_read_of: the-gate", "A gate"),
            ("fence", "translation_of: nothing", "Fence"),
        )
    )
    make_town(database, config, now=clock(), texts=[original, polish, easy, other])
    browser = client_of(make_app(config, database, clock))

    def leads_to(slug: str) -> set[str]:
        return set(
            re.findall(r'href="/scenarios/([a-z-]+)" hreflang', browser.get(f"/scenarios/{slug}").text)
        )

    assert leads_to("the-gate") == {"brama", "gate-easy"}
    assert leads_to("brama") == {"the-gate", "gate-easy"}
    assert leads_to("fence") == set()
