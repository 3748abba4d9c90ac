"""The catalogue: which packs a search finds, page by page; and what a pack is entered by."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from evidence.catalogue.rules import Search, folded
from evidence.columns import Tables
from evidence.models import PackEntry, PackStage, PublishedPack
from evidence.queries import Pack, pack_of
from evidence.rules import is_reference
from scenario_app.kernel.errors import BadParameter


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what was found. `after` is the cursor of the next page; None on the last."""

    packs: Sequence[Pack]
    total: int
    after: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What can be chosen from: everything that some pack in the catalogue has."""

    pathways: Sequence[str]
    stages: Sequence[str]
    places: Sequence[str]


def newest_packs(session: Session, search: Search, *, after: str, limit: int) -> Found:
    """Return the newest standing version of each event's pack, the newest event first. Two queries.

    :raises BadParameter: `after` is not the reference of a pack
    """
    return _found(session, [_stands_newest(), *_conditions(search)], after=after, limit=limit)


def all_packs(session: Session, search: Search, *, after: str, limit: int) -> Found:
    """Return every version, the newest event first, of one event the newest version first. Two queries.

    A version that was withdrawn stands in no narrowed search: what it was found by went with its words.

    :raises BadParameter: `after` is not the reference of a pack
    """
    return _found(session, _conditions(search), after=after, limit=limit)


def other_versions(session: Session, packs: Sequence[Pack]) -> dict[str, list[Pack]]:
    """Return the other versions of each pack's event, newest first, by the event's name. One query."""
    shown = {each.reference for each in packs}
    rows = session.scalars(
        select(PublishedPack)
        .where(PublishedPack.event_slug.in_({each.event_slug for each in packs}))
        .order_by(PublishedPack.version.desc())
    )
    others: dict[str, list[Pack]] = {each.event_slug: [] for each in packs}
    for row in rows:
        if row.reference not in shown:
            others[row.event_slug].append(pack_of(row))
    return others


def what_can_be_asked(session: Session) -> Asked:
    """Return the pathways, stages and places of the packs that stand, in the order of the alphabet. Three queries."""
    return Asked(
        pathways=list(session.scalars(select(PackEntry.pathway).distinct().order_by(PackEntry.pathway))),
        stages=list(session.scalars(select(PackStage.stage).distinct().order_by(PackStage.stage))),
        places=list(session.scalars(select(PackEntry.place).distinct().order_by(PackEntry.place))),
    )


def standing_packs(session: Session, *, pathway: str) -> list[Pack]:
    """Return the newest standing version of every event of a pathway, the oldest event first. One query."""
    rows = session.scalars(
        select(PublishedPack)
        .join(PackEntry, PackEntry.pack_id == PublishedPack.id)
        .where(_stands_newest(), PackEntry.pathway == pathway)
        .order_by(PublishedPack.held_at, PublishedPack.event_slug)
    )
    return [pack_of(row) for row in rows]


def places_of(session: Session, references: Sequence[str]) -> dict[str, str]:
    """Return where the events of packs were held, by reference. One query."""
    rows = session.execute(
        select(PublishedPack.reference, PackEntry.place)
        .join(PackEntry, PackEntry.pack_id == PublishedPack.id)
        .where(PublishedPack.reference.in_(references))
    )
    return {row.reference: row.place for row in rows}


# --- entering and leaving -------------------------------------------------------------------------------


def enter(
    session: Session, reference: str, tables: Tables, *, title: str, place: str, statement: str, pathway: str
) -> None:
    """Enter a pack that was just published, by what its own tables say."""
    pack_id = session.scalars(select(PublishedPack.id).where(PublishedPack.reference == reference)).one()
    asked = tables["decisions"]
    said = dict.fromkeys(str(row[name] or "") for row in asked for name in ("scenario_title", "question"))
    words = folded(" ".join([title, place, statement, *said]))
    session.add(PackEntry(pack_id=pack_id, pathway=pathway, place=place, words=words))
    session.flush()  # the stages point at it
    stages = {str(row["stage"]) for row in asked if row["stage"]}
    session.add_all(PackStage(pack_id=pack_id, stage=stage) for stage in sorted(stages))
    session.flush()


def leave(session: Session, event_id: int, *, up_to: int) -> None:
    """Take the entries of an event's versions up to one out of the catalogue."""
    gone = select(PublishedPack.id).where(PublishedPack.event_id == event_id, PublishedPack.version <= up_to)
    for table in (PackStage, PackEntry):
        session.execute(delete(table).where(table.pack_id.in_(gone)))


# --- how a search is asked ------------------------------------------------------------------------------


def _found(session: Session, conditions: Sequence[ColumnElement[bool]], *, after: str, limit: int) -> Found:
    total = session.scalar(select(func.count()).select_from(PublishedPack).where(*conditions)) or 0
    beyond = [_behind(session, after)] if after else []
    rows = session.scalars(
        select(PublishedPack)
        .where(*conditions, *beyond)
        .order_by(PublishedPack.held_at.desc(), PublishedPack.event_slug, PublishedPack.version.desc())
        .limit(limit + 1)
    ).all()
    packs = [pack_of(row) for row in rows[:limit]]
    return Found(packs, total, packs[-1].reference if len(rows) > limit else None)


def _behind(session: Session, reference: str) -> ColumnElement[bool]:
    """Return what stands after a pack in the order of the catalogue, whether the pack itself is found or not."""
    where = PublishedPack.reference == reference
    row = session.scalars(select(PublishedPack).where(where)).first() if is_reference(reference) else None
    if row is None:
        raise BadParameter(parameter="after", expected="the reference of a pack")
    held, slug, version = PublishedPack.held_at, PublishedPack.event_slug, PublishedPack.version
    return or_(
        held < row.held_at,
        and_(held == row.held_at, slug > row.event_slug),
        and_(held == row.held_at, slug == row.event_slug, version < row.version),
    )


def _stands_newest() -> ColumnElement[bool]:
    newer = aliased(PublishedPack)
    return and_(
        PublishedPack.withdrawn_at.is_(None),
        ~exists().where(
            newer.event_id == PublishedPack.event_id,
            newer.version > PublishedPack.version,
            newer.withdrawn_at.is_(None),
        ),
    )


def _conditions(search: Search) -> list[ColumnElement[bool]]:
    entry = and_(
        PackEntry.pack_id == PublishedPack.id,
        *(PackEntry.words.contains(word, autoescape=True) for word in search.folded_words),
        *([PackEntry.pathway == search.pathway] if search.pathway else []),
        *([PackEntry.place == search.place] if search.place else []),
    )
    conditions: list[ColumnElement[bool]] = []
    if search.words or search.pathway or search.place:
        conditions.append(exists().where(entry))
    if search.stage:
        conditions.append(
            exists().where(PackStage.pack_id == PublishedPack.id, PackStage.stage == search.stage)
        )
    if search.from_moment:
        conditions.append(PublishedPack.held_at >= search.from_moment)
    if search.to_moment:
        conditions.append(PublishedPack.held_at < search.to_moment)
    return conditions
