"""A story from its first word to its teller's page, by services: what is kept, frozen, answered and erased."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from scenario_app.kernel.word_codes import new_word_code
from scenarios.queries import newest_pathway
from scenarios.stories import queries, telling
from scenarios.stories.models import StoryEdit, StoryRevision
from scenarios.stories.questions import NoSuchChoice
from scenarios.stories.rules import NothingToSend, StoryClosed, StoryState, Use, digest_of
from tests.makers import make_town

KEY = "a-secret-that-only-the-tests-know-0123456789"
WORDING = {use: f"May we {use.value} it?" for use in Use}


def begin(database, clock, answers=None, language="en"):
    with database.transaction() as session:
        story = telling.begin_story(
            session, code=new_word_code(), key=KEY, language=language, pathway_id=None, now=clock()
        )
        if answers:
            telling.save_answers(session, story_id=story.id, answers=answers, now=clock())
    return story.id


def send(database, clock, story_id):
    with database.transaction() as session:
        return telling.send_story(session, story_id=story_id, now=clock())


def edit(database, clock, story_id, answers):
    """What moderators do, in short: another revision and why."""
    with database.transaction() as session:
        session.add(
            StoryRevision(
                story_id=story_id,
                number=2,
                answers=answers,
                sha256=digest_of(answers),
                made_at=clock(),
                made_by=None,
            )
        )
        session.flush()
        session.add(
            StoryEdit(
                story_id=story_id,
                revision=2,
                question="first",
                kind="name",
                reason="so that nobody knows him",
                removed="Dr Aziz",
                put_instead="the doctor",
            )
        )


@pytest.fixture
def noise(database, clock):
    """Somebody else's draft and somebody else's sent story."""
    draft = begin(database, clock, {"first": "Another draft."})
    sent = begin(database, clock, {"first": "Another story."})
    send(database, clock, sent)
    return draft, sent


def rows_of(database, table, story_id):
    with database.reading() as session:
        column = "id" if table == "story" else "story_id"
        return session.scalar(
            text(f"SELECT count(*) FROM {table} WHERE {column} = :story"), {"story": story_id}
        )


def test_whose_story_it_is_goes_into_the_ledger_of_consents(database, clock, noise):
    story = begin(database, clock, {"first": "He rang."})

    with database.transaction() as session:
        telling.say_whose(session, story_id=story, told_for="somebody_who_knows", now=clock())
        telling.say_consent(
            session,
            story_id=story,
            uses={Use.KEEP: True, Use.QUOTE: False},
            wording=WORDING,
            language="cy",
            now=clock(),
        )

    with database.reading() as session:
        [entry] = queries.ledger_of(session, story)
        assert (entry.use, entry.given, entry.said_by) == (Use.KEEP, True, "somebody_who_knows")
        assert entry.wording == "May we keep it?"
        assert session.scalar(text("SELECT language FROM consent")) == "cy"
        assert queries.ledger_of(session, noise[1]) == []


def test_the_stage_it_is_about_is_kept_with_its_pathway_and_may_be_unknown(database, config, clock):
    make_town(database, config, now=clock())
    story, other = begin(database, clock), begin(database, clock)
    with database.transaction() as session:
        pathway = newest_pathway(session)
        for stage in ("assessment", "leaving"):
            telling.say_stage(session, story_id=story, pathway_id=pathway.id, stage=stage, now=clock())
        telling.say_stage(session, story_id=other, pathway_id=pathway.id, stage=None, now=clock())

    with database.reading() as session:
        assert queries.story(session, story).stage == "leaving"
        assert queries.story(session, story).pathway_id == pathway.id
        assert queries.story(session, other).stage is None


def test_a_story_can_only_belong_to_whom_we_ask_about(database, clock):
    story = begin(database, clock)

    with pytest.raises(NoSuchChoice), database.transaction() as session:
        telling.say_whose(session, story_id=story, told_for="the queen", now=clock())


def test_after_sending_nothing_of_a_story_is_changed_by_its_teller(database, clock):
    story = begin(database, clock, {"first": "He rang."})
    send(database, clock, story)

    for change in (
        lambda session: telling.save_answers(session, story_id=story, answers={"first": "No."}, now=clock()),
        lambda session: telling.say_whose(session, story_id=story, told_for="self", now=clock()),
        lambda session: telling.say_stage(
            session, story_id=story, pathway_id=None, stage="leaving", now=clock()
        ),
        lambda session: telling.send_story(session, story_id=story, now=clock()),
    ):
        with pytest.raises(StoryClosed), database.transaction() as session:
            change(session)

    with database.reading() as session:
        assert queries.answers_of(session, story) == {"first": "He rang."}


def test_a_story_without_a_word_is_not_sent(database, clock, noise):
    story = begin(database, clock)

    with pytest.raises(NothingToSend):
        send(database, clock, story)


def test_a_teller_answers_the_newest_edit_and_no_other(database, clock, noise):
    story = begin(database, clock, {"first": "I rang Dr Aziz."})
    send(database, clock, story)
    with pytest.raises(telling.NothingToReplyTo), database.transaction() as session:
        telling.reply_to_edits(session, story_id=story, revision=1, agrees=True, words="", now=clock())
    edit(database, clock, story, {"first": "I rang the doctor."})

    with database.transaction() as session:
        telling.reply_to_edits(
            session, story_id=story, revision=2, agrees=False, words=" Say “my doctor”.\r\n", now=clock()
        )

    with pytest.raises(telling.NothingToReplyTo), database.transaction() as session:
        telling.reply_to_edits(session, story_id=story, revision=1, agrees=True, words="", now=clock())
    with database.reading() as session:
        [reply] = queries.replies_of(session, story)
        [change] = queries.edits_of(session, story)
        assert (reply.revision, reply.agrees, reply.words) == (2, False, "Say “my doctor”.")
        assert (change.removed, change.put_instead) == ("Dr Aziz", "the doctor")
        assert queries.replies_of(session, noise[1]) == []
        assert queries.story(session, story).state is StoryState.SENT


def test_a_draft_nobody_came_back_to_is_erased_whole_and_nothing_else_is(database, clock):
    abandoned = begin(database, clock, {"first": "PLANTED-WORDS"})
    with database.transaction() as session:
        telling.say_consent(session, story_id=abandoned, uses={Use.KEEP: True}, wording=WORDING, now=clock())
    sent = begin(database, clock, {"first": "Sent long ago."})
    send(database, clock, sent)
    clock.go_on(days=10)
    recent = begin(database, clock, {"first": "A younger draft."})
    clock.go_on(days=20)

    with database.transaction() as session:
        assert telling.erase_abandoned(session, older_than=timedelta(days=30), now=clock()) == 0
    clock.go_on(seconds=1)
    with database.transaction() as session:
        assert telling.erase_abandoned(session, older_than=timedelta(days=30), now=clock()) == 1

    for table in ("story", "story_answer", "consent"):
        assert rows_of(database, table, abandoned) == 0, table
    assert rows_of(database, "story_answer", sent) == rows_of(database, "story_answer", recent) == 1


def test_saving_again_keeps_a_draft_for_longer(database, clock):
    story = begin(database, clock, {"first": "He rang."})
    clock.go_on(days=29)
    with database.transaction() as session:
        telling.save_answers(session, story_id=story, answers={"then": "She came."}, now=clock())
    clock.go_on(days=29)

    with database.transaction() as session:
        assert telling.erase_abandoned(session, older_than=timedelta(days=30), now=clock()) == 0
