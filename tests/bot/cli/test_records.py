"""`bot clinic`, `bot import`, `bot export`: what they print and with which code they end."""

import re
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from bot.cli import main
from bot.runtime import Runtime
from bot.service import clinic as clinics
from bot.service.intake import APPOINTMENTS as VISITS
from bot.service.intake import PATIENTS as PEOPLE
from bot.service.intake import SLOTS as TIMES
from bot.service.intake_chart import MEDICINES as PILLS
from bot.service.intake_chart import RESULTS as VALUES
from bot.service.intake_chart import SUMMARIES as REPORTS

ANA = "P1,Ana,Morales,1958-04-12,202-555-0111"
PATIENTS = f"external_id,first_name,last_name,birth_date,phone\n{ANA}\n"
APPOINTMENTS = (
    "external_id,patient_external_id,provider,location,kind,start,duration_minutes,status\n"
    "A1,P1,Dr. Okafor,Main Street,follow-up,2026-12-07T10:30:00-05:00,30,booked\n"
)
SLOTS = "provider,location,kind,start,duration_minutes\nDr. Okafor,Main Street,follow-up,2026-12-08T10:30-05:00,30\n"
RESULTS = "external_id,patient_external_id,name,value,high,taken,released\nR1,P1,LDL,96,100,2024-11-27,yes\n"
SUMMARIES = (
    "appointment_external_id,provider,diagnoses,medicines,plan\nA1,Dr. Okafor,Gout,new: Allopurinol,Rest\n"
)
MEDICINES = "external_id,patient_external_id,name,how,covered\nM1,P1,Lisinopril,10 mg once a day,yes\n"
FILES = {
    "patients": PATIENTS,
    "appointments": APPOINTMENTS,
    "slots": SLOTS,
    "results": RESULTS,
    "summaries": SUMMARIES,
    "medicines": MEDICINES,
}
KINDS = (PEOPLE, VISITS, TIMES, VALUES, REPORTS, PILLS)
Bot = Callable[..., tuple[int, str, str]]


@pytest.fixture
def bot(
    rt: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Bot:
    """Runs `bot` on the test's servers; its exit code and what it printed."""
    monkeypatch.chdir(tmp_path)
    for name in ("database_url", "redis_url", "master_keys", "secret_keys", "data_dir"):
        monkeypatch.setenv(name.upper(), str(getattr(rt.settings, name)))

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["bot", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        printed = capfd.readouterr()
        return int(end.value.code or 0), printed.out, printed.err

    return run


def file(tmp_path: Path, content: str) -> str:
    path = tmp_path / "records.csv"
    path.write_text(content)
    return str(path)


def test_a_clinics_records_go_in_and_out(bot: Bot, tmp_path: Path) -> None:
    code, out, _ = bot(
        "clinic",
        "add",
        "--name",
        "Riverside Clinic",
        "--phone",
        "+12025550100",
        "--timezone",
        "America/New_York",
    )
    assert code == 0
    clinic = str(UUID(out.strip()))
    for name, content in FILES.items():
        records = file(tmp_path, content)
        for flags, expected in (
            (["--dry-run"], "1 added, 0 changed, 0 unchanged, 0 bad (dry run: nothing was kept)\n"),
            (["--clinic", clinic], "1 added, 0 changed, 0 unchanged, 0 bad\n"),
            ([], "0 added, 0 changed, 1 unchanged, 0 bad\n"),
        ):
            assert bot("import", name, records, *flags) == (0, expected, "")
    assert bot("export", "appointments") == (0, APPOINTMENTS, "")


def test_bad_rows_are_named_without_their_values(bot: Bot, clinic: UUID, tmp_path: Path) -> None:
    bad = "P2,Ben,Boone,1939-13-11,12345,x\n,,\nP3,Theo\n"
    code, out, err = bot("import", "patients", file(tmp_path, PATIENTS.replace("\n", ",notes\n") + bad))
    assert code == 1
    assert out.splitlines() == [
        "Columns that are not known and ignored: notes",
        "line 3: birth_date is not a date in the form YYYY-MM-DD",
        "line 3: phone has too few or too many digits for a phone number",
        "line 5 has 2 fields, the header has 6",
        "1 added, 0 changed, 0 unchanged, 2 bad",
    ]
    assert err == ""


def test_a_file_that_can_not_be_used_ends_with_2(bot: Bot, clinic: UUID, tmp_path: Path) -> None:
    code, out, err = bot("import", "patients", file(tmp_path, f"{ANA}\n"))
    assert (code, out) == (2, "")
    assert err == (
        "bot: records.csv: columns are missing: external_id, first_name, last_name, birth_date, phone. "
        "The first row must name the columns.\n"
    )
    code, _, err = bot("import", "patients", str(tmp_path / "nowhere.csv"))
    assert code == 2
    assert "does not exist" in err


def test_with_two_clinics_one_must_be_named(bot: Bot, rt: Runtime, clinic: UUID, tmp_path: Path) -> None:
    second = clinics.add(rt, name="Hillside Clinic", phone="202-555-0101", zone="America/Denver")
    code, _, err = bot("import", "patients", file(tmp_path, PATIENTS))
    assert code == 2
    assert f"--clinic {clinic}  Riverside Clinic" in err
    assert bot("import", "patients", file(tmp_path, PATIENTS), "--clinic", str(second))[0] == 0
    assert bot("export", "appointments")[0] == 2
    assert bot("export", "appointments", "--clinic", str(second))[0] == 0


def test_a_clinic_that_makes_no_sense_ends_with_2(bot: Bot) -> None:
    code, _, err = bot("clinic", "add", "--name", "A", "--phone", "911", "--timezone", "America/New_York")
    assert (code, err) == (2, "bot: phone: has too few or too many digits for a phone number.\n")


def test_a_bad_result_is_named_without_its_value(bot: Bot, clinic: UUID, tmp_path: Path) -> None:
    assert bot("import", "patients", file(tmp_path, PATIENTS))[0] == 0
    bad = "R2,P1,LDL,hemolyzed,100,2024-11-27,yes\nR3,P9,LDL,96,100,2024-11-27,tomorrow\n"
    code, out, err = bot("import", "results", file(tmp_path, RESULTS + bad))
    assert (code, err) == (1, "")
    assert out.splitlines() == [
        "line 3: value is not a number such as 5.6 or <0.5, but has a normal range",
        "line 4: released is neither yes nor no nor a moment such as 2026-12-07T10:30-05:00",
        "1 added, 0 changed, 0 unchanged, 2 bad",
    ]


@pytest.mark.parametrize("name", FILES)
def test_help_names_every_column(bot: Bot, name: str) -> None:
    kind = {kind.name: kind for kind in KINDS}[name]
    code, out, _ = bot("import", name, "--help")
    assert code == 0
    assert {column.name for column in kind.columns} <= set(re.findall(r"\w+", out))
