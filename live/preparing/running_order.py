"""The running order at a desk: what is played when, how long it was meant to take and has taken, the door, and prompts.

What is written for the facilitator is read here and goes to desk pages alone.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy.orm import Session

from live.preparing.queries import EntryView, JoinsView, entries_of, joins_of
from live.queries import SectionView
from scenarios.queries import versions
from scenarios.script.script import Script

MOST_MINUTES_SHOWN = 12


@dataclass(frozen=True, slots=True)
class SceneSpent:
    """One scene that was entered, and for how many whole minutes it was played."""

    title: str
    minutes: int


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One performance in the running order. `spent` is None before it begins."""

    performance_id: int
    title: str
    state: str
    planned: int | None
    spent: int | None
    scenes: Sequence[SceneSpent]


@dataclass(frozen=True, slots=True)
class OrderPanel:
    """The running order of a section and its door, for its desks alone.

    `prompts` are the facilitator's notes on the scene that is played, `notes` those on the whole.
    """

    items: Sequence[OrderItem]
    joins: Sequence[JoinsView]
    earlier_joins: int
    prompts: Sequence[str]
    notes: Sequence[str]


def order_panel(session: Session, section: SectionView, *, now: datetime) -> OrderPanel:
    """Return the running order of a section, its door, and what the facilitator is told now."""
    entries: dict[int, list[EntryView]] = {}
    for entry in entries_of(session, [performance.id for performance in section.performances]):
        entries.setdefault(entry.performance_id, []).append(entry)
    scripts = {
        version.id: version.script
        for version in versions(session, [played.version_id for played in section.performances]).values()
    }
    items = []
    for played in section.performances:
        script, entered = scripts[played.version_id], entries.get(played.id, ())
        titles = {place.key: place.title for place in script.reading.places}
        ended = entered[-1].ended_at if entered else None
        spent = spent_on(entered, titles, until=ended or now)
        items.append(
            OrderItem(
                performance_id=played.id,
                title=played.title,
                state=played.state,
                planned=played.minutes_planned,
                spent=sum(scene.minutes for scene in spent) if spent else None,
                scenes=spent,
            )
        )
    joins = joins_of(session, section.id)
    playing = section.current or next(iter(section.performances), None)
    script_now = scripts[playing.version_id] if playing else None
    prompts, notes = notes_on(script_now, playing.scene if playing else None)
    return OrderPanel(
        items=items,
        joins=joins[-MOST_MINUTES_SHOWN:],
        earlier_joins=sum(join.joins for join in joins[:-MOST_MINUTES_SHOWN]),
        prompts=prompts,
        notes=notes,
    )


def spent_on(
    entries: Sequence[EntryView], titles: Mapping[str, str], *, until: datetime
) -> tuple[SceneSpent, ...]:
    """Return how long each scene was played: until the next one was entered, the last one until `until`.

    >>> from datetime import UTC, timedelta
    >>> ten = datetime(2026, 3, 2, 10, tzinfo=UTC)
    >>> hall, garden = EntryView(1, "hall", ten), EntryView(1, "garden", ten + timedelta(minutes=6))
    >>> spent = spent_on([hall, garden], {"hall": "The hall"}, until=ten + timedelta(minutes=8))
    >>> [(scene.title, scene.minutes) for scene in spent]
    [('The hall', 6), ('', 2)]
    """
    moments = [*(entry.entered_at for entry in entries), until]
    return tuple(
        SceneSpent(titles.get(entry.scene, ""), max(0, round((after - before).total_seconds() / 60)))
        for entry, (before, after) in zip(entries, pairwise(moments), strict=True)
    )


def notes_on(script: Script | None, scene: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the facilitator's notes on a scene, and those on the whole.

    What stands under a heading with the key or the title of a scene is about that scene.

    >>> script = Script.parse('''## Scene hall: The hall
    ... ## For the facilitator
    ... - Play once.
    ... ### The hall
    ... Leave *time* here.
    ... ### Endings
    ... Breathe.
    ... ''')
    >>> notes_on(script, "hall")
    (('Leave time here.',), ('Play once.', 'Breathe.'))
    """
    if script is None:
        return (), ()
    names = {
        name.casefold(): place.key for place in script.reading.places for name in (place.key, place.title)
    }
    here: list[str] = []
    whole: list[str] = []
    about: str | None = None
    for line in script.facilitator_notes.splitlines():
        words = re.sub(r"[*_`]", "", line.strip().removeprefix("- ")).strip()
        if words.startswith("#"):
            about = names.get(words.lstrip("# ").casefold())
        elif words and about is None:
            whole.append(words)
        elif words and about == scene:
            here.append(words)
    return tuple(here), tuple(whole)
