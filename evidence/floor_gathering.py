"""Pull what was said, tried and promised at an event, and what came of it until now."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy.orm import Session

from evidence.equality.queries import equality_summary
from evidence.floor_material import (
    CommitmentMade,
    FloorMaterial,
    OfficialAnswerTold,
    PlayedIntervention,
    PlayedStop,
    PlayMoment,
    ProposalMade,
    SenseSaid,
    StoryWoven,
    UpdateTold,
    WordsModerated,
)
from evidence.loop.queries import Answer, Update, answers_of, updates_of
from live.assembly.queries import CommitmentView, ProposalView, commitments_at, proposals_at
from live.queries import EventView
from live.record import ClosedRound
from live.rules import About
from live.talk.record import KeptIntervention, KeptStop, interventions_kept, stops_kept, words_decided
from scenarios import queries as scenarios
from scenarios.queries import PublishedVersion
from scenarios.together.queries import stories_behind
from scenarios.together.sense_checking import sense_of


def gather_floor(
    session: Session,
    event: EventView,
    *,
    held: Sequence[ClosedRound],
    versions: Mapping[int, PublishedVersion],
    threshold: int,
) -> FloorMaterial:
    """Return everything of an event beside its votes, as it may be published.

    `held` are the rounds of the pack, `versions` those that it tells of, by their number in the database.
    Equality answers are told when the event has ended: until then two packs could tell one more form.
    A few queries for each version and each story behind it.
    """
    made, promised = proposals_at(session, event.id), commitments_at(session, event.id)
    official = answers_of(session, [each.id for each in made])
    updates = updates_of(session, [each.id for each in promised])
    stops, tried = stops_kept(session, event.id), interventions_kept(session, event.id)
    moments: list[KeptStop | KeptIntervention] = [*stops, *tried]
    seen = scenarios.versions(session, (each.version_id for each in moments))
    return FloorMaterial(
        stops=[PlayedStop(stop.id, _moment(stop, seen), stop.state) for stop in stops],
        interventions=[_intervention(each, seen) for each in tried],
        proposals=[_proposal(each, held, official.get(each.id, [])) for each in made],
        commitments=[_commitment(each, updates.get(each.id, [])) for each in promised],
        stories=[
            StoryWoven(each.slug, each.number, story.told_for, story.edits)
            for version_id, each in versions.items()
            for story in stories_behind(session, version_id)
        ],
        senses=_senses(session, {each.slug for each in versions.values()}),
        equality=equality_summary(session, event.id, threshold=threshold) if event.closed_at else {},
        moderated=[
            WordsModerated(words.section, words.kind, words.shown, words.times)
            for words in words_decided(session, event.id)
        ],
    )


def _moment(kept: KeptStop | KeptIntervention, versions: Mapping[int, PublishedVersion]) -> PlayMoment:
    version = versions[kept.version_id]
    # A scene that was made up on the spot stands in no script.
    scene = next((each for each in version.script.places if each.key == kept.scene), None)
    lines = {line.number: line.text for line in scene.lines} if scene else {}
    return PlayMoment(
        section=kept.section,
        performance=kept.performance_id,
        scenario=version.slug,
        version=version.number,
        attempt=kept.attempt,
        scene=kept.scene,
        line=kept.line,
        scene_title=scene.title if scene else "",
        says=lines.get(kept.line or 0, ""),
    )


def _intervention(each: KeptIntervention, versions: Mapping[int, PublishedVersion]) -> PlayedIntervention:
    return PlayedIntervention(
        id=each.id,
        at=_moment(each, versions),
        stop=each.stop_id,
        part=each.part,
        role=each.role,
        tried=each.tried,
        others_did=each.others_did,
        happened=each.happened,
        possible_here=each.possible_here,
        would_have_to_change=each.would_have_to_change,
        verdicts=each.verdicts,
    )


def _proposal(each: ProposalView, held: Sequence[ClosedRound], official: Sequence[Answer]) -> ProposalMade:
    votes = [round_ for round_ in held if round_.about == About.PROPOSAL and round_.proposal_id == each.id]
    last = max(votes, key=lambda round_: round_.id, default=None)
    return ProposalMade(
        id=each.id,
        section=each.section,
        number=each.number,
        intervention=each.intervention_id,
        wording=each.wording,
        state=each.state,
        amendments=[(change.before, change.after) for change in each.amendments],
        said=each.answers,
        round=last.id if last else None,
        passing_rule=last.passing_rule if last else None,
        # The newest first: that one stands.
        official=next(
            (
                OfficialAnswerTold(one.verdict, one.because, one.answered_as, one.answered_at)
                for one in official
            ),
            None,
        ),
    )


def _commitment(each: CommitmentView, updates: Sequence[Update]) -> CommitmentMade:
    return CommitmentMade(
        id=each.id,
        section=each.section,
        proposal=each.proposal_id,
        promised=each.promised,
        what=each.what,
        owner=each.owner,
        due=each.due,
        why_not=each.why,
        read_back=each.read_back_at is not None,
        status=(updates[-1].status if updates else "promised") if each.promised else "",
        updates=[
            UpdateTold(one.status, one.words, one.evidence_url, one.said_as, one.said_at, one.new_day)
            for one in updates
        ],
    )


def _senses(session: Session, slugs: Collection[str]) -> list[SenseSaid]:
    return [
        SenseSaid(slug, verdict.value, readers)
        for slug in slugs
        for verdict, readers in sense_of(session, slug=slug, browser_hash=None).counts.items()
        if readers
    ]
