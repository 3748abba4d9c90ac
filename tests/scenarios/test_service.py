"""Pathways, drafts and versions through services, on both databases."""

import hashlib

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from scenario_app.kernel import audit
from scenarios import queries, service
from scenarios.queries import NoSuchDraft, NoSuchScenario
from scenarios.rendering import render_script
from scenarios.rules import DraftMoved, DraftTooLong, NotPublishable, NotText
from scenarios.script import Script
from tests.makers import make_town
from tests.scenarios.scripts import THE_GATE, spoilt

PATHWAY = "eastmere-urgent-care"


@pytest.fixture
def town(database, config, clock):
    """Eastmere with one published scenario: noise for every count."""
    return make_town(database, config, now=clock())


@pytest.fixture
def mo(town) -> int:
    """The moderator's account."""
    return town.account("mo").id


@pytest.fixture
def olu(town) -> int:
    """Somebody else who may write."""
    return town.account("olu").id


@pytest.fixture
def publish(database, mo, clock):
    """Publish a text without a draft."""

    def publish(words: str, pathway: str = PATHWAY) -> queries.PublishedVersion:
        rendered = render_script(Script.parse(words))
        with database.transaction() as session:
            return service.publish_scenario(
                session, rendered=rendered, pathway_slug=pathway, account_id=mo, now=clock()
            )

    return publish


@pytest.fixture
def start(database, mo, clock):
    """Start a draft and return its number."""

    def start(words: str) -> int:
        with database.transaction() as session:
            return service.start_draft(session, text=words, account_id=mo, now=clock()).id

    return start


@pytest.fixture
def save(database, clock):
    """Save a draft a minute later."""

    def save(draft_id: int, words: str, *, upon: int, by: int) -> service.SavedDraft:
        clock.go_on(minutes=1)
        with database.transaction() as session:
            return service.save_draft(
                session, draft_id=draft_id, text=words, revision=upon, account_id=by, now=clock()
            )

    return save


@pytest.fixture
def publish_draft(database, mo, clock):
    """Publish the words of a draft."""

    def publish_draft(draft_id: int, *, revision: int) -> queries.PublishedVersion:
        with database.reading() as session:
            rendered = render_script(Script.parse(queries.draft(session, draft_id).text))
        with database.transaction() as session:
            return service.publish_draft(
                session,
                draft_id=draft_id,
                revision=revision,
                rendered=rendered,
                pathway_slug=PATHWAY,
                account_id=mo,
                now=clock(),
            )

    return publish_draft


# --- versions -------------------------------------------------------------------------------------------------


def test_a_published_text_is_kept_letter_by_letter_with_its_fingerprint_and_html(database, publish, clock):
    words = "\ufeff" + THE_GATE.replace("\n", "\r\n") + "\r\n  "

    published = publish(words)

    with database.reading() as session:
        kept = queries.version(session, published.id)
    assert kept == published
    assert kept.text == words
    assert kept.sha256 == hashlib.sha256(words.encode()).hexdigest()
    assert kept.html_by_scene["shed"].startswith("<p><em>A lamp. A ewe.</em></p>")
    assert set(kept.html_by_scene) == {"shed", "gate", "word", "ending-bed", "ending-fence"}
    assert (kept.slug, kept.number, kept.title, kept.stage) == ("the-gate", 1, "The gate", "call-for-help")
    assert (kept.question, kept.content_notes) == ("Who is near?", "a man in despair")
    assert (kept.published_at, kept.pathway_slug) == (clock(), PATHWAY)
    assert "Keep the key" not in kept.text_for_everyone


def test_an_edit_makes_a_new_version_and_leaves_the_old_one_as_it_was(database, publish):
    first = publish(THE_GATE)

    second = publish(spoilt("A lamp.", "Two lamps."))

    with database.reading() as session:
        assert (second.number, second.slug) == (2, first.slug)
        assert queries.version(session, first.id) == first
        assert queries.scenario_by_slug(session, "the-gate") == second
        assert [version.slug for version in queries.published_versions(session)] == ["the-gate", "two-doors"]
        assert queries.versions(session, [first.id, second.id, 99]) == {first.id: first, second.id: second}


@pytest.mark.parametrize("column", ["text", "sha256", "html", "number", "title"])
def test_the_database_refuses_to_change_a_version_whoever_asks(database, publish, column):
    published = publish(THE_GATE)

    with pytest.raises(DBAPIError, match="never changes"), database.transaction() as session:
        session.execute(text(f"UPDATE scenario_version SET {column} = {column}"))

    with database.reading() as session:
        assert queries.version(session, published.id) == published


def test_the_same_words_are_not_published_twice(database, publish):
    publish(THE_GATE)

    with pytest.raises(service.NothingChanged):
        publish(THE_GATE)

    with database.reading() as session:
        assert queries.scenario_by_slug(session, "the-gate").number == 1


def test_a_script_with_an_error_is_refused_with_its_problems_and_nothing_is_kept(database, publish):
    with pytest.raises(NotPublishable) as refusal:
        publish(spoilt("-> gate [as", "-> gaet [as"))

    assert [problem.code for problem in refusal.value.problems] == ["unknown_target", "unreachable"]
    with database.reading() as session, pytest.raises(NoSuchScenario):
        queries.scenario_by_slug(session, "the-gate")


def test_a_stage_of_another_pathway_stops_publication(publish):
    with pytest.raises(NotPublishable):
        publish(spoilt("stage: call-for-help", "stage: boarding"))


def test_warnings_do_not_stop_publication(publish):
    published = publish(spoilt("  - helps: sleep\n", ""))

    assert published.number == 1


def test_without_a_pathway_nothing_is_published(publish):
    with pytest.raises(service.NoSuchPathway):
        publish(THE_GATE, "nowhere")


def test_a_script_without_an_id_gets_its_address_from_the_title(publish):
    assert publish(spoilt("id: the-gate\n", "")).slug == "the-gate"


def test_every_act_that_matters_leaves_one_row_in_an_unbroken_chain(database, publish, publish_draft, start):
    with database.reading() as session:
        before = audit.rows_of(session, audit.SITE)

    publish(THE_GATE)
    draft = start(spoilt("id: the-gate", "id: other"))
    publish_draft(draft, revision=1)

    with database.reading() as session:
        assert audit.rows_of(session, audit.SITE) == before + 3
        assert audit.first_broken_row(session, audit.SITE) is None


# --- drafts ---------------------------------------------------------------------------------------------------


def test_a_draft_is_kept_whatever_is_wrong_with_it(database, start, save, mo):
    draft_id = start("Once upon a time")

    saved = save(draft_id, "Once upon two times", upon=1, by=mo)

    with database.reading() as session:
        draft = queries.draft(session, draft_id)
    assert (saved.revision, draft.text, draft.revision) == (2, "Once upon two times", 2)
    assert (draft.slug, draft.published_number, draft.is_published) == (None, None, False)
    assert draft.updated_by_name == "Mo"


def test_saving_the_same_words_again_is_no_new_revision(start, save, mo, olu):
    draft_id = start(THE_GATE)

    assert save(draft_id, THE_GATE, upon=1, by=mo).revision == 1
    assert save(draft_id, THE_GATE, upon=99, by=olu).revision == 1


def test_words_typed_upon_an_older_revision_are_refused_and_change_nothing(database, start, save, mo, olu):
    draft_id = start("First.")
    save(draft_id, "Mo's words.", upon=1, by=mo)

    with pytest.raises(DraftMoved) as refusal:
        save(draft_id, "Olu's words.", upon=1, by=olu)

    assert refusal.value.details == {"current": 2, "read": 1}
    with database.reading() as session:
        assert queries.draft(session, draft_id).text == "Mo's words."


def test_words_saved_over_by_somebody_else_stay_readable(database, start, save, mo, olu):
    draft_id = start("First.")
    save(draft_id, "Mo's words.", upon=1, by=mo)

    save(draft_id, "Olu's words.", upon=2, by=olu)
    save(draft_id, "Olu's better words.", upon=3, by=olu)

    with database.reading() as session:
        assert queries.draft(session, draft_id).text == "Olu's better words."
        earlier = queries.earlier_words(session, draft_id)
    assert [(words.revision, words.text, words.saved_by_name) for words in earlier] == [
        (2, "Mo's words.", "Mo")
    ]


def test_a_text_box_that_turns_line_ends_changes_no_byte_of_a_draft(database, start, save, mo):
    mixed = start("one\r\ntwo\nthree\r")
    draft_id = start("one\r\ntwo\r\n")

    assert save(mixed, "one\ntwo\nthree\n", upon=1, by=mo).text == "one\r\ntwo\nthree\r"
    untouched = save(draft_id, "one\ntwo\n", upon=1, by=mo)
    edited = save(draft_id, "one\ntwo\nthree\n", upon=1, by=mo)

    assert (untouched.revision, untouched.text) == (1, "one\r\ntwo\r\n")
    assert (edited.revision, edited.text) == (2, "one\r\ntwo\r\nthree\r\n")


@pytest.mark.parametrize(
    ("words", "refusal"),
    [("a" * 200_001, DraftTooLong), ("a\x00b", NotText), ("a\ud800b", NotText)],
    ids=ascii,
)
def test_words_that_no_database_keeps_are_refused(start, save, mo, words, refusal):
    draft_id = start("First.")

    with pytest.raises(refusal):
        start(words)
    with pytest.raises(refusal):
        save(draft_id, words, upon=1, by=mo)


def test_a_draft_is_published_as_it_stands_and_stays_the_working_copy(
    database, start, save, publish_draft, mo
):
    draft_id = start(THE_GATE)

    first = publish_draft(draft_id, revision=1)
    with database.reading() as session:
        published = queries.draft(session, draft_id)
    save(draft_id, spoilt("A lamp.", "Two lamps."), upon=1, by=mo)
    with database.reading() as session:
        changed = queries.draft(session, draft_id)
    second = publish_draft(draft_id, revision=2)

    assert (first.number, second.number) == (1, 2)
    assert (published.slug, published.published_number, published.is_published) == ("the-gate", 1, True)
    assert (changed.published_number, changed.is_published, changed.pathway) == (1, False, PATHWAY)


def test_words_that_were_not_looked_at_are_not_published(start, save, publish_draft, mo):
    draft_id = start(THE_GATE)
    save(draft_id, spoilt("A lamp.", "Two lamps."), upon=1, by=mo)

    with pytest.raises(DraftMoved):
        publish_draft(draft_id, revision=1)


def test_only_the_words_that_were_rendered_are_published(database, start, mo, clock):
    draft_id = start(THE_GATE)
    others = render_script(Script.parse(spoilt("A lamp.", "Two lamps.")))

    with pytest.raises(DraftMoved), database.transaction() as session:
        service.publish_draft(
            session,
            draft_id=draft_id,
            revision=1,
            rendered=others,
            pathway_slug=PATHWAY,
            account_id=mo,
            now=clock(),
        )


def test_a_new_draft_cannot_take_the_address_of_another_scenario(start, publish, publish_draft):
    publish(THE_GATE)
    draft_id = start(spoilt("A lamp.", "Two lamps."))

    with pytest.raises(service.SlugTaken):
        publish_draft(draft_id, revision=1)


def test_a_published_scenario_keeps_its_address(start, save, publish_draft, mo):
    draft_id = start(THE_GATE)
    publish_draft(draft_id, revision=1)
    save(draft_id, spoilt("id: the-gate", "id: the-door"), upon=1, by=mo)

    with pytest.raises(service.AddressChanged):
        publish_draft(draft_id, revision=2)


def test_editing_a_published_scenario_opens_its_one_working_copy(database, publish, mo, olu, clock):
    published = publish(THE_GATE)

    with database.transaction() as session:
        first = service.start_draft_of(session, slug="the-gate", account_id=mo, now=clock())
    with database.transaction() as session:
        second = service.start_draft_of(session, slug="the-gate", account_id=olu, now=clock())

    assert first == second
    with database.reading() as session:
        draft = queries.draft(session, first.id)
    assert (draft.text, draft.is_published) == (published.text, True)


def test_what_is_not_there_is_refused_by_name(database, mo, clock):
    with database.transaction() as session:
        with pytest.raises(NoSuchScenario):
            service.start_draft_of(session, slug="nowhere", account_id=mo, now=clock())
        with pytest.raises(NoSuchDraft):
            service.save_draft(session, draft_id=99, text="a", revision=1, account_id=mo, now=clock())
        with pytest.raises(NoSuchScenario):
            queries.version(session, 99)
        with pytest.raises(NoSuchDraft):
            queries.draft(session, 99)


# --- pathways -------------------------------------------------------------------------------------------------


def test_a_newer_pathway_leaves_the_older_one_to_what_was_published_under_it(database, publish, clock):
    before = publish(THE_GATE)

    clock.go_on(days=1)
    with database.transaction() as session:
        newer = service.found_pathway(
            session,
            slug=PATHWAY,
            title="Urgent care, again",
            decision_statement="The board decides in May.",
            stages=[("call-for-help", "Calling"), ("leaving", "Leaving")],
            now=clock(),
        )

    with database.reading() as session:
        assert newer.number == 2
        assert queries.pathways(session) == [newer]
        assert queries.newest_pathway(session) == newer
        assert queries.version(session, before.id).decision_statement == before.decision_statement
    after = publish(spoilt("A lamp.", "Two lamps."))
    assert (after.pathway_id, after.decision_statement) == (newer.id, "The board decides in May.")


@pytest.mark.parametrize(
    ("statement", "stages"),
    [("", [("a", "A")]), ("  ", [("a", "A")]), ("The board.", []), ("The board.", [("a", "A"), ("a", "B")])],
)
def test_a_pathway_without_a_decision_or_with_stages_that_repeat_is_refused(
    database, clock, statement, stages
):
    with pytest.raises(service.BadPathway), database.transaction() as session:
        service.found_pathway(
            session, slug="a", title="A", decision_statement=statement, stages=stages, now=clock()
        )

    with database.reading() as session:
        assert queries.pathway(session, "a") is None


def test_a_house_without_a_pathway_has_none(database):
    with database.reading() as session:
        assert queries.newest_pathway(session) is None
        assert queries.pathways(session) == []
        assert queries.published_versions(session) == []
