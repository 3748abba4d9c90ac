"""Questions that are answered in other ways, beside the play, by hands and on paper; and what the room adds."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import event, text

from live import messages
from live.assembly.queries import proposals_of
from live.choices import Choice
from live.closing import erase_secrets
from live.cues import cue_of
from live.hearing import hear
from live.queries import ballots_of
from live.record import attendance, closed_rounds, path_of
from live.rules import NotAllowed, UnknownResponse, digest_of
from live.talk.said import approved_reasons, suggestions_to_place, waiting_words
from live.voting import SeatHolder, raise_peak
from scenario_app.kernel.errors import DomainError, Invalid
from tests.makers import make_floor, make_town


@pytest.fixture
def floor(database, config, clock):
    town = make_town(database, config, now=clock())
    noise = make_floor(town, now=clock(), slug="another-evening")
    noise.start()
    other = noise.open_round(kind="approve")
    noise.cast(noise.sit("carer")[0], Choice.approval(["a", "b"]).kept)
    noise.act(messages.EnterHandCount, round_id=other, votes={"a": 9}, means="hands")
    floor = make_floor(town, now=clock())
    floor.start()
    return floor


def cue(floor):
    with floor.town.database.reading() as session:
        return cue_of(session, floor.section_id)


def say(floor, seat, message):
    with floor.town.database.transaction() as session:
        holder = SeatHolder(seat.id, seat.section_id, seat.code, seat.role)
        return hear(session, seat=holder, message=message, now=floor.now)


def cast_all(floor, choices, role=None):
    seats = floor.sit(*[role] * len(choices))
    for seat, choice in zip(seats, choices, strict=True):
        floor.cast(seat, choice.kept)
    return seats


def close(floor):
    round_id = floor.round_id
    floor.act(messages.CloseRound, round_id=round_id)
    return round_id


def reveal(floor):
    round_id = close(floor)
    floor.act(messages.Reveal, round_id=round_id)
    return cue(floor).result


# --- kinds ----------------------------------------------------------------------------------------------


def test_the_response_that_most_could_live_with_opens_the_next_scene(floor):
    floor.open_round(kind="approve")
    cast_all(floor, [Choice.approval(keys) for keys in (["a"], ["a", "b"], ["b"], ["b", "c"], [], [])])

    result = reveal(floor)
    floor.act(messages.TakeBranch, round_id=result.round)

    assert (result.winner, result.ballots) == ("b", 6)
    assert dict(result.votes) == {"a": 2, "b": 3, "c": 1}
    assert result.by_role == []
    assert cue(floor).scene.key == "garden"


def test_four_people_who_name_five_responses_are_still_too_few_to_show(floor):
    floor.open_round(kind="approve")
    cast_all(floor, [Choice.approval(["a", "b"])] * 4)

    result = reveal(floor)

    assert result.votes is None
    assert result.winner == "a"


def test_an_order_is_counted_until_one_has_more_than_half(floor):
    floor.open_round(kind="rank")
    orders = [["a"], ["a"], ["a"], ["b", "c"], ["b"], ["c", "b"], ["c", "b"]]
    cast_all(floor, [Choice.ranking(order) for order in orders])

    result = reveal(floor)

    assert dict(result.votes) == {"a": 3, "b": 2, "c": 2}
    assert [count["left"] for count in result.counts] == ["c", None]
    assert dict(result.counts[-1]["votes"]) == {"a": 3, "b": 4}
    assert result.winner == "b"


def test_a_scale_has_a_middle_and_no_winner_and_leaves_the_play_where_it_was(floor):
    floor.open_round(about="scale", question="How safe would you feel here?")
    cast_all(floor, [Choice.scale(step) for step in (1, 2, 4, 4, 5)])

    result = reveal(floor)
    asked = cue(floor).round
    with pytest.raises(NotAllowed):
        floor.act(messages.TakeBranch, round_id=result.round)
    floor.act(messages.LeaveQuestion)

    assert (asked.question, asked.kind, asked.about) == ("How safe would you feel here?", "scale", "scale")
    assert (result.winner, result.median, result.next_scene) == (None, 4, None)
    assert dict(result.votes) == {"1": 1, "2": 1, "3": 0, "4": 2, "5": 1}
    assert cue(floor).performance.state == "playing"
    assert cue(floor).round is None


def test_a_ballot_of_another_kind_is_refused(floor):
    floor.open_round(kind="rank")
    (seat,) = floor.sit(None)

    refused = floor.cast(seat, "a")
    taken = floor.cast(seat, Choice.ranking(["c", "a"]).kept)

    assert isinstance(refused, UnknownResponse)
    with floor.town.database.reading() as session:
        assert ballots_of(session, seat.id) == {floor.round_id: {"ranking": ["c", "a"], "rev": taken.rev}}


def test_a_decision_is_not_asked_on_a_scale(floor):
    with pytest.raises(Invalid):
        floor.open_round(kind="scale")


def test_the_shift_is_measured_only_between_rounds_that_were_asked_in_the_same_way(floor):
    floor.open_round(kind="approve")
    cast_all(floor, [Choice.approval(["a"])] * 6)
    reveal(floor)
    floor.open_round()

    other_way = reveal(floor)
    floor.open_round(kind="approve")
    same_way = reveal(floor)

    assert other_way.previous is None
    assert same_way.previous["number"] == 1


# --- beside the play ------------------------------------------------------------------------------------


def test_a_practice_vote_before_the_play_asks_something_harmless(database, config, clock):
    floor = make_floor(make_town(database, config, now=clock()), now=clock())
    floor.act(messages.SetDoor, open=True)

    floor.open_round(practice=True)
    floor.vote(a=2, c=4)
    shown = cue(floor)
    floor.act(messages.StartPerformance, performance_id=floor.section.performances[0].id)

    assert (shown.round.about, shown.round.practice, shown.scene) == ("practice", True, None)
    assert shown.round.responses[0].label == "Tea"
    assert shown.result.next_scene is None
    assert cue(floor).scene.key == "landing"


def test_leaving_a_practice_vote_goes_back_to_waiting(database, config, clock):
    floor = make_floor(make_town(database, config, now=clock()), now=clock())
    floor.open_round(practice=True)
    with pytest.raises(NotAllowed):
        floor.act(messages.LeaveQuestion)
    close(floor)

    floor.act(messages.LeaveQuestion)

    assert cue(floor).performance.state == "waiting"


def test_a_question_beside_the_play_goes_back_to_the_result_that_was_shown(floor):
    decided = floor.open_round()
    floor.vote(b=6)
    floor.open_round(about="believable")
    floor.vote(yes=4, partly=2)
    floor.open_round(about="scale")
    close(floor)

    floor.act(messages.LeaveQuestion)
    floor.act(messages.TakeBranch, round_id=decided)

    assert cue(floor).scene.key == "garden"


def test_after_the_end_a_story_can_be_judged_and_the_play_stays_over(floor):
    floor.act(messages.EndPerformance)

    floor.open_round(about="believable")
    floor.vote(yes=3, partly=3)
    tied = cue(floor).result
    floor.act(messages.LeaveQuestion)

    assert (tied.winner, tied.tied) == (None, True)
    assert cue(floor).performance.state == "ended"


@pytest.mark.parametrize(
    ("rule", "votes", "state"),
    [
        ("majority", {"yes": 3, "no": 2, "abstain": 9}, "adopted"),
        ("two_thirds", {"yes": 3, "no": 2}, "not_adopted"),
        ("consent", {"yes": 8, "no": 1}, "not_adopted"),
    ],
)
def test_a_proposal_passes_by_the_rule_that_was_named_before(floor, rule, votes, state):
    floor.act(messages.MakeProposal, wording="A quiet room at the station")
    floor.act(messages.MakeProposal, wording="Something else")
    wanted = cue(floor).proposals[0].id

    floor.open_round(about="proposal", proposal_id=wanted, passing_rule=rule)
    asked = cue(floor).round
    floor.vote(**votes)

    assert (asked.question, asked.passing_rule) == ("A quiet room at the station", rule)
    with floor.town.database.reading() as session:
        assert [proposal.state for proposal in proposals_of(session, floor.section_id)] == [state, "open"]


def test_a_proposal_is_voted_on_in_all_its_words(floor):
    wording = "A quiet room at the station " * 17 + "by night"
    floor.act(messages.MakeProposal, wording=wording)

    floor.open_round(about="proposal", proposal_id=cue(floor).proposals[0].id, passing_rule="majority")

    assert cue(floor).round.question == wording


# --- hands and paper ------------------------------------------------------------------------------------


def test_hands_and_paper_decide_with_the_phones_and_are_shown_apart(floor):
    round_id = floor.open_round()
    cast_all_one(floor, "a", 6)
    floor.act(messages.EnterHandCount, round_id=round_id, votes={"b": 50, "c": 1}, means="hands")
    floor.act(messages.CloseRound, round_id=round_id)
    floor.act(messages.EnterHandCount, round_id=round_id, votes={"b": 5, "a": 1}, means="hands")
    floor.act(messages.EnterHandCount, round_id=round_id, votes={"b": 2}, means="paper")

    floor.act(messages.Reveal, round_id=round_id)
    result = cue(floor).result

    assert result.winner == "a", "six phones and a hand against seven: the first listed of the tied"
    assert not result.tied, "a hand alone is kept back, and a tie would tell whose side it was on"
    assert dict(result.votes) == {"a": 6, "b": 0, "c": 0}
    assert {means: dict(votes) for means, votes in result.hand_means.items()} == {
        "hands": {"a": 1, "b": 5, "c": 0}
    }
    assert dict(result.hand_count) == {"a": 1, "b": 5, "c": 0}
    with pytest.raises(NotAllowed):
        floor.act(messages.EnterHandCount, round_id=round_id, votes={"b": 9}, means="hands")


def cast_all_one(floor, response, count):
    for seat in floor.sit(*[None] * count):
        floor.cast(seat, response)


def test_hands_are_refused_for_an_order_and_for_what_was_not_offered(floor):
    ranked = floor.open_round(kind="rank")
    with pytest.raises(NotAllowed):
        floor.act(messages.EnterHandCount, round_id=ranked, votes={"a": 9}, means="hands")
    close(floor)
    chosen = floor.open_round()

    with pytest.raises(UnknownResponse):
        floor.act(messages.EnterHandCount, round_id=chosen, votes={"z": 9}, means="paper")


def test_the_record_holds_hands_orders_and_the_most_phones_at_once(floor):
    floor.open_round(kind="approve")
    floor.act(messages.EnterHandCount, round_id=floor.round_id, votes={"a": 4}, means="paper")
    cast_all(floor, [Choice.approval(["a", "b"])] * 2)
    close(floor)
    with floor.town.database.transaction() as session:
        raise_peak(session, section_id=floor.section_id, connected=31)
        raise_peak(session, section_id=floor.section_id, connected=12)

    with floor.town.database.reading() as session:
        (round_,) = closed_rounds(session, floor.section.event_id)
        (came,) = attendance(session, floor.section.event_id)

    assert (round_.ballots, dict(round_.votes)) == (2, {"a": 2, "b": 2, "c": 0})
    assert dict(round_.hands) == {"paper": {"a": 4, "b": 0, "c": 0}}
    assert round_.by_role == {}
    assert came.peak_connected == 31


# --- reasons --------------------------------------------------------------------------------------------


def reason(round_id, text, key="tap-reason-1"):
    return messages.GiveReason(round_id=round_id, text=text, key=key)


def decide(floor, text, verdict="approve", digest=None):
    floor.act(messages.DecideText, text_id=text.id, digest=digest or digest_of(text.text), verdict=verdict)


def waiting(floor):
    with floor.town.database.reading() as session:
        return waiting_words(session, floor.section_id)


def test_a_reason_is_shown_after_the_reveal_once_exactly_its_words_were_approved(floor):
    round_id = floor.open_round()
    seats = cast_all_of(floor, ["a", "a", "b", "b", "b"])
    say(floor, seats[0], reason(round_id, "It is nearer"))
    say(floor, seats[2], reason(round_id, "It is open"))
    say(floor, seats[3], reason(round_id, "Ann is tired"))
    near, wide, tired = waiting(floor)
    decide(floor, near)
    decide(floor, tired, "decline")
    before = cue(floor)

    shown = reveal(floor)

    assert wide.text == "It is open"
    assert before.result is None
    assert shown.reasons == [{"response": "a", "text": "It is nearer"}]


@pytest.mark.parametrize(
    ("votes", "told"), [(["a", "b", "b", "b", "b"], "a"), (["a", "b", "b", "b"], "")], ids=["five", "four"]
)
def test_the_desk_reads_no_vote_beside_a_reason_before_a_result_of_enough_people_is_shown(floor, votes, told):
    round_id = floor.open_round()
    seats = cast_all_of(floor, votes)
    say(floor, seats[0], reason(round_id, "It is nearer"))

    seen = [waiting(floor)[0].response]
    close(floor)
    seen.append(waiting(floor)[0].response)
    floor.act(messages.Reveal, round_id=round_id)
    seen.append(waiting(floor)[0].response)

    assert seen == ["", "", told]


def test_other_words_take_the_place_of_a_reason_and_wait_again(floor):
    round_id = floor.open_round()
    seats = cast_all_of(floor, ["a", "a", "b", "b", "b"])
    say(floor, seats[0], reason(round_id, "It is nearer"))
    (first,) = waiting(floor)
    decide(floor, first)
    say(floor, seats[0], reason(round_id, "It is warmer", key="tap-reason-2"))

    (second,) = waiting(floor)
    with pytest.raises(NotAllowed):
        decide(floor, second, digest=first.digest)

    assert second.id == first.id
    assert reveal(floor).reasons == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_words_that_change_while_a_desk_of_another_process_approves_them_are_not_approved(floor):
    round_id = floor.open_round()
    (seat,) = cast_all_of(floor, ["a"])
    say(floor, seat, reason(round_id, "It is nearer"))
    (read,) = waiting(floor)
    outcomes = []

    def approve() -> None:
        try:
            decide(floor, read)
        except DomainError as refusal:
            outcomes.append(refusal.code)

    desk = threading.Thread(target=approve)

    def approve_meanwhile(*_flushing: object) -> None:
        desk.start()
        while desk.is_alive() and not somebody_waits(floor):
            desk.join(0.01)

    with floor.town.database.transaction() as session:
        event.listen(session, "before_flush", approve_meanwhile, once=True)
        holder = SeatHolder(seat.id, seat.section_id, seat.code, seat.role)
        hear(session, seat=holder, message=reason(round_id, "It is warmer", "tap-reason-2"), now=floor.now)
    desk.join()

    assert [it.text for it in waiting(floor)] == ["It is warmer"]
    assert outcomes == ["not_allowed"]


def somebody_waits(floor) -> bool:
    with floor.town.database.reading() as session:
        return bool(session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))


def test_the_same_tap_twice_is_one_reason_and_who_did_not_vote_gives_none(floor):
    round_id = floor.open_round()
    (seat,) = cast_all_of(floor, ["a"])
    (silent,) = floor.sit("carer")
    say(floor, seat, reason(round_id, "It is nearer"))
    say(floor, seat, reason(round_id, "It is nearer"))

    with pytest.raises(NotAllowed):
        say(floor, silent, reason(round_id, "I did not vote"))

    assert [text.text for text in waiting(floor)] == ["It is nearer"]


def test_where_too_few_voted_a_reason_does_not_tell_what_its_author_chose(floor):
    round_id = floor.open_round()
    seats = cast_all_of(floor, ["a", "b"])
    say(floor, seats[1], reason(round_id, "It is open"))
    decide(floor, waiting(floor)[0])

    assert reveal(floor).reasons == [{"response": "", "text": "It is open"}]


def cast_all_of(floor, responses):
    seats = floor.sit(*[None] * len(responses))
    for seat, response in zip(seats, responses, strict=True):
        floor.cast(seat, response)
    return seats


# --- responses of the room ------------------------------------------------------------------------------


def suggest(floor, seat, text, key="tap-suggest-1"):
    say(floor, seat, messages.SuggestResponse(decision="d1", text=text, key=key))


def test_a_suggestion_is_offered_in_the_next_round_with_the_role_of_who_said_it(floor):
    first = floor.open_round()
    (carer,) = floor.sit("carer")
    suggest(floor, carer, "Knock  at both")
    with pytest.raises(NotAllowed):
        floor.act(messages.AddFloorResponse, text_id=waiting(floor)[0].id)
    decide(floor, waiting(floor)[0])
    with floor.town.database.reading() as session:
        (ready,) = suggestions_to_place(session, floor.section_id)
    floor.act(messages.AddFloorResponse, text_id=ready.id, label="Knock at both doors")
    refused = floor.cast(carer, "f1", round_id=first)
    floor.vote(a=6)

    floor.open_round()
    offered = cue(floor).round.responses[-1]

    assert isinstance(refused, UnknownResponse), "not in the round that was open"
    assert (offered.key, offered.label, offered.floor, offered.by) == (
        "f1",
        "Knock at both doors",
        True,
        "carer",
    )
    with floor.town.database.reading() as session:
        assert suggestions_to_place(session, floor.section_id) == []


def test_a_response_of_the_room_that_leads_nowhere_opens_an_improvised_scene(floor):
    floor.act(messages.AddFloorResponse, label="Knock at both doors", role="carer")
    floor.open_round()
    floor.vote(f1=6)
    announced = cue(floor).result.next_scene
    floor.act(messages.TakeBranch, round_id=floor.round_id)
    improvised = cue(floor)
    floor.act(messages.NoteImprovised, text="Both doors opened at once.")
    with pytest.raises(NotAllowed):
        floor.act(messages.GoOn)
    floor.act(messages.GoOn, to="garden")

    after = cue(floor)
    assert announced == "Knock at both doors"
    assert (improvised.scene.key, improvised.scene.title) == ("~f1", "Knock at both doors")
    assert (improvised.scene.kind, list(improvised.scene.lines), improvised.scene.improvised) == (
        "scene",
        [],
        True,
    )
    assert (after.scene.key, after.path[0].response, after.path[0].leads_to) == (
        "garden",
        "f1",
        "Knock at both doors",
    )
    with floor.town.database.reading() as session:
        assert [step.leads_to for step in path_of(session, improvised.performance.id)] == ["~f1"]


def test_a_play_can_be_ended_or_replayed_from_what_was_made_up(floor):
    floor.act(messages.AddFloorResponse, label="Knock at both doors")
    floor.open_round()
    floor.vote(f1=6)
    floor.act(messages.TakeBranch, round_id=floor.round_id)
    floor.act(messages.GoOn, to="garden")
    floor.open_round()
    floor.vote(b=6)
    floor.act(messages.TakeBranch, round_id=floor.round_id)

    floor.act(messages.ReplayFrom, scene="garden")
    again = cue(floor)
    floor.act(messages.ReplayFrom, scene="~f1")
    made_up = cue(floor)
    floor.act(messages.EndPerformance)

    assert (again.scene.key, len(again.path)) == ("garden", 1)
    assert (made_up.scene.key, len(made_up.path)) == ("~f1", 1)
    assert cue(floor).performance.state == "ended"


def test_a_response_of_the_room_may_lead_to_a_scene_of_the_script(floor):
    with pytest.raises(Invalid):
        floor.act(messages.AddFloorResponse, label="Climb", leads_to="roof")
    floor.act(messages.AddFloorResponse, label="Go round the house", leads_to="garden")
    floor.open_round()
    floor.vote(f1=6)

    floor.act(messages.TakeBranch, round_id=floor.round_id)

    assert cue(floor).scene.key == "garden"


def test_a_suggestion_that_says_the_same_counts_towards_what_is_there(floor):
    floor.open_round()
    (seat,) = floor.sit("police")
    suggest(floor, seat, "The left door, gently")
    decide(floor, waiting(floor)[0])
    with floor.town.database.reading() as session:
        (ready,) = suggestions_to_place(session, floor.section_id)
    close(floor)

    floor.act(messages.AddFloorResponse, text_id=ready.id, merge_into="a")

    floor.open_round()
    assert [answer.key for answer in cue(floor).round.responses] == ["a", "b", "c"]
    with floor.town.database.reading() as session:
        assert suggestions_to_place(session, floor.section_id) == []


def test_after_retention_a_reason_stays_with_its_response_and_with_nobody(floor):
    round_id = floor.open_round()
    seats = cast_all_of(floor, ["a", "b", "b", "b", "b"])
    say(floor, seats[1], reason(round_id, "It is open"))
    (words,) = waiting(floor)
    decide(floor, words)
    with floor.town.database.transaction() as session:
        erase_secrets(session, retention=timedelta(hours=24), now=floor.now + timedelta(days=3))

    with floor.town.database.reading() as session:
        kept = approved_reasons(session, [round_id])
        seats_named = session.execute(text("SELECT count(seat_id) FROM floor_text")).scalar_one()
    assert [(it.response, it.text) for it in kept] == [("b", "It is open")]
    assert seats_named == 0
