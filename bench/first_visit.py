"""What a phone downloads on its first visit: from scanning the code to being in its seat, over the wire."""

import gzip
import http.client
import re
from dataclasses import dataclass, field
from urllib.parse import urlencode, urljoin, urlsplit

from bench.town import Town

_LINKED = re.compile(r'<link[^>]+href="([^"]+)"|<script[^>]+src="([^"]+)"')
_IMPORTED = re.compile(r'import [^"]*"([^"]+)"')
# What a page in English needs: the upright Latin face. Others are fetched by pages that show their letters.
_FONT = re.compile(r"url\(([^)]*latin-wght-normal\.woff2)\)")


@dataclass(slots=True)
class Visit:
    """A browser's cookies and cache."""

    town: Town
    cookies: dict[str, str] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    page_bytes: int = 0
    font_bytes: int = 0

    def fetch(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[str, str | None]:
        """Fetch one address; return its text and where it sends the browser on to."""
        connection = http.client.HTTPConnection(urlsplit(self.town.base).netloc, timeout=20)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Accept-Encoding": "gzip", "Cookie": cookies}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, urlencode(form or {}), headers)
        answer = connection.getresponse()
        body = answer.read()
        head = sum(len(name) + len(value) + 4 for name, value in answer.getheaders()) + 17
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                cookie = value.split(";")[0]
                self.cookies[cookie.split("=", 1)[0]] = cookie.split("=", 1)[1]
        connection.close()
        self.seen.add(path)
        if path.endswith(".woff2"):
            self.font_bytes += head + len(body)
        else:
            self.page_bytes += head + len(body)
        return _text(body, answer.getheader("Content-Encoding")), answer.getheader("Location")

    def fetch_with_assets(self, path: str) -> str:
        """Fetch a page and everything that it asks for, once."""
        page, _ = self.fetch("GET", path)
        waiting = [urljoin(path, found) for pair in _LINKED.findall(page) for found in pair if found]
        while waiting:
            asset = waiting.pop()
            if asset in self.seen or urlsplit(asset).netloc:
                continue
            text, _ = self.fetch("GET", asset)
            more = _IMPORTED.findall(text) if asset.endswith(".js") else _FONT.findall(text)
            if asset.endswith((".js", ".css")):
                waiting += [urljoin(asset, found) for found in more]
        return page


def first_visit(town: Town) -> tuple[int, int]:
    """Return the bytes of a first visit without the font, and of the font."""
    visit = Visit(town)
    page = visit.fetch_with_assets(f"/join/{town.code}")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    _, seat = visit.fetch("POST", f"/join/{town.code}", {"csrf_token": token[1] if token else "", "role": ""})
    if seat is None:
        raise RuntimeError("the door did not let a browser in")
    visit.fetch_with_assets(urlsplit(urljoin(town.base, seat)).path)
    return visit.page_bytes, visit.font_bytes


def _text(body: bytes, encoding: str | None) -> str:
    if encoding == "gzip":
        body = gzip.decompress(body)
    return body.decode("utf-8", "replace")
