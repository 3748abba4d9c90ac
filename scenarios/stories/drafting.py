"""The draft of a script from a teller's answers: scenes, a decision, responses, endings. Whatever was answered.

The draft has no problem that stops publication, so that co-writers begin with a play and not with repairs. Nobody
publishes it as it is: its words are raw, and who decides is only the first person named.
"""

import re
from collections.abc import Collection, Mapping

from scenario_app.kernel.typed import BURIED, NOT_KEPT

MOST_PEOPLE = 8
_LONGEST_ROW = 600  # characters of what must stand in one row: a label, a cost; the whole stays in the story
_LONGEST_HEADING = 200
_MOST_ROWS = 60  # paragraphs of one answer; the rest goes into the last
_MOST_BRACKETS, _MOST_MARKS = 60, 300  # in all answers together; more are not how people write, and go

_BRACKETS, _MARKS = "[!<`", "*_\\"
_MARKED = re.compile(r"[\\`*_\[]")
_ROW_BREAKS = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,4}")


def script_of_answers(
    answers: Mapping[str, str],
    *,
    headings: Mapping[str, str],
    title: str,
    language: str,
    stage: str | None,
    stages: Collection[str],
) -> str:
    r"""Return the text of a script that these answers make.

    `headings` are the questions as the teller read them, and the words for somebody without a name
    (`somebody`) and for what happened (`as_it_was`); they fill what was left empty. `stages` are the keys of the
    pathway's stages, one at least; a story whose stage nobody knows gets the first.

    >>> words = dict.fromkeys(("first", "then", "moment", "one", "other", "ended", "different"), "?")
    >>> words |= {"somebody": "Somebody", "as_it_was": "It goes on"}
    >>> text = script_of_answers({"first": "He rang.\n# Nobody came", "one": "Sit down -> wait"},
    ...     headings=words, title="A night", language="en", stage=None, stages=["leaving"])
    >>> [row for row in text.split("\n") if "Nobody" in row or "Sit" in row]
    ['\\# Nobody came', '- B) Sit down – wait -> ending-different']
    """
    plain = _without_marks({key: _shown(text) for key, text in answers.items()})
    asked = {key: _row(_shown(words), _LONGEST_HEADING) for key, words in headings.items()}
    moment = _row(plain.get("moment", ""), _LONGEST_HEADING)
    then = [*_paragraphs(plain.get("then", "")), *_paragraphs(plain.get("moment", ""))]
    rows = [
        *_front(plain, asked, title=title, language=language, stage=_known(stage, stages)),
        "## Characters",
        *_people(plain.get("people", ""), asked["somebody"]),
        "",
        f"## Scene first: {asked['first']}",
        "",
        *_paragraphs(plain.get("first", "")),
        "-> then",
        "",
        f"## Scene then: {asked['then']}",
        "",
        *then,
        f"### Decision d1: {moment or asked['moment']}",
        "asks: p1",
        f"- A) {asked['as_it_was']} -> ending-as-it-was [as it happened]",
        *_response("B", plain, "one", asked["one"]),
        *_response("C", plain, "other", asked["other"]),
        "",
        f"## Ending ending-as-it-was: {asked['ended']}",
        "",
        *_paragraphs(plain.get("ended", "")),
        f"## Ending ending-different: {asked['different']}",
        "",
        *_paragraphs(plain.get("different", "")),
    ]
    return "\n".join(rows).rstrip("\n") + "\n"


def _front(
    plain: Mapping[str, str], asked: Mapping[str, str], *, title: str, language: str, stage: str
) -> list[str]:
    said = {
        "title": _row(_shown(title), _LONGEST_HEADING) or asked["first"],
        "stage": stage,
        "setting": _row(plain.get("where", "")),
        "when": _row(plain.get("when", "")),
        "content_notes": _row(plain.get("notes", "")),
        "start": "first",
        "question": asked["one"],
        "language": language if _LANGUAGE.fullmatch(language) else "",
    }
    return ["---", *(f"{key}: {words}" for key, words in said.items() if words), "---", ""]


def _people(text: str, somebody: str) -> list[str]:
    """Return a character for each kind of person named, at most eight; one when nobody is."""
    named = [_row(piece, 80) for piece in re.split(r"[,;،؛\n]", text)]
    people = [piece for piece in named if piece][:MOST_PEOPLE] or [somebody]
    return [f"- p{number}: {words}" for number, words in enumerate(people, start=1)]


def _response(letter: str, plain: Mapping[str, str], key: str, heading: str) -> list[str]:
    label = _row(plain.get(key, "")) or heading
    notes = {note: _row(plain.get(f"{key}_{note}", "")) for note in ("helps", "costs")}
    return [
        f"- {letter}) {label} -> ending-different",
        *(f"  - {note}: {words}" for note, words in notes.items() if words),
    ]


def _known(stage: str | None, stages: Collection[str]) -> str:
    return stage if stage is not None and stage in stages else next(iter(stages), "")


# --- words that are read as words -----------------------------------------------------------------------------


def _shown(text: str) -> str:
    """Return a text without what cannot be shown; tabs and all line ends of one kind."""
    rows = _ROW_BREAKS.sub("\n", text)
    # The checker takes no control characters, direction marks and letters buried under accents.
    return BURIED.sub(r"\1", NOT_KEPT.sub("", rows.replace("\t", " ")))


def _without_marks(answers: Mapping[str, str]) -> dict[str, str]:
    """Return the answers; with more marks than a person would write, without any: the renderer counts them."""
    whole = "".join(answers.values())
    counted = {marks: sum(whole.count(mark) for mark in marks) for marks in (_BRACKETS, _MARKS)}
    if counted[_BRACKETS] <= _MOST_BRACKETS and counted[_MARKS] <= _MOST_MARKS:
        return dict(answers)
    gone = str.maketrans(dict.fromkeys(_BRACKETS + _MARKS + "]", " "))
    return {key: text.translate(gone) for key, text in answers.items()}


def _paragraphs(text: str) -> list[str]:
    """Return each line of an answer as a paragraph that Markdown and the reader of scripts take as plain words."""
    rows = [" ".join(row.split()) for row in text.split("\n")]
    said = [row for row in rows if row]
    if len(said) > _MOST_ROWS:
        said = [*said[: _MOST_ROWS - 1], " ".join(said[_MOST_ROWS - 1 :])]
    return [line for row in said for line in (_escaped(row), "")]


def _escaped(row: str) -> str:
    r"""Return one row of words that starts nothing and marks nothing.

    >>> _escaped("- *he* said"), _escaped("12. May"), _escaped("→ on"), _escaped("<b>")
    ('\\- \\*he\\* said', '12\\. May', '– on', '‹b>')
    """
    row = _MARKED.sub(r"\\\g<0>", row.replace("<", "‹"))
    if row.startswith("→"):
        return f"– {row.lstrip('→ ')}" if row.lstrip("→ ") else "–"
    if row[:1] in ("=", "~", "|", ":"):  # nothing of Markdown alone on a row; a backslash would be shown
        return row
    number = re.match(r"\d{1,9}(?=[.)])", row)
    if number:
        return f"{number[0]}\\{row[number.end() :]}"
    return f"\\{row}" if row[:1] in ("#", ">", "+", "-") else row


def _row(text: str, longest: int = _LONGEST_ROW) -> str:
    r"""Return words for one row: no arrow, no bracket, cut at a word with an ellipsis.

    >>> _row("  go -> home \n[as it happened] ")
    'go – home (as it happened)'
    """
    words = " ".join(text.translate(str.maketrans("[]→", "()–")).replace("->", "–").split())
    if len(words) <= longest:
        return words
    return words[: longest - 1].rsplit(" ", 1)[0][: longest - 1].rstrip() + "…"
