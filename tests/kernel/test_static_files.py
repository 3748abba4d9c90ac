"""Static files: an address that changes with the content, kept for ever, never a file from elsewhere."""

import gzip

import pytest
from flask import Flask

from scenario_app.kernel.static_files import StaticFiles


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "static"
    folder.mkdir()
    (folder / "site.css").write_text("body { color: black }\n" * 200)
    (tmp_path / "secret").write_text("not for anybody")
    return folder


def client(folder, tmp_path):
    app = Flask("files", static_folder=None)
    files = StaticFiles(folder, tmp_path / "cache")
    app.wsgi_app = files.serve(app.wsgi_app)
    return files, app.test_client()


def test_a_file_is_served_for_ever_compressed_where_that_is_understood(folder, tmp_path):
    files, browser = client(folder, tmp_path)

    plain = browser.get(files.address("site.css"), buffered=True)
    packed = browser.get(files.address("site.css"), buffered=True, headers={"Accept-Encoding": "gzip"})

    assert "immutable" in plain.headers["Cache-Control"]
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 10


def test_another_content_has_another_address_and_the_old_one_is_gone(folder, tmp_path):
    before, _browser = client(folder, tmp_path)
    (folder / "site.css").write_text("body { color: white }")
    after, browser = client(folder, tmp_path)

    assert before.address("site.css") != after.address("site.css")
    assert browser.get(before.address("site.css")).status_code == 404


def test_a_name_that_no_file_has_is_found_when_the_page_is_made(folder, tmp_path):
    files, _browser = client(folder, tmp_path)

    with pytest.raises(FileNotFoundError):
        files.address("sight.css")


@pytest.mark.parametrize(
    "way_out", ["../secret", "%2e%2e/secret", "..%2fsecret", "\0", "site.css/../../secret"]
)
def test_nothing_outside_the_folder_is_served(folder, tmp_path, way_out):
    files, browser = client(folder, tmp_path)

    assert browser.get(f"/static/{files.digest}/{way_out}").status_code == 404
