"""The unbroken chain, both ways: from a story to the change, and nothing that its room was not shown."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from evidence.loop.breaking import break_link
from evidence.loop.chain import NoSuchThing, chain_around, chain_of_story, story_key
from evidence.loop.graph import Chain, Kind, Link, Name, Thing
from evidence.loop.tracker import changes
from scenario_app.kernel.errors import Invalid
from scenarios.stories.rules import Use
from scenarios.stories.telling import say_consent
from tests.application import client_of, make_app
from tests.evidence.aftermath import SECRET_WORDS

NAMES = st.builds(Name, st.sampled_from(Kind), st.sampled_from("123"))


@given(st.lists(st.tuples(NAMES, NAMES, st.booleans()), max_size=30))
def test_every_link_is_seen_from_both_ends_and_nothing_is_followed_through_a_broken_one(drawn):
    links = [Link(start, end, "gone" if broken else None) for start, end, broken in drawn]
    names = {name for start, end, _broken in drawn for name in (start, end)}
    chain = Chain.of((Thing(name) for name in names), links)

    for link in links:
        assert link in chain.led_to(link.start)
        assert link in chain.came_from(link.end)
    for name in names:
        for after in chain.everything_after(name):
            assert name in chain.everything_before(after)


class CountedKey(str):
    """A key that counts how often any of them is compared."""

    __slots__ = ()
    compared = 0

    def __eq__(self, other: object) -> bool:
        CountedKey.compared += 1
        return super().__eq__(other)

    __hash__ = str.__hash__


def test_a_chain_twice_as_long_takes_about_twice_the_work():
    def work(length: int) -> int:
        names = [Name(Kind.STOP, CountedKey(number)) for number in range(length)]
        CountedKey.compared = 0
        chain = Chain.of([Thing(name) for name in names], [Link(*pair) for pair in pairwise(names)])
        assert len(chain.everything_after(names[0])) == len(chain.everything_before(names[-1])) == length - 1
        return CountedKey.compared

    assert work(400) < 3 * work(200) + 400


def walk(evening, kind: str, key: str) -> dict[Name, tuple[list[Link], list[Link]]]:
    """Go to everything that one can get to by clicking, and note what is linked there."""
    seen: dict[Name, tuple[list[Link], list[Link]]] = {}
    waiting = [Name(Kind(kind), key)]
    with evening.town.database.reading() as session:
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            chain, here = around(evening, session, name)
            seen[here] = (chain.came_from(here), chain.led_to(here))
            waiting += [link.start for link in seen[here][0]] + [link.end for link in seen[here][1]]
    return seen


def around(evening, session, name: Name):
    key, today = evening.town.config.secret_key, evening.clock().date()
    return chain_around(session, kind=name.kind.value, thing=name.key, key=key, today=today)


def finished(evening):
    evening.answer("Bench,", "influenced", "It is in the plan.")
    evening.update("Bench")
    evening.check()
    return evening


def test_one_click_at_a_time_leads_from_the_change_to_the_story_and_every_link_is_there_from_both_ends(
    evening,
):
    finished(evening)

    seen = walk(evening, "commitment", str(evening.promises["Bench"]))

    assert {name.kind for name in seen} == set(Kind)
    for came_from, led_to in seen.values():
        assert all(link in seen[link.start][1] for link in came_from)
        assert all(link in seen[link.end][0] for link in led_to)


def test_the_whole_way_stands_in_order_behind_a_change(evening):
    finished(evening)
    with evening.town.database.reading() as session:
        story = Name(Kind.STORY, story_key(evening.story_id, key=evening.town.config.secret_key))
        chain, _story = around(evening, session, story)
        [change] = [name for name in chain.everything_after(story) if name.kind is Kind.CHANGE]

        before = [name.kind for name in around(evening, session, change)[0].everything_before(change)]

    wanted = [kind for kind in Kind if kind not in (Kind.ANSWER, Kind.CHANGE)]
    assert list(dict.fromkeys(before)) == wanted


def test_what_the_room_was_not_shown_and_what_still_runs_is_in_no_chain(evening):
    seen = walk(evening, "version", "the-heron-v1")
    with evening.town.database.reading() as session:
        rounds = session.execute(text("SELECT id, practice FROM round ORDER BY id")).all()
        running = session.scalars(text("SELECT min(id) FROM proposal")).one()

        for name in (Name(Kind.ROUND, str(rounds[0].id)), Name(Kind.PROPOSAL, str(running))):
            with pytest.raises(NoSuchThing):
                around(evening, session, name)

    shown = {name.key for name in seen if name.kind is Kind.ROUND}
    assert shown == {str(round_.id) for round_ in rounds if not round_.practice}


def test_nothing_of_a_rehearsal_is_told_anywhere(evening):
    promise = Name(Kind.COMMITMENT, str(evening.promises["Bench"]))
    seen = walk(evening, "version", "the-heron-v1")
    with evening.town.database.transaction() as session:
        session.execute(text("UPDATE event SET rehearsal_of = id"))

    with evening.town.database.reading() as session:
        assert changes(session, today=evening.clock().date()).events == []
        for name in (
            promise,
            *(each for each in seen if each.kind in (Kind.ROUND, Kind.STOP, Kind.PROPOSAL)),
        ):
            with pytest.raises(NoSuchThing):
                around(evening, session, name)
    left = {name.kind for name in walk(evening, "version", "the-heron-v1")}
    assert left == {Kind.STORY, Kind.VERSION, Kind.SCENE, Kind.DECISION}


def test_a_round_that_was_closed_and_never_shown_is_in_no_chain(evening):
    with evening.town.database.transaction() as session:
        session.execute(text("UPDATE round SET revealed_at = NULL"))

    seen = walk(evening, "version", "the-heron-v1")

    assert Kind.ROUND not in {name.kind for name in seen}
    assert Kind.CHANGE not in {name.kind for name in seen}


def test_a_claim_that_waits_or_was_not_shown_is_in_no_chain(evening):
    evening.update("Bench")
    evening.check(show=False)
    evening.update("Bench", words="It is there now.")

    assert Kind.CHANGE not in {name.kind for name in walk(evening, "version", "the-heron-v1")}


def test_a_story_is_there_while_it_may_be_performed_and_nothing_of_it_is_told(evening):
    key = evening.town.config.secret_key
    app = make_app(evening.town.config, evening.town.database, evening.clock)
    address = f"story/{story_key(evening.story_id, key=key)}"
    anybody = client_of(app)

    page, told = anybody.get(f"/chain/{address}").text, anybody.get(f"/api/v1/chain/{address}").json

    assert SECRET_WORDS not in page
    assert (told["title"], told["says"], told["number"]) == (None, None, None)
    assert anybody.get(f"/chain/story/{evening.story_id}").status_code == 404
    with evening.town.database.transaction() as session:
        say_consent(
            session,
            story_id=evening.story_id,
            uses={use: use is Use.KEEP for use in Use},
            wording=dict.fromkeys(Use, "yes"),
            language="en",
            now=evening.clock(),
        )
    assert anybody.get(f"/chain/{address}").status_code == 404
    with evening.town.database.reading() as session:
        today = evening.clock().date()
        assert chain_of_story(session, evening.story_id, key=key, today=today) is None


def broken(evening, start: str, end: str, reason: str = "It was said about another play."):
    with evening.town.database.transaction() as session:
        return break_link(
            session,
            start=start,
            end=end,
            reason=reason,
            account_id=evening.town.account("stella").id,
            now=evening.clock(),
            key=evening.town.config.secret_key,
        )


def test_a_link_that_is_taken_away_stays_to_be_seen_from_both_ends_with_its_reason(evening):
    proposal = f"proposal/{evening.proposals['Bench,']}"
    promise = f"commitment/{evening.promises['Light']}"

    broken(evening, proposal, promise)

    seen = walk(evening, *promise.split("/"))
    [first] = [link for link in seen[Name(*promise.split("/"))][0] if str(link.start) == proposal]
    assert first.broken == "It was said about another play."
    assert first in seen[first.start][1]
    with evening.town.database.reading() as session:
        chain, name = around(evening, session, Name(Kind.PROPOSAL, proposal.split("/")[1]))
        [change] = [each for each in chain.led_to(name) if str(each.end) == promise]
        assert change.broken
        assert session.scalars(text("SELECT chain FROM audit_entry WHERE action = 'link_broken'")).all() == [
            "event:an-evening"
        ]


def test_only_a_link_that_is_there_is_taken_away_and_only_with_a_reason(evening):
    proposal = f"proposal/{evening.proposals['Bus']}"
    promise = f"commitment/{evening.promises['Light']}"

    with pytest.raises(NoSuchThing):
        broken(evening, proposal, promise)
    with pytest.raises(Invalid):
        broken(evening, f"proposal/{evening.proposals['Bench,']}", promise, reason=" ")


@pytest.mark.parametrize("kind_of_database", ["sqlite"], indirect=True)
def test_a_steward_takes_a_link_away_with_a_plain_form(evening):
    app = make_app(evening.town.config, evening.town.database, evening.clock)
    page = f"/chain/commitment/{evening.promises['Light']}"
    stella, anybody = client_of(app, evening.town.account("stella")), client_of(app)
    link = {"start": f"proposal/{evening.proposals['Bench,']}"}

    silent = stella.post(page, data={**link, "reason": ""})
    done = stella.post(page, data={**link, "reason": "It was about another play."})

    assert (silent.status_code, done.status_code) == (422, 302)
    assert "Take this link away" in stella.get(page).text
    assert "Take this link away" not in anybody.get(page).text
    assert "It was about another play." in anybody.get(page).text


@pytest.mark.parametrize("kind_of_database", ["sqlite"], indirect=True)
def test_what_is_not_there_is_a_calm_404(evening):
    anybody = client_of(make_app(evening.town.config, evening.town.database, evening.clock))
    nowhere = ["story/0", "version/the-heron-v9", "version/the-heron", "scene/the-heron-v1.nowhere", "cat/1"]
    nowhere += ["round/99999999999999999999", "round/%C2%B2", "change/1%00", "commitment/-1", "round/0"]

    for path in [*nowhere, "scene/a" + "b" * 999]:
        assert anybody.get(f"/chain/{path}").status_code == 404, path
        assert anybody.get(f"/api/v1/chain/{path}").json["ok"] is False, path
