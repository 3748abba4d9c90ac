"""Pages on which people check what they hold: the public key, a pack in their own browser."""

from flask import Blueprint, Response, render_template

from evidence.key_file import signing_key
from evidence.signing import fingerprint_of, pem_of
from scenario_app.accounts.access import open_to_all
from scenario_app.kernel.context import config

blueprint = Blueprint("evidence_checks", __name__, template_folder="templates")


@blueprint.get("/evidence/public-key")
@open_to_all
def public_key() -> Response:
    """Answer the key whose signature packs carry, as text that `evidence verify --key` reads as it is."""
    key = signing_key(config()).public_key
    body = render_template(
        "evidence/public_key.txt", key=key, fingerprint=fingerprint_of(key), pem=pem_of(key).strip()
    )
    return Response(body, content_type="text/plain; charset=utf-8")


@blueprint.get("/evidence/verify")
@open_to_all
def verify() -> str:
    """Show the page on which a browser checks a pack by itself. Nothing is sent here."""
    return render_template("evidence/verify.html")
