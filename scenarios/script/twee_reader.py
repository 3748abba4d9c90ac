"""Read Twee 3 as a script: our own, and somebody else's.

Passages become scenes, links become responses, a passage without links becomes an ending. Nothing is refused and
nothing that is not understood is dropped: macros stay as words, and the checker says what is still to be written.
Time grows with the length of the text and with nothing else.
"""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from scenarios.script.outline import rows_of
from scenarios.script.script import Script
from scenarios.script.twee_writer import ENDING, FACILITATOR, FRONT, NOTES, PEOPLE, SPECIAL, link_words

_HEADER = re.compile(r"((?:\\.|[^\\\[{])*)(?:\[((?:\\.|[^\\\]])*)\])?")
_LINK = re.compile(r"\[\[([^\[\]]*)\](?:\[[^\[\]]*\])?\]")
_ESCAPED = re.compile(r"\\(.)")
_TWO_BRACKETS = re.compile(r"\[\\(?=\\*\[)")
_KEY = re.compile(r"\w[\w-]{0,63}")
_NOT_IN_KEY = re.compile(r"[^\w-]+")
_WOULD_LEAD = re.compile(r"##(?!#)|###(?!#)[ \t]*decision\b|[ \t]*(?:->|→)", re.IGNORECASE)
# Tags of passages that hold code, pictures or notes of the author's; nobody plays them.
_NOT_PLAYED = frozenset(
    ["script", "stylesheet", "widget", "init", "annotation", "startup", "header", "footer", "Twine.private"]
)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Passage(NamedTuple):
    """A passage as it stands in the file."""

    name: str
    tags: frozenset[str]
    text: str


class Link(NamedTuple):
    """What people choose, and the name of the passage that it leads to."""

    label: str
    name: str


Notes = list[tuple[str, str]]


def looks_like_twee(filename: str) -> bool:
    """Return whether a file's name says that it is Twee.

    >>> looks_like_twee("Gate.TWEE"), looks_like_twee("gate.md")
    (True, False)
    """
    return filename.lower().endswith((".twee", ".tw", ".tw2", ".twee2"))


def from_twee(text: str) -> Script:
    """Return the script of a Twee file. Never raises: what is wrong or missing is among the script's problems.

    >>> script = from_twee(":: Start\\nA door. [[Knock->The hall]] [[Go->Home]]\\n:: The hall\\nDark.\\n:: Home\\nTea.")
    >>> script.start, [scene.key for scene in script.scenes], [ending.key for ending in script.endings]
    ('Start', ['Start'], ['the-hall', 'Home'])
    >>> [(response.label, response.target) for response in script.decisions[0].responses]
    [('Knock', 'the-hall'), ('Go', 'Home')]
    """
    return Script.parse("\n".join(_rows(list(passages_of(text)))) + "\n")


def as_words(row: str) -> str:
    r"""Return a row so that it stays among the words of a scene, whatever it begins with.

    >>> as_words("-> not an arrow"), as_words("Plain.")
    ('\\-> not an arrow', 'Plain.')
    """
    found = _WOULD_LEAD.match(row)
    if found is None:
        return row
    words = row.lstrip()
    return f"{row[: len(row) - len(words)]}\\{words}"


def passages_of(text: str) -> Iterator[Passage]:
    """Yield every passage; what stands before the first is let go."""
    header: str | None = None
    rows: list[str] = []
    for row in rows_of(text):
        if row.startswith("::"):
            if header is not None:
                yield _passage(header, rows)
            header, rows = row[2:], []
        else:
            rows.append(row[1:] if row.startswith("\\") and row.lstrip("\\").startswith("::") else row)
    if header is not None:
        yield _passage(header, rows)


def _passage(header: str, rows: list[str]) -> Passage:
    found = _HEADER.match(header)
    name, tags = (found[1], found[2] or "") if found else (header, "")
    return Passage(
        name=_ESCAPED.sub(r"\1", name).strip(),
        tags=frozenset(_ESCAPED.sub(r"\1", tags).split()),
        text="\n".join(rows).strip("\n"),
    )


# --- from passages to rows ------------------------------------------------------------------------------------


def _rows(passages: list[Passage]) -> Iterator[str]:
    played = [passage for passage in passages if _is_played(passage)]
    keys = _keys(played)
    notes: dict[str, list[Notes]] = {}
    for passage in reversed([one for one in passages if NOTES in one.tags]):
        notes.setdefault(passage.name, []).append(_notes(passage.text))
    first = next((one for one in passages if FRONT in one.tags), None)
    yield from _front(first, passages, played, keys)
    for passage in (one for one in passages if PEOPLE in one.tags):
        yield from ["", "## Characters", *_plain(passage.text).split("\n")]
    decisions = iter(range(1, len(played) + 1))
    for passage in played:
        waiting = notes.get(f"About {_key_of(passage.name, keys)}")
        yield ""
        yield from _place(passage, keys, waiting.pop() if waiting else None, decisions)
    for passage in (one for one in passages if FACILITATOR in one.tags):
        yield from ["", "## For the facilitator", *_plain(passage.text).split("\n")]


def _is_played(passage: Passage) -> bool:
    ours = {FRONT, PEOPLE, FACILITATOR, NOTES}
    return bool(passage.name) and passage.name not in SPECIAL and not passage.tags & (_NOT_PLAYED | ours)


def _keys(played: list[Passage]) -> dict[str, str]:
    """Return the key of each passage's name: the name itself when it can be one."""
    keys = {name: name for name in (passage.name for passage in played) if _KEY.fullmatch(name)}
    taken = set(keys)
    for number, passage in enumerate(played, start=1):
        name = passage.name
        if name in keys:
            continue
        if name.endswith(" (scene)") and name.removesuffix(" (scene)") in SPECIAL:
            key = name.removesuffix(" (scene)")
        else:
            key = _slug(name) or f"scene-{number}"
        keys[name] = key if key not in taken else f"{key[:50]}-{number}"
        taken.add(keys[name])
    return keys


def _slug(name: str) -> str:
    return _NOT_IN_KEY.sub("-", name.lower()).strip("-")[:60]


def _key_of(name: str, keys: dict[str, str]) -> str:
    """Return the key that a link means; of a passage that is not there, what its key would be."""
    return keys.get(name) or (name if _KEY.fullmatch(name) else _slug(name))


def _front(
    first: Passage | None, passages: list[Passage], played: list[Passage], keys: dict[str, str]
) -> Iterator[str]:
    told = {passage.name: passage.text for passage in reversed(passages)}
    data = _story_data(told.get("StoryData", ""))
    start = data.get("start", "")
    key = _key_of(start, keys) if start in keys else ""
    if first is not None:
        rows = _plain(first.text).split("\n")
        fields = [row for row in rows if row and not row.startswith("#")]
        if fields:
            yield from ["---", *(_moved(row, key) for row in fields), "---"]
        yield from (row for row in rows if row.startswith("#"))
        return
    title = " ".join(told.get("StoryTitle", "").split())
    names = ["Start", *(passage.name for passage in played)]
    begun = key or next((keys[name] for name in names if name in keys), "")
    yield from ["---", f"title: {title}", *([f"ifid: {data['ifid']}"] if data.get("ifid") else [])]
    yield from [f"start: {begun}", "language: en", "---"]


def _moved(row: str, start: str) -> str:
    """Return a row of the block at the top; the start is the one that Twine says, should it be another now."""
    key, _, value = row.partition(":")
    return f"start: {start}" if key.strip() == "start" and start and value.strip() != start else row


def _story_data(text: str) -> dict[str, str]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {key: " ".join(value.split()) for key, value in found.items() if isinstance(value, str)}


def _plain(text: str) -> str:
    return _TWO_BRACKETS.sub("[", text)


# --- one scene ------------------------------------------------------------------------------------------------


def _place(
    passage: Passage, keys: dict[str, str], notes: Notes | None, decisions: Iterator[int]
) -> Iterator[str]:
    words, links = _words_and_links(passage.text)
    told = dict(reversed(notes or []))
    key = _key_of(passage.name, keys)
    title = told.get("title") or passage.name
    is_ending = ENDING in passage.tags or (notes is None and not links)
    yield f"## {'Ending' if is_ending else 'Scene'} {key}: {title}"
    yield from words
    if is_ending:
        return
    if "decision" in told or len(links) > 1:
        yield ""
        number = next(decisions)
        yield f"### Decision {told.get('decision') or f'd{number}'}: {told.get('question') or 'What happens now?'}"
        yield f"asks: {told.get('asks', '')}"
        yield from _responses(links, keys, _noted(notes or []))
    elif links:
        yield from ["", f"-> {_key_of(links[0].name, keys)}"]


def _words_and_links(text: str) -> tuple[list[str], list[Link]]:
    """Return the words and the links. A link within a sentence leaves its words there, one on its own row goes."""
    links: list[Link] = []
    rows: list[str] = []
    for row in text.split("\n"):
        found = [_link(match[1]) for match in _LINK.finditer(row)]
        found = [link for link in found if link.name]
        links += found
        if not found:
            rows.append(as_words(_plain(row)))
        elif _LINK.sub("", row).strip(" \t-*|"):
            rows.append(as_words(_LINK.sub(lambda match: _link(match[1]).label, row)))
    return "\n".join(rows).strip("\n").split("\n"), links


def _link(inside: str) -> Link:
    """Return a link of any of the ways to write one.

    >>> _link("Knock->hall"), _link("hall<-Knock") == _link("Knock|hall"), _link("hall")
    (Link(label='Knock', name='hall'), True, Link(label='hall', name='hall'))
    """
    if "->" in inside:
        label, _, name = inside.rpartition("->")
    elif "<-" in inside:
        name, _, label = inside.partition("<-")
    else:
        label, _, name = inside.rpartition("|")
    name, label = " ".join(name.split()), " ".join(label.split())
    return Link(label or name, name)


def _notes(text: str) -> Notes:
    pairs = (row.partition(":") for row in _plain(text).split("\n"))
    return [(key.strip(), value.strip()) for key, _, value in pairs]


def _noted(notes: Notes) -> list[dict[str, str]]:
    """Return what is noted of each response, in their order."""
    found: list[dict[str, str]] = []
    for key, value in notes:
        if key == "response":
            found.append({})
        if found:
            found[-1].setdefault(key, value)
    return found


def _responses(links: list[Link], keys: dict[str, str], noted: list[dict[str, str]]) -> Iterator[str]:
    """Yield the responses. Links are right; what is noted of a response goes to the link with its words."""
    unnoted = list(links)
    free = [letter for letter in _LETTERS if letter not in {one.get("response") for one in noted}]
    for one in noted:
        if "leads nowhere" in one:
            yield from _response(one.get("response", "A"), one.get("label", ""), None, one)
            continue
        link = _link_of(one, unnoted)
        if link is not None:
            unnoted.remove(link)
            yield from _response(
                one.get("response", "A"), one.get("label", ""), _key_of(link.name, keys), one
            )
    for number, link in enumerate(unnoted):
        letter = free[number] if number < len(free) else "Z"
        yield from _response(letter, link.label, _key_of(link.name, keys), {})


def _link_of(noted: dict[str, str], links: list[Link]) -> Link | None:
    words = " ".join(link_words(noted.get("label", "")).split())
    return next((link for link in links[:_MOST_COMPARED] if link.label == words), None)


_MOST_COMPARED = 26  # links of one passage; so many letters has a decision


def _response(letter: str, label: str, target: str | None, noted: dict[str, str]) -> Iterator[str]:
    mark = " [as it happened]" if "as it happened" in noted else ""
    arrow = f" -> {target}" if target is not None else ""
    yield f"- {letter}) {label}{arrow}{mark}"
    for note in ("helps", "costs"):
        if noted.get(note):
            yield f"  - {note}: {noted[note]}"
