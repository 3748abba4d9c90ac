"""Write a script as Twee 3, for Twine and everything that reads it.

One passage for each scene and ending, named by its key. What Twine has no place for stands in passages of its own,
which no link leads to: the block at the top, the people, the facilitator's part, and for each scene its title and
decision.
"""

import json
import re
from collections.abc import Iterator
from uuid import NAMESPACE_URL, UUID, uuid5

from scenarios.script.parts import Decision, Ending, Scene
from scenarios.script.script import Script

# Tags of our own passages; `decision`, `ending` and `as-it-happened` colour the map in Twine.
FRONT, PEOPLE, FACILITATOR, NOTES = "front-matter", "characters", "facilitator", "scene-notes"
DECISION, ENDING, AS_IT_HAPPENED = "decision", "ending", "as-it-happened"

# Passages that Twine and its formats read for themselves; no scene can have one of these names.
SPECIAL = frozenset(
    [
        "StoryTitle",
        "StoryData",
        "StoryInit",
        "StoryMenu",
        "StoryBanner",
        "StoryCaption",
        "StorySubtitle",
        "StoryAuthor",
        "StorySettings",
        "StoryDisplayTitle",
        "StoryIncludes",
        "StoryShare",
        "StoryInterface",
        "PassageHeader",
        "PassageFooter",
        "PassageDone",
        "PassageReady",
    ]
)
_IN_HEADER = re.compile(r"([\\\[\]{}])")
_TWO_BRACKETS = re.compile(r"\[(?=\\*\[)")
_PASSAGE = re.compile(r"^(\\*::)", re.MULTILINE)
_IN_LINK = str.maketrans({"[": "(", "]": ")", "|": "¦"})
_FORMAT = {"format": "Chapbook", "format-version": "2.0.1"}  # it reads Markdown and these links


def ifid_of(script: Script, slug: str) -> str:
    """Return the identifier of the story: the one it came with, or one that follows from its address.

    >>> ifid_of(Script.parse(""), "the-gate")
    '0DFBDD9F-A9A2-55F9-8640-97A62DD0DA0C'
    """
    try:
        return str(UUID(script.front.said("ifid"))).upper()
    except ValueError:
        return str(uuid5(NAMESPACE_URL, f"scenario:{slug}")).upper()


def to_twee(script: Script, ifid: str) -> str:
    """Return the script as Twee 3. `from_twee` makes the same scenes, decisions and notes of it again.

    That is promised for a script without errors; of two decisions in one scene the first is written.
    """
    return "\n\n".join(_passages(script, ifid)) + "\n"


def passage_name(key: str) -> str:
    """Return the name of a scene's passage: its key, unless Twine reads that name for itself."""
    return f"{key} (scene)" if key in SPECIAL else key


def link_words(label: str) -> str:
    """Return the words of a response without what would end or turn a link.

    >>> link_words("Ring -> wait [again]")
    'Ring → wait (again)'
    """
    return label.replace("->", "→").replace("<-", "←").translate(_IN_LINK)


def _passages(script: Script, ifid: str) -> Iterator[str]:
    yield _passage("StoryTitle", "", script.title or "Untitled")
    data = {"ifid": ifid, **_FORMAT} | ({"start": passage_name(script.start)} if script.start else {})
    yield _passage("StoryData", "", json.dumps(data, indent=2, ensure_ascii=False))
    first = [f"{key}: {field.value}" for key, field in script.front.fields.items()]
    titles = [f"# {row.words}" for row in script.reading.titles]
    if script.reading.has_front or titles:
        yield _passage("Front matter", FRONT, _escaped("\n".join([*first, *titles])))
    if script.characters:
        people = (f"- {one.key}: {one.name}, {one.who}" for one in script.characters)
        yield _passage("Characters", PEOPLE, _escaped("\n".join(people)))
    played_first = set(script.anti_model())
    for place in script.reading.places:
        yield _place(place, is_played_first=place.key in played_first)
        yield _passage(f"About {place.key}", NOTES, _escaped("\n".join(_notes(place))))
    if script.facilitator_notes:
        yield _passage("For the facilitator", FACILITATOR, _escaped(script.facilitator_notes))


def _passage(name: str, tags: str, text: str) -> str:
    header = ":: " + _IN_HEADER.sub(r"\\\1", name)
    return f"{header} [{tags}]\n{text}" if tags else f"{header}\n{text}"


def _place(place: Scene | Ending, *, is_played_first: bool) -> str:
    decides = isinstance(place, Scene) and place.decision is not None
    tags = [
        *([ENDING] if isinstance(place, Ending) else []),
        *([DECISION] if decides else []),
        *([AS_IT_HAPPENED] if is_played_first else []),
    ]
    body = [_escaped(place.body)] if place.body else []
    links = [_links(place)] if isinstance(place, Scene) else []
    text = "\n\n".join([*body, *filter(None, links)])
    return _passage(passage_name(place.key), " ".join(tags), text)


def _links(scene: Scene) -> str:
    if scene.decision is None:
        return f"[[{passage_name(scene.arrow.target)}]]" if scene.arrow and scene.arrow.target else ""
    responses = (response for response in scene.decision.responses if response.target)
    return "\n".join(
        f"[[{link_words(response.label)}->{passage_name(response.target or '')}]]" for response in responses
    )


def _notes(place: Scene | Ending) -> Iterator[str]:
    yield f"title: {place.title}"
    if isinstance(place, Scene) and place.decision is not None:
        yield from _decision_notes(place.decision)


def _decision_notes(decision: Decision) -> Iterator[str]:
    yield f"decision: {decision.key}"
    yield f"question: {decision.question}"
    yield f"asks: {decision.asks}"
    for response in decision.responses:
        yield f"response: {response.key.upper()}"
        yield f"label: {response.label}"
        yield f"helps: {response.helps}"
        yield f"costs: {response.costs}"
        if response.as_it_happened:
            yield "as it happened: yes"
        if not response.target:
            yield "leads nowhere: yes"


def _escaped(text: str) -> str:
    r"""Return text in which nothing starts a passage or a link that was none.

    >>> _escaped(":: a\nb [[c]]")
    '\\:: a\nb [\\[c]]'
    """
    return _PASSAGE.sub(r"\\\1", _TWO_BRACKETS.sub(r"[\\", text))
