"""Making stories safe through services, on both databases."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import text

from scenario_app.kernel import audit
from scenario_app.kernel.database import Database
from scenarios.stories import queries, queue, reviewing, telling, urgent
from scenarios.stories.edits import BadEdit, DeclineReason, Edit, EditKind, EditReason, NothingToEdit
from scenarios.stories.queries import NoSuchStory
from scenarios.stories.rules import StoryState, digest_of
from tests.makers import make_town

WORDS = {"first": "I rang Dr Aziz at four.", "ended": "He came."}
TAKEN = Edit("first", 7, 14, EditKind.NAME, "the doctor", EditReason.NAMES_STAFF)


@pytest.fixture
def town(database, config, clock):
    return make_town(database, config, now=clock())


@pytest.fixture
def mo(town) -> int:
    return town.account("mo").id


@pytest.fixture
def olu(town) -> int:
    return town.account("olu").id


def tell(session, code, now, *, answers=WORDS, language="en", sent=True) -> int:
    story = telling.begin_story(session, code=code, key="k" * 32, language=language, pathway_id=None, now=now)
    telling.save_answers(session, story_id=story.id, answers=answers, now=now)
    if sent:
        telling.send_story(session, story_id=story.id, now=now)
    return story.id


@pytest.fixture
def story_id(database, town, clock) -> int:
    """One story sent, between another one and a draft."""
    with database.transaction() as session:
        tell(session, "noise before", clock())
        found = tell(session, "the one", clock())
        tell(session, "noise after", clock(), sent=False)
    return found


def newest(session, story_id):
    return queries.revisions_of(session, story_id)[-1]


def approve(session, story_id, account_id, now, revision=None):
    words = revision or newest(session, story_id)
    reviewing.approve_story(
        session,
        story_id=story_id,
        revision=words.number,
        sha256=words.sha256,
        account_id=account_id,
        now=now,
    )


def decline(session, story_id, account_id, now):
    words = newest(session, story_id)
    reviewing.decline_story(
        session,
        story_id=story_id,
        revision=words.number,
        sha256=words.sha256,
        reason=DeclineReason.HATE,
        words="We are sorry.",
        account_id=account_id,
        now=now,
    )


def test_an_edit_is_a_new_revision_with_its_kind_and_reason(database, story_id, mo, clock):
    with database.transaction() as session:
        made = reviewing.edit_story(
            session, story_id=story_id, revision=1, edits=[TAKEN], account_id=mo, now=clock()
        )

    with database.reading() as session:
        edits = queries.edits_of(session, story_id)
        first = queries.revisions_of(session, story_id)[0]
    assert (made.number, made.answers["first"]) == (2, "I rang the doctor at four.")
    assert made.sha256 == digest_of(made.answers)
    assert [(e.kind, e.reason, e.removed, e.put_instead) for e in edits] == [
        ("name", "names_staff", "Dr Aziz", "the doctor")
    ]
    assert first.answers == WORDS


def test_an_edit_of_words_that_somebody_changed_meanwhile_is_refused(database, story_id, mo, olu, clock):
    with database.transaction() as session:
        reviewing.edit_story(
            session, story_id=story_id, revision=1, edits=[TAKEN], account_id=mo, now=clock()
        )

    with pytest.raises(reviewing.RevisionMoved), database.transaction() as session:
        reviewing.edit_story(
            session, story_id=story_id, revision=1, edits=[TAKEN], account_id=olu, now=clock()
        )


@pytest.mark.parametrize(
    ("edits", "refusal"),
    [
        ([], NothingToEdit),
        ([TAKEN, TAKEN], BadEdit),
        ([Edit("first", -1, 3, EditKind.NAME, "", EditReason.SHOWS_TELLER)], BadEdit),
        ([Edit("first", 5, 5, EditKind.NAME, "", EditReason.SHOWS_TELLER)], BadEdit),
        ([Edit("first", 5, 500, EditKind.NAME, "", EditReason.SHOWS_TELLER)], BadEdit),
        ([Edit("never asked", 0, 1, EditKind.NAME, "", EditReason.SHOWS_TELLER)], BadEdit),
    ],
)
def test_an_edit_that_does_not_fit_the_words_changes_nothing(database, story_id, mo, clock, edits, refusal):
    with pytest.raises(refusal), database.transaction() as session:
        reviewing.edit_story(session, story_id=story_id, revision=1, edits=edits, account_id=mo, now=clock())

    with database.reading() as session:
        assert newest(session, story_id).number == 1


def test_an_approval_is_of_exactly_these_words(database, story_id, mo, clock):
    with database.transaction() as session:
        read = newest(session, story_id)
        approve(session, story_id, mo, clock())
        assert queries.approved_revision(session, story_id) == read

    with database.transaction() as session:
        reviewing.edit_story(
            session, story_id=story_id, revision=1, edits=[TAKEN], account_id=mo, now=clock()
        )
        assert queries.approved_revision(session, story_id) is None
    with pytest.raises(reviewing.RevisionMoved), database.transaction() as session:
        approve(session, story_id, mo, clock(), revision=read)


def test_an_approval_of_another_digest_is_refused(database, story_id, mo, clock):
    with pytest.raises(reviewing.RevisionMoved), database.transaction() as session:
        reviewing.approve_story(
            session, story_id=story_id, revision=1, sha256="0" * 64, account_id=mo, now=clock()
        )


def test_who_asks_for_a_second_opinion_cannot_give_it_not_even_after_an_edit(
    database, story_id, mo, olu, clock
):
    with database.transaction() as session:
        read = newest(session, story_id)
        reviewing.want_second(
            session, story_id=story_id, revision=1, sha256=read.sha256, account_id=mo, now=clock()
        )
        reviewing.edit_story(
            session, story_id=story_id, revision=1, edits=[TAKEN], account_id=mo, now=clock()
        )

    with pytest.raises(reviewing.SecondWanted), database.transaction() as session:
        approve(session, story_id, mo, clock())
    with database.transaction() as session:
        approve(session, story_id, olu, clock())
        assert queries.story(session, story_id).state is StoryState.APPROVED


def test_a_decline_tells_the_public_a_code_and_the_teller_words(database, story_id, mo, clock):
    with database.transaction() as session:
        decline(session, story_id, mo, clock())
        decline(session, story_id, mo, clock())

    with database.reading() as session:
        assert queries.story(session, story_id).state is StoryState.DECLINED
        log = queue.log_of(session, clock().replace(day=1, hour=0))
        kept = session.execute(text("SELECT * FROM moderation_entry")).all()
    assert [(line.action, line.reason, line.times) for line in log] == [("declined", "hate", 1)]
    assert "sorry" not in str(kept)
    assert clock().strftime("%H:%M") not in str(kept), "the day alone"


def test_the_log_counts_what_was_taken_out_by_kind_and_reason(database, story_id, mo, clock):
    other = Edit("ended", 0, 2, EditKind.NAME, "Somebody", EditReason.NAMES_STAFF)

    with database.transaction() as session:
        reviewing.edit_story(
            session, story_id=story_id, revision=1, edits=[TAKEN, other], account_id=mo, now=clock()
        )

    with database.reading() as session:
        months = queue.months_logged(session)
        log = queue.log_of(session, months[0])
    assert [(line.kind, line.reason, line.times) for line in log] == [("name", "names_staff", 2)]


def test_a_claim_is_one_moderators_and_can_be_handed_over(database, story_id, mo, olu, town, clock):
    with database.transaction() as session:
        reviewing.claim_story(session, story_id=story_id, account_id=mo, now=clock())
        assert queries.story(session, story_id).state is StoryState.BEING_READ

    with pytest.raises(reviewing.StoryTaken), database.transaction() as session:
        reviewing.claim_story(session, story_id=story_id, account_id=olu, now=clock())
    with pytest.raises(reviewing.NotAModerator), database.transaction() as session:
        reviewing.hand_over(
            session, story_id=story_id, to_id=town.account("cleo").id, account_id=mo, now=clock()
        )
    with database.transaction() as session:
        reviewing.hand_over(session, story_id=story_id, to_id=olu, account_id=mo, now=clock())
        assert queries.story(session, story_id).claimed_by == olu


def test_reading_is_recorded_once_an_hour_for_each_account_and_revision(database, story_id, mo, olu, clock):
    chain = reviewing.chain_of(story_id)

    for account_id, minutes in ((mo, 0), (mo, 5), (olu, 1), (mo, 61)):
        clock.go_on(minutes=minutes)
        with database.transaction() as session:
            reviewing.read_story(session, story_id=story_id, account_id=account_id, now=clock())

    with database.reading() as session:
        names = [reading.name for reading in queue.readings_of(session, chain)]
        assert names == ["Mo", "Olu", "Mo"]
        assert audit.first_broken_row(session, chain) is None


def test_no_act_leaves_a_word_of_the_story_in_the_audit(database, story_id, mo, olu, clock):
    with database.transaction() as session:
        reviewing.read_story(session, story_id=story_id, account_id=mo, now=clock())
        reviewing.edit_story(
            session, story_id=story_id, revision=1, edits=[TAKEN], account_id=mo, now=clock()
        )
        approve(session, story_id, olu, clock())

    with database.reading() as session:
        rows = session.execute(
            text("SELECT action, details FROM audit_entry WHERE chain = :chain ORDER BY position"),
            {"chain": reviewing.chain_of(story_id)},
        ).all()
    assert [row.action for row in rows] == ["story_read", "story_edited", "story_approved"]
    assert not any(word in str(rows) for word in ("Aziz", "doctor", "four"))


def test_nobody_reads_a_draft_nor_judges_it(database, town, mo, clock):
    with database.transaction() as session:
        draft = tell(session, "a draft", clock(), sent=False)

    for act in (
        lambda s: reviewing.read_story(s, story_id=draft, account_id=mo, now=clock()),
        lambda s: reviewing.claim_story(s, story_id=draft, account_id=mo, now=clock()),
        lambda s: urgent.raise_urgent(s, story_id=draft, account_id=mo, now=clock()),
    ):
        with pytest.raises(NoSuchStory), database.transaction() as session:
            act(session)


def test_the_queue_has_urgent_ones_first_then_the_oldest(database, town, mo, clock):
    with database.transaction() as session:
        old = tell(session, "one", clock())
        clock.go_on(hours=1)
        young = tell(session, "two", clock(), language="cy")
        done = tell(session, "three", clock())
        approve(session, done, mo, clock())
        tell(session, "four", clock(), sent=False)
        clock.go_on(hours=1)
        now = tell(session, "five", clock(), answers={"first": "I want to die."})

    with database.reading() as session:
        found = queue.queue(session, queue.QueueFilter())
        welsh = queue.queue(session, queue.QueueFilter(language="cy"))
        approved = queue.queue(session, queue.QueueFilter(state=StoryState.APPROVED))
        hurry = queue.queue(session, queue.QueueFilter(urgent=True))
        mine = queue.queue(session, queue.QueueFilter(claimed_by=mo))
        waiting = queue.waiting(session)

    assert [row.id for row in found.rows] == [now, old, young]
    assert [row.id for row in welsh.rows] == [young]
    assert [row.id for row in approved.rows] == [done]
    assert [row.id for row in hurry.rows] == [now]
    assert [row.id for row in mine.rows] == []
    assert waiting == 3


def test_the_queue_has_pages(database, town, clock):
    with database.transaction() as session:
        for number in range(queue.PAGE_LENGTH + 2):
            tell(session, f"story {number}", clock() + timedelta(minutes=number))

    with database.reading() as session:
        second = queue.queue(session, queue.QueueFilter(), page=2)
        beyond = queue.queue(session, queue.QueueFilter(), page=99)
    assert (len(second.rows), second.pages, second.found) == (2, 2, queue.PAGE_LENGTH + 2)
    assert beyond == second


# --- any order of acts ----------------------------------------------------------------------------------------


class AnyOrder(RuleBasedStateMachine):
    """Two moderators edit, approve, decline, claim, ask for a second; what counts as approved is always what was."""

    def __init__(self, database: Database, people: tuple[int, int], now) -> None:
        super().__init__()
        self.database, self.people, self.now = database, people, now
        self.approved: str | None = None
        self.wish: int | None = None

    @initialize()
    def begin(self) -> None:
        with self.database.transaction() as session:
            self.story_id = tell(
                session, f"a story of {self.now}", self.now, answers={"first": "a b c d e f g h"}
            )
        self.seen = [self.read()]

    def read(self):
        with self.database.reading() as session:
            return newest(session, self.story_id)

    @rule(who=st.integers(0, 1), stale=st.booleans(), at=st.integers(0, 12))
    def edit(self, who: int, stale: bool, at: int) -> None:
        words = self.seen[0] if stale else self.read()
        taken = Edit("first", at, at + 1, EditKind.OTHER, "x", EditReason.SHOWS_OTHERS)
        before = self.read()
        try:
            with self.database.transaction() as session:
                made = reviewing.edit_story(
                    session,
                    story_id=self.story_id,
                    revision=words.number,
                    edits=[taken],
                    account_id=self.people[who],
                    now=self.now,
                )
        except (reviewing.RevisionMoved, BadEdit):
            assert self.read() == before
            return
        assert words.number == before.number
        self.seen.append(made)
        self.approved = None

    @rule(who=st.integers(0, 1), which=st.integers(0, 3))
    def approve(self, who: int, which: int) -> None:
        words = self.seen[-1 - which % len(self.seen)]
        try:
            with self.database.transaction() as session:
                approve(session, self.story_id, self.people[who], self.now, revision=words)
        except reviewing.RevisionMoved:
            assert words.number != self.read().number
        except reviewing.SecondWanted:
            assert self.wish == self.people[who]
        else:
            assert self.wish != self.people[who]
            self.approved = words.sha256

    @rule(who=st.integers(0, 1))
    def decline(self, who: int) -> None:
        with self.database.transaction() as session:
            decline(session, self.story_id, self.people[who], self.now)
        self.approved = None

    @rule(who=st.integers(0, 1))
    def second(self, who: int) -> None:
        words = self.read()
        with self.database.transaction() as session:
            reviewing.want_second(
                session,
                story_id=self.story_id,
                revision=words.number,
                sha256=words.sha256,
                account_id=self.people[who],
                now=self.now,
            )
        self.wish = self.people[who]

    @rule(who=st.integers(0, 1))
    def hand_over(self, who: int) -> None:
        with self.database.transaction() as session:
            reviewing.hand_over(
                session,
                story_id=self.story_id,
                to_id=self.people[who],
                account_id=self.people[1 - who],
                now=self.now,
            )

    @invariant()
    def what_counts_as_approved_is_what_was_approved(self) -> None:
        if not hasattr(self, "story_id"):
            return
        with self.database.reading() as session:
            found = queries.approved_revision(session, self.story_id)
        assert (found.sha256 if found else None) == self.approved
        assert found is None or digest_of(found.answers) == self.approved


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_under_any_order_of_acts_the_approved_words_are_the_ones_that_were_approved(
    database, town, mo, olu, clock
):
    # the state lives in the database: each example tells a story of its own
    count = iter(range(10_000))

    def machine() -> AnyOrder:
        return AnyOrder(database, (mo, olu), clock() + timedelta(seconds=next(count)))

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
