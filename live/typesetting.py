"""Pages on paper as PDF. What is printed goes in as data: no word of a script or of an event is ever read as markup."""

import json
from collections.abc import Mapping
from pathlib import Path

import typst

HERE = Path(__file__).parent
FONTS = HERE.parent / "static" / "fonts"


def typeset(page: Mapping[str, object]) -> bytes:
    """Return an A4 document as PDF/UA-1: tagged, with a title, a language and words for its pictures.

    `page` holds plain JSON values, as print.typ beside the templates reads them. Takes up to a second.
    """
    done: bytes = typst.compile(
        HERE / "templates" / "live" / "print.typ",
        sys_inputs={"page": json.dumps(page)},
        font_paths=[FONTS],
        format="pdf",
        pdf_standards=["ua-1"],
    )
    return done
