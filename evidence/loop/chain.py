"""The unbroken chain: every link is read from the rows that make it, and is there from both ends.

Only of events that are closed, of votes that the room saw, and of stories that may still be performed. A story is
named by a word that only this site can work out from its number, and nothing is told of it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from evidence.loop.graph import Chain, Kind, Link, Name, Thing
from evidence.loop.models import BrokenLink, CommitmentUpdate, OfficialAnswer
from evidence.loop.tracker import Changes, changes
from live import linked
from live.asked import answers_of
from live.assembly.record import amendment_kept_at, commitment_kept_at, proposal_kept_at
from live.linked import LinkedPlay, LinkedRound, events_playing, linked_play
from live.talk.added import AddedResponse, added_responses
from scenario_app.kernel.errors import NotFound
from scenario_app.kernel.tokens import hashed
from scenarios.queries import NoSuchScenario, PublishedVersion, version_by_number, versions
from scenarios.script.parts import Scene
from scenarios.together.queries import stories_in_versions

_OF_SCRIPT = re.compile(r"([a-z0-9-]{1,80})-v([0-9]{1,6})(?:\.(.{1,80}))?")
_OF_EVENT = re.compile(r"[0-9]{1,9}")


class NoSuchThing(NotFound):
    """The chain has no such thing, or nothing may be told of it."""

    code = "no_such_thing"


def story_key(story_id: int, *, key: str) -> str:
    """Return the name of a story in the chain: always the same, and nobody goes from it to the story.

    >>> story_key(7, key="k") == story_key(7, key="k"), len(story_key(7, key="k"))
    (True, 16)
    """
    return hashed(f"chain:story:{story_id}", key=key).hex()[:16]


def version_key(slug: str, number: int) -> str:
    """Return the name of a scenario's version in the chain.

    >>> version_key("two-doors", 3)
    'two-doors-v3'
    """
    return f"{slug}-v{number}"


def chain_around(session: Session, *, kind: str, thing: str, key: str, today: date) -> tuple[Chain, Name]:
    """Return the part of the chain that holds a thing with everything before and after it. About 20 queries.

    `key` is the site's secret, `thing` the thing's own key.

    :raises NoSuchThing: there is none, or its event is not closed, or it was never shown to its room
    """
    if kind not in set(Kind):
        raise NoSuchThing(found=kind[:20])
    name = Name(Kind(kind), thing)
    version_ids, event_ids = _around(session, name, key)
    found = _chain(session, version_ids, event_ids, key, today)
    if name not in found.things:
        raise NoSuchThing(kind=kind, found=thing[:200])
    return found, name


def chain_of_story(session: Session, story_id: int, *, key: str, today: date) -> tuple[Chain, Name] | None:
    """Return the chain that begins with a story; None while it is in no published play that may be performed."""
    try:
        thing = story_key(story_id, key=key)
        return chain_around(session, kind=Kind.STORY.value, thing=thing, key=key, today=today)
    except NoSuchThing:
        return None


# --- where a thing belongs --------------------------------------------------------------------------------


def _around(session: Session, name: Name, key: str) -> tuple[set[int], list[int]]:
    """Return the versions and the events that a thing has to do with."""
    match name.kind:
        case Kind.STORY:
            pairs = stories_in_versions(session, None)
            woven = {version for version, story in pairs if story_key(story, key=key) == name.key}
            return woven, events_playing(session, woven)
        case Kind.VERSION | Kind.SCENE | Kind.DECISION:
            found = _OF_SCRIPT.fullmatch(name.key)
            if found is None:
                raise NoSuchThing(kind=name.kind)
            try:
                version = version_by_number(session, found[1], int(found[2])).id
            except NoSuchScenario:
                raise NoSuchThing(kind=name.kind) from None
            return {version}, events_playing(session, [version])
        case _:
            event_id = _event_of(session, name)
            if event_id is None:
                raise NoSuchThing(kind=name.kind)
            return set(), [event_id]


def _event_of(session: Session, name: Name) -> int | None:
    if not _OF_EVENT.fullmatch(name.key):
        return None
    number = int(name.key)
    match name.kind:
        case Kind.ROUND:
            return linked.event_of_round(session, number)
        case Kind.STOP:
            return linked.event_of_stop(session, number)
        case Kind.INTERVENTION:
            return linked.event_of_intervention(session, number)
        case Kind.PROPOSAL:
            held = proposal_kept_at(session, number)
        case Kind.AMENDMENT:
            held = amendment_kept_at(session, number)
        case Kind.COMMITMENT:
            held = commitment_kept_at(session, number)
        case Kind.ANSWER:
            of = session.scalars(
                select(OfficialAnswer.proposal_id).where(OfficialAnswer.id == number)
            ).first()
            held = proposal_kept_at(session, of) if of else None
        case _:
            of = session.scalars(
                select(CommitmentUpdate.commitment_id).where(CommitmentUpdate.id == number)
            ).first()
            held = commitment_kept_at(session, of) if of else None
    return held.event_id if held else None


# --- from rows to the chain -------------------------------------------------------------------------------


def _chain(session: Session, version_ids: set[int], event_ids: Sequence[int], key: str, today: date) -> Chain:
    play = linked_play(session, event_ids)
    told = changes(session, today=today, event_ids=event_ids)
    scripts = versions(session, {*version_ids, *play.versions.values()})
    stories = [
        (version, story_key(story, key=key)) for version, story in stories_in_versions(session, scripts)
    ]
    added = added_responses(session, list(play.versions))
    things = [
        *(Thing(Name(Kind.STORY, story)) for story in dict.fromkeys(story for _version, story in stories)),
        *_things_of_scripts(scripts),
        *_things_of_play(play, scripts, added),
        *_things_after(told),
    ]
    links = [
        *(Link(Name(Kind.STORY, story), _version(scripts[version])) for version, story in stories),
        *_links_of_scripts(scripts),
        *_links_of_play(play, scripts),
        *_links_after(told, play, scripts),
    ]
    broken = _broken(session)
    return Chain.of(things, (Link(link.start, link.end, broken.get(link)) for link in links))


def _version(version: PublishedVersion) -> Name:
    return Name(Kind.VERSION, version_key(version.slug, version.number))


def _within(kind: Kind, version: PublishedVersion, key: str) -> Name:
    return Name(kind, f"{version_key(version.slug, version.number)}.{key}")


def _things_of_scripts(scripts: Mapping[int, PublishedVersion]) -> Iterator[Thing]:
    for version in scripts.values():
        yield Thing(_version(version), version.title, version.language, number=version.number)
        for place in version.script.places:
            yield Thing(_within(Kind.SCENE, version, place.key), place.title, version.language)
            if isinstance(place, Scene) and place.decision:
                decision = place.decision
                name = _within(Kind.DECISION, version, decision.key)
                yield Thing(name, decision.question, version.language)


def _links_of_scripts(scripts: Mapping[int, PublishedVersion]) -> Iterator[Link]:
    for version in scripts.values():
        for place in version.script.places:
            scene = _within(Kind.SCENE, version, place.key)
            yield Link(_version(version), scene)
            if isinstance(place, Scene) and place.decision:
                yield Link(scene, _within(Kind.DECISION, version, place.decision.key))


def _things_of_play(
    play: LinkedPlay, scripts: Mapping[int, PublishedVersion], added: Sequence[AddedResponse]
) -> Iterator[Thing]:
    added_in: dict[int, list[AddedResponse]] = {}
    for each in added:
        added_in.setdefault(each.performance_id, []).append(each)
    titles = {id_: {place.key: place.title for place in of.script.places} for id_, of in scripts.items()}
    for round_ in play.rounds:
        version = scripts[play.versions[round_.performance_id]]
        yield Thing(
            Name(Kind.ROUND, str(round_.id)),
            _winner(round_, version, added_in.get(round_.performance_id, [])),
            "" if round_.proposal_id else version.language,
            number=round_.number,
            event_id=play.events[round_.performance_id],
        )
    for stop in play.stops:
        version = scripts[play.versions[stop.performance_id]]
        yield Thing(
            Name(Kind.STOP, str(stop.id)),
            titles[play.versions[stop.performance_id]].get(stop.scene, ""),
            version.language,
            number=stop.line,
            event_id=play.events[stop.performance_id],
        )
    for tried in play.interventions:
        event_id = play.events[tried.performance_id]
        yield Thing(Name(Kind.INTERVENTION, str(tried.id)), tried.tried or tried.part, event_id=event_id)


def _winner(round_: LinkedRound, version: PublishedVersion, added: Sequence[AddedResponse]) -> str:
    """Return the words of what won; nothing where nothing did, or where a proposal was voted on."""
    if round_.proposal_id is not None or round_.winner is None:
        return ""
    decision = next((each for each in version.script.decisions if each.key == round_.decision), None)
    offered = answers_of(decision, added) if decision else []
    return next((answer.label for answer in offered if answer.key == round_.winner), "")


def _links_of_play(play: LinkedPlay, scripts: Mapping[int, PublishedVersion]) -> Iterator[Link]:
    written = {id_: {place.key for place in of.script.places} for id_, of in scripts.items()}

    def scene_of(performance_id: int, scene: str) -> Name:
        """Return a scene of the script; of one that was made up on the spot, the play."""
        id_ = play.versions[performance_id]
        return _within(Kind.SCENE, scripts[id_], scene) if scene in written[id_] else _version(scripts[id_])

    for round_ in play.rounds:
        name = Name(Kind.ROUND, str(round_.id))
        if round_.proposal_id is not None:
            yield Link(Name(Kind.PROPOSAL, str(round_.proposal_id)), name)
        else:
            version = scripts[play.versions[round_.performance_id]]
            yield Link(_within(Kind.DECISION, version, round_.decision), name)
    for stop in play.stops:
        yield Link(scene_of(stop.performance_id, stop.scene), Name(Kind.STOP, str(stop.id)))
        if stop.after_round is not None:
            yield Link(Name(Kind.ROUND, str(stop.after_round)), Name(Kind.STOP, str(stop.id)))
    for tried in play.interventions:
        start = (
            Name(Kind.STOP, str(tried.stop_id))
            if tried.stop_id
            else scene_of(tried.performance_id, tried.scene)
        )
        yield Link(start, Name(Kind.INTERVENTION, str(tried.id)))


def _things_after(told: Changes) -> Iterator[Thing]:
    for each in told.proposals:
        proposal, event_id = each.proposal, each.proposal.held.event_id
        name = Name(Kind.PROPOSAL, str(proposal.id))
        yield Thing(name, proposal.wording, says=proposal.state, number=proposal.number, event_id=event_id)
        for change in proposal.amendments:
            name = Name(Kind.AMENDMENT, str(change.id))
            yield Thing(name, change.after, number=change.number, event_id=event_id)
        for answer in each.answers:
            name = Name(Kind.ANSWER, str(answer.id))
            yield Thing(name, answer.because, says=answer.verdict, event_id=event_id)
    for promise in (*told.promises, *told.not_promised):
        made, event_id = promise.promise, promise.promise.held.event_id
        standing = promise.standing.value if promise.standing else "not_promised"
        yield Thing(Name(Kind.COMMITMENT, str(made.id)), made.what, says=standing, event_id=event_id)
        for update in promise.updates:
            name = Name(Kind.CHANGE, str(update.id))
            yield Thing(name, update.words or update.evidence_url, says=update.status, event_id=event_id)


def _links_after(told: Changes, play: LinkedPlay, scripts: Mapping[int, PublishedVersion]) -> Iterator[Link]:
    last_words: dict[int, Name] = {}
    for each in told.proposals:
        proposal = each.proposal
        name = Name(Kind.PROPOSAL, str(proposal.id))
        if proposal.intervention_id is not None:
            yield Link(Name(Kind.INTERVENTION, str(proposal.intervention_id)), name)
        elif proposal.performance_id is not None and proposal.performance_id in play.versions:
            yield Link(_version(scripts[play.versions[proposal.performance_id]]), name)
        for change in proposal.amendments:
            last_words[proposal.id] = Name(Kind.AMENDMENT, str(change.id))
            yield Link(name, last_words[proposal.id])
        for answer in each.answers:
            yield Link(name, Name(Kind.ANSWER, str(answer.id)))
    for promise in (*told.promises, *told.not_promised):
        made = Name(Kind.COMMITMENT, str(promise.promise.id))
        if promise.promise.proposal_id is not None:
            yield Link(Name(Kind.PROPOSAL, str(promise.promise.proposal_id)), made)
            if promise.promise.proposal_id in last_words:
                yield Link(last_words[promise.promise.proposal_id], made)
        for update in promise.updates:
            yield Link(made, Name(Kind.CHANGE, str(update.id)))


def _broken(session: Session) -> Mapping[Link, str]:
    rows = session.scalars(select(BrokenLink))
    return {
        Link(Name(Kind(row.from_kind), row.from_key), Name(Kind(row.to_kind), row.to_key)): row.reason
        for row in rows
    }
