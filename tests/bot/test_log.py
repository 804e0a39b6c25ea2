"""Logging: only listed fields, one JSON line each, and of an exception its type and place, never its message."""

import json
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog

from bot import log
from bot.errors import CarrierBusy, CarrierRefused

PHI = "Ana Morales +12025550111"


@pytest.fixture(autouse=True)
def written() -> Iterator[StringIO]:
    """Logging as a door sets it up, but into a string."""
    stream = StringIO()
    log.configure()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(stream), cache_logger_on_first_use=False)
    yield stream
    structlog.reset_defaults()


def lines(written: StringIO) -> list[dict[str, object]]:
    """What was logged."""
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_an_event_is_one_line_of_json(written: StringIO) -> None:
    log.get("bot.somewhere").info("text_received", conversation="c1", count=2)
    (line,) = lines(written)
    assert line.pop("timestamp").endswith("Z")  # type: ignore[attr-defined]
    assert line == {
        "event": "text_received",
        "level": "info",
        "module": "bot.somewhere",
        "conversation": "c1",
        "count": 2,
    }


@pytest.mark.parametrize(
    "field", ["phone", "body", "first_name", "text", "message", "exc_info", "stack_info"]
)
def test_a_field_that_is_not_listed_raises_at_the_call(field: str, written: StringIO) -> None:
    with pytest.raises(ValueError, match=f"not an allowed log field: {field}") as caught:
        log.get("x").info("text_received", **{field: PHI})
    assert PHI not in str(caught.value)
    assert lines(written) == []


def test_a_bound_field_is_looked_at_too() -> None:
    with pytest.raises(ValueError, match="not an allowed log field: phone"):
        log.get("x").bind(phone=PHI).info("text_received")


def test_logging_an_exception_with_its_trace_is_refused() -> None:
    def fail() -> None:
        try:
            raise ValueError(PHI)
        except ValueError:
            log.get("x").exception("failed")

    with pytest.raises(ValueError, match="not an allowed log field: exc_info") as caught:
        fail()
    assert PHI not in str(caught.value)


def test_of_an_exception_its_type_and_place_are_logged(written: StringIO) -> None:
    try:
        raise KeyError(PHI)
    except KeyError as error:
        log.get("x").error("failed", **log.error_fields(error))
        number = error.__traceback__.tb_lineno  # type: ignore[union-attr]
    (line,) = lines(written)
    assert (line["error"], line["place"], line["retryable"]) == ("KeyError", f"test_log.py:{number}", False)
    assert PHI not in json.dumps(line)


@pytest.mark.parametrize(
    ("error", "retryable"), [(CarrierBusy(), True), (CarrierRefused(30005), False), (OSError(), False)]
)
def test_whether_trying_again_can_help_is_logged(error: Exception, retryable: bool) -> None:
    assert log.error_fields(error) == {"error": type(error).__name__, "place": "", "retryable": retryable}


def test_what_is_below_the_level_is_not_logged_and_the_rest_goes_to_standard_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log.configure(level="WARNING")
    log.get("x").info("text_received")
    log.get("x").warning("doorbell_silent")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert [json.loads(line)["event"] for line in captured.err.splitlines()] == ["doorbell_silent"]


def test_the_list_names_nothing_that_could_hold_a_patients_words() -> None:
    suspicious = {
        "phone",
        "body",
        "text",
        "message",
        "name_of_patient",
        "first_name",
        "last_name",
        "birth_date",
        "to",
    }
    assert not log.FIELDS & suspicious
