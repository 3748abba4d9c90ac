"""A teller takes a story back: the words are in no table, no page, no pack and no file; the votes stay."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import MetaData, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from evidence.exports import files_in, tables_in
from evidence.key_file import signing_key
from evidence.pack import MANIFEST
from evidence.queries import PackWithdrawn, pack, packs_of, zip_of
from evidence.service import publish_pack
from evidence.verify import Checked, check, differences_in
from evidence.withdrawal import withdraw_story
from scenario_app.kernel import audit
from scenarios import queries as scripts
from scenarios.rendering import render_script
from scenarios.rules import WordsTakenBack
from scenarios.script.script import Script
from scenarios.service import publish_scenario, start_draft
from scenarios.stories import queries as stories
from scenarios.stories.models import Review
from scenarios.stories.rules import StoryClosed, StoryState, Use, Verdict
from scenarios.stories.telling import begin_story, save_answers, say_consent, send_story
from scenarios.together.redaction import TAKEN_BACK
from scenarios.together.writing import (
    merge_with_newest,
    publish_together,
    remove_source,
    save_together,
    start_woven_draft,
)
from tests.application import client_of, make_app
from tests.makers import PATHWAY, SHORT_SCRIPT, Floor, make_floor, make_town

PHRASE = "the purple heron sang behind the boiler"
NOISE = "somebody else waited by the river"
WOVEN = (
    SHORT_SCRIPT.replace("id: two-doors", "id: the-heron")
    .replace("Hello?", f"Hello? {PHRASE.capitalize()}.")
    .replace("The left one", f"Listen: {PHRASE}")
)


@pytest.fixture
def town(database, config, clock):
    return make_town(database, config, now=clock())


def tell(town, clock, words: str) -> int:
    mo = town.account("mo").id
    with town.database.transaction() as session:
        story = begin_story(session, code=words, key="k", language="en", pathway_id=None, now=clock())
        save_answers(session, story_id=story.id, answers={"first": f"I remember {words}."}, now=clock())
        send_story(session, story_id=story.id, now=clock())
        say_consent(
            session,
            story_id=story.id,
            uses=dict.fromkeys(Use, True),
            wording=dict.fromkeys(Use, "yes"),
            now=clock(),
        )
        newest = stories.revisions_of(session, story.id)[-1]
        review = Review(
            story_id=story.id,
            revision=1,
            sha256=newest.sha256,
            verdict=Verdict.APPROVED,
            reason=f"good, keep {words}",
            reviewed_at=clock(),
            reviewed_by=mo,
        )
        session.add(review)
    return story.id


def weave(town, clock, story_id: int, text: str) -> int:
    with town.database.transaction() as session:
        saved = start_woven_draft(
            session, story_id=story_id, text=text, account_id=town.account("mo").id, now=clock()
        )
        save_together(
            session,
            draft_id=saved.id,
            text=text + "\n",
            revision=1,
            account_id=town.account("mo").id,
            now=clock(),
        )
    with town.database.transaction() as session:
        return publish_together(
            session,
            draft_id=saved.id,
            revision=2,
            rendered=render_script(Script.parse(text + "\n")),
            pathway_slug=PATHWAY,
            account_id=town.account("olu").id,
            now=clock(),
        ).id


def performed(town, clock, slug: str) -> Floor:
    town.slugs.append(slug)
    floor = make_floor(town, now=clock(), slug=f"an-evening-with-{slug}")
    floor.start(place=len(town.slugs) - 1)
    floor.open_round()
    floor.vote(a=9, b=12)
    return floor


def published(town, clock, floor: Floor) -> str:
    with town.database.transaction() as session:
        return publish_pack(
            session,
            event_slug=floor.section.event_slug,
            account_id=town.account("stella").id,
            now=clock(),
            threshold=8,
        ).reference


def everything_in(database) -> str:
    """Every value of every table, as text; what is in a pack's zip is stored, not compressed."""
    tables = MetaData()
    tables.reflect(database.engine)
    with database.reading() as session:
        rows = [row for table in tables.tables.values() for row in session.execute(select(table))]
    values = [value for row in rows for value in row]
    return "\n".join(v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in values)


@pytest.fixture
def heron(town, clock):
    story_id = tell(town, clock, PHRASE)
    noise = tell(town, clock, NOISE)
    weave(town, clock, noise, SHORT_SCRIPT.replace("Hello?", NOISE).replace("id: two-doors", "id: river"))
    version_id = weave(town, clock, story_id, WOVEN)
    floor = performed(town, clock, "the-heron")
    return story_id, version_id, floor, published(town, clock, floor)


def test_after_a_withdrawal_the_words_are_in_no_table_and_in_no_file(town, clock, heron):
    story_id, version_id, floor, _reference = heron
    assert PHRASE in everything_in(town.database).casefold()
    seq = floor.section.cue_seq

    done = withdraw_story(town.database, story_id=story_id, now=clock())

    left = everything_in(town.database).casefold()
    assert PHRASE not in left
    assert NOISE in left
    assert floor.section.cue_seq == seq + 1
    assert list(done.section_ids) == [floor.section_id]
    with town.database.reading() as session:
        assert stories.story(session, story_id).state is StoryState.WITHDRAWN
        assert stories.consents_of(session, story_id) == dict.fromkeys(Use, False)
        version = scripts.version(session, version_id)
        assert audit.first_broken_row(session, audit.SITE) is None
    assert version.redacted_at == clock()
    assert version.text.count(TAKEN_BACK) == 2
    if town.database.on_sqlite:
        for file in Path(town.database.url.database).parent.glob("*"):
            assert PHRASE.encode() not in file.read_bytes().lower(), file.name


def test_words_carried_into_another_script_are_found_and_everybody_elses_stay(town, clock, heron):
    story_id, _version_id, _floor, _reference = heron
    copied = SHORT_SCRIPT.replace("Hello?", f"They say {PHRASE}.").replace("id: two-doors", "id: copied")
    with town.database.transaction() as session:
        start_draft(session, text=copied, account_id=town.account("mo").id, now=clock())
        woven = start_woven_draft(
            session, story_id=story_id, text=copied, account_id=town.account("mo").id, now=clock()
        )
        remove_source(
            session,
            draft_id=woven.id,
            story_id=story_id,
            account_id=town.account("mo").id,
            now=clock(),
        )
        publish_scenario(
            session,
            rendered=render_script(Script.parse(copied)),
            pathway_slug=PATHWAY,
            account_id=town.account("mo").id,
            now=clock(),
        )

    withdraw_story(town.database, story_id=story_id, now=clock())

    left = everything_in(town.database)
    assert PHRASE not in left.casefold()
    assert NOISE in left
    assert "It is dark." in left


def test_who_sends_public_words_and_takes_them_back_changes_nothing_that_is_published(town, clock, heron):
    _story_id, version_id, _floor, reference = heron
    with town.database.reading() as session:
        public = scripts.version(session, version_id).text
    stranger = tell(town, clock, public[:4000])

    done = withdraw_story(town.database, story_id=stranger, now=clock())

    assert (list(done.section_ids), list(done.reissued)) == ([], [])
    with town.database.reading() as session:
        assert scripts.version(session, version_id).text == public
        assert zip_of(session, reference)


def test_what_was_public_before_a_story_was_sent_stays_though_the_story_was_woven(town, clock):
    said = "Ann goes down and nobody in the whole house hears her going"
    older = SHORT_SCRIPT.replace("Ann goes down.", f"{said}.").replace("id: two-doors", "id: older")
    with town.database.transaction() as session:
        before = publish_scenario(
            session,
            rendered=render_script(Script.parse(older)),
            pathway_slug=PATHWAY,
            account_id=town.account("mo").id,
            now=clock() - timedelta(days=1),
        ).id
    story_id = tell(town, clock, f"{said}, and {PHRASE}")
    weave(town, clock, story_id, WOVEN)

    withdraw_story(town.database, story_id=story_id, now=clock())

    with town.database.reading() as session:
        assert scripts.version(session, before).text == older
    assert PHRASE not in everything_in(town.database).casefold()


def test_an_editor_left_open_does_not_bring_the_words_back(town, clock):
    mo = town.account("mo").id
    story_id = tell(town, clock, PHRASE)
    with town.database.transaction() as session:
        draft_id = start_woven_draft(session, story_id=story_id, text=WOVEN, account_id=mo, now=clock()).id
        save_together(session, draft_id=draft_id, text=WOVEN + "\n", revision=1, account_id=mo, now=clock())
    withdraw_story(town.database, story_id=story_id, now=clock())

    for read in (1, 2):
        with pytest.raises(WordsTakenBack), town.database.transaction() as session:
            save_together(
                session, draft_id=draft_id, text=WOVEN + "!", revision=read, account_id=mo, now=clock()
            )
        with pytest.raises(WordsTakenBack), town.database.transaction() as session:
            merge_with_newest(session, draft_id=draft_id, text=WOVEN, revision=read)

    assert PHRASE not in everything_in(town.database).casefold()


def test_the_pack_is_issued_anew_with_the_same_votes_and_the_old_one_is_gone(town, clock, heron):
    story_id, _version_id, floor, reference = heron
    with town.database.reading() as session:
        before = tables_in(files_in(zip_of(session, reference)))

    done = withdraw_story(town.database, story_id=story_id, now=clock())

    assert done.reissued == [reference.replace("-v1", "-v2")]
    with town.database.reading() as session:
        with pytest.raises(PackWithdrawn):
            zip_of(session, reference)
        anew = zip_of(session, done.reissued[0])
        assert pack(session, reference).withdrawn_at == clock()
        assert [each.version for each in packs_of(session, floor.section.event_slug)] == [2, 1]
    files = files_in(anew)
    after = tables_in(files)
    for name in ("rounds", "results", "results_by_role", "path", "attendance"):
        assert after[name] == before[name]
    assert differences_in(anew) == ()
    assert "Somebody took back their story" in files["README.md"].decode()
    assert json.loads(files[MANIFEST])["version"] == 2


def test_a_damaged_pack_does_not_hold_up_a_withdrawal_and_can_be_published_anew(town, clock, heron):
    story_id, _version_id, floor, reference = heron
    with town.database.transaction() as session:
        on = "" if town.database.on_sqlite else " ON published_pack"
        session.execute(text(f"DROP TRIGGER published_pack_is_frozen{on}"))
        session.execute(text("UPDATE published_pack SET sha256 = 'damaged'"))

    done = withdraw_story(town.database, story_id=story_id, now=clock())

    assert list(done.reissued) == []
    assert PHRASE not in everything_in(town.database).casefold()
    assert published(town, clock, floor) == reference.replace("-v1", "-v2")


def test_pages_say_that_something_was_taken_back_and_nothing_of_it(town, config, clock, heron):
    story_id, _version_id, floor, reference = heron
    withdraw_story(town.database, story_id=story_id, now=clock())
    browser = client_of(make_app(config, town.database, clock), None)

    gone = browser.get(f"/evidence/{reference}")
    pages = [
        browser.get(address).text
        for address in (
            "/scenarios/the-heron",
            "/scenarios/the-heron.md",
            "/api/v1/scenarios/the-heron",
            f"/api/v1/doors/{floor.section.code}/cue",
            f"/evidence/{reference.replace('-v1', '-v2')}",
            "/evidence",
        )
    ]

    assert gone.status_code == browser.get(f"/evidence/{reference}/pack.zip").status_code == 410
    assert "taken back" in gone.text
    assert not [page for page in pages if PHRASE in page.casefold()]


def test_a_teller_sees_what_became_of_it_and_takes_it_back_with_plain_forms(town, config, clock, database):
    app = make_app(config, town.database, clock)
    ada = client_of(app, None)
    code = "acorn kettle heron lamp mint otter"
    with database.transaction() as session:
        story = begin_story(
            session, code=code, key=config.secret_key, language="en", pathway_id=None, now=clock()
        )
        save_answers(session, story_id=story.id, answers={"first": PHRASE}, now=clock())
        send_story(session, story_id=story.id, now=clock())
        say_consent(
            session,
            story_id=story.id,
            uses=dict.fromkeys(Use, True),
            wording=dict.fromkeys(Use, "yes"),
            now=clock(),
        )
        newest = stories.revisions_of(session, story.id)[-1]
        session.add(
            Review(
                story_id=story.id,
                revision=1,
                sha256=newest.sha256,
                verdict=Verdict.APPROVED,
                reason="",
                reviewed_at=clock(),
                reviewed_by=town.account("mo").id,
            )
        )
    weave(town, clock, story.id, WOVEN)
    floor = performed(town, clock, "the-heron")
    reference = published(town, clock, floor)

    assert ada.post("/stories/return", data={"words": code}).status_code == 302
    mine = ada.get("/stories/mine").text
    assert "/scenarios/the-heron" in mine
    assert f"/evidence/{reference}" in mine
    assert "12 of 21" in mine
    assert "the-river" not in mine
    assert ada.post("/stories/mine/take-back").status_code == 422
    assert PHRASE in everything_in(database).casefold()
    assert ada.post("/stories/mine/take-back", data={"sure": "yes"}).status_code == 302
    assert ada.get("/stories/taken-back").status_code == 200

    assert PHRASE not in everything_in(database).casefold()
    anew = ada.get(f"/evidence/{reference.removesuffix('1')}2/pack.zip").data
    assert check(anew) == Checked((), signing_key(config).public_key)
    again = client_of(app, None)
    again.post("/stories/return", data={"words": code})
    assert "It was taken back" in again.get("/stories/mine").text


def test_a_story_is_taken_back_once_and_a_story_that_was_never_sent_too(town, clock):
    with town.database.transaction() as session:
        story = begin_story(session, code="x", key="k", language="en", pathway_id=None, now=clock())
        save_answers(session, story_id=story.id, answers={"first": PHRASE}, now=clock())

    withdraw_story(town.database, story_id=story.id, now=clock())

    assert PHRASE not in everything_in(town.database)
    with pytest.raises(StoryClosed):
        withdraw_story(town.database, story_id=story.id, now=clock())


def test_nothing_but_a_withdrawal_changes_a_version_or_a_pack(town, clock, heron):
    from evidence.models import PublishedPack
    from scenarios.models import ScenarioVersion

    for statement in (
        update(ScenarioVersion).values(text="other words"),
        update(ScenarioVersion).values(redacted_at=clock(), number=7),
        update(PublishedPack).values(zip=b""),
        update(PublishedPack).values(zip=b"other", withdrawn_at=clock()),
        update(PublishedPack).values(zip=b"", withdrawn_at=clock(), version=9),
    ):
        with pytest.raises((DBAPIError, IntegrityError)), town.database.transaction() as session:
            session.execute(statement)
