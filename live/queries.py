"""Events, sections, seats and votes, as frozen values. Other packages ask here and never see a table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.orm import Session

from live.choices import by_response, choice_from
from live.disclosure import Breakdown, protect
from live.models import Ballot, Event, EventFacilitator, HandCount, Performance, Round, Seat, Section
from live.rules import Channel, Right, RoundState, may_break_down
from scenarios import queries as scenarios

# A door that was opened and forgotten is not offered on the home page for ever.
STALE_DOOR = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class OpenDoor:
    """A section that people can come into now."""

    code: str
    title: str
    event_title: str
    event_slug: str
    place: str


@dataclass(frozen=True, slots=True)
class PerformanceView:
    """One scenario version in one section."""

    id: int
    position: int
    version_id: int
    slug: str
    title: str
    question: str
    language: str
    state: str
    tie_rule: str
    scene: str | None
    attempt: int
    round_id: int | None
    minutes_planned: int | None
    content_notes: str


@dataclass(frozen=True, slots=True)
class SectionView:
    """One section with its performances. `screen_key` lets its holder watch; only desks are shown it."""

    id: int
    position: int
    code: str
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    audience: str
    size_cap: int
    door_open: bool
    door_frozen: bool
    strict: bool
    heads: int | None
    cue_seq: int
    screen_key: str
    event_id: int
    event_slug: str
    event_title: str
    event_closed: bool
    rehearsal: bool
    decision_statement: str
    performance_id: int | None
    performances: Sequence[PerformanceView]

    @property
    def begun(self) -> bool:
        """Whether something of it has been played, so that it stays as it was programmed."""
        return self.performance_id is not None or any(p.state != "waiting" for p in self.performances)

    @property
    def current(self) -> PerformanceView | None:
        """The performance that the room is in, or was in last."""
        return next((p for p in self.performances if p.id == self.performance_id), None)


@dataclass(frozen=True, slots=True)
class EventView:
    """One public day."""

    id: int
    slug: str
    title: str
    place: str
    starts_at: datetime
    closed_at: datetime | None
    decision_statement: str
    pathway_id: int
    supporter: str
    supporter_where: str
    ground_rules: str
    access: str
    online: bool
    rehearsal_of: int | None
    sections: Sequence[SectionView]


# Built once: asked of everybody who connects, and building costs more than running.
_BALLOTS = select(Ballot.round_id, Ballot.response, Ballot.rev).where(Ballot.seat_id == bindparam("seat"))

# --- doors, sections, events ----------------------------------------------------------------------------


def open_doors(session: Session, *, now: datetime) -> list[OpenDoor]:
    """Return the sections that people can come into now, in the order of the day."""
    rows = session.execute(
        select(Section.door_code, Section.title, Event.title.label("event"), Event.slug, Event.place)
        .join(Event, Event.id == Section.event_id)
        .where(Section.door_open, Event.closed_at.is_(None), Section.ends_at > now - STALE_DOOR)
        .where(Event.rehearsal_of.is_(None))
        .order_by(Section.starts_at, Section.id)
    )
    return [OpenDoor(row.door_code, row.title, row.event, row.slug, row.place) for row in rows]


def section_by_code(session: Session, code: str) -> SectionView | None:
    """Return the section with a door code, or None."""
    return _one_section(session, Section.door_code == code)


def section_by_screen_key(session: Session, key: str) -> int | None:
    """Return the id of the section that a screen key belongs to, or None."""
    return session.scalars(select(Section.id).where(Section.screen_key == key)).first()


def section_by_id(session: Session, section_id: int) -> SectionView | None:
    """Return the section with an id, or None."""
    return _one_section(session, Section.id == section_id)


def talk_numbers(session: Session, section_ids: Sequence[int]) -> dict[int, int]:
    """Return how often the room of each section has said something besides ballots. One query."""
    rows = session.execute(select(Section.id, Section.talk_seq).where(Section.id.in_(section_ids)))
    return {row.id: row.talk_seq for row in rows}


def cue_numbers(session: Session, section_ids: Sequence[int]) -> dict[int, int]:
    """Return the number of the newest cue of each section. One query, whatever their number."""
    rows = session.execute(select(Section.id, Section.cue_seq).where(Section.id.in_(section_ids)))
    return {row.id: row.cue_seq for row in rows}


def events(session: Session, *, rehearsals: bool = False) -> list[EventView]:
    """Return every event, newest first. Rehearsals are for desks alone, and only where they ask for them."""
    found = select(Event).order_by(Event.starts_at.desc(), Event.id.desc())
    if not rehearsals:
        found = found.where(Event.rehearsal_of.is_(None))
    return [_event_view(session, event) for event in session.scalars(found)]


def events_with_versions(session: Session, version_ids: Iterable[int]) -> list[str]:
    """Return the names of the events that programmed one of these scenario versions."""
    return list(
        session.scalars(
            select(Event.slug)
            .join(Section, Section.event_id == Event.id)
            .join(Performance, Performance.section_id == Section.id)
            .where(Performance.version_id.in_(list(version_ids)), Event.rehearsal_of.is_(None))
            .distinct()
            .order_by(Event.slug)
        )
    )


def event_by_slug(session: Session, slug: str, *, rehearsals: bool = False) -> EventView | None:
    """Return an event, or None. A rehearsal is found only by who asks for rehearsals too: a desk."""
    event = session.scalars(select(Event).where(Event.slug == slug)).first()
    if event is None or (event.rehearsal_of is not None and not rehearsals):
        return None
    return _event_view(session, event)


def rights_of(session: Session, *, event_id: int, account_id: int) -> frozenset[Right]:
    """Return what an account may do at an event's desks; nothing for somebody who does not facilitate it."""
    found = session.get(EventFacilitator, (event_id, account_id))
    if found is None:
        return frozenset()
    return frozenset(Right) if found.leads else frozenset(Right(right) for right in found.rights)


def may_run(session: Session, *, event_id: int, account_id: int) -> bool:
    """Say whether an account is a facilitator of an event, with whatever right."""
    return session.get(EventFacilitator, (event_id, account_id)) is not None


def leads(session: Session, *, event_id: int, account_id: int) -> bool:
    """Say whether an account leads an event: prepares it, appoints others, closes it."""
    found = session.get(EventFacilitator, (event_id, account_id))
    return found is not None and found.leads


def seats_in(session: Session, section_id: int) -> int:
    """Return how many seats a section has in the room. Who votes alone, online, has another kind of seat."""
    in_the_room = select(func.count()).where(
        Seat.section_id == section_id, Seat.channel == Channel.ROOM.value
    )
    return session.scalar(in_the_room) or 0


# --- rounds ---------------------------------------------------------------------------------------------


def round_state(round_: Round) -> RoundState:
    """Return where a round stands."""
    if round_.closed_at is None:
        return RoundState.OPEN
    return RoundState.CLOSED if round_.revealed_at is None else RoundState.REVEALED


def votes_in(session: Session, round_id: int, responses: Sequence[str]) -> dict[str, int]:
    """Count the ballots of a round by response, zeros included, in the script's order. One GROUP BY.

    Of an order it is the first preferences; of several that somebody could live with, each one.
    """
    return by_response(ballots_as_kept(session, round_id), responses)


def ballots_as_kept(session: Session, round_id: int) -> dict[str, int]:
    """Return how many ballots of a round say the same, by the text that a ballot keeps. One GROUP BY."""
    rows = session.execute(
        select(Ballot.response, func.count()).where(Ballot.round_id == round_id).group_by(Ballot.response)
    )
    return {row[0]: row[1] for row in rows}


def hands_of(session: Session, round_id: int) -> dict[str, dict[str, int]]:
    """Return the votes of people without a phone, by means (hands, paper), then response. One query."""
    rows = session.execute(
        select(HandCount.means, HandCount.response, HandCount.votes)
        .where(HandCount.round_id == round_id)
        .order_by(HandCount.means, HandCount.response)
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.means, {})[row.response] = row.votes
    return found


def open_round_of(session: Session, section_id: int) -> int | None:
    """Return the round that a section is voting in now, or None."""
    return session.scalars(
        select(Round.id)
        .join(Performance, Performance.id == Round.performance_id)
        .where(
            Performance.section_id == section_id,
            Round.closed_at.is_(None),
            Round.channel == Channel.ROOM.value,
        )
    ).first()


def ballots_in(session: Session, round_id: int) -> int:
    """Count the ballots of a round."""
    return session.scalar(select(func.count()).where(Ballot.round_id == round_id)) or 0


def votes_by_role(
    session: Session, round_id: int, responses: Sequence[str]
) -> dict[str | None, dict[str, int]]:
    """Count the ballots of a round exactly, by role and response. Never shown as it is: see `disclosure`.

    Only of a round in which everybody chose one response.
    """
    rows = session.execute(
        select(Seat.role, Ballot.response, func.count())
        .join(Seat, Seat.id == Ballot.seat_id)
        .where(Ballot.round_id == round_id)
        .group_by(Seat.role, Ballot.response)
    )
    table: dict[str | None, dict[str, int]] = {}
    for role, response, count in rows:
        table.setdefault(role, dict.fromkeys(responses, 0))[response] = count
    return table


def by_role_as_shown(session: Session, round_: Round, *, threshold: int) -> list[dict[str, object]] | None:
    """Return a closed round's votes by role as they may be shown, or None when nothing may.

    Starts from what was shown last on the same decision: that cannot be taken back. A round that is practice,
    beside the play, or of another kind than one response each, is never broken down.
    `threshold` is a number of people, from Config.suppress_below.
    """
    if not may_break_down(about=round_.about, kind=round_.kind, practice=round_.practice):
        return None
    before = session.scalars(
        select(Round.by_role_shown)
        .where(
            Round.performance_id == round_.performance_id,
            Round.decision == round_.decision,
            Round.practice.is_(False),
            Round.kind == round_.kind,
            Round.channel == round_.channel,
            Round.number < round_.number,
            Round.revealed_at.is_not(None),
        )
        .order_by(Round.number.desc())
    )
    shown = next((rows for rows in before if rows), None)  # a round that showed nothing takes nothing back
    breakdown = protect(
        votes_by_role(session, round_.id, round_.responses),
        threshold=threshold,
        before=Breakdown.from_rows(shown) if shown else None,
    )
    return breakdown.rows() if breakdown else None


def ballots_of(session: Session, seat_id: int) -> dict[int, dict[str, object]]:
    """Return the ballots of one seat by round: what it chose, as a phone says it, and rev. For its own phone only."""
    rows = session.execute(_BALLOTS, {"seat": seat_id})
    return {row.round_id: {**choice_from(row.response).said, "rev": row.rev} for row in rows}


# --- how rows become values -----------------------------------------------------------------------------


def _one_section(session: Session, where: ColumnElement[bool]) -> SectionView | None:
    section = session.scalars(select(Section).where(where)).first()
    return _section_view(session, section) if section else None


def _section_view(session: Session, section: Section) -> SectionView:
    event = section.event
    return SectionView(
        id=section.id,
        position=section.position,
        code=section.door_code,
        title=section.title,
        starts_at=section.starts_at,
        ends_at=section.ends_at,
        place=section.place,
        audience=section.audience,
        size_cap=section.size_cap,
        door_open=section.door_open,
        door_frozen=section.door_frozen,
        strict=section.strict,
        heads=section.heads,
        cue_seq=section.cue_seq,
        screen_key=section.screen_key,
        event_id=event.id,
        event_slug=event.slug,
        event_title=event.title,
        event_closed=event.closed_at is not None,
        rehearsal=event.rehearsal_of is not None,
        decision_statement=event.decision_statement,
        performance_id=section.performance_id,
        performances=[_performance_view(session, performance) for performance in section.performances],
    )


def _performance_view(session: Session, performance: Performance) -> PerformanceView:
    version = scenarios.version(session, performance.version_id)
    return PerformanceView(
        id=performance.id,
        position=performance.position,
        version_id=performance.version_id,
        slug=version.slug,
        title=version.title,
        question=version.question,
        language=version.language,
        state=performance.state,
        tie_rule=performance.tie_rule,
        scene=performance.scene,
        attempt=performance.attempt,
        round_id=performance.round_id,
        minutes_planned=performance.minutes_planned,
        content_notes=version.content_notes,
    )


def _event_view(session: Session, event: Event) -> EventView:
    return EventView(
        id=event.id,
        slug=event.slug,
        title=event.title,
        place=event.place,
        starts_at=event.starts_at,
        closed_at=event.closed_at,
        decision_statement=event.decision_statement,
        pathway_id=event.pathway_id,
        supporter=event.supporter,
        supporter_where=event.supporter_where,
        ground_rules=event.ground_rules,
        access=event.access,
        online=event.online,
        rehearsal_of=event.rehearsal_of,
        sections=[_section_view(session, section) for section in event.sections],
    )
