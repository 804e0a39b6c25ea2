"""Settings: unsafe values refuse the start with one line that names the setting and never shows its value."""

import base64
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.errors import BadSettings
from bot.settings import DEMO_FILE, HOME, Settings, load
from tests.conftest import make_settings

GOOD_MASTER = base64.b64encode(b"m" * 32).decode()
SECRET = "swordfish"
"""Stands in every bad value below, so that a message that shows a value is found."""


@pytest.fixture(autouse=True)
def _an_empty_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting in the environment, no `.env` in the working directory."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("database_url", f"mysql://u:{SECRET}@h/d", "must start with postgresql://"),
        ("database_url", f"{SECRET}", "must start with postgresql://"),
        ("public_url", f"ftp://{SECRET}.example", "must be http(s)://host without user name"),
        ("public_url", f"{SECRET}.example", "must be http(s)://host without user name"),
        ("public_url", f"https://user:{SECRET}@bot.example", "must be http(s)://host without user name"),
        ("public_url", "https://", "must be http(s)://host without user name"),
        ("public_url", f"https://[{SECRET}", "Invalid IPv6 URL"),
        ("link_url", f"javascript:{SECRET}", "must be http(s)://host without user name"),
        ("secret_keys", SECRET, "each key must have at least 32 characters"),
        ("secret_keys", f"{'k' * 32},{SECRET}", "each key must have at least 32 characters"),
        ("secret_keys", "k" * 31, "each key must have at least 32 characters"),
        ("master_keys", f"{SECRET}!", "each key must be base64"),
        ("master_keys", base64.b64encode(SECRET.encode()).decode(), "each key must be 32 bytes in base64"),
        ("master_keys", base64.b64encode(b"m" * 31).decode(), "each key must be 32 bytes in base64"),
        ("master_keys", base64.b64encode(b"m" * 33).decode(), "each key must be 32 bytes in base64"),
        ("master_keys", f"{GOOD_MASTER},{SECRET}!", "each key must be base64"),
        ("master_keys", "ключ", "each key must be base64"),
        ("port", "0", "greater than or equal to 1"),
        ("port", "65536", "less than or equal to 65535"),
        ("port", SECRET, "valid integer"),
        ("web_processes", "0", "greater than or equal to 1"),
        ("web_processes", "65", "less than or equal to 64"),
        ("demo", SECRET, "valid boolean"),
    ],
)
def test_an_unsafe_value_is_refused_in_one_line_that_names_it_and_hides_it(
    name: str, value: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name.upper(), value)
    with pytest.raises(BadSettings) as caught:
        load()
    message = str(caught.value)
    assert message.startswith(f"{name.upper()}: ")
    assert says in message
    assert "\n" not in message
    assert SECRET not in message
    assert len(value) < 3 or value not in message
    assert caught.value.__suppress_context__, "the cause would show the value"


def test_even_the_error_beneath_does_not_show_the_value() -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(_env_file=None, secret_keys=SECRET, port=SECRET)  # type: ignore[arg-type]
    assert SECRET not in str(caught.value)


def test_every_bad_setting_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEYS", SECRET)
    monkeypatch.setenv("PORT", "0")
    with pytest.raises(BadSettings) as caught:
        load()
    assert "SECRET_KEYS: " in str(caught.value)
    assert "PORT: " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_a_command_needs_and_does_not_have_is_named() -> None:
    with pytest.raises(BadSettings) as caught:
        load().require("secret_keys", "port", "twilio_auth_token")
    message = str(caught.value)
    assert "SECRET_KEYS" in message
    assert "TWILIO_AUTH_TOKEN" in message
    assert "PORT" not in message


def test_what_is_there_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEYS", "k" * 32)
    load().require("secret_keys")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("database_url", ""),
        ("redis_url", ""),
        ("public_url", "http://localhost:8000"),
        ("link_url", ""),
        ("secret_keys", ""),
        ("master_keys", ""),
        ("port", 8000),
        ("data_dir", Path("var")),
        ("flows_dir", HOME / "flows"),
        ("twilio_account_sid", ""),
        ("twilio_auth_token", ""),
        ("twilio_messaging_service_sid", ""),
        ("twilio_api_base", "https://api.twilio.com"),
        ("web_processes", 2),
        ("metrics_token", ""),
        ("demo", False),
    ],
)
def test_defaults_are_safe(name: str, value: object) -> None:
    assert getattr(load(), name) == value


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "")
    assert load().port == 8000


def test_settings_do_not_change() -> None:
    with pytest.raises(Exception, match="frozen"):
        load().port = 1  # type: ignore[misc]


def test_later_sources_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / DEMO_FILE).write_text(
        "PORT=1001\nWEB_PROCESSES=11\nPUBLIC_URL=http://a.example\nDEMO=1\n"
    )
    assert (load().port, load().web_processes, load().demo) == (1001, 11, True)
    (tmp_path / ".env").write_text("PORT=1002\nWEB_PROCESSES=12\n")
    assert (load().port, load().web_processes) == (1002, 12)
    monkeypatch.setenv("PORT", "1003")
    assert (load().port, load().web_processes) == (1003, 12)
    assert load(port=1004).port == 1004
    assert load(port=1004).public_url == "http://a.example"


def test_the_demos_file_is_looked_for_in_the_data_directory(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / DEMO_FILE).write_text("PORT=1005\n")
    (tmp_path / ".env").write_text(f"DATA_DIR={elsewhere}\n")
    assert load().port == 1005


def test_an_unknown_variable_is_nobodys_business(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SOMETHING_ELSE=1\nPORT=1006\n")
    assert load().port == 1006


@pytest.mark.parametrize(
    ("name", "value", "part", "expected"),
    [
        ("secret_keys", f"{'a' * 32},{'b' * 32}", "secrets", ("a" * 32, "b" * 32)),
        ("secret_keys", f" {'a' * 32} , ,{'b' * 32},", "secrets", ("a" * 32, "b" * 32)),
        ("secret_keys", "", "secrets", ()),
        (
            "master_keys",
            f"{base64.b64encode(b'n' * 32).decode()}, {GOOD_MASTER}",
            "masters",
            (b"n" * 32, b"m" * 32),
        ),
        ("twilio_auth_token", "new,old", "auth_tokens", ("new", "old")),
        ("twilio_auth_token", " new , ", "auth_tokens", ("new",)),
        ("twilio_auth_token", "", "auth_tokens", ()),
    ],
)
def test_keys_rotate_as_lists(name: str, value: str, part: str, expected: tuple[object, ...]) -> None:
    assert getattr(load(**{name: value}), part) == expected


@pytest.mark.parametrize(
    ("public", "link", "pages"),
    [
        ("https://bot.example/", "", "https://bot.example"),
        ("https://bot.example", "https://m.example/", "https://m.example"),
    ],
)
def test_pages_live_at_the_link_host_else_at_the_public_one(public: str, link: str, pages: str) -> None:
    assert load(public_url=public, link_url=link).pages_url == pages


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://M.Riverside.Example", "https://m.riverside.example"),
        ("https://m.riverside.example:443", "https://m.riverside.example"),
        ("https://m.riverside.example:8443/", "https://m.riverside.example:8443"),
        ("http://localhost:80", "http://localhost"),
        ("", "http://localhost:8000"),
    ],
)
def test_the_origin_of_pages_is_written_as_browsers_write_it(url: str, origin: str) -> None:
    assert make_settings(link_url=url).pages_origin == origin


def test_pages_have_no_path_of_their_own() -> None:
    with pytest.raises(ValueError, match="without a path"):
        make_settings(link_url="https://riverside.example/pages")
