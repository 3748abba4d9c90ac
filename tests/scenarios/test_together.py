"""Several people write one script: invited by a link, saving beside each other, named as they wish."""

from datetime import timedelta

import pytest

from scenario_app.accounts.rules import Duty
from scenario_app.accounts.service import NoName, sign_in_with_words
from scenario_app.kernel.clock import Clock
from scenario_app.kernel.tokens import new_secret
from scenarios import queries as scripts
from scenarios.rendering import render_script
from scenarios.rules import DraftMoved
from scenarios.samples import sample_texts
from scenarios.script.script import Script
from scenarios.service import start_draft
from scenarios.stories.models import Review
from scenarios.stories.queries import revisions_of
from scenarios.stories.rules import Use, Verdict
from scenarios.stories.telling import begin_story, save_answers, say_consent, send_story
from scenarios.together import queries
from scenarios.together.rules import NoSuchInvitation, NotForThisUse, SecondPersonWanted
from scenarios.together.writing import (
    accept_invitation,
    add_source,
    invite_co_writer,
    join_by_invitation,
    publish_together,
    remove_co_writer,
    save_together,
    say_credit,
    start_woven_draft,
    take_invitation_back,
)
from tests.application import client_of, make_app
from tests.makers import PATHWAY, Town, make_town

KEY = "the site's own secret"
WORDS = "acorn kettle heron lamp mint otter"
SAMPLE = sample_texts()[0]


@pytest.fixture
def town(database, config, clock: Clock) -> Town:
    return make_town(database, config, now=clock())


@pytest.fixture
def draft_id(town: Town, clock: Clock) -> int:
    with town.database.transaction() as session:
        start_draft(session, text="# Another one", account_id=town.account("mo").id, now=clock())
        return start_draft(session, text=SAMPLE, account_id=town.account("mo").id, now=clock()).id


def invited(town: Town, draft_id: int, clock: Clock) -> str:
    with town.database.transaction() as session:
        return invite_co_writer(
            session,
            draft_id=draft_id,
            note="the carers' group",
            account_id=town.account("mo").id,
            now=clock(),
            key=KEY,
        )


def joined(town: Town, draft_id: int, clock: Clock, name: str = "Wes", words: str = WORDS):
    token = invited(town, draft_id, clock)
    with town.database.transaction() as session:
        return accept_invitation(
            session, token=token, name=name, credit=name[0], words=words, key=KEY, now=clock()
        )[0]


def saved(town: Town, draft_id: int, text: str, revision: int, who: int, clock: Clock):
    with town.database.transaction() as session:
        return save_together(
            session, draft_id=draft_id, text=text, revision=revision, account_id=who, now=clock()
        )


def a_story(town: Town, clock: Clock, *, perform: bool = True, approved: bool = True) -> int:
    with town.database.transaction() as session:
        story = begin_story(session, code=new_secret(), key=KEY, language="en", pathway_id=None, now=clock())
        save_answers(session, story_id=story.id, answers={"first": "I waited on the stairs."}, now=clock())
        send_story(session, story_id=story.id, now=clock())
        say_consent(
            session,
            story_id=story.id,
            uses={Use.PERFORM: perform},
            wording={Use.PERFORM: "It may be performed"},
            now=clock(),
        )
        if approved:
            newest = revisions_of(session, story.id)[-1]
            session.add(
                Review(
                    story_id=story.id,
                    revision=newest.number,
                    sha256=newest.sha256,
                    verdict=Verdict.APPROVED,
                    reason="",
                    reviewed_at=clock(),
                    reviewed_by=town.account("mo").id,
                )
            )
    return story.id


def test_a_link_makes_one_person_a_co_writer_of_one_script(town, draft_id, clock):
    token = invited(town, draft_id, clock)

    with town.database.transaction() as session:
        wes, found = accept_invitation(
            session, token=token, name="Wes", credit="W.", words=WORDS, key=KEY, now=clock()
        )

    assert (found, wes.duties, wes.email) == (draft_id, frozenset({Duty.CO_WRITER}), "")
    with town.database.transaction() as session:
        assert queries.drafts_of_writer(session, wes.id) == {draft_id}
        assert [writer.credit for writer in queries.co_writers_of(session, draft_id)] == ["W."]
        assert sign_in_with_words(session, words=WORDS, key=KEY) == wes
        assert sign_in_with_words(session, words="acorn kettle heron lamp mint owl", key=KEY) is None
        with pytest.raises(NoSuchInvitation):
            accept_invitation(
                session, token=token, name="Eve", credit="", words="other", key=KEY, now=clock()
            )


def test_a_link_that_was_taken_back_or_is_too_old_opens_nothing(town, draft_id, clock):
    gone, old = invited(town, draft_id, clock), invited(town, draft_id, clock)

    with town.database.transaction() as session:
        invitation = queries.open_invitation(session, token=gone, key=KEY, now=clock())
        take_invitation_back(
            session,
            draft_id=draft_id,
            invitation_id=invitation.id,
            account_id=town.account("mo").id,
            now=clock(),
        )

        for token, moment in ((gone, clock()), (old, clock() + timedelta(days=14))):
            with pytest.raises(NoSuchInvitation):
                queries.open_invitation(session, token=token, key=KEY, now=moment)


def test_an_invitation_without_a_name_is_not_used_up(town, draft_id, clock):
    token = invited(town, draft_id, clock)

    with pytest.raises(NoName), town.database.transaction() as session:
        accept_invitation(session, token=token, name=" ", credit="", words=WORDS, key=KEY, now=clock())

    with town.database.reading() as session:
        assert queries.open_invitation(session, token=token, key=KEY, now=clock()).used_at is None


def test_who_was_removed_writes_no_more_until_invited_again(town, draft_id, clock):
    wes = joined(town, draft_id, clock)
    with town.database.transaction() as session:
        remove_co_writer(
            session, draft_id=draft_id, co_writer_id=wes.id, account_id=town.account("mo").id, now=clock()
        )
        assert not queries.may_write(session, draft_id=draft_id, account_id=wes.id)

    token = invited(town, draft_id, clock)
    with town.database.transaction() as session:
        join_by_invitation(session, token=token, account=wes, key=KEY, now=clock())

        assert queries.may_write(session, draft_id=draft_id, account_id=wes.id)


def test_two_who_change_other_places_are_both_kept(town, draft_id, clock):
    wes = joined(town, draft_id, clock)
    mine, theirs = SAMPLE.replace("# ", "# New: ", 1), SAMPLE + "\nA last word.\n"
    saved(town, draft_id, theirs, 1, town.account("mo").id, clock)

    both = saved(town, draft_id, mine, 1, wes.id, clock)

    assert both.with_words_of == "Mo"
    assert both.saved.text == mine + "\nA last word.\n"


def test_words_written_upon_an_autosave_are_still_put_together(town, draft_id, clock):
    wes = joined(town, draft_id, clock)
    mo = town.account("mo").id
    saved(town, draft_id, SAMPLE + "\nOne.\n", 1, mo, clock)
    saved(town, draft_id, SAMPLE + "\nOne.\n\nTwo.\n", 2, mo, clock)

    both = saved(town, draft_id, SAMPLE.replace("# ", "# New: ", 1) + "\nOne.\n", 2, wes.id, clock)

    assert both.saved.text == SAMPLE.replace("# ", "# New: ", 1) + "\nOne.\n\nTwo.\n"
    with town.database.reading() as session:
        assert [words.saved_by_name for words in scripts.earlier_words(session, draft_id)] == ["Mo"]


def test_two_who_change_the_same_line_are_asked_and_nothing_changes(town, draft_id, clock):
    wes = joined(town, draft_id, clock)
    saved(town, draft_id, SAMPLE.replace("# ", "# Old: ", 1), 1, town.account("mo").id, clock)

    with pytest.raises(DraftMoved):
        saved(town, draft_id, SAMPLE.replace("# ", "# New: ", 1), 1, wes.id, clock)

    with town.database.reading() as session:
        assert scripts.draft(session, draft_id).revision == 2


@pytest.mark.parametrize(("perform", "approved"), [(False, True), (True, False)])
def test_a_story_is_woven_in_only_when_approved_and_allowed(town, draft_id, clock, perform, approved):
    story_id = a_story(town, clock, perform=perform, approved=approved)

    with pytest.raises(NotForThisUse), town.database.transaction() as session:
        add_source(
            session, draft_id=draft_id, story_id=story_id, account_id=town.account("mo").id, now=clock()
        )


def publish(town: Town, draft_id: int, who: str, clock: Clock):
    with town.database.transaction() as session:
        draft = scripts.draft(session, draft_id)
        return publish_together(
            session,
            draft_id=draft_id,
            revision=draft.revision,
            rendered=render_script(Script.parse(draft.text)),
            pathway_slug=PATHWAY,
            account_id=town.account(who).id,
            now=clock(),
        )


def test_what_is_woven_from_a_story_needs_a_second_person_and_keeps_its_lineage(town, clock):
    mo = town.account("mo").id
    story_id, noise = a_story(town, clock), a_story(town, clock, perform=False)
    with town.database.transaction() as session:
        draft_id = start_woven_draft(session, story_id=story_id, text=SAMPLE, account_id=mo, now=clock()).id
    wes = joined(town, draft_id, clock)
    with town.database.transaction() as session:
        say_credit(session, draft_id=draft_id, account_id=wes.id, credit="A carer")
    joined(town, draft_id, clock, name="Ann", words="six other words of a code")

    with pytest.raises(SecondPersonWanted):
        publish(town, draft_id, "mo", clock)
    version = publish(town, draft_id, "olu", clock)

    with town.database.reading() as session:
        assert [source.story_id for source in queries.sources_of_version(session, version.id)] == [story_id]
        assert [woven.slug for woven in queries.woven_into(session, story_id)] == [version.slug]
        assert queries.woven_into(session, noise) == []
        assert queries.credits_of_version(session, version.id) == ["A carer", "A"]


def test_a_story_whose_consent_was_taken_back_stops_the_publishing(town, clock):
    story_id = a_story(town, clock)
    with town.database.transaction() as session:
        draft_id = start_woven_draft(
            session, story_id=story_id, text=SAMPLE, account_id=town.account("mo").id, now=clock()
        ).id
        say_consent(
            session, story_id=story_id, uses={Use.PERFORM: False}, wording={Use.PERFORM: "..."}, now=clock()
        )

    with pytest.raises(NotForThisUse):
        publish(town, draft_id, "olu", clock)


def test_a_co_writer_comes_by_link_writes_clashes_chooses_and_returns_with_six_words(
    town, database, config, clock, draft_id
):
    app = make_app(config, database, clock)
    mo, wes = client_of(app, town.account("mo")), client_of(app, None)
    page = mo.post(f"/reviews/scripts/{draft_id}/invitations", data={"note": "carers"}).text
    link = page.split('value="http')[1].split('"')[0]
    address = "/co-write/" + link.rsplit("/", 1)[1]

    assert "Write with us" in wes.get(address).text
    assert wes.post(address, data={"name": ""}).status_code == 422
    welcome = wes.post(address, data={"name": "Wes", "credit": ""}).text
    words = welcome.split("<b>")[1].split("</b>")[0]
    assert len(words.split()) == 6
    assert wes.get(f"/reviews/scripts/{draft_id}").status_code == 200
    assert wes.get(f"/reviews/scripts/{draft_id - 1}").status_code == 404
    assert wes.put(f"/api/v1/drafts/{draft_id - 1}", json={"text": "x", "revision": 1}).status_code == 404
    assert "Another one" not in wes.get("/reviews").text

    theirs, mine = SAMPLE.replace("# ", "# Old: ", 1), SAMPLE.replace("# ", "# New: ", 1)
    mo.post(f"/reviews/scripts/{draft_id}", data={"text": theirs, "revision": 1})
    refused = wes.post(f"/reviews/scripts/{draft_id}", data={"text": mine, "revision": 1})
    assert (refused.status_code, "Put both together" in refused.text) == (409, True)
    asked = wes.post(f"/reviews/scripts/{draft_id}/merge", data={"text": mine, "revision": 1})
    assert (asked.status_code, "# Old: " in asked.text, "# New: " in asked.text) == (409, True, True)
    done = wes.post(
        f"/reviews/scripts/{draft_id}/merge",
        data={"text": mine, "revision": 1, "newest": 2, "clash-1": "both"},
    )
    assert done.status_code == 302
    with database.reading() as session:
        text = scripts.draft(session, draft_id).text
    assert text.count("# Old: ") == text.count("# New: ") == 1
    assert "Put in:" in wes.get(f"/reviews/scripts/{draft_id}/history").text

    back = client_of(app, None)
    assert back.post("/sign-in/words", data={"words": "acorn " * 6}).status_code == 403
    assert back.post("/sign-in/words", data={"words": words.upper().replace(" ", "-")}).status_code == 302
    assert back.get(f"/reviews/scripts/{draft_id}/people").status_code == 200


def test_a_moderator_weaves_two_stories_and_a_co_writer_reads_them_beside_the_script(
    town, database, config, clock, draft_id
):
    app = make_app(config, database, clock)
    mo, cora = client_of(app, town.account("mo")), client_of(app, town.account("cora"))
    first, second = a_story(town, clock), a_story(town, clock, perform=True)
    hidden = a_story(town, clock, perform=False)

    begun = mo.post(f"/reviews/stories/{first}/weave")
    assert mo.post(f"/reviews/stories/{hidden}/weave").status_code == 409

    address = begun.headers["Location"]
    number = int(address.rsplit("/", 1)[1])
    assert "I waited on the stairs." in mo.get(address).text
    with database.reading() as session:
        problems = Script.parse(scripts.draft(session, number).text).problems()
    assert [problem.code for problem in problems if problem.stops_publication] == []
    page = mo.get(f"{address}/stories").text
    assert f'<option value="{second}">' in page
    assert f'<option value="{hidden}">' not in page
    mo.post(f"{address}/stories", data={"story": second})
    token = invited(town, number, clock)
    with database.transaction() as session:
        join_by_invitation(session, token=token, account=town.account("cora"), key=KEY, now=clock())
    assert cora.get(f"{address}/stories").text.count("I waited on the stairs.") == 2
    mo.post(f"{address}/stories", data={"story": second, "out": "yes"})
    assert cora.get(f"{address}/stories").text.count("I waited on the stairs.") == 1
    assert cora.get(f"/reviews/scripts/{draft_id}/stories").status_code == 404
