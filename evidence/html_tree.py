"""A page of ours as a tree of plain values, for what is not a browser. Reads what our own templates write."""

import re
from html.parser import HTMLParser

Node = dict[str, object]
_EMPTY = frozenset({"br", "meta", "rect", "link"})
_LEFT_OUT = frozenset({"head", "style", "script", "title"})
# Between these no space is kept: what stands in them begins and ends by itself.
_BLOCKS = frozenset(
    {"html", "body", "header", "main", "footer", "section", "article", "nav", "div", "details", "summary"}
    | {"h1", "h2", "h3", "h4", "h5", "p", "ul", "ol", "li", "dl", "dt", "dd", "br", "svg"}
    | {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"}
)
_KEPT = ("id", "lang", "href", "colspan", "class", "width")


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.top: Node = {"tag": "top", "kids": []}
        self.path: list[Node] = [self.top]
        self.hidden = 0
        self.after_space = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value for name, value in attrs if value}
        if self.hidden or tag in _LEFT_OUT or "vh" in given.get("class", "").split():
            self.hidden += tag not in _EMPTY
            return
        if tag in _BLOCKS:
            self._end_line()
        node: Node = {"tag": tag, "kids": [], **{name: given[name] for name in _KEPT if name in given}}
        _kids(self.path[-1]).append(node)
        if tag not in _EMPTY:
            self.path.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _EMPTY:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.hidden:
            self.hidden -= 1
            return
        if tag in _BLOCKS:
            self._end_line()
        # <li>, <p> and table cells are closed by our templates: what is open is what ends.
        if len(self.path) > 1 and self.path[-1]["tag"] == tag:
            self.path.pop()

    def handle_data(self, data: str) -> None:
        if self.hidden:
            return
        words = re.sub(r"[ \t\r\n\f]+", " ", data)
        if self.after_space:
            words = words.removeprefix(" ")
        if words:
            _kids(self.path[-1]).append(words)
            self.after_space = words.endswith(" ")

    def _end_line(self) -> None:
        """Take the space away that stands before the end of a block."""
        place = self.path[-1]
        while (kids := _kids(place)) and isinstance(kids[-1], dict) and kids[-1]["tag"] not in _BLOCKS:
            place = kids[-1]
        if kids and isinstance(kids[-1], str):
            kids[-1] = kids[-1].removesuffix(" ")
            if not kids[-1]:
                kids.pop()
        self.after_space = True


def tree_of(page: str) -> Node:
    """Return a page's body as nested nodes: `tag`, `kids` (nodes and words) and the attributes that have one.

    White space is as a browser shows it. What only screen readers hear (`vh`) is left out, and every head.

    >>> tree_of("<p>To <b>be</b>\\n  or</p>")["kids"]
    [{'tag': 'p', 'kids': ['To ', {'tag': 'b', 'kids': ['be']}, ' or']}]
    """
    builder = _Builder()
    builder.feed(page)
    builder.close()
    return builder.top


def _kids(node: Node) -> list[Node | str]:
    found = node["kids"]
    assert isinstance(found, list)
    return found
