"""Across events: the heat map, the same scenario in several places, and the numbers behind both."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _

from evidence.across.queries import Across, across
from evidence.across.rules import Asked, Cell, HeatMap, SideBySide, heat_map, side_by_side
from evidence.catalogue.queries import what_can_be_asked
from evidence.csv_files import guarded, moment
from evidence.queries import Pack
from live.disclosure import LEAST_BALLOTS
from live.words import tie_rule_words
from scenario_app.accounts.access import open_to_all
from scenario_app.kernel.context import reading
from scenario_app.kernel.errors import NotFound
from scenario_app.kernel.http import download
from scenario_app.kernel.public_json import public_json, readable_anywhere
from scenarios.queries import PathwayView, newest_pathway, pathways
from scenarios.queries import pathway as pathway_called

blueprint = Blueprint("across", __name__)
COLUMNS = (
    *("reference", "event", "place", "held_at", "section", "performance", "scenario", "version", "stage"),
    *("decision", "question", "channel", "kind", "round", "number", "seats", "ballots"),
    *("as_it_happened", "something_else"),
)


@dataclass(frozen=True, slots=True)
class AcrossPage:
    """One pathway, from every event whose evidence is published."""

    pathway: PathwayView | None
    others: Sequence[PathwayView]
    heat: HeatMap
    packs: Sequence[Pack]
    unread: Sequence[Pack]
    least: int

    @property
    def titles(self) -> Mapping[str, str]:
        """Return the titles of scenarios by their names."""
        return dict(self.heat.scenarios)

    def stage(self, key: str) -> str:
        """Return a stage as the pathway words it."""
        return self.pathway.stage_title(key) if self.pathway else key

    def cell(self, stage: str, scenario: str) -> Cell | None:
        """Return what rooms did at a stage of a scenario; None where the scenario does not test it."""
        return self.heat.cells.get((stage, scenario))


@dataclass(frozen=True, slots=True)
class PlacesPage:
    """One scenario, decision by decision, in every place where it was played."""

    pathway: str
    title: str
    language: str
    decisions: Sequence[SideBySide]
    packs: Sequence[Pack]
    kinds: Mapping[str, str]
    channels: Mapping[str, str]
    tie_rules: Mapping[str, str]


@blueprint.get("/evidence/across")
@open_to_all
def show() -> str:
    """Show where the pathway holds and where it breaks, stage by scenario."""
    chosen, found, others = _found()
    stages = chosen.stage_keys if chosen else ()
    page = AcrossPage(
        pathway=chosen,
        others=[each for each in others if chosen and each.slug != chosen.slug],
        heat=heat_map(found.asked, stages),
        packs=found.packs,
        unread=found.unread,
        least=LEAST_BALLOTS,
    )
    return render_template("across/map.html", page=page)


@blueprint.get("/evidence/across.csv")
@open_to_all
def numbers() -> Response:
    """Answer every decision that the map is made of, a row for each time a room was asked it."""
    _chosen, found, _others = _found()
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for each in found.asked:
        row = _row(each)
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row.values()])
    return download(
        out.getvalue(), filename="across.csv", content_type="text/csv; charset=utf-8; header=present"
    )


@blueprint.get("/evidence/across/<slug>")
@open_to_all
def places(slug: str) -> str:
    """Show one scenario as it went in every place: each room and each channel apart."""
    chosen, found, _others = _found()
    asked = [each for each in found.asked if each.scenario == slug]
    if chosen is None or not asked:
        raise NotFound
    shown = {each.source.reference for each in asked}
    page = PlacesPage(
        pathway=chosen.slug,
        title=asked[-1].title,
        language=asked[-1].language,
        decisions=side_by_side(asked),
        packs=[each for each in found.packs if each.reference in shown],
        kinds={
            "choose_one": _("One response each"),
            "approve": _("Every response they could live with"),
            "scale": _("One of five steps"),
            "rank": _("In order; counted here is what came first"),
        },
        channels={
            "room": _("In the room"),
            "online_before": _("Online before the play"),
            "online_after": _("Online after the play"),
        },
        tie_rules=tie_rule_words(),
    )
    return render_template("across/places.html", page=page)


@blueprint.get("/api/v1/evidence/across")
@open_to_all
@readable_anywhere
def across_json() -> Response:
    """Answer the map and the rows that it is made of."""
    chosen, found, _others = _found()
    heat = heat_map(found.asked, chosen.stage_keys if chosen else ())
    return public_json(
        {
            "ok": True,
            "pathway": chosen.slug if chosen else None,
            "packs": [each.reference for each in found.packs],
            "cells": [
                {
                    "stage": stage,
                    "scenario": scenario,
                    "percent": cell.percent,
                    "something_else": cell.left if cell.ballots else None,
                    "ballots": cell.ballots,
                    "decisions": cell.decisions,
                    "too_few": cell.too_few,
                }
                for (stage, scenario), cell in heat.cells.items()
            ],
            "decisions": [_row(each) for each in found.asked],
        }
    )


def _found() -> tuple[PathwayView | None, Across, list[PathwayView]]:
    """Return the pathway that the address asks for, or the newest that has packs; and what its packs say."""
    slug = request.args.get("pathway", "")[:80]
    with reading() as session:
        entered = what_can_be_asked(session).pathways
        every = [each for each in pathways(session) if each.slug in entered]
        newest = newest_pathway(session)
        if slug:
            chosen = pathway_called(session, slug) if slug in entered else None
            if chosen is None:
                raise NotFound
        else:
            chosen = next((each for each in every if newest and each.slug == newest.slug), None)
            chosen = chosen or next(iter(every), newest)
        found = across(session, pathway=chosen.slug) if chosen else Across((), (), ())
    return chosen, found, every


def _row(asked: Asked) -> dict[str, object]:
    happened = asked.as_it_happened if asked.counts_on_the_map else None
    values = (
        *(asked.source.reference, asked.source.event, asked.source.place, moment(asked.source.held_at)),
        *(asked.section, asked.performance, asked.scenario, asked.version, asked.stage),
        *(asked.decision, asked.question, asked.channel, asked.kind, asked.round, asked.number),
        *(asked.seats, asked.ballots, happened, None if happened is None else asked.ballots - happened),
    )
    return dict(zip(COLUMNS, values, strict=True))
