"""Send a letter through the mail server of MAIL_URL."""

import smtplib
from collections.abc import Mapping
from email import policy
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

SECONDS = 10
# An address is longer than a line of a letter should be, and is worth nothing in pieces.
WHOLE_LINES = policy.SMTP.clone(max_line_length=998)


def send_letter(
    mail_url: str, *, to: str, subject: str, text: str, headers: Mapping[str, str] | None = None
) -> None:
    """Send one plain-text letter. `mail_url`: smtp://user:password@host:port?from=ADDRESS (smtps for TLS).

    `headers` are further ones, made by us.

    :raises OSError: the mail server could not be reached or refused it (smtplib's errors are OSErrors)
    """
    parts = urlsplit(mail_url)
    letter = EmailMessage(policy=WHOLE_LINES)
    letter["To"], letter["Subject"] = to, subject
    letter["From"] = parse_qs(parts.query).get("from", [f"no-reply@{parts.hostname}"])[0]
    for name, value in (headers or {}).items():
        letter[name] = value
    letter.set_content(text)
    kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    with kind(parts.hostname or "localhost", parts.port or 0, timeout=SECONDS) as server:
        if parts.username:
            if parts.scheme == "smtp":
                server.starttls()
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(letter)
