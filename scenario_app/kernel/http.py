"""Refusals as pages or JSON, downloads, and whether somebody asks for JSON."""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType

from flask import Flask, Response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from scenario_app.kernel.errors import DomainError, NotFound


@dataclass(frozen=True, slots=True)
class RefusalPage:
    """What the error page says: a status, and a code for which the template has words."""

    status: int
    code: str
    details: Mapping[str, object]


def wants_json() -> bool:
    """Say whether the answer to this request is for a program."""
    return request.path.startswith("/api/")


def json_body() -> object:
    """Return the JSON that came with this request, whatever its content type says; None when it is none."""
    try:
        return request.get_json(silent=True, force=True)
    except RecursionError:  # nested deeper than anybody means
        return None


def own_path(target: str) -> str:
    """Return a path of this site as it was given, or nothing when it leads elsewhere, also by a browser's reading.

    Browsers drop tabs and line ends from an address and take a backslash for a slash.

    >>> own_path("/desk?day=1"), own_path("//evil.example"), own_path("/\\t/evil.example")
    ('/desk?day=1', '', '')
    """
    leads_away = not target.startswith("/") or target.startswith("//") or "\\" in target
    return "" if leads_away or not target.isprintable() else target


def json_response(payload: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON answer; non-ASCII text as it is, keys in the order given."""
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return Response(
        body, status=status, headers=dict(headers or {}), content_type="application/json; charset=utf-8"
    )


def compressed(page: str) -> Response:
    """Answer with a page, compressed for whoever takes that: for pages that phones fetch by the hundred over one Wi-Fi.

    Only for a page that another site cannot make somebody fetch again and again with words of its own in it: its
    length tells something of what it holds.
    """
    response = Response(page, mimetype="text/html")
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"]:
        response.set_data(gzip.compress(response.get_data(), 6, mtime=0))
        response.content_encoding = "gzip"
    return response


def download(body: bytes | str, *, filename: str, content_type: str) -> Response:
    """Return bytes to be saved under a name made by us (never one that was typed by somebody)."""
    return Response(
        body,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )


def refusal_response(status: int, code: str, details: Mapping[str, object] | None = None) -> Response:
    """Return a refusal as JSON for a program, as a page with words for a person."""
    if wants_json():
        message = code.replace("_", " ")
        return json_response({"ok": False, "code": code, "message": message}, status)
    page = RefusalPage(status=status, code=code, details=details or {})
    return Response(render_template("refusal.html", page=page), status=status)


def answer_refusals(app: Flask) -> None:
    """Make every refusal, HTTP error and bug of this application a calm answer of the right status."""

    @app.before_request
    def _no_such_address() -> None:
        # Nothing has a name with a NUL in it, and PostgreSQL cannot even be asked.
        if "\0" in request.path:
            raise NotFound

    @app.errorhandler(DomainError)
    def _refused(refusal: DomainError) -> Response:
        response = refusal_response(refusal.status, refusal.code, refusal.details)
        wait = refusal.details.get("retry_after_ms")
        if isinstance(wait, int):
            response.headers["Retry-After"] = str(-(-wait // 1000))  # whole seconds, rounded up
        elif refusal.status == 503:
            response.headers["Retry-After"] = "2"
        return response

    @app.errorhandler(CSRFError)
    def _old_form(_error: CSRFError) -> Response:
        return refusal_response(400, "form_too_old")

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        if error.code is not None and 300 <= error.code < 400:
            return error.get_response()  # type: ignore[return-value]
        names = {
            404: "not_found",
            405: "method_not_allowed",
            413: "too_large",
            400: "bad_request",
            429: "rate",
        }
        status = error.code or 500
        response = refusal_response(status, names.get(status, "http_error"))
        if status == 405 and isinstance(allow := dict(error.get_headers()).get("Allow"), str):
            response.headers["Allow"] = allow
        return response

    @app.errorhandler(Exception)
    def _bug(error: Exception) -> Response:
        # The type and place of a bug, never its message: that may hold what somebody typed.
        app.logger.error(
            "a request failed", extra={"bug": type(error).__name__}, exc_info=_without_words(error)
        )
        return refusal_response(500, "bug")


def _without_words(error: Exception) -> tuple[type[Exception], Exception, TracebackType | None]:
    return type(error), type(error)("(words left out)") if _takes_words(error) else error, error.__traceback__


def _takes_words(error: Exception) -> bool:
    try:
        type(error)("(words left out)")
    except Exception:  # noqa: BLE001 - some exceptions cannot be made from one string; then the type says enough
        return False
    return True
