"""The catalogue of evidence: what is published, found by pathway, stage, date, place and words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import render_template, request, url_for

from evidence.catalogue.queries import Found, newest_packs, other_versions, what_can_be_asked
from evidence.catalogue.rules import Search
from evidence.queries import Pack
from evidence.views import blueprint
from scenario_app.accounts.access import open_to_all
from scenario_app.kernel.context import reading
from scenario_app.kernel.errors import BadParameter
from scenarios.queries import pathways

A_PAGE = 20


@dataclass(frozen=True, slots=True)
class CataloguePage:
    """The newest standing version of each event that was found, others behind it.

    `stages` and `pathways` hold titles by key, those alone that some pack has. `mistake` names a parameter that
    could not be understood: then everything is shown.
    """

    search: Search
    found: Found
    others: Mapping[str, Sequence[Pack]]
    pathways: Mapping[str, str]
    stages: Mapping[str, str]
    places: Sequence[str]
    mistake: str
    further: str
    on_first: bool

    @property
    def place_choices(self) -> list[tuple[str, str]]:
        """Return the places as what is sent and what is read."""
        return [(place, place) for place in self.places]


@blueprint.get("/evidence")
@open_to_all
def catalogue() -> str:
    """Show what was found, a page at a time; everything, where nothing is asked for."""
    mistake, after = "", request.args.get("after", "")[:120]
    try:
        search = Search.parse(request.args)
    except BadParameter as refusal:
        search, mistake = Search(), str(refusal.details["parameter"])
    with reading() as session:
        try:
            found = newest_packs(session, search, after=after, limit=A_PAGE)
        except BadParameter:  # an old link: begin at the beginning
            after = ""
            found = newest_packs(session, search, after="", limit=A_PAGE)
        entered = what_can_be_asked(session)
        known = {each.slug: each for each in pathways(session)}
        others = other_versions(session, found.packs)
    titles = {stage.key: stage.title for each in known.values() for stage in each.stages}
    further = {**search.as_asked, "after": found.after}
    page = CataloguePage(
        search=search,
        found=found,
        others=others,
        pathways={slug: known[slug].title for slug in entered.pathways if slug in known},
        # in the order of care, which is that of the pathway
        stages={key: title for key, title in titles.items() if key in entered.stages},
        places=entered.places,
        mistake=mistake,
        further=f"{url_for('.catalogue')}?{urlencode(further)}" if found.after else "",
        on_first=not after,
    )
    return render_template("evidence/catalogue.html", page=page)
