"""Every pack is signed with the site's own key, and whoever has the public half can tell a pack from a copy."""

import json
import stat
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest
from click.testing import CliRunner

from evidence.exports import files_in, zip_bytes
from evidence.key_file import KEPT_IN, signing_key
from evidence.pack import MANIFEST, SIGNATURE, Edition, compile_pack, sealed
from evidence.queries import zip_of
from evidence.service import publish_pack
from evidence.signing import NoKey, PackKey, fingerprint_of, is_signed, pem_of, public_key_in
from evidence.verify import AUDIT_HEAD, Checked, Difference, Finding, check
from live import messages
from scenario_app.backup import back_up, restore
from scenario_app.cli import cli
from scenario_app.kernel.audit import head_of
from scenario_app.kernel.config import BadSetting, Config
from tests.application import client_of, make_app
from tests.evidence.a_room import close, play
from tests.evidence.an_event import NOON, an_event
from tests.makers import make_floor, make_town

KEY, OTHER = PackKey(b"k" * 32), PackKey(b"o" * 32)


def edition(key: PackKey | None) -> Edition:
    return Edition(version=1, generated_at=NOON, app_version="0.1.0", key=key)


@pytest.fixture(scope="module")
def pack() -> bytes:
    return zip_bytes(compile_pack(an_event(), edition(KEY)))


@pytest.fixture(scope="module")
def unsigned() -> bytes:
    return zip_bytes(compile_pack(an_event(), edition(None)))


def resealed(pack: bytes, key: PackKey | None = None) -> bytes:
    """A pack whose manifest was changed by somebody who knows how a manifest is sealed, and maybe has a key."""
    files = files_in(pack)
    manifest = json.loads(files[MANIFEST])
    manifest["app_version"] = "9.9.9"
    if key is not None:
        manifest["signed_by"] |= {
            "public_key": key.public_key,
            "fingerprint": fingerprint_of(key.public_key),
        }
    manifest = json.dumps(sealed(manifest), ensure_ascii=False, indent=2).encode() + b"\n"
    signature = {SIGNATURE: key.sign(manifest)} if key else {}
    return zip_bytes({**files, MANIFEST: manifest, **signature})


def test_the_signature_is_the_last_file_and_covers_the_manifest(pack):
    files = files_in(pack)

    assert list(files)[-2:] == [MANIFEST, SIGNATURE]
    named = json.loads(files[MANIFEST])["signed_by"]
    assert named["fingerprint"] == fingerprint_of(named["public_key"])
    assert is_signed(named["public_key"], files[MANIFEST], files[SIGNATURE])
    assert len(bytes.fromhex(files[SIGNATURE].decode())) == 64


def test_a_signed_pack_says_whose_it_is_and_needs_the_right_key(pack):
    assert check(pack) == Checked((), KEY.public_key)
    assert check(pack, key=KEY.public_key).differences == ()
    assert check(pack, key=OTHER.public_key) == Checked((Difference(SIGNATURE, Finding.OTHER_KEY),))


def test_a_pack_from_before_packs_were_signed_is_intact_but_not_for_who_wants_a_signature(unsigned):
    assert check(unsigned) == Checked(())
    assert check(unsigned, key=KEY.public_key).differences == (Difference(SIGNATURE, Finding.MISSING),)


def test_a_manifest_that_was_changed_and_sealed_anew_does_not_fit_its_signature(pack):
    assert check(resealed(pack)).differences == (Difference(SIGNATURE, Finding.FORGED),)


def test_a_pack_signed_anew_with_another_key_holds_only_for_who_does_not_know_the_key(pack):
    forged = resealed(pack, OTHER)

    assert check(forged) == Checked((), OTHER.public_key)
    assert check(forged, key=KEY.public_key).differences == (Difference(SIGNATURE, Finding.OTHER_KEY),)


@pytest.mark.parametrize("signature", [b"", b"0" * 128, b"\xff" * 128, b"A" * 128, b"0" * 127 + b"\n"])
def test_whatever_stands_in_place_of_the_signature_is_found(pack, signature):
    found = check(zip_bytes({**files_in(pack), SIGNATURE: signature}))

    assert found == Checked((Difference(SIGNATURE, Finding.FORGED),))


def test_a_signature_that_was_taken_away_or_put_in_is_named(pack, unsigned):
    files = files_in(pack)
    signature = files.pop(SIGNATURE)

    assert check(zip_bytes(files)).differences == (Difference(SIGNATURE, Finding.MISSING),)
    put_in = zip_bytes({**files_in(unsigned), SIGNATURE: signature})
    assert check(put_in).differences == (Difference(SIGNATURE, Finding.ADDED),)


@pytest.mark.parametrize(
    "signed_by",
    [5, {}, {"algorithm": "none"}, {"algorithm": "Ed25519", "public_key": "0" * 64, "fingerprint": "0" * 64}],
)
def test_a_manifest_that_names_no_real_key_is_named(unsigned, signed_by):
    files = files_in(unsigned)
    manifest = sealed({**json.loads(files[MANIFEST]), "signed_by": signed_by})
    files[MANIFEST] = json.dumps(manifest, ensure_ascii=False, indent=2).encode() + b"\n"

    assert check(zip_bytes(files)).differences == (Difference(MANIFEST, Finding.CHANGED),)


def test_the_key_is_made_once_for_its_owner_alone(tmp_path):
    config = Config(data_dir=tmp_path / "data")

    first = signing_key(config)

    assert signing_key(config) == first
    kept = config.data_dir / KEPT_IN
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in config.data_dir.iterdir()] == [KEPT_IN]
    assert first.seed.hex() not in repr(first)


def public_key_of(folder: str) -> str:
    return signing_key(Config(data_dir=Path(folder))).public_key


@pytest.mark.slow
def test_processes_that_need_the_key_at_once_end_with_one(tmp_path):
    with ProcessPoolExecutor(4, mp_context=get_context("fork")) as processes:
        keys = set(processes.map(public_key_of, [str(tmp_path)] * 8))

    assert len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == [KEPT_IN]


def test_a_key_that_was_damaged_stops_the_start_and_is_not_made_anew(tmp_path):
    config = Config(data_dir=tmp_path)
    (tmp_path / KEPT_IN).write_text("no key")

    with pytest.raises(BadSetting, match="SIGNING_KEY"):
        make_app(config, None, lambda: NOON)

    assert (tmp_path / KEPT_IN).read_text() == "no key"


def test_a_key_is_read_from_hex_and_from_pem_with_words_around_it():
    pem = pem_of(KEY.public_key)

    assert public_key_in(f"This is our key:\n{pem}\nKeep it.") == KEY.public_key
    assert public_key_in(KEY.public_key.upper()) == KEY.public_key


@pytest.mark.parametrize("text", ["", "x" * 64, "ab" * 31, pem_of(KEY.public_key).replace("M", "N", 1)])
def test_what_is_no_key_is_refused(text):
    with pytest.raises(NoKey):
        public_key_in(text)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_backup_brings_the_key_back(database, config, tmp_path):
    key = signing_key(config)
    back_up(config, database, tmp_path / "backup")
    (config.data_dir / KEPT_IN).write_text(OTHER.seed.hex())

    restore(config, database, tmp_path / "backup")

    assert signing_key(config) == key
    assert stat.S_IMODE((config.data_dir / KEPT_IN).stat().st_mode) == 0o600


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_site_signs_what_it_publishes_and_shows_its_public_key(database, config, clock):
    floor = make_floor(make_town(database, config, now=clock()), now=clock())
    floor.start()
    play(floor)
    close(floor)
    app = make_app(config, database, clock)
    stella, stranger = client_of(app, floor.town.account("stella")), client_of(app)

    assert stella.post("/evidence/publish", data={"event": "an-evening"}).status_code == 302
    assert app.extensions["packer"].work() == 1

    answer = stranger.get("/evidence/public-key")
    assert answer.content_type == "text/plain; charset=utf-8"
    key = public_key_in(answer.text)
    assert key in answer.text
    checked = check(stranger.get("/evidence/an-evening-v1/pack.zip").data, key=key)
    assert checked == Checked((), key)
    fingerprint = " ".join(checked.fingerprint[place : place + 8] for place in range(0, 64, 8))
    assert fingerprint in stranger.get("/evidence/an-evening-v1").text
    signature = stranger.get("/evidence/an-evening-v1/documents/manifest.sig")
    assert signature.status_code == 200


def test_an_audit_head_that_somebody_kept_is_found_in_the_pack_or_missed(database, config, clock):
    floor = make_floor(make_town(database, config, now=clock()), now=clock())
    floor.start()
    with database.reading() as session:
        kept = head_of(session, "event:an-evening").hash
    play(floor)
    floor.act(messages.EndPerformance)
    with database.transaction() as session:
        publish_pack(
            session,
            event_slug="an-evening",
            account_id=floor.town.account("stella").id,
            now=clock() + timedelta(days=1),
            threshold=8,
            key=KEY,
        )
    with database.reading() as session:
        frozen = zip_of(session, "an-evening-v1")

    assert check(frozen, audit_head=kept).differences == ()
    assert check(frozen, audit_head=kept[:16]).differences == ()
    changed = ("0" if kept[0] != "0" else "1") + kept[1:]
    assert check(frozen, audit_head=changed).differences == (Difference(AUDIT_HEAD, Finding.OTHER_HISTORY),)


def test_the_command_says_whose_signature_it_is_and_what_that_is_worth(pack, unsigned, tmp_path):
    signed_pack, old_pack, key_file = tmp_path / "signed.zip", tmp_path / "old.zip", tmp_path / "key.txt"
    signed_pack.write_bytes(pack)
    old_pack.write_bytes(unsigned)
    key_file.write_text(pem_of(KEY.public_key))

    def verify(*arguments: object) -> tuple[int, str]:
        said = CliRunner().invoke(cli, ["evidence", "verify", *map(str, arguments)])
        return said.exit_code, said.output

    code, said = verify(signed_pack)
    assert code == 0
    assert fingerprint_of(KEY.public_key) in said
    assert "Anybody can make a key" in said
    assert "as the list in the pack says" in said
    assert verify(signed_pack, "--key", key_file)[1].startswith(
        "Intact: every file is as it was published.\n"
    )
    assert verify(signed_pack, "--key", key_file)[0] == 0
    assert verify(signed_pack, "--key", OTHER.public_key) == (
        1,
        "manifest.sig was made with another key than the one you gave\n",
    )
    assert "not signed" in verify(old_pack)[1]
    assert verify(signed_pack, "--key", "nonsense")[0] == 2
    assert "says nothing of the tables" in verify(signed_pack, "--audit-head", "ab" * 32)[1]
    assert "says nothing" not in verify(signed_pack, "--audit-head", "ab" * 32, "--key", key_file)[1]
    assert verify(signed_pack, "--audit-head", "ab" * 32)[0] == 0
    assert verify(signed_pack, "--audit-head", "ab" * 7)[0] == 2
    assert verify(signed_pack, "--audit-head", "cd" * 16) == (
        1,
        "(audit head) is not in this pack: what was recorded up to it was changed, or it is another event's\n",
    )
