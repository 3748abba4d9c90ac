"""Stories of the demo town: one in each state that a moderator meets. Told and made safe through services."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from scenario_app.kernel.word_codes import new_word_code
from scenarios.stories import queries, reviewing, telling, urgent
from scenarios.stories.edits import EditKind, EditReason, everywhere
from scenarios.stories.rules import Use

CONSENTS = {
    Use.KEEP: "Keep my story, so that people who make care better can learn from it.",
    Use.PERFORM: "Make it part of a play, with details changed, and play it in front of people.",
    Use.QUOTE: "Use short parts of it in a report, with details changed.",
}
CORNER = {
    "when": "Last spring",
    "where": "A flat above a shop",
    "first": "My brother had not slept for a week. I rang 999 from the landing.",
    "then": "They parked at the corner with the lights on. Fifty minutes. I counted them from the window.",
    "moment": "When the man asked me if he had a weapon, and I said a screwdriver, for the light.",
    "one": "The man on the phone could have asked what the screwdriver was for.",
    "ended": "In the end one of them came up on his own with no helmet and sat on the floor. That was all it needed.",
}
WAITING_ROOM = {
    "when": "Some years ago",
    "first": "I waited in a corridor from ten at night until the morning, next to the vending machine.",
    "then": "A nurse walked past many times and did not look. Then Nurse Oakes sat down and asked my name.",
    "different": "A chair that is not under a bright lamp, and somebody who says how long it will be.",
}
FARM = {
    "when": "Two winters ago",
    "where": "A farm",
    "first": "The team does not drive out after six. My husband was in the barn and I could not leave the children.",
    "one": "Somebody could have stayed on the phone with me.",
}
HARD_NIGHT = {
    "first": "It is a bad night again. I want to die and I do not know whom to ring.",
    "people": "me",
}
ARABIC = {
    "when": "الشتاء الماضي",
    "first": "اتصلت لأن أختي لم تنم منذ أيام. لم يكن هناك مترجم.",
    "then": "طلبوا من ابنها أن يترجم، وهو صغير.",
    "different": "مترجم على الهاتف قبل أي سؤال.",
}


def seed_stories(
    session: Session, *, key: str, pathway_id: int | None, moderator: int, owner: int, now: datetime
) -> int:
    """Tell five stories. One is approved, one edited and not yet answered, one urgent and taken; two wait.

    Return the number of the approved one.
    """
    approved = _tell(session, key, pathway_id, CORNER, now - timedelta(days=9), stage="first-response")
    _consent(session, approved, now - timedelta(days=9))
    _approve(session, approved, moderator, now - timedelta(days=8))
    edited = _tell(session, key, pathway_id, WAITING_ROOM, now - timedelta(days=4), stage="assessment")
    _edit(session, edited, "Nurse Oakes", "another nurse", moderator, now - timedelta(days=3))
    _tell(session, key, pathway_id, FARM, now - timedelta(days=2), stage="call-for-help")
    _tell(session, key, pathway_id, ARABIC, now - timedelta(days=1), language="ar", stage="assessment")
    hard = _tell(session, key, pathway_id, HARD_NIGHT, now - timedelta(hours=5))
    urgent.take_urgent(session, story_id=hard, account_id=owner, now=now - timedelta(hours=5, minutes=-4))
    return approved


def _tell(
    session: Session,
    key: str,
    pathway_id: int | None,
    answers: Mapping[str, str],
    now: datetime,
    *,
    language: str = "en",
    stage: str | None = None,
) -> int:
    story = telling.begin_story(
        session, code=new_word_code(), key=key, language=language, pathway_id=pathway_id, now=now
    )
    telling.save_answers(session, story_id=story.id, answers=answers, now=now)
    telling.say_stage(session, story_id=story.id, pathway_id=pathway_id, stage=stage, now=now)
    telling.send_story(session, story_id=story.id, now=now)
    return story.id


def _consent(session: Session, story_id: int, now: datetime) -> None:
    telling.say_consent(
        session, story_id=story_id, uses=dict.fromkeys(CONSENTS, True), wording=CONSENTS, now=now
    )


def _edit(session: Session, story_id: int, words: str, instead: str, account_id: int, now: datetime) -> None:
    newest = reviewing.read_story(session, story_id=story_id, account_id=account_id, now=now)
    edits = everywhere(
        newest.answers, words, kind=EditKind.NAME, put_instead=instead, reason=EditReason.NAMES_STAFF
    )
    reviewing.edit_story(
        session,
        story_id=story_id,
        revision=newest.number,
        edits=edits,
        account_id=account_id,
        now=now,
    )


def _approve(session: Session, story_id: int, account_id: int, now: datetime) -> None:
    read = queries.revisions_of(session, story_id)[-1]
    reviewing.approve_story(
        session,
        story_id=story_id,
        revision=read.number,
        sha256=read.sha256,
        account_id=account_id,
        now=now,
    )
