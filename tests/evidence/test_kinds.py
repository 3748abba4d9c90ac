"""What a pack holds of votes that were not one response on a decision; and of what the room added and said."""

import csv
import io

import pytest

from evidence.pack import MANIFEST
from evidence.queries import table_file, zip_of
from evidence.service import publish_pack
from evidence.verify import differences_in
from live import messages
from live.choices import Choice
from live.hearing import hear
from live.programme import close_event
from live.ranking import counts
from live.rules import digest_of
from live.talk.said import waiting_words
from live.voting import SeatHolder
from tests.makers import make_floor, make_town


@pytest.fixture
def floor(database, config, clock):
    town = make_town(database, config, now=clock())
    noise = make_floor(town, now=clock(), slug="another-evening")
    noise.start()
    noise.act(messages.AddFloorResponse, label="What another room would do")
    noise.open_round()
    noise.vote(f1=9)
    floor = make_floor(town, now=clock())
    floor.start()
    return floor


def cast(floor, choices):
    seats = floor.sit(*["carer"] * len(choices))
    for seat, choice in zip(seats, choices, strict=True):
        floor.cast(seat, choice.kept)
    return seats


def publish(floor):
    state = floor.section.current.state
    if state != "ended":
        floor.act(messages.EndPerformance)
    with floor.town.database.transaction() as session:
        account = floor.town.account("fay").id
        close_event(session, event_slug="an-evening", account_id=account, now=floor.now)
    with floor.town.database.transaction() as session:
        return publish_pack(
            session,
            event_slug="an-evening",
            threshold=floor.town.config.suppress_below,
            account_id=floor.town.account("stella").id,
            now=floor.now,
        ).reference


def read(floor, reference, table):
    with floor.town.database.reading() as session:
        data = table_file(session, reference, table)
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def say_why(floor, seat, round_id, text):
    holder = SeatHolder(seat.id, seat.section_id, seat.code, seat.role)
    with floor.town.database.transaction() as session:
        message = messages.GiveReason(round_id=round_id, text=text, key="tap-why-0001")
        hear(session, seat=holder, message=message, now=floor.now)
    with floor.town.database.reading() as session:
        (said,) = waiting_words(session, floor.section_id)
    floor.act(messages.DecideText, text_id=said.id, digest=digest_of(said.text), verdict="approve")


def test_every_kind_beside_the_play_and_by_hand_stands_in_the_pack_and_can_be_counted_again(floor):
    floor.open_round(practice=True)
    floor.vote(a=9)
    floor.act(messages.LeaveQuestion)
    orders = [["a"], ["a"], ["a"], ["b", "c"], ["b"], ["c", "b"], ["c", "b"]]
    ranked = floor.open_round(kind="rank")
    cast(floor, [Choice.ranking(order) for order in orders])
    floor.vote()
    floor.act(messages.AddFloorResponse, label="Knock at both doors", role="carer")
    approved = floor.open_round(kind="approve")
    seats = cast(floor, [Choice.approval(keys) for keys in (["a", "f1"], ["f1"], ["f1"], [], ["b", "f1"])])
    say_why(floor, seats[1], approved, "Both may be asleep")
    floor.act(messages.EnterHandCount, round_id=approved, votes={"f1": 6, "a": 2}, means="paper")
    floor.vote()
    floor.act(messages.TakeBranch, round_id=approved)
    believable = floor.open_round(about="believable")
    floor.vote(yes=4, no=1)
    scale = floor.open_round(about="scale", question="How safe would you feel in the hall?")
    cast(floor, [Choice.scale(step) for step in (1, 2, 3, 3, 5)])
    floor.vote()
    floor.act(messages.LeaveQuestion)

    reference = publish(floor)

    rounds = {int(row["round"]): row for row in read(floor, reference, "rounds")}
    assert [(row["about"], row["kind"], row["winner"], row["ballots"]) for row in rounds.values()] == [
        ("decision", "rank", "b", "7"),
        ("decision", "approve", "f1", "5"),
        ("believable", "choose_one", "yes", "5"),
        ("scale", "scale", "", "5"),
    ]
    results = {
        (int(row["round"]), row["channel"], row["response"]): int(row["votes"])
        for row in read(floor, reference, "results")
    }
    assert {key[1]: key[0] for key in results if key[1] == "paper"} == {"paper": approved}
    assert results[approved, "room", "f1"] + results[approved, "paper", "f1"] == 10
    assert sum(votes for key, votes in results.items() if key[0] == believable) == 5
    assert [results[scale, "room", str(step)] for step in range(1, 6)] == [1, 1, 2, 0, 1]
    again = counts({tuple(order): orders.count(order) for order in orders}, ["a", "b", "c"])
    told = read(floor, reference, "orders")
    assert {int(row["round"]) for row in told} == {ranked}
    assert [(int(row["count"]), row["response"], int(row["votes"])) for row in told] == [
        (number, key, votes) for number, count in enumerate(again, 1) for key, votes in count.votes.items()
    ]
    questions = {row["decision"]: row["question"] for row in read(floor, reference, "decisions")}
    assert questions["believable"] == "Is this story believable?"
    assert questions[f"scale-{scale}"] == "How safe would you feel in the hall?"
    assert "practice" not in questions
    added = [row for row in read(floor, reference, "responses") if row["floor"] == "true"]
    assert [(row["response"], row["label"], row["role_group"], row["leads_to"]) for row in added] == [
        ("f1", "Knock at both doors", "carer", "~f1")
    ]
    assert read(floor, reference, "reasons") == [
        {"round": str(approved), "number": "1", "response": "", "text": "Both may be asleep"}
    ]
    (step,) = read(floor, reference, "path")
    assert (step["response"], step["leads_to"]) == ("f1", "~f1")
    assert read(floor, reference, "results_by_role") == []
    (came,) = read(floor, reference, "attendance")
    assert (came["hand_counted"], came["practice_rounds"]) == ("6", "1")
    with floor.town.database.reading() as session:
        pack = zip_of(session, reference)
    assert differences_in(pack) == ()
    assert MANIFEST.encode() in pack


def test_where_too_few_voted_neither_figures_nor_what_somebody_chose_are_given(floor):
    round_id = floor.open_round()
    seats = floor.sit("carer", "police")
    for seat in seats:
        floor.cast(seat, "b")
    say_why(floor, seats[0], round_id, "It is open")
    floor.act(messages.EnterHandCount, round_id=round_id, votes={"a": 4}, means="hands")
    floor.vote()

    reference = publish(floor)

    assert read(floor, reference, "results") == []
    assert [(row["response"], row["text"]) for row in read(floor, reference, "reasons")] == [
        ("", "It is open")
    ]
    (round_,) = read(floor, reference, "rounds")
    assert round_["winner"] == "a"
