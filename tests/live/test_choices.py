"""A ballot says one choice, once: however it is written, and whoever writes it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live import messages
from live.choices import RoundKind, by_response, choice_from, may_choose, orders_of
from live.cues import cue_of
from live.rules import UnknownResponse
from scenario_app.kernel.errors import BadMessage
from tests.application import client_of, make_app
from tests.makers import make_floor, make_town

RESPONSES = ["a", "b", "ab", "5", "yes"]
TEXTS = st.text("+>=ab5 ", min_size=0, max_size=9)
SENT = st.one_of(
    st.fixed_dictionaries({"response": TEXTS | st.sampled_from(RESPONSES)}),
    st.fixed_dictionaries({"responses": st.lists(TEXTS | st.sampled_from(RESPONSES), max_size=5)}),
    st.fixed_dictionaries({"ranking": st.lists(TEXTS | st.sampled_from(RESPONSES), max_size=5)}),
    st.fixed_dictionaries({"scale": st.integers(-1, 7) | TEXTS}),
)
FORGED = {
    "approve": ({"response": "+b+b+b"}, {"responses": ["b", "b+b"]}, {"response": "+b"}),
    "rank": ({"response": ">b>a>"}, {"ranking": ["b", "b>a"]}, {"response": ">b"}),
    "scale": ({"response": "=5=5=5"}, {"response": "="}, {"response": "=5"}),
    "choose_one": ({"response": "a+b"}, {"response": "=a"}, {"response": ">a"}),
}
HONEST = {"approve": "+a", "rank": ">a>b", "scale": "=2", "choose_one": "a"}


@pytest.fixture
def floor(database, config, clock):
    town = make_town(database, config, now=clock())
    noise = make_floor(town, now=clock(), slug="another-evening")
    noise.start()
    noise.open_round(kind="approve")
    noise.cast(noise.sit("carer")[0], "+a+b")
    floor = make_floor(town, now=clock())
    floor.start()
    return floor


def open_round(floor, kind):
    if kind == "scale":
        floor.open_round(about="scale", question="How safe would you feel here?")
    else:
        floor.open_round(kind=kind)


@given(sent=SENT)
def test_whatever_a_phone_sends_says_one_choice_or_is_refused(sent):
    try:
        kept = messages.CastBallot.parse({**sent, "round": 1, "rev": 1, "key": "tap-00001"}).response
    except BadMessage:
        return
    for kind in RoundKind:
        offered = ["1", "2", "3", "4", "5"] if kind is RoundKind.SCALE else RESPONSES
        if not may_choose(kept, kind, offered):
            continue
        said = {name: sorted(value) if name == "responses" else value for name, value in sent.items()}
        assert choice_from(kept).said == said
        counted = by_response({kept: 1}, offered)
        assert max(counted.values()) <= 1
        assert kind is RoundKind.APPROVE or sum(counted.values()) == 1


@given(kept=TEXTS)
def test_what_is_taken_is_written_in_the_only_way(kept):
    for kind in (RoundKind.APPROVE, RoundKind.RANK, RoundKind.SCALE):
        if may_choose(kept, kind, RESPONSES):
            assert choice_from(kept).kept == kept


@pytest.mark.parametrize("kind", FORGED)
def test_a_phone_that_writes_as_ballots_are_kept_is_refused_and_counts_nothing(
    floor, database, config, clock, kind
):
    client = client_of(make_app(config, database, clock))
    open_round(floor, kind)
    for seat in floor.sit(*["carer"] * 6):
        floor.cast(seat, HONEST[kind])
    [forger] = floor.sit("police")

    answers = [
        client.post(
            f"/api/v1/rounds/{floor.round_id}/ballots",
            json={**sent, "key": f"tap-0000{number}", "rev": 1},
            headers={"Authorization": f"Bearer {forger.secret}"},
        )
        for number, sent in enumerate(FORGED[kind])
    ]
    round_id = floor.round_id
    floor.act(messages.CloseRound, round_id=round_id)
    floor.act(messages.Reveal, round_id=round_id)

    assert [(answer.status_code, answer.json["code"]) for answer in answers] == [(422, "bad_message")] * 3
    with database.reading() as session:
        result = cue_of(session, floor.section_id).result
    assert result.ballots == 6
    assert {key: n for key, n in result.votes.items() if n} == {choice_from(HONEST[kind]).keys[0]: 6}


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("approve", ["+b+b", "+b+a"]),
        ("rank", [">b>", ">b>b", ">"]),
        ("scale", ["=5=5", "=", "=6"]),
    ],
)
def test_a_choice_that_is_written_otherwise_is_refused_and_holds_up_no_other_ballot(floor, kind, written):
    open_round(floor, kind)
    [seat] = floor.sit("carer")

    refused = [floor.cast(seat, kept, rev=rev) for rev, kept in enumerate(written, 1)]

    assert {type(answer) for answer in refused} == {UnknownResponse}


def test_what_was_kept_otherwise_before_is_counted_once(floor):
    assert by_response({"+a": 6, "+b+b+b+b": 2}, ["a", "b"]) == {"a": 6, "b": 2}
    assert by_response({"=2": 6, "=5=5=5": 2}, ["2", "5"]) == {"2": 6, "5": 2}
    assert orders_of({">a>b": 12, ">a>b>": 1, ">b": 5}) == {("a", "b"): 13, ("b",): 5}
