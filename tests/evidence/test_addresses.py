"""Names in addresses: nothing that is typed there is followed, written back into headers, or reaches a file."""

import pytest

from evidence.service import publish_pack
from evidence.signing import PackKey
from tests.application import client_of, make_app
from tests.evidence.a_room import close, play
from tests.makers import make_floor, make_town

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

REFERENCE = "an-evening-v1"
NAMES = [
    "..",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e%2fx",
    "..%5c..%5cwindows",
    "%00",
    "an-evening-v1%00",
    "an-evening-v1%0d%0aX-Evil:%20yes",
    "an-evening-v1%0a",
    "an-evening-v01",
    "an-evening-v1;x",
    "an-evening-v%D9%A1",
    "AN-EVENING-V1",
    "%ff%fe",
    "%E2%80%AEfdp.v1",
    '"quoted"',
    "x" * 3000,
    "é" * 200,
    "an-evening-v999999999999",
]


@pytest.fixture
def stranger(database, config, clock):
    floor = make_floor(make_town(database, config, now=clock()), now=clock())
    floor.start()
    play(floor)
    close(floor)
    with database.transaction() as session:
        publish_pack(
            session,
            event_slug="an-evening",
            account_id=floor.town.account("stella").id,
            now=clock(),
            threshold=8,
            key=PackKey(bytes(32)),
        )
    return client_of(make_app(config, database, clock))


def test_no_strange_name_is_found_or_written_back_into_a_header(stranger):
    for name in NAMES:
        for path in (
            f"/evidence/{name}",
            f"/evidence/{name}/pack.zip",
            f"/evidence/{name}/workbook.xlsx",
            f"/evidence/{name}/report.pdf",
            f"/evidence/{name}/tables/results.csv",
            f"/evidence/{REFERENCE}/tables/{name}.csv",
            f"/evidence/{REFERENCE}/documents/{name}",
            f"/api/v1/evidence/{name}",
        ):
            answer = stranger.get(path)

            assert answer.status_code in (400, 404), (path[:80], answer.status_code)
            headers = {key: value for key, value in answer.headers if key != "Content-Security-Policy"}
            assert "X-Evil" not in headers, path[:80]
            assert not any(
                "etc" in value or "v01" in value or "evil" in value.lower() for value in headers.values()
            )
            assert "Content-Disposition" not in headers, path[:80]


def test_what_is_published_is_saved_under_a_name_of_our_own(stranger):
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    for path, name, kind in (
        ("pack.zip", f"{REFERENCE}.zip", "application/zip"),
        ("report.pdf", f"{REFERENCE}.pdf", "application/pdf"),
        ("workbook.xlsx", f"{REFERENCE}.xlsx", sheet),
        ("tables/results.csv", f"{REFERENCE}-results.csv", "text/csv; charset=utf-8; header=present"),
        ("documents/manifest.sig", f"{REFERENCE}-manifest.sig", "text/plain; charset=utf-8"),
    ):
        answer = stranger.get(f"/evidence/{REFERENCE}/{path}")

        assert answer.status_code == 200, path
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert answer.content_type == kind
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_draft_is_shown_to_a_steward_and_nobody_else(stranger):
    assert stranger.get("/evidence/publish?event=an-evening").status_code == 302
    assert stranger.get("/evidence/an-evening-v2/pack.zip").status_code == 404


def test_what_is_not_there_is_said_in_plain_words_whatever_kind_of_thing_it_is(stranger):
    for path in (
        "/chain/proposal/999",
        "/chain/dragon/1",
        "/at/ZZZZZZ",
        "/evidence/an-evening-v9",
        "/events/no-such-event",
        "/nothing",
    ):
        answer = stranger.get(path)

        assert answer.status_code == 404, path
        assert "The reason is" not in answer.text, path
        assert "may be missing" in answer.text or "Codes have six letters" in answer.text, path
