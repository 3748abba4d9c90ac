"""report.pdf: the report on paper. It is made from report.html itself, so the two never say different things."""

import re
from collections.abc import Sequence
from pathlib import Path
from unicodedata import bidirectional

from evidence.html_tree import Node, tree_of
from scenario_app.kernel.typesetting import NOT_COVERED, can_be_seen, printable, typeset
from scenario_app.kernel.wording import Wording

_TEMPLATE = Path(__file__).parent / "templates" / "pack" / "report.typ"
_LANGUAGE = re.compile(r"[a-z]{2,3}(?=-|$)")


def report_pdf(report: bytes, *, reference: str, title: str, wording: Wording) -> bytes:
    """Return report.html as PDF/UA-1, A4. `title` is what a reader's window says. Takes some tenths of a second."""
    _ = wording.translations.gettext
    words = report.decode()
    both_ways = any(bidirectional(character) in ("R", "AL") for character in set(words))
    tree = _Cleaner(both_ways=both_ways).clean(tree_of(words))
    page = {
        "title": printable(title) if can_be_seen(title) else NOT_COVERED,
        "reference": reference,
        "lang": wording.code,
        "rtl": wording.direction == "rtl",
        "body": tree,
        "note": _("%(mark)s stands for letters that could not be printed here; report.html has them.")
        % {"mark": NOT_COVERED}
        if NOT_COVERED in str(tree)
        else "",
    }
    return typeset(_TEMPLATE, page)


# What a browser does by itself: words of another direction, and a number with its sign, stand apart.
_APART = {"bdi": ("\u2068", "\u2069"), "data": ("\u2066", "\u2069")}


# What PDF/UA forbids to be empty.
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def _text_of(kids: Sequence[object]) -> str:
    return "".join(_text_of(kid["kids"]) if isinstance(kid, dict) else str(kid) for kid in kids)


class _Cleaner:
    """Makes every word printable; leaves each place that is linked to once, and links only to places."""

    def __init__(self, *, both_ways: bool) -> None:
        self.both_ways = both_ways
        self.places: set[str] = set()

    def clean(self, node: Node) -> Node:
        cleaned = self._node(node)
        self._link(cleaned)
        return cleaned

    def _node(self, node: Node) -> Node:
        kids = node["kids"]
        assert isinstance(kids, list)
        words = [printable(kid) if isinstance(kid, str) else self._node(kid) for kid in kids]
        if str(node["tag"]) in _HEADINGS and not can_be_seen(_text_of(words)):
            words = [NOT_COVERED]
        if self.both_ways and (marks := _APART.get(str(node["tag"]))):
            words = [marks[0], *words, marks[1]]
        cleaned: Node = {
            "tag": node["tag"],
            "kids": words,
            "classes": str(node.get("class", "")).split(),
        }
        if (place := node.get("id")) and place not in self.places:
            self.places.add(str(place))
            cleaned["id"] = place
        if found := _LANGUAGE.match(str(node.get("lang", ""))):
            cleaned["lang"] = found[0]
        if str(node.get("href", "")).startswith("#"):
            cleaned["to"] = str(node["href"])[1:]
        if "colspan" in node:
            cleaned["colspan"] = int(str(node["colspan"]))
        if node["tag"] == "rect":
            cleaned["share"] = float(str(node["width"]).rstrip("%"))
        return cleaned

    def _link(self, node: Node) -> None:
        if "to" in node and node["to"] not in self.places:
            del node["to"]
        kids = node["kids"]
        assert isinstance(kids, list)
        for kid in kids:
            if isinstance(kid, dict):
                self._link(kid)
