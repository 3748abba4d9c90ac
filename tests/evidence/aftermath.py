"""A story that was told, woven, played, voted on, tried another way, proposed, promised; its event is closed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from evidence.loop.answering import answer_proposal, update_promise
from evidence.loop.checking import check_claim, waiting_claims
from live import messages
from live.assembly.queries import proposals_of
from live.assembly.record import commitments_kept, proposals_kept
from live.closing import close_event
from live.talk.record import interventions_kept, stops_kept
from scenarios.rendering import render_script
from scenarios.script.script import Script
from scenarios.stories.reviewing import approve_story, read_story
from scenarios.stories.rules import Use
from scenarios.stories.telling import begin_story, save_answers, say_consent, send_story
from scenarios.together.writing import publish_together, start_woven_draft
from tests.conftest import TestClock
from tests.makers import PATHWAY, SHORT_SCRIPT, Floor, Town, make_floor

CODE = "acorn kettle heron lamp mint otter"
SECRET_WORDS = "the purple heron sang behind the boiler"
# For who begins on the morning that tests begin on: the first promise is for ninety-one days later.
DUE = date(2026, 6, 1)


@dataclass
class Aftermath:
    """What is left of an evening: its event, the story behind it, its proposals and promises by their words."""

    town: Town
    floor: Floor
    clock: TestClock
    story_id: int
    slug: str

    @property
    def proposals(self) -> Mapping[str, int]:
        """Return the proposals of the evening by their first word."""
        with self.town.database.reading() as session:
            kept = proposals_kept(session, [self.floor.section.event_id])
        return {each.wording.split()[0]: each.id for each in kept}

    @property
    def promises(self) -> Mapping[str, int]:
        """Return what was promised that evening, and what was not, by its first word."""
        with self.town.database.reading() as session:
            kept = commitments_kept(session, [self.floor.section.event_id])
        return {each.what.split()[0]: each.id for each in kept}

    def answer(self, proposal: str, verdict: str = "not_changed", because: str = "No room.") -> bool:
        """Answer a proposal as Cleo."""
        with self.town.database.transaction() as session:
            return answer_proposal(
                session,
                proposal_id=self.proposals[proposal],
                verdict=verdict,
                because=because,
                answered_as="Cleo Marsh, board",
                account_id=self.town.account("cleo").id,
                now=self.clock(),
            )

    def update(self, promise: str, status: str = "done", words: str = "It is there.", **more) -> bool:
        """Say what became of a promise, as Cleo."""
        given = {"evidence_url": "", "new_day": None, "said_as": "Cleo Marsh, board", **more}
        with self.town.database.transaction() as session:
            return update_promise(
                session,
                commitment_id=self.promises[promise],
                status=status,
                words=words,
                account_id=self.town.account("cleo").id,
                now=self.clock(),
                **given,
            )

    def check(self, *, show: bool = True, who: str = "mo") -> None:
        """Check everything that waits."""
        with self.town.database.transaction() as session:
            for claim in waiting_claims(session):
                check_claim(
                    session,
                    kind=claim.kind,
                    claim_id=claim.id,
                    digest=claim.digest,
                    show=show,
                    how="I rang them.",
                    account_id=self.town.account(who).id,
                    now=self.clock(),
                )


def tell(town: Town, clock: TestClock, *, code: str = CODE, uses: tuple[Use, ...] = tuple(Use)) -> int:
    """Tell a story and have it approved."""
    mo = town.account("mo").id
    with town.database.transaction() as session:
        story = begin_story(
            session, code=code, key=town.config.secret_key, language="en", pathway_id=None, now=clock()
        )
        save_answers(
            session, story_id=story.id, answers={"first": f"I remember {SECRET_WORDS}."}, now=clock()
        )
        send_story(session, story_id=story.id, now=clock())
        say_consent(
            session,
            story_id=story.id,
            uses={use: use in uses for use in Use},
            wording=dict.fromkeys(Use, "yes"),
            now=clock(),
        )
        words = read_story(session, story_id=story.id, account_id=mo, now=clock())
        approve_story(session, story_id=story.id, revision=1, sha256=words.sha256, account_id=mo, now=clock())
    return story.id


def weave(town: Town, clock: TestClock, story_id: int, slug: str) -> int:
    """Publish a play that is woven from a story, and return the number of its version."""
    text = SHORT_SCRIPT.replace("id: two-doors", f"id: {slug}").replace("Two doors", slug.title())
    with town.database.transaction() as session:
        draft = start_woven_draft(
            session, story_id=story_id, text=text, account_id=town.account("mo").id, now=clock()
        )
    with town.database.transaction() as session:
        version = publish_together(
            session,
            draft_id=draft.id,
            revision=draft.revision,
            rendered=render_script(Script.parse(text)),
            pathway_slug=PATHWAY,
            account_id=town.account("olu").id,
            now=clock(),
        )
    town.slugs = [*town.slugs, slug]
    return version.id


def play_on(floor: Floor, place: int) -> None:
    """Play, vote, try it another way, propose, amend, vote on it, promise. A practice and an unseen vote are noise."""
    floor.start(place=place)
    floor.open_round(practice=True)
    floor.vote(c=1)
    floor.open_round()
    floor.vote(b=2)
    floor.act(messages.ReplayFrom, scene="landing")
    floor.act(messages.RaiseStopForSomebody, line=2, role="carer")
    floor.act(messages.PickStop, stop_id=_last_stop(floor))
    floor.act(messages.RecordIntervention, stop_id=_last_stop(floor), part="Ann", tried="She knocked again.")
    floor.act(messages.MakeProposal, wording="Bench", intervention_id=_last_tried(floor))
    floor.act(
        messages.AmendProposal, proposal_id=_last_proposal(floor), wording="Bench, and a light, at the door"
    )
    bench = _last_proposal(floor)
    floor.open_round(about="proposal", proposal_id=bench, passing_rule="majority")
    floor.vote(yes=1)
    floor.act(messages.LeaveQuestion)
    floor.act(messages.MakeProposal, wording="Bus at night")
    floor.act(messages.MakeProposal, wording="Withdrawn in the room")
    floor.act(messages.WithdrawProposal, proposal_id=_last_proposal(floor))
    today = floor.now.date()
    for what, days in (("Bench by the door", 91), ("Light over it", 456)):
        floor.act(
            messages.RecordCommitment,
            promised=True,
            what=what,
            owner="The council",
            due=today + timedelta(days=days),
            proposal_id=bench,
        )
    floor.act(messages.RecordCommitment, promised=False, what="Night bus", why="There is no driver.")
    floor.act(messages.EndPerformance)


def make_aftermath(
    town: Town, clock: TestClock, *, slug: str = "an-evening", code: str = CODE, play: str = "the-heron"
) -> Aftermath:
    """Go the whole way from a story to promises, and close the event."""
    story_id = tell(town, clock, code=code)
    weave(town, clock, story_id, play)
    floor = make_floor(town, now=clock(), slug=slug)
    play_on(floor, place=len(town.slugs) - 1)
    clock.moment = floor.now + timedelta(hours=1)
    with town.database.transaction() as session:
        close_event(session, event_slug=slug, account_id=town.account("fay").id, now=clock())
    return Aftermath(town, floor, clock, story_id, slug)


def _last_stop(floor: Floor) -> int:
    with floor.town.database.reading() as session:
        return stops_kept(session, floor.section.event_id)[-1].id


def _last_tried(floor: Floor) -> int:
    with floor.town.database.reading() as session:
        return interventions_kept(session, floor.section.event_id)[-1].id


def _last_proposal(floor: Floor) -> int:
    with floor.town.database.reading() as session:
        return proposals_of(session, floor.section_id)[-1].id
