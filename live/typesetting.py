"""Pages on paper as PDF, set from the templates beside the pages."""

from collections.abc import Mapping
from pathlib import Path

from scenario_app.kernel import typesetting

_TEMPLATE = Path(__file__).parent / "templates" / "live" / "print.typ"


def typeset(page: Mapping[str, object]) -> bytes:
    """Return a page to print as PDF; `page` holds plain JSON values, as print.typ reads them. Takes up to a second."""
    return typesetting.typeset(_TEMPLATE, page)
