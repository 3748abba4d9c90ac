"""Headers on every answer, the budget for wrong codes, and trust in the proxies in front."""

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_wtf import CSRFProtect
from itsdangerous import BadData
from limits import RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter
from werkzeug.middleware.proxy_fix import ProxyFix

from scenario_app.kernel.config import Config
from scenario_app.kernel.errors import DomainError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

csrf = CSRFProtect()
_HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")


class TooManyTries(DomainError):
    """Too many wrong codes from one place; a right one is still taken."""

    code = "rate"
    status = 429


def headers_for(environ: "WSGIEnvironment") -> list[tuple[str, str]]:
    """Return the security headers of one answer. Source: docs/DECISIONS.md, headers."""
    host = environ.get("HTTP_HOST", "")
    secure = environ.get("wsgi.url_scheme") == "https"
    # Older Safari does not let 'self' cover web sockets; a host that is no host is left out.
    socket = f" {'wss' if secure else 'ws'}://{host}" if _HOST.fullmatch(host) else ""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self'{socket}; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
        "object-src 'none'; frame-ancestors 'none'"
    )
    headers = [
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
    ]
    if secure:
        headers.append(("Strict-Transport-Security", "max-age=31536000"))
    return headers


class Headers:
    """WSGI layer that puts the headers on every response class: pages, files, errors, socket refusals."""

    def __init__(self, inner: "WSGIApplication") -> None:
        self.inner = inner

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        def start(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], object]:
            given = {name.lower() for name, _ in headers}
            headers = headers + [pair for pair in headers_for(environ) if pair[0].lower() not in given]
            if "cache-control" not in given:
                headers.append(("Cache-Control", "no-store"))
            return start_response(status, headers, exc_info)

        return self.inner(environ, start)


class Sessions(SecureCookieSessionInterface):
    """Signed cookies whose own date says nothing: how long a sign-in lasts is judged where it is looked up.

    Flask's would refuse a cookie from the future, and so sign everybody out when the clock is set back.
    """

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        """Return what this browser was given, or an empty session."""
        serializer = self.get_signing_serializer(app)
        cookie = request.cookies.get(self.get_cookie_name(app))
        if serializer is None or not cookie:
            return self.session_class()
        try:
            return self.session_class(serializer.loads(cookie))
        except BadData:
            return self.session_class()


def secure(app: Flask, config: Config) -> None:
    """Set cookies, CSRF protection and body limits."""
    app.config.update(
        SECRET_KEY=config.secret_key,
        SESSION_COOKIE_NAME="staff",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",  # Strict would let a link in a mail overwrite the session
        MAX_CONTENT_LENGTH=512 * 1024,
        MAX_FORM_MEMORY_SIZE=400 * 1024,
        MAX_FORM_PARTS=200,
        WTF_CSRF_TIME_LIMIT=None,  # a phone may lie on a lap for hours; the token dies with its session
        WTF_CSRF_SSL_STRICT=False,  # we send no referrer, by policy
    )
    if (config.public_url or "").startswith("https://"):
        app.config.update(SESSION_COOKIE_SECURE=True, SESSION_COOKIE_NAME="__Host-staff")
    app.session_interface = Sessions()
    csrf.init_app(app)


def trust_proxies(app: Flask, config: Config) -> None:
    """Believe what this many proxies in front say of the caller's address and scheme. Outermost layer: call last."""
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


class WrongCodes:
    """How often codes may be guessed: 20 wrong ones a minute from one address, 200 a minute overall.

    Only wrong ones are counted, so a hall behind one address that types its code right is never refused.
    Addresses are kept for a minute, in memory (or Redis) only.
    """

    HERE = RateLimitItemPerMinute(20)
    EVERYWHERE = RateLimitItemPerMinute(200)

    def __init__(self, redis_url: str | None) -> None:
        self._memory = FixedWindowRateLimiter(storage_from_string("memory://"))
        self._shared = FixedWindowRateLimiter(storage_from_string(redis_url)) if redis_url else self._memory

    def check(self, kind: str, address: str) -> None:
        """Refuse another guess from an address that has guessed wrong too often.

        :raises TooManyTries: the budget of this minute is spent
        """
        limiter = self._limiter()
        if not limiter.test(self.HERE, kind, address) or not limiter.test(self.EVERYWHERE, kind):
            raise TooManyTries

    def was_wrong(self, kind: str, address: str) -> None:
        """Count one wrong code."""
        limiter = self._limiter()
        limiter.hit(self.HERE, kind, address)
        limiter.hit(self.EVERYWHERE, kind)

    def _limiter(self) -> FixedWindowRateLimiter:
        # Redis gone must not close the door: each process then counts for itself.
        return self._shared if self._shared is self._memory or self._shared.storage.check() else self._memory
