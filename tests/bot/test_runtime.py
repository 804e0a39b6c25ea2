"""The wiring: transactions, the clock, and what is remembered for a second."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from bot.errors import DatabaseAway, NotFound, UnknownClinic
from bot.flowbook import loader
from bot.runtime import Runtime
from bot.store import clinics, editions
from tests.conftest import CLINIC_PHONE, START, make_settings

MOMENT = timedelta(seconds=30)


@pytest.fixture
def live(rt: Runtime) -> Iterator[Runtime]:
    """The same service as it is in production."""
    made = Runtime(rt.settings.model_copy(update={"demo": False}))
    yield made
    made.engine.dispose()


def name(rt: Runtime, clinic: UUID) -> str:
    with rt.begin() as db:
        return clinics.get(db, clinic).name


def rename(rt: Runtime, text: str) -> None:
    with rt.begin() as db:
        db.conn.execute(clinics.clinics.update().values(name=text))


def rename_and_fail(rt: Runtime) -> None:
    with rt.begin() as db:
        db.conn.execute(clinics.clinics.update().values(name="Hill Clinic"))
        _ = 1 / 0


def test_a_transaction_is_kept_at_its_end(rt: Runtime, clinic: UUID) -> None:
    rename(rt, "Hill Clinic")
    assert name(rt, clinic) == "Hill Clinic"


def test_an_exception_undoes_all_of_it_and_is_passed_on(rt: Runtime, clinic: UUID) -> None:
    with pytest.raises(ZeroDivisionError):
        rename_and_fail(rt)
    assert name(rt, clinic) == "Riverside Clinic"


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_a_database_that_is_away_is_said_as_such_and_can_be_tried_again(rt: Runtime, scheme: str) -> None:
    away = Runtime(make_settings(database_url=f"{scheme}://nobody:secret@127.0.0.1:1/nothing"))
    with pytest.raises(DatabaseAway) as said, away.begin():
        pass
    assert said.value.retryable
    assert "secret" not in str(said.value)


def test_a_connection_that_the_server_closed_is_replaced(rt: Runtime, clinic: UUID) -> None:
    with pytest.raises(DatabaseAway), rt.begin() as db:
        db.conn.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
    assert name(rt, clinic) == "Riverside Clinic"


# -- the clock ---------------------------------------------------------------------------------------


def test_the_clock_is_aware_and_in_utc(rt: Runtime) -> None:
    assert rt.now().tzinfo is UTC
    assert abs(rt.now() - START) < MOMENT


def test_the_demos_clock_moves_for_every_process(rt: Runtime) -> None:
    rt.move_clock(timedelta(days=2))
    other = Runtime(rt.settings)
    assert abs(other.now() - (START + timedelta(days=2))) < MOMENT


def test_moves_add_up(rt: Runtime) -> None:
    for _ in range(3):
        rt.move_clock(timedelta(hours=1))
    assert abs(rt.now() - (START + timedelta(hours=3))) < MOMENT


@pytest.mark.parametrize("content", ["", "3", "half", None])
def test_a_clock_file_that_is_half_written_or_gone_moves_nothing_much(
    rt: Runtime, content: str | None
) -> None:
    if content is None:
        rt.clock_file.unlink()
    else:
        rt.clock_file.write_text(content)
    assert abs(rt.now() - datetime.now(UTC)) < MOMENT


def test_no_file_moves_the_clock_in_production(live: Runtime) -> None:
    live.move_clock(timedelta(days=2))
    assert abs(live.now() - datetime.now(UTC)) < MOMENT


# -- books, editions, clinics ------------------------------------------------------------------------


def test_an_edition_is_read_once(rt: Runtime) -> None:
    with rt.begin() as db:
        edition = rt.current_edition(db)
        assert rt.book(db, edition) is rt.book(db, edition)
        assert rt.book(db, edition).edition == edition


def test_an_edition_that_there_is_not_is_said(rt: Runtime) -> None:
    with pytest.raises(NotFound, match="no edition nonsense"), rt.begin() as db:
        rt.book(db, "nonsense")


def test_an_edition_that_can_not_be_read_is_none_and_looked_at_once(
    rt: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with rt.begin() as db:
        editions.publish(db, "broken", {"clinic.yaml": "]["}, rt.now())
        assert rt.readable_book(db, "broken") is None
        monkeypatch.setattr("bot.runtime.editions.files", lambda *_: pytest.fail("looked at again"))
        assert rt.readable_book(db, "broken") is None


def test_an_edition_that_there_is_not_is_none_and_looked_for_again(rt: Runtime) -> None:
    with rt.begin() as db:
        assert rt.readable_book(db, "later") is None
        editions.publish(db, "later", loader.collect(rt.settings.flows_dir), rt.now())
        assert rt.readable_book(db, "later") is not None


def test_what_starts_with_something_is_known(rt: Runtime) -> None:
    with rt.begin() as db:
        assert rt.starts(db, "the patient says cancel")
        assert not rt.starts(db, "a missed call")


def test_an_edition_from_before_the_newer_keys_of_a_policy_is_read(rt: Runtime) -> None:
    """Keys that came later have defaults: what was published under an older schema goes on."""
    newer = ("unasked_per_day", "unasked_per_week")
    files = loader.collect(rt.settings.flows_dir)
    (policy,) = [path for path in files if path.startswith("policies/")]
    lines = [line for line in files[policy].splitlines() if not line.startswith(newer)]
    files[policy] = "\n".join(lines)
    house = [line for line in files["clinic.yaml"].splitlines() if line.startswith("policy")]
    files["clinic.yaml"] = "\n".join(house)
    with rt.begin() as db:
        editions.publish(db, "old", files, rt.now())
        book = rt.book(db, "old")
    assert (book.policy.unasked_per_day, book.house.calendars) == (1, {})


def test_before_anything_is_published_the_command_is_named(rt: Runtime) -> None:
    with rt.begin() as db:
        db.conn.execute(editions.editions.delete())
    with pytest.raises(NotFound, match="bot flow publish flows"), rt.begin() as db:
        rt.current_edition(db)


def test_a_clinic_is_found_by_id_and_by_number(rt: Runtime, clinic: UUID) -> None:
    with rt.begin() as db:
        assert rt.clinic(db, clinic) == rt.clinic_with(db, CLINIC_PHONE)


def test_a_clinic_that_there_is_not_is_not_remembered_as_missing(rt: Runtime) -> None:
    from bot.service import clinic as clinic_service

    with pytest.raises(UnknownClinic), rt.begin() as db:
        rt.clinic_with(db, "+12025550300")
    added = clinic_service.add(rt, name="Hill Clinic", phone="+12025550300", zone="America/Chicago")
    with rt.begin() as db:
        assert rt.clinic_with(db, "+12025550300").id == added


def test_what_was_read_a_second_ago_is_read_again(rt: Runtime, clinic: UUID) -> None:
    with rt.begin() as db:
        assert rt.clinic(db, clinic).name == "Riverside Clinic"
    rename(rt, "Hill Clinic")
    until, known = rt.remembered[clinic]
    rt.remembered[clinic] = (until - 2, known)  # a second later
    with rt.begin() as db:
        assert rt.clinic(db, clinic).name == "Hill Clinic"


def test_nothing_that_costs_time_is_made_before_it_is_used(rt: Runtime) -> None:
    fresh = Runtime(rt.settings)
    made = set(vars(fresh)) - {"settings", "books", "remembered", "unreadable"}
    assert made == set()
