"""The report out of the zip, opened from a disk without any network: read, looked at on a phone, printed on A4."""

import io

import pikepdf
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from evidence.pack import Edition, compile_pack
from tests.browser.conftest import SIZES
from tests.evidence.an_event import NOON, an_event

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_report_is_whole_without_a_network_on_every_width_and_on_paper(
    chromium: Browser, tmp_path, language
):
    edition = Edition(version=1, generated_at=NOON, app_version="0.1.0", language=language)
    file = tmp_path / "report.html"
    file.write_bytes(compile_pack(an_event(), edition)["report.html"])
    context = chromium.new_context(offline=True)
    page = context.new_page()
    asked_for: list[str] = []
    page.on("request", lambda request: asked_for.append(request.url))

    page.goto(file.as_uri())

    assert asked_for == [file.as_uri()]
    assert page.evaluate("[document.documentElement.lang, getComputedStyle(document.body).direction]") == [
        language,
        "rtl" if language == "ar" else "ltr",
    ]
    for width, height in (SIZES["phone"], SIZES["laptop"]):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert Axe().run(page, options={"resultTypes": ["violations"]}).violations_count == 0
    printed = pikepdf.open(io.BytesIO(page.pdf(format="A4", prefer_css_page_size=True)))
    sizes = {tuple(round(float(edge)) for edge in sheet.mediabox[2:]) for sheet in printed.pages}
    assert len(printed.pages) > 1
    assert [(abs(wide - 595) < 2, abs(high - 842) < 2) for wide, high in sizes] == [(True, True)]
    context.close()
