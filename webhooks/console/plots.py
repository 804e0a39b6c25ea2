"""Plots of the console: a questionnaire's scores over time, drawn as the secure pages draw a measured value."""

from datetime import date, datetime

from markupsafe import Markup

from bot.service.console.scores import Scores
from webhooks.console.shapes import local_day
from webhooks.pages.plot import plot


def drawn(scores: Scores) -> Markup:
    """The plot; '' where there is one result only."""
    return plot(
        scores.points, low=None, high=None, unit="", title=f"{scores.title}: score", label=_day, language="en"
    )


def _day(when: date | datetime) -> str:
    day = local_day(when) if isinstance(when, datetime) else when
    return f"{day:%b} {day.day}, {day.year}"
