"""JSON that programs of anybody may read from anywhere: pages of a list, strong ETags, no credentials ever."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from flask import Flask, Response, current_app, request

from scenario_app.kernel.errors import BadParameter
from scenario_app.kernel.http import json_response

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")
MOST = 200
USUAL = 50
_ANYWHERE = "readable_anywhere"


def readable_anywhere(view: F) -> F:
    """Let a page of any other site read the answers of a view: what it says is public, and nobody is known by it."""
    setattr(view, _ANYWHERE, True)
    return view


def public_json(payload: Mapping[str, object]) -> Response:
    """Return a JSON answer with a strong ETag; 304 and no body to who has it already."""
    response = json_response(payload, headers={"Cache-Control": "no-cache"})
    response.add_etag()
    response.make_conditional(request)
    return response


def limit_asked() -> int:
    """Return how many of a list are asked for, 50 unless said.

    :raises BadParameter: it is no whole number from 1 to 200
    """
    text = request.args.get("limit", str(USUAL))
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MOST):
        raise BadParameter(parameter="limit", expected=f"1 to {MOST}")
    return int(text)


def after_asked() -> str:
    """Return the cursor that is asked for: what a list said as `next`; nothing for the first page."""
    return request.args.get("after", "")[:120]


def page_of(items: Sequence[tuple[str, T]], *, after: str, limit: int) -> tuple[list[T], str | None]:
    """Return a page of a list that is whole already, each with its cursor, and the cursor of the next page.

    >>> page_of([("1", "a"), ("2", "b"), ("3", "c")], after="1", limit=1)
    (['b'], '2')

    :raises BadParameter: nothing in the list has this cursor
    """
    cursors = [cursor for cursor, _item in items]
    if after and after not in cursors:
        raise BadParameter(parameter="after", expected="what the page before said as next")
    begin = cursors.index(after) + 1 if after else 0
    shown = items[begin : begin + limit]
    return [item for _cursor, item in shown], shown[-1][0] if begin + limit < len(items) else None


def open_to_reading(app: Flask) -> None:
    """Answer other sites' questions whether they may read, and tell their browsers that they may."""

    @app.after_request
    def _say_so(response: Response) -> Response:
        view = current_app.view_functions.get(request.endpoint or "")
        if getattr(view, _ANYWHERE, False):
            # Without credentials: a browser refuses to hand over cookies where this is a star.
            response.headers["Access-Control-Allow-Origin"] = "*"
            response.headers["Access-Control-Expose-Headers"] = "ETag"
            if request.method == "OPTIONS":
                response.headers["Access-Control-Allow-Methods"] = "GET, HEAD"
                response.headers["Access-Control-Allow-Headers"] = "If-None-Match"
                response.headers["Access-Control-Max-Age"] = "600"
        return response
