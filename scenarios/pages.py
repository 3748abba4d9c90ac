"""What each page shows, as one frozen value. Templates choose words and order; nothing is worked out there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from scenario_app.kernel.errors import DomainError
from scenarios.drawing import Drawing, drawing_of, labels_of
from scenarios.linking import LinkedVersion
from scenarios.queries import DraftView, EarlierWordsView, PathwayView, PublishedVersion
from scenarios.script.outline import rows_of
from scenarios.script.parts import Character, Ending, Line, Scene
from scenarios.script.script import Script
from scenarios.walking import Walk, walk


@dataclass(frozen=True, slots=True)
class LibraryEntry:
    """One scenario on the shelf."""

    version: PublishedVersion
    stage: str
    minutes: int | None
    people: int
    decisions: int


@dataclass(frozen=True, slots=True)
class LibraryPage:
    """Every published scenario."""

    entries: Sequence[LibraryEntry]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a response or an arrow leads."""

    key: str
    label: str
    title: str
    is_ending: bool


@dataclass(frozen=True, slots=True)
class ResponseShown:
    """One response: its letter, its words, where it leads (None in a draft that does not say)."""

    letter: str
    label: str
    helps: str
    costs: str
    as_it_happened: bool
    target: Target | None


@dataclass(frozen=True, slots=True)
class PlaceShown:
    """One scene or ending, as the list of the play has it. `first_line` is where it starts in the text."""

    key: str
    label: str
    title: str
    is_ending: bool
    html: str
    lines: Sequence[Line]
    question: str
    asks: str
    responses: Sequence[ResponseShown]
    goes_on: Target | None
    first_line: int


@dataclass(frozen=True, slots=True)
class ScenarioPage:
    """One published scenario: what it says about itself, its branching in words, and drawn.

    `woven_from` is a number of stories; `named` are its writers as they want to be named; `sense` is what readers
    say of it (`scenarios.together.sense_checking.SenseCounts`).
    """

    version: PublishedVersion
    stage: str
    also_touches: Sequence[str]
    minutes: int | None
    written_by: str
    setting: str
    when: str
    places: Sequence[PlaceShown]
    characters: Sequence[Character]
    path_count: int | None
    drawing: Drawing | None
    counts: Mapping[str, int]
    woven_from: int
    named: Sequence[str]
    sense: object
    linked: Sequence[LinkedVersion]


@dataclass(frozen=True, slots=True)
class ReviewsPage:
    """Where people who write land: scripts being written; for moderators also what is published."""

    drafts: Sequence[DraftView]
    versions: Sequence[PublishedVersion]
    has_pathway: bool
    moderates: bool
    refused: DomainError | None = None


@dataclass(frozen=True, slots=True)
class ProblemShown:
    """One problem in the reader's language. With `nearest`, a key was mistyped that is probably this one.

    `mend` says what its button does, where one answer is right.
    """

    code: str
    line: int
    severity: str
    words: str
    key: str | None
    nearest: str | None
    mend: str = ""


@dataclass(frozen=True, slots=True)
class EditorPage:
    """The editor. `text` is what the writer typed; `theirs` is what somebody else saved meanwhile.

    `written_upon` is the revision that the words were written upon, when somebody has saved since.
    """

    draft: DraftView | None
    text: str
    revision: int
    pathways: Sequence[PathwayView]
    pathway: str
    problems: Sequence[ProblemShown]
    summary: str
    places: Sequence[PlaceShown]
    earlier: Sequence[EarlierWordsView]
    theirs: DraftView | None = None
    refused: DomainError | None = None
    may_publish: bool = True
    written_upon: int = 0

    @property
    def title(self) -> str:
        """The title that the words give, as far as there is one."""
        return Script.parse(self.text).title

    @property
    def rows(self) -> list[str]:
        """The words line by line, for who has no scripts and wants to find line 63."""
        return rows_of(self.text)


@dataclass(frozen=True, slots=True)
class EarlierWordsPage:
    """One writer's words that another one saved over."""

    draft: DraftView
    words: EarlierWordsView


@dataclass(frozen=True, slots=True)
class PathwayForm:
    """The form that founds a pathway, as it was typed."""

    title: str = ""
    question: str = ""
    decision_statement: str = ""
    stages: str = ""
    refused: DomainError | None = None

    def refused_with(self, refusal: DomainError) -> "PathwayForm":
        """Return the same words with the reason why nothing was founded."""
        return replace(self, refused=refusal)


def library_page(versions: Sequence[PublishedVersion], pathways: Sequence[PathwayView]) -> LibraryPage:
    """Return the shelf."""
    return LibraryPage(
        entries=[
            LibraryEntry(
                version=version,
                stage=_stage_title(version.stage, version.pathway_slug, pathways),
                minutes=version.script.minutes,
                people=len(version.script.characters),
                decisions=len(version.script.decisions),
            )
            for version in versions
        ]
    )


def scenario_page(
    version: PublishedVersion,
    pathways: Sequence[PathwayView],
    *,
    woven_from: int,
    named: Sequence[str],
    sense: object,
    linked: Sequence[LinkedVersion],
) -> ScenarioPage:
    """Return the page of one scenario. Parses nothing anew while the script is among those asked for lately."""
    script = version.script
    front = script.front
    return ScenarioPage(
        version=version,
        stage=_stage_title(version.stage, version.pathway_slug, pathways),
        also_touches=[
            _stage_title(stage, version.pathway_slug, pathways) for stage in front.listed("also_touches")
        ],
        minutes=script.minutes,
        written_by=front.said("written_by"),
        setting=front.said("setting"),
        when=front.said("when"),
        places=places_shown(script, version.html_by_scene),
        characters=script.characters,
        path_count=script.path_count(),
        drawing=drawing_of(script),
        counts={
            "scenes": len(script.scenes),
            "decisions": len(script.decisions),
            "endings": len(script.endings),
        },
        woven_from=woven_from,
        named=named,
        sense=sense,
        linked=linked,
    )


def places_shown(script: Script, html_by_scene: Mapping[str, str]) -> list[PlaceShown]:
    """Return the scenes and then the endings of a script, problems or not."""
    labels = labels_of(script)
    places: list[Scene | Ending] = [*script.scenes, *script.endings]
    titles = {place.key: place for place in reversed(places)}
    targets = {
        key: Target(key, labels[key], place.title, isinstance(place, Ending)) for key, place in titles.items()
    }
    return [_place(place, script, labels[place.key], html_by_scene, targets) for place in places]


def _place(
    place: Scene | Ending, script: Script, label: str, html: Mapping[str, str], targets: Mapping[str, Target]
) -> PlaceShown:
    decision = place.decision if isinstance(place, Scene) else None
    arrow = place.arrow if isinstance(place, Scene) else None
    asks = script.character(decision.asks) if decision else None
    return PlaceShown(
        key=place.key,
        label=label,
        title=place.title,
        is_ending=isinstance(place, Ending),
        html=html.get(place.key, ""),
        lines=place.lines,
        question=decision.question if decision else "",
        asks=asks.name if asks else "",
        responses=[
            ResponseShown(
                letter=response.key.upper(),
                label=response.label,
                helps=response.helps,
                costs=response.costs,
                as_it_happened=response.as_it_happened,
                target=targets.get(response.target or ""),
            )
            for response in (decision.responses if decision else ())
        ],
        goes_on=targets.get(arrow.target) if arrow else None,
        first_line=place.line,
    )


def _stage_title(key: str, pathway_slug: str, pathways: Sequence[PathwayView]) -> str:
    tested = next((pathway for pathway in pathways if pathway.slug == pathway_slug), None)
    return tested.stage_title(key) if tested else key


@dataclass(frozen=True, slots=True)
class PlayPage:
    """One scene of a walk through a scenario alone; `walk` is None before it begins."""

    version: PublishedVersion
    walk: Walk | None
    html: str = ""
    asks: str = ""


def play_page(version: PublishedVersion, path: str | None) -> PlayPage:
    """Return the page that a path leads to; without a path, the one before the first scene.

    :raises scenarios.script.script.UnknownResponse: a step that cannot be taken there
    """
    if path is None:
        return PlayPage(version, None)
    found = walk(version.script, path)
    decision = found.place.decision if isinstance(found.place, Scene) else None
    asks = version.script.character(decision.asks) if decision else None
    return PlayPage(version, found, version.html_by_scene.get(found.place.key, ""), asks.name if asks else "")
