"""What came of it: official answers, what became of promises, and a moderator's check before a claim is shown."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from evidence.loop.answering import answer_proposal
from evidence.loop.checking import ClaimKind, check_claim, waiting_claims
from evidence.loop.rules import NothingToAnswer, NothingToCheck, NotPromised, OtherWords, OwnClaim, Standing
from evidence.loop.tracker import changes
from scenario_app.kernel import audit
from scenario_app.kernel.errors import Invalid
from tests.evidence.aftermath import DUE

LATER = date(2027, 3, 2)


def told(evening, today=LATER):
    with evening.town.database.reading() as session:
        return changes(session, today=today)


def standing(evening, promise: str, today=LATER) -> Standing | None:
    found = told(evening, today)
    each = {each.promise.id: each.standing for each in (*found.promises, *found.not_promised)}
    return each[evening.promises[promise]]


def answer_of(evening, proposal: str):
    found = {each.proposal.id: each.answer for each in told(evening).proposals}
    return found[evening.proposals[proposal]]


def waiting(evening):
    with evening.town.database.reading() as session:
        return waiting_claims(session)


def acts(evening) -> list[str]:
    chain = f"event:{evening.slug}"
    with evening.town.database.reading() as session:
        assert audit.first_broken_row(session, chain) is None
        wanted = ("proposal_answered", "promise_updated", "claim_shown", "claim_not_shown")
        return [act.action for action in wanted for act in audit.acts_of(session, chain, action=action)]


def test_only_what_a_closed_event_left_is_told_and_what_was_withdrawn_in_the_room_is_not(evening):
    found = told(evening)

    assert [each.promise.what for each in found.promises] == ["Bench by the door", "Light over it"]
    assert [each.promise.why for each in found.not_promised] == ["There is no driver."]
    assert [each.proposal.wording for each in found.unanswered] == [
        "Bench, and a light, at the door",
        "Bus at night",
    ]


def test_no_change_with_its_reason_stands_at_once_and_a_claim_of_influence_waits_for_a_moderator(evening):
    waits = [evening.answer("Bus"), evening.answer("Bench,", "influenced", "It is in the plan.")]

    assert waits == [False, True]
    assert answer_of(evening, "Bus").because == "No room."
    assert answer_of(evening, "Bench,") is None
    evening.check()
    assert answer_of(evening, "Bench,").checked_how == "I rang them."
    assert acts(evening) == ["proposal_answered", "proposal_answered", "claim_shown"]


def test_a_later_answer_stands_and_the_earlier_one_stays_to_be_read(evening):
    evening.answer("Bus", because="No driver.")
    evening.answer("Bus", because="No driver until May.")
    evening.answer("Bus", because="No driver until May.")

    [found] = [each for each in told(evening).proposals if each.answers]

    assert [each.because for each in found.answers] == ["No driver until May.", "No driver."]


def test_a_later_claim_that_waits_takes_nothing_away_from_what_stands(evening):
    evening.answer("Bus")
    evening.answer("Bus", "influenced", "There is a driver now.")

    assert answer_of(evening, "Bus").verdict == "not_changed"


def test_done_counts_only_when_somebody_checked_it(evening):
    evening.update("Bench")

    assert standing(evening, "Bench") is Standing.OVERDUE
    evening.check()
    assert standing(evening, "Bench") is Standing.DONE


def test_a_claim_that_is_not_shown_changes_nothing_and_may_be_made_again(evening):
    evening.update("Bench")
    evening.check(show=False)

    assert standing(evening, "Bench") is Standing.OVERDUE
    assert waiting(evening) == []
    evening.update("Bench")
    assert len(waiting(evening)) == 1


def test_under_way_does_not_stop_the_clock_and_an_honest_no_does(evening):
    evening.update("Bench", "under_way", "Ordered.", new_day=date(2026, 8, 1))

    assert standing(evening, "Bench", DUE) is Standing.UNDER_WAY
    assert standing(evening, "Bench") is Standing.OVERDUE
    evening.update("Bench", "not_done", "The money is gone.")
    assert standing(evening, "Bench") is Standing.NOT_DONE


def test_what_shows_evidence_waits_too_and_only_an_address_of_the_web_is_taken(evening):
    assert evening.update("Light", "under_way", "Ordered.", evidence_url="https://board.example/3")
    assert not evening.update("Light", "under_way", "Ordered by us.")

    for address in (
        "javascript:alert(1)",
        "data:text/html,x",
        "https://",
        "https://a b",
        "//x.example",
        "ftp://x",
    ):
        with pytest.raises(Invalid):
            evening.update("Light", "under_way", "Look.", evidence_url=address)


def test_late_promises_come_first_and_say_by_how_much(evening):
    evening.update("Light", "under_way", "Ordered.")

    found = told(evening)

    assert [each.standing for each in found.promises] == [Standing.OVERDUE, Standing.UNDER_WAY]
    assert found.overdue[0].days_late == (LATER - DUE).days
    assert (found.counts["overdue"], found.counts["not_promised"], found.counts["unanswered"]) == (1, 1, 2)


def test_nobody_checks_their_own_claim_and_only_the_words_that_were_read_are_checked(evening):
    evening.update("Bench")
    [claim] = waiting(evening)

    with pytest.raises(OwnClaim):
        evening.check(who="cleo")
    with pytest.raises(OtherWords), evening.town.database.transaction() as session:
        check_claim(
            session,
            kind=ClaimKind.UPDATE,
            claim_id=claim.id,
            digest="0" * 32,
            show=True,
            how="I looked.",
            account_id=evening.town.account("mo").id,
            now=evening.clock(),
        )
    assert standing(evening, "Bench") is Standing.OVERDUE


def test_a_claim_is_checked_once(evening):
    evening.update("Bench")
    [claim] = waiting(evening)
    evening.check()

    with pytest.raises(NothingToCheck), evening.town.database.transaction() as session:
        check_claim(
            session,
            kind=claim.kind,
            claim_id=claim.id,
            digest=claim.digest,
            show=False,
            how="I looked.",
            account_id=evening.town.account("olu").id,
            now=evening.clock(),
        )


def test_what_is_not_promised_needs_no_update_and_what_still_runs_no_answer(evening):
    with pytest.raises(NotPromised):
        evening.update("Night")
    with evening.town.database.reading() as session:
        assert all(
            each.proposal.held.slug == evening.slug for each in changes(session, today=LATER).proposals
        )
    running = min(evening.proposals.values()) - 1
    with pytest.raises(NothingToAnswer), evening.town.database.transaction() as session:
        answer_proposal(
            session,
            proposal_id=running,
            verdict="not_changed",
            because="It is another room's.",
            answered_as="Cleo",
            account_id=evening.town.account("cleo").id,
            now=evening.clock(),
        )


@pytest.mark.parametrize(
    "statement",
    ["commitment_update SET checked_by = said_by", "official_answer SET checked_by = answered_by"],
)
def test_the_schema_takes_no_check_by_whoever_made_the_claim(evening, statement):
    evening.update("Bench")
    evening.answer("Bus", "influenced")

    with pytest.raises(IntegrityError), evening.town.database.transaction() as session:
        session.execute(text(f"UPDATE {statement}"))
