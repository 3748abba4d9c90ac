"""Settings: each wrong value is named in one sentence, and no secret is ever in it."""

import stat

import pytest

from scenario_app.kernel.config import BadSetting, Config

WRONG = [
    ("PORT", "eighty", "'eighty'"),
    ("PORT", "0", "0"),
    ("PORT", "65536", "65536"),
    ("DATABASE_URL", "mysql://ada:hunter2@db/x", "'mysql'"),
    ("DATABASE_URL", "postgresql://ada:hunter2@db:port/x", "cannot be read"),
    ("REDIS_URL", "http://ada:hunter2@localhost", "'http'"),
    ("REDIS_URL", "redis://[", "cannot be read"),
    ("SECRET_KEY", "hunter2", "7 characters"),
    ("SECRET_KEY", "a" * 60, "60 characters"),
    ("PUBLIC_URL", "eastmere.example", "''"),
    ("SUPPRESS_BELOW", "7", "7"),
    ("SUPPRESS_BELOW", "-8", "-8"),
    ("MAIL_URL", "https://ada:hunter2@mail", "'https'"),
    ("TRUSTED_PROXIES", "9", "9"),
    ("LOG_LEVEL", "loud", "'LOUD'"),
    ("TIME_ZONE", "Eastmere", "'Eastmere'"),
    ("RETENTION_HOURS", "0", "0"),
    ("DRAFT_DAYS", "0", "0"),
    ("HELP_LINES", "Samaritans", "'Samaritans='"),
    ("HELP_LINES", "Samaritans=116 123|Us=now", "'Us=now'"),
    ("HELP_LINES", "a=11|" * 9, "9 lines"),
]


@pytest.mark.parametrize(("name", "value", "found"), WRONG)
def test_a_wrong_setting_is_refused_by_name_with_what_was_found_and_what_is_expected(
    tmp_path, name, value, found
):
    with pytest.raises(BadSetting) as refusal:
        Config.from_env({"DATA_DIR": str(tmp_path), name: value})

    words = str(refusal.value)
    assert words.startswith(f"{name}: found ")
    assert found in words
    assert ", expected " in words
    assert "hunter2" not in words
    assert "\n" not in words


def test_a_data_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "taken").write_text("")

    with pytest.raises(BadSetting, match=r"DATA_DIR: found .*taken"):
        Config.from_env({"DATA_DIR": str(tmp_path / "taken")})


def test_a_secret_is_made_once_and_kept_for_its_owner_alone(tmp_path):
    folder = tmp_path / "var"

    first = Config.from_env({"DATA_DIR": str(folder)})
    second = Config.from_env({"DATA_DIR": str(folder)})

    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 32
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "secret").stat().st_mode) == 0o600
    assert sorted(path.name for path in folder.iterdir()) == ["secret"]


def test_a_kept_secret_that_was_cut_short_is_refused_and_not_signed_with(tmp_path):
    (tmp_path / "secret").write_text("")

    with pytest.raises(BadSetting, match=r"SECRET_KEY: found .*with 0 characters"):
        Config.from_env({"DATA_DIR": str(tmp_path)})


def test_no_secret_is_printed_with_the_configuration(tmp_path):
    config = Config.from_env(
        {
            "DATA_DIR": str(tmp_path),
            "SECRET_KEY": "nobody-may-ever-read-this-0123456789",
            "MAIL_URL": "smtp://ada:hunter2@mail",
            "METRICS_TOKEN": "hunter3",
        }
    )

    assert "hunter" not in repr(config)
    assert "nobody-may" not in repr(config)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_taken_as_hosts_give_its_address(tmp_path, scheme):
    config = Config.from_env({"DATA_DIR": str(tmp_path), "DATABASE_URL": f"{scheme}://ada:x@db:5432/town"})

    assert config.database_url == "postgresql+psycopg://ada:x@db:5432/town"
    assert not config.on_sqlite


def test_whom_to_ring_is_names_and_numbers(tmp_path):
    config = Config.from_env({"DATA_DIR": str(tmp_path), "HELP_LINES": "NHS 111=111 | Samaritans = 116 123|"})

    assert config.help_lines == (("NHS 111", "111"), ("Samaritans", "116 123"))
