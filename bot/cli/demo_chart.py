"""The charts of the demo's made-up patients: results over some years, summaries, medicines. Nobody is like that.

What a provider could release next, and the summaries of visits that are still ahead, are written beside the rest:
`service/demo_events` brings them in when it happens.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

RESULT_COLUMNS = (
    *("external_id", "patient_external_id", "panel", "name", "value", "unit"),
    *("low", "high", "taken", "provider", "note", "released"),
)
SUMMARY_COLUMNS = ("appointment_external_id", "provider", "diagnoses", "medicines", "plan")
MEDICINE_COLUMNS = ("external_id", "patient_external_id", "name", "how", "covered")
UNTIL_RELEASED = timedelta(days=2)
"""What was measured at least 10 days ago was so released long enough ago that the first start tells nobody of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """What was measured of a patient together. `measured`: days ago and the values, in the order of `names`.

    `names` are name, unit, low and high. `notes` are the provider's, by days ago; `next` is not released yet.
    """

    patient: str
    title: str
    provider: str
    names: tuple[tuple[str, str, str, str], ...]
    measured: tuple[tuple[int, tuple[str, ...]], ...]
    notes: dict[int, str]
    next: tuple[tuple[str, ...], str]


PANELS = (
    Panel(
        patient="P-1001",
        title="Cholesterol and blood sugar",
        provider="Dr. Okafor",
        names=(
            ("Total cholesterol", "mg/dL", "", "200"),
            ("LDL cholesterol", "mg/dL", "", "100"),
            ("HDL cholesterol", "mg/dL", "50", ""),
            ("Triglycerides", "mg/dL", "", "150"),
            ("Hemoglobin A1c", "%", "4.0", "5.6"),
        ),
        measured=(
            (742, ("248", "164", "46", "190", "6.4")),
            (560, ("231", "149", "48", "172", "6.2")),
            (378, ("219", "136", "50", "165", "6.1")),
            (196, ("204", "121", "53", "151", "5.9")),
            (11, ("188", "98", "56", "142", "5.8")),
        ),
        notes={
            11: "Ana, these are the best numbers in two years. Your cholesterol is where we want it. Your A1c is a "
            "little above normal and still going down.\nPlease keep taking your pill in the evening and keep up "
            "the walks. We will measure again in three months.",
            196: "Better again. Please go on as you do.",
        },
        next=(
            ("184", "95", "57", "138", "5.6"),
            "Ana, all of your numbers are in the normal range now. Well done.",
        ),
    ),
    Panel(
        patient="P-1005",
        title="Blood thinner check (INR)",
        provider="Dr. Okafor",
        names=(("INR", "", "2.0", "3.0"),),
        measured=(
            (152, ("2.4",)),
            (124, ("2.7",)),
            (96, ("3.4",)),
            (82, ("2.9",)),
            (40, ("2.6",)),
            (12, ("2.5",)),
        ),
        notes={
            12: "Walter, your INR is right where it should be. Take the same dose. Next check in four weeks.",
            96: "A little high. Nurse Kim called you about the new dose.",
        },
        next=(
            ("3.6",),
            "Your INR is too high. A nurse will call you about your dose. If you bleed and can't stop it, call 911.",
        ),
    ),
    Panel(
        patient="P-1003",
        title="Hemograma y hierro",
        provider="Dr. Lindqvist",
        names=(
            ("Hemoglobina", "g/dL", "12.0", "15.5"),
            ("Hematocrito", "%", "36", "46"),
            ("Ferritina", "ng/mL", "15", "150"),
        ),
        measured=(
            (290, ("10.9", "33", "8")),
            (198, ("11.6", "35", "12")),
            (107, ("12.1", "36.5", "19")),
            (12, ("12.4", "37", "24")),
        ),
        notes={
            12: "Rosa, ya no tiene anemia. Siga con el hierro dos meses más y después repetimos el análisis.",
            290: "Tiene poca hemoglobina y poco hierro. Empezamos con hierro por la mañana.",
        },
        next=(("12.8", "38", "31"), "Rosa, todo está en lo normal. Puede dejar el hierro."),
    ),
    Panel(
        patient="P-1002",
        title="Kidneys and potassium",
        provider="Dr. Okafor",
        names=(
            ("Creatinine", "mg/dL", "0.7", "1.3"),
            ("eGFR", "mL/min", "60", ""),
            ("Potassium", "mmol/L", "3.5", "5.1"),
        ),
        measured=(
            (371, ("1.4", "51", "4.9")),
            (189, ("1.5", "47", "5.0")),
            (13, ("1.4", "50", "4.8")),
        ),
        notes={13: "James, your kidneys work as they did last year. We watch them; nothing changes for now."},
        next=(("1.4", "51", "4.7"), "James, nothing has changed, and that is good."),
    ),
)
PAST_VISITS = (
    # external_id, patient, days ago, time, provider, location, kind
    ("A-1901", "P-1001", 95, time(10, 0), "Dr. Okafor", "Main Street", "follow-up"),
    ("A-1902", "P-1002", 96, time(9, 30), "Dr. Okafor", "Main Street", "follow-up"),
    ("A-1903", "P-1003", 97, time(15, 0), "Dr. Lindqvist", "Main Street", "check-up"),
    ("A-1905", "P-1005", 82, time(13, 30), "Dr. Okafor", "Main Street", "follow-up"),
)
SUMMARIES = (
    (
        *("A-1901", "Dr. Okafor", "High cholesterol; Prediabetes; High blood pressure"),
        "same: Lisinopril, 10 mg once a day; changed: Atorvastatin, 20 mg in the evening (was 10 mg)",
        "Walk for 30 minutes on five days of the week; Blood test before the next visit; Bring your blood pressure log",
    ),
    (
        *("A-1902", "Dr. Okafor", "High blood pressure; Kidneys that work less well"),
        "same: Amlodipine, 5 mg once a day; stopped: Ibuprofen, it is hard on your kidneys",
        "Drink water with every meal; Blood test every six months",
    ),
    (
        *("A-1903", "Dr. Lindqvist", "Anemia por falta de hierro"),
        "same: Sulfato ferroso, 325 mg por la mañana",
        "Tome el hierro con jugo de naranja; Análisis de sangre antes de la próxima cita",
    ),
    (
        *("A-1905", "Dr. Okafor", "Irregular heartbeat (atrial fibrillation)"),
        "changed: Warfarin, 4 mg in the evening (was 5 mg); same: Metoprolol, 50 mg twice a day",
        "INR check in two weeks; Eat about the same amount of green vegetables every week",
    ),
)
AFTER_NEXT_VISIT = (
    (
        *("A-2001", "Dr. Okafor", "High cholesterol; Prediabetes; Sore right knee"),
        "new: Acetaminophen, 500 mg when the knee hurts; same: Lisinopril, 10 mg once a day; stopped: Naproxen",
        "Knee exercises from the sheet, every morning; Walk on flat ground; Call us if the knee swells or gets hot",
    ),
    (
        *("A-2002", "Dr. Okafor", "High blood pressure"),
        "changed: Amlodipine, 10 mg once a day (was 5 mg)",
        "Measure your blood pressure every morning for two weeks; Call us if your ankles swell",
    ),
    (
        *("A-2003", "Dr. Lindqvist", "Anemia por falta de hierro, mejor"),
        "same: Sulfato ferroso, 325 mg por la mañana",
        "Siga con el hierro dos meses más; Análisis de sangre en dos meses",
    ),
    (
        *("A-2004", "Dr. Lindqvist", "Healthy"),
        "",
        "Flu shot was given today; the arm may be sore for two days",
    ),
    (
        *("A-2005", "Dr. Okafor", "Irregular heartbeat (atrial fibrillation)"),
        "same: Warfarin, 4 mg in the evening; same: Metoprolol, 50 mg twice a day",
        "INR check in four weeks",
    ),
)
MEDICINES = (
    ("M-3001", "P-1001", "Lisinopril", "10 mg once a day", "yes"),
    ("M-3002", "P-1001", "Atorvastatin", "20 mg in the evening", "yes"),
    ("M-3003", "P-1001", "Naproxen", "220 mg when it hurts", "no"),
    ("M-3004", "P-1002", "Amlodipine", "5 mg once a day", "yes"),
    ("M-3005", "P-1003", "Sulfato ferroso", "325 mg por la mañana", "yes"),
    ("M-3006", "P-1004", "Cetirizine", "10 mg once a day, in pollen season", "yes"),
    ("M-3007", "P-1005", "Warfarin", "4 mg in the evening", "no"),
    ("M-3008", "P-1005", "Metoprolol", "50 mg twice a day", "yes"),
)


def results(today: date, zone: str) -> Iterator[Sequence[str]]:
    """Rows of what was measured and released in the past."""
    for number, panel in enumerate(PANELS, 1):
        for days, values in panel.measured:
            taken = workday(today - timedelta(days=days))
            released = datetime.combine(taken + UNTIL_RELEASED, time(8, 0), ZoneInfo(zone)).isoformat()
            note = panel.notes.get(days, "")
            yield from _rows(panel, f"R-{number}{days:03}", values, taken, note, released)


def next_results(today: date) -> Iterator[Sequence[str]]:
    """Rows of what was measured yesterday and no provider has looked at."""
    for number, panel in enumerate(PANELS, 1):
        values, note = panel.next
        taken = workday(today - timedelta(days=1))
        yield from _rows(panel, f"R-{number}001", values, taken, note, "no")


def _rows(
    panel: Panel, number: str, values: Sequence[str], taken: date, note: str, released: str
) -> Iterator[Sequence[str]]:
    for at, ((name, *normal), value) in enumerate(zip(panel.names, values, strict=True), 1):
        unit, low, high = normal
        yield (
            *(f"{number}-{at}", panel.patient, panel.title, name, value, unit, low, high),
            *(taken.isoformat(), panel.provider, note, released),
        )


def workday(day: date) -> date:
    """The day, or the Friday before it."""
    return day - timedelta(days=max(0, day.isoweekday() - 5))
