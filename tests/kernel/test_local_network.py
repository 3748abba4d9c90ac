"""In a hall without internet: the right address, only watching and voting in the clear, nothing asked of the world."""

import pytest

from scenario_app.kernel.config import BadSetting, Config
from scenario_app.kernel.local_network import KEPT_HERE, best_address, own_addresses
from tests.application import client_of, make_app
from tests.makers import make_floor, make_town

FROM_THE_HALL = {"REMOTE_ADDR": "192.168.8.31"}
FROM_HERE = {"REMOTE_ADDR": "127.0.0.1"}


@pytest.fixture
def town(database, config, clock):
    return make_town(database, config, now=clock())


@pytest.fixture
def hall(town, clock):
    floor = make_floor(town, now=clock())
    floor.start()
    return floor


def app_of(hall, clock, **changes):
    from dataclasses import replace

    return make_app(replace(hall.town.config, **changes), hall.town.database, clock)


@pytest.mark.parametrize("path", [*KEPT_HERE, "/stories/new", "/desk/events/new", "/reviews/stories"])
def test_what_must_not_travel_in_the_clear_answers_only_on_the_machine_itself(hall, clock, path):
    client = client_of(app_of(hall, clock, lan=True))

    from_the_hall = client.get(path, environ_overrides=FROM_THE_HALL)
    from_here = client.get(path, environ_overrides=FROM_HERE)

    assert from_the_hall.status_code == 403
    assert "only" in from_the_hall.get_data(as_text=True).lower()
    assert from_here.status_code != 403 or "only_on_this_machine" not in from_here.get_data(as_text=True)


def test_phones_of_the_hall_watch_and_vote_and_are_told_about_the_network(hall, clock):
    client = client_of(app_of(hall, clock, lan=True))
    code = hall.section.code

    door = client.get(f"/join/{code}", environ_overrides=FROM_THE_HALL)
    came = client.post(f"/join/{code}", data={"role": ""}, environ_overrides=FROM_THE_HALL)
    phone = client.get(f"/at/{code}", environ_overrides=FROM_THE_HALL)

    assert (door.status_code, came.status_code, phone.status_code) == (200, 302, 200)
    assert "not encrypted" in door.get_data(as_text=True)
    assert "not encrypted" in phone.get_data(as_text=True)
    assert "about:blank" in phone.get_data(as_text=True)
    assert "not encrypted" not in client.get("/", environ_overrides=FROM_HERE).get_data(as_text=True)


def test_with_tls_everything_works_from_everywhere(hall, clock):
    client = client_of(app_of(hall, clock, lan=True))

    answer = client.get("/sign-in", base_url="https://hall.example.org", environ_overrides=FROM_THE_HALL)

    assert answer.status_code == 200
    assert "not encrypted" not in answer.get_data(as_text=True)


def test_elsewhere_nothing_is_fenced(hall, clock):
    client = client_of(app_of(hall, clock))

    assert client.get("/sign-in", environ_overrides=FROM_THE_HALL).status_code == 200
    assert "not encrypted" not in client.get("/", environ_overrides=FROM_THE_HALL).get_data(as_text=True)


def test_the_address_is_one_that_phones_reach():
    assert best_address(["127.0.0.1", "10.8.0.4", "192.168.1.7"]) == "192.168.1.7"
    assert best_address(["172.17.0.1", "10.0.0.9"]) == "10.0.0.9"
    assert best_address(["127.0.0.1"]) is None


def test_the_machine_knows_its_own_addresses_without_asking_anybody():
    assert all(part.count(".") == 3 for part in own_addresses())


def test_a_bad_value_says_what_is_expected(tmp_path):
    with pytest.raises(BadSetting, match="LAN"):
        Config.from_env({"DATA_DIR": str(tmp_path), "LAN": "perhaps"})
