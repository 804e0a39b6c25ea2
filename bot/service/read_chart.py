"""Read the chart: results with their history, and the summary of a visit, as a page shows them."""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.core.chart import Result, Summary, standing
from bot.core.views import Finding, MedicineChange, ResultView, SummaryView
from bot.core.wording import long_day, moment_text, page_words
from bot.errors import NotFound
from bot.service.open_page import Opened
from bot.store import appointments, chart
from bot.store.base import Db

MOST_BEFORE = 12


def results(db: Db, opened: Opened, _now: datetime) -> ResultView:
    """The results that were released last, each with what was measured before."""
    clinic, patient = opened.clinic.id, opened.card.id
    found = chart.results_of(db, clinic, patient)
    if not found:
        raise NotFound
    history = chart.history_of(db, clinic, patient, {result.name for result in found})
    first = found[0]
    return ResultView(
        title=", ".join(dict.fromkeys(result.panel for result in found)),
        taken=_day(opened, first.taken),
        provider=first.provider,
        note="\n\n".join(dict.fromkeys(result.note for result in found if result.note)),
        findings=tuple(_finding(opened, result, history.get(result.name, [])[::-1]) for result in found),
    )


def summary(db: Db, opened: Opened, now: datetime) -> SummaryView:
    """The summary of the link's visit, or of the latest one."""
    clinic, patient = opened.clinic.id, opened.card.id
    visit_id, content = _summary(db, opened)
    visits = {visit.id: visit for visit in appointments.listed(db, clinic, patient=patient)}
    visit = visits.get(visit_id)
    ahead = appointments.next_of(db, [patient], now).get(patient)
    return SummaryView(
        visit=moment_text(visit.start, opened.card.zone, opened.language) if visit else "",
        provider=content.provider,
        diagnoses=content.diagnoses,
        medicines=tuple(
            MedicineChange(change=each.change, name=each.name, how=each.how) for each in content.medicines
        ),
        plan=content.plan,
        next_visit=moment_text(visits[ahead].start, opened.card.zone, opened.language) if ahead else "",
    )


def _summary(db: Db, opened: Opened) -> tuple[UUID, Summary]:
    if opened.link.visit_id:
        content = chart.summary_of(db, opened.clinic.id, opened.link.visit_id)
        if content:
            return opened.link.visit_id, content
    latest = chart.latest_summary(db, opened.clinic.id, opened.card.id)
    if latest is None:
        raise NotFound
    return latest


def _finding(opened: Opened, result: Result, history: list[Result]) -> Finding:
    """`history` is that of this value, oldest first, with the value itself."""
    before = [each for each in history if _date(opened, each.taken) < _date(opened, result.taken)]
    return Finding(
        name=result.name,
        value=result.value,
        unit=result.unit,
        normal=_normal(opened, result),
        standing=standing(result),
        points=tuple(
            (_date(opened, each.taken), each.number)
            for each in history
            if each.number is not None and each.unit == result.unit
        ),
        low=result.low,
        high=result.high,
        before=tuple(
            (_day(opened, each.taken), f"{each.value} {each.unit}".strip())
            for each in reversed(before[-MOST_BEFORE:])
        ),
    )


def _normal(opened: Opened, result: Result) -> str:
    """'70 to 99 mg/dL', or '' without a range."""
    low, high, unit = result.low, result.high, result.unit
    if low is None and high is None:
        return ""
    key = "normal_below" if low is None else "normal_above" if high is None else "normal_range"
    return page_words(
        opened.book, key, opened.language, low=_short(low), high=_short(high), unit=unit
    ).strip()


def _short(number: float | None) -> str:
    return "" if number is None else f"{number:g}"


def _date(opened: Opened, taken: datetime | date) -> date:
    return taken.astimezone(ZoneInfo(opened.card.zone)).date() if isinstance(taken, datetime) else taken


def _day(opened: Opened, taken: datetime | date) -> str:
    return long_day(_date(opened, taken), opened.language)
