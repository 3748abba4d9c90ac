"""Codes and secrets: what is typed, what is stored, what is signed."""

from scenario_app.kernel.tokens import (
    ALPHABET,
    clean_door_code,
    hashed,
    new_door_code,
    receipt_of,
    sealed,
    shown_door_code,
    signed,
    unsealed,
    unsigned,
)

KEY = "a-secret-that-only-the-tests-know-0123456789"


def test_a_door_code_survives_being_shown_and_typed_in_any_way():
    for _code in range(200):
        code = new_door_code()
        assert len(code) == 6
        assert set(code) <= set(ALPHABET)
        for typed in (shown_door_code(code), code.lower(), f" {code[:3]}-{code[3:]} "):
            assert clean_door_code(typed) == code


def test_nothing_typed_becomes_a_code_longer_than_twelve_characters():
    for typed in ("", "\0\r\n", "A" * 5000, "' OR 1=1 --", "\ud800", "ß" * 40):
        assert len(clean_door_code(typed)) <= 24
        assert clean_door_code(typed).isalnum() or clean_door_code(typed) == ""


def test_what_is_stored_depends_on_the_secret_and_on_the_site():
    assert hashed("seat", key=KEY) == hashed("seat", key=KEY)
    assert len({hashed("seat", key=KEY), hashed("seat", key="another"), hashed("tea", key=KEY)}) == 3
    assert len(hashed("\ud800", key=KEY)) == 32, "half a character is hashed like anything else"


def test_a_token_serves_its_purpose_and_no_other_and_not_for_ever():
    token = signed({"account": 1}, key=KEY, purpose="desk")

    assert unsigned(token, key=KEY, purpose="desk", max_age_seconds=60) == {"account": 1}
    assert unsigned(token, key=KEY, purpose="screen", max_age_seconds=60) is None
    assert unsigned(token, key="another-site", purpose="desk", max_age_seconds=60) is None
    assert unsigned(token, key=KEY, purpose="desk", max_age_seconds=-1) is None
    for broken in ("", ".", token[:-1], token + "A", "\ud800", token.replace(".", "", 1)):
        assert unsigned(broken, key=KEY, purpose="desk", max_age_seconds=60) is None


def test_receipts_of_a_room_are_told_apart():
    receipts = {receipt_of(1, seat, 1, key=KEY) for seat in range(1, 61)}

    assert len(receipts) >= 58
    assert all(len(receipt) == 4 and set(receipt) <= set(ALPHABET) for receipt in receipts)


def test_a_sealed_token_gives_its_words_to_this_site_only_and_shows_them_to_nobody():
    words = "acorn kettle heron lamp mint otter"
    tokens = {sealed(words, key=KEY, purpose="story") for _ in range(50)}
    one = min(tokens)

    def opened(token: str, key: str = KEY, purpose: str = "story", age: int = 60) -> str | None:
        return unsealed(token, key=key, purpose=purpose, max_age_seconds=age)

    assert len(tokens) == 50, "no two are alike"
    assert {opened(token) for token in tokens} == {words}
    assert not any(word in one for word in words.split())
    assert abs(len(sealed("a", key=KEY, purpose="story")) - len(one)) < 16, "the length tells nothing"
    assert opened(one, key="another") is opened(one, purpose="desk") is opened(one, age=-1) is None
    assert [
        opened(token) for token in ("", "x.y.z", one[:-2], signed({"a": 1}, key=KEY, purpose="story"))
    ] == [None] * 4
