"""Read what forms and programs send: words of a script, a file, a pathway."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from scenario_app.kernel.errors import BadMessage, Invalid
from scenarios.pages import PathwayForm
from scenarios.rules import slug_from


class NoFile(Invalid):
    """The form came without a file."""

    code = "no_file"


@dataclass(frozen=True, slots=True)
class ScriptWords:
    """The words of a script as they come from a writer, and the revision that they were written upon."""

    text: str
    revision: int
    pathway: str

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> "ScriptWords":
        """Return what the editor's form sends.

        :raises BadMessage: the revision is no number
        """
        # Browsers send every line end of a text box as two characters, whatever the writer has.
        text = form.get("text", "").replace("\r\n", "\n")
        revision = form.get("revision", "0")
        if not re.fullmatch(r"[0-9]{1,9}", revision):
            raise BadMessage(field="revision")
        return cls(text, int(revision), form.get("pathway", ""))

    @classmethod
    def from_json(cls, raw: object) -> "ScriptWords":
        """Return what the editor's script sends.

        :raises BadMessage: not an object with a text and a revision
        """
        match raw:
            case {"text": str(text), "revision": int(revision), **rest} if revision is not True:
                pathway = rest.get("pathway", "")
                return cls(text, revision, pathway if isinstance(pathway, str) else "")
        raise BadMessage(expected='{"text": "...", "revision": 1}')


def pathway_form(form: Mapping[str, str]) -> PathwayForm:
    """Return the form that founds a pathway, as typed."""
    return PathwayForm(
        title=form.get("title", "").strip()[:200],
        question=form.get("question", "").strip(),
        decision_statement=form.get("decision_statement", "").strip(),
        stages=form.get("stages", "").replace("\r\n", "\n"),
    )


def stages_of(typed: str) -> list[tuple[str, str]]:
    """Return stages from lines such as `leaving: Leaving hospital`; without a key one is made from the title.

    >>> stages_of("Call for help\\n\\nleaving: Leaving hospital")
    [('call-for-help', 'Call for help'), ('leaving', 'Leaving hospital')]
    """
    stages = []
    for number, row in enumerate(filter(str.strip, typed.split("\n")), start=1):
        key, _, title = (piece.strip() for piece in row.partition(":"))
        stages.append((slug_from(key) or f"stage-{number}", (title or key)[:200]))
    return stages
