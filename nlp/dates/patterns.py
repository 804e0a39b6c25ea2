"""The expressions that name days. A name in `(?P<…>)` is a part that `nlp/dates/days.py` reads.

None has a repeat inside a repeat, so that a line costs time in proportion to its length.
"""

import re

from nlp.dates.clock import COUNTED, either

FIRST = (
    "iso",
    "numeric",
    "spaced",
    "digits",
    "slash",
    "dash",
    "dotted",
    "nth_weekday",
    "nth_week",
    "month_part",
)
"""Kinds that must be tried before the others, for theirs are the longer readings."""

RELATIVE = frozenset({"before_yesterday", "after_tomorrow", "in_eight", "from_day"})
"""Kinds that are counted from a day themselves."""

_ST = r"(?: (?:st|nd|rd|th|ro|ero|er))?"
_NO_CLOCK = r"(?! :)(?! (?:am|pm|oclock)(?!\S))"
_DAY = rf"(?P<day>\d{{1,2}}){_ST}{_NO_CLOCK}"
_JOIN = either("or", "and", "to", "through", "until", "o", "y", "al", "a", "-", "&", "/")


def _or_day(suffix: str = "") -> str:
    """A further day or two: "or 29", "to the 9th", ", 9 or 10"."""
    middle = rf"(?: , (?P<middle{suffix}>\d{{1,2}}){_ST}(?= (?:or|and|o|y) (?:the |el )?\d{{1,2}}(?! :)))?"
    last = rf"(?P<last{suffix}>\d{{1,2}}){_ST}{_NO_CLOCK}"
    return rf"{middle}(?: (?P<join{suffix}>{_JOIN}) (?:the |el )?{last})?"


_OR_DAY = _or_day()
_DEL = r"(?:(?<=antes )|(?<=despues )|(?<=luego )|(?<=partir ))del (?:dia )?|del (?=\d{1,2} al )"
_YEAR = (
    r"(?:(?: ,| de| del| of)? (?:(?P<year>(?:19|20)\d{2})|(?P<short_year>0\d|3[2-9]|[4-9]\d)(?! :)(?!\S)))?"
)
"""Two digits that can't be a day may be the year of a date that was asked for."""

_COUNT_WORDS = either(
    "an?", "the", "a couple(?: of)?", "a few", "(?:1|un) par de", "unos", "unas", "couple(?: of)?"
)
COUNT = rf"(?P<count>{_COUNT_WORDS}|\d{{1,3}})"
_LOW = r"(?:(?P<low>\d{1,2}) (?P<join>or|to|o|a|-) )?"
_UNITS = either("days?", "weeks?", "months?", "dias?", "semanas?", "mes", "meses", "years?", "anos?")
UNIT = f"(?P<unit>{_UNITS})"
_NEXT = either("next", "el proximo", "la proxima", "proximo", "proxima", "el siguiente", "siguiente")
_THIS = either(
    *(
        "this coming",
        "this past",
        "this upcoming",
        "the coming",
        "coming",
        "upcoming",
        "this",
        "past",
        "last",
    ),
    *("este proximo", "este", "esta", "el pasado"),
)
_WHICH = f"(?P<which>{_THIS}|{_NEXT})"
_NEXT_MONTH = either(
    "next month", "the next month", "el proximo mes", "proximo mes", "mes que viene", "mes que entra"
)
_PART_OF = either(
    *("end", "tail end", "last week", "late", "later part", "beginning", "start", "first week", "early"),
    *("early part", "first part", "middle", "mid"),
    *("finales", "fines", "final", "fin", "principios", "principio", "inicios", "comienzos", "mediados"),
    *("primera semana", "ultima semana"),
)


def day_table(weekday: str, month: str, holiday: str, nth: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The kinds of days in the order in which they are tried."""
    table = {
        **_dated(month),
        **_numbered(weekday, month, nth),
        "holiday": f"(?:the |el |el dia de |dia de )?(?P<name>{holiday})(?P<week> (?:week|weekend))?",
        **_weeks(month),
        **_relative(weekday),
    }
    order = (*FIRST, *(kind for kind in table if kind not in FIRST))
    return tuple((kind, re.compile(rf"(?:{table[kind]})(?!\S)")) for kind in order)


def shift_table(weekday: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """What may stand before a day and moves it: "the day after", "two weeks from", "the week of"."""
    after = either("after", "following", "despues de", "despues del", "siguiente al", "siguiente a")
    before = either("before", "prior to", "antes de", "antes del", "anterior a", "anterior al")
    what = f"(?P<what>{either('day', 'dia', weekday, 'weekend', 'fin de semana', 'week', 'semana')})"
    count = rf"(?:in )?{COUNT} {UNIT}"
    table = {
        "from": rf"(?:in )?(?:{COUNT} )?{UNIT} (?:from|desde|a partir de|a partir del) ",
        "after": rf"(?:(?:on |for )?(?:the |el |la )?{what}|{count}) (?:right )?{after} ",
        "before": rf"(?:(?:on |for )?(?:the |el |la )?{what}|{count}) (?:right )?{before} ",
        "of": r"(?:the |la |el )?(?P<what>week|semana|weekend|fin de semana) (?:of|del?|starting|beginning) ",
    }
    return tuple((kind, re.compile(expression)) for kind, expression in table.items())


def after_that(weekday: str) -> re.Pattern[str]:
    """ "The day after", which counts from the day that was named before."""
    what = f"(?P<what>{either('day', 'dia', weekday, 'weekend', 'week', 'semana')})"
    following = r"(?=$| [^\w\s]| (?:works|would|is|please|at|in|if|then|instead|maybe|if|around)(?!\S))"
    return re.compile(
        rf"(?:on )?(?:the |la |el )?{what} (?:after(?: that)?|following|despues|siguiente){following}"
    )


def _dated(month: str) -> dict[str, str]:
    """A day of a month, with or without the month's name and the year."""
    or_day = rf"(?: (?P<join_2>{either('or', 'and', 'o', 'y')}) (?:the |el )?(?P<last_2>\d{{1,2}}){_ST}{_NO_CLOCK})?"
    return {
        "iso": r"(?P<year>\d{4}) (?P<sep>[/.-]) (?P<month>\d{1,2}) (?P=sep) (?P<day>\d{1,2})",
        "numeric": r"(?P<month>\d{1,2}) (?P<sep>[/.-]) (?P<day>\d{1,2}) (?P=sep) (?P<year>\d{4}|\d{2})",
        "points": r"(?P<month>\d{1,2})\.(?P<day>\d{1,2}) \. (?P<year>\d{4}|\d{2})",
        "short": r"(?P<month>\d{1,2}) (?P<day>\d{1,2}) (?P<year>\d{2})|(?P<mdy>\d{6})",
        "spaced": r"(?P<month>\d{1,2}) (?P<day>\d{1,2}) (?P<year>(?:19|20)\d{2})",
        "digits": r"(?P<month>\d{2})(?P<day>\d{2})(?P<year>(?:19|20)\d{2})",
        "slash": r"(?P<month>\d{1,2}) / (?P<day>\d{1,2})",
        "dash": r"(?P<month>\d{1,2}) - (?P<day>\d{1,2})(?= (?:at|@|a las?) \d)",
        "dotted": r"(?P<month>\d{1,2})\.(?P<day>\d{2})(?= (?:at|@|a las?) \d)",
        "month_day": rf"(?P<name>{month})(?: the| el)? {_DAY}{_OR_DAY}{_YEAR}",
        "day_month": rf"(?:the |el |del )?(?:dia )?{_DAY}{_OR_DAY}(?: of| de| del| -)? (?P<name>{month})(?: -)?"
        rf"{_YEAR}{or_day}",
    }


def _numbered(weekday: str, month: str, nth: str) -> dict[str, str]:
    """The nth weekday or week of a month."""
    which = rf"(?:the |el |la )?(?P<nth>{nth}|\d (?:st|nd|rd|th))"
    of = rf"(?: of| in| de| del| en)?(?: the| el)? (?:(?P<next>{_NEXT_MONTH})|(?P<name>{month})|month|mes)"
    return {
        "nth_weekday": rf"{which} (?P<weekday>{weekday}){of}",
        "nth_week": rf"{which} (?:full )?(?:week|semana){of}",
    }


def _relative(weekday: str) -> dict[str, str]:
    """Days counted from today, and days of the week."""
    anchor = either("now", "today", "tomorrow", "hoy", "ahora", "manana", weekday)
    no_hour = r"(?! (?::|/|-|to|am|pm|p|oclock|ish)(?!\S))(?! a(?! las?(?!\S))(?!\S))"
    next_one = r"next(?! (?:week|month|year))"
    tail = rf"(?: (?P<tail>pasado(?! manana)|que viene|que entra|proximo|siguiente|after next|{next_one}))?"
    return {
        "before_yesterday": either("(?:the )?day before yesterday", "anteayer", "antier", "antes de ayer"),
        "after_tomorrow": either("(?:the )?day after tomorrow", "pasado manana", "(?<=manana o )pasado"),
        "ago": rf"(?:hace (?P<hace>(?:1|un) par de|\d{{1,3}}) (?P<hace_unit>{_UNITS})"
        rf"|{_LOW}{COUNT} {UNIT} (?:ago|back))",
        "in_eight": rf"(?:de |del |el )?(?P<anchor>{anchor}) en (?P<count>8|15)(?: dias)?",
        "from_day": f"{COUNT} {UNIT} (?:from|after|de|desde) (?P<anchor>{anchor})",
        "in": f"(?:in|en|dentro de|within) (?:about |like |como |unos |unas )?{_LOW}{COUNT} {UNIT}",
        "weekday_number": rf"(?:the |el |{_WHICH} )?(?P<name>{weekday}) (?:the |el |dia )?(?P<day>\d{{1,2}})"
        rf"(?P<nth> (?:st|nd|rd|th))?{no_hour}",
        "weekday": f"(?:on |for |el |los |the |an? )?(?:{_WHICH} )?(?P<name>{weekday}){tail}",
        "today": either(
            *("today", "tonight", "this morning", "this afternoon", "this evening"),
            *("hoy", "esta tarde", "esta manana", "esta noche"),
            r"(?:now|ahora)(?= (?:and|to|until|till|through|y|a|hasta)(?!\S))",
        ),
        "yesterday": either("yesterday", "ayer", "anoche", "last night"),
        "tomorrow": "(?<!la )(?<!las )(?<!media )(?:tomorrow|manana)",
        "ordinal": rf"(?:(?:on |for )?the |el dia |dia |el |los dias |los |{_DEL}){_DAY}{_OR_DAY}"
        rf"(?! (?:/|de la|{COUNTED})(?!\S))"
        rf"|(?P<nth_day>\d{{1,2}}) (?:st|nd|rd|th){_or_day('_2')}(?! {COUNTED}(?!\S))",
    }


def _weeks(month: str) -> dict[str, str]:
    """Weeks, weekends, months and parts of them."""
    in_month = either("in", "en", "during", "for", "all", "next", "this coming", "of", "de")
    return {
        "month_part": rf"(?:the |a |la |el |at the |by the )?(?P<part>{_PART_OF})(?: of| in| de| del| en)?"
        rf"(?: the| el)? (?:(?P<next>{_NEXT_MONTH})|(?P<name>{month})|month|mes)",
        "week_after_next": "(?:the )?week after (?:next|that)|(?:la )?semana despues de la (?:proxima|otra)",
        "weekend": r"(?:the |a |on the |el |en el |este |un )?(?P<which>this |next |proximo |siguiente )?"
        r"(?:weekends?|fin de semana|finde)(?P<tail> que viene| que entra| proximo)?",
        "next_month": either(
            "(?:the )?next month", "(?:el )?(?:proximo|otro|siguiente) mes", "(?:el )?mes que (?:viene|entra)"
        ),
        "this_month": either("this month", "later this month", "este mes"),
        "next_week": either(
            *("(?:the )?(?:next|following|coming) weeks?", "week after"),
            *(
                "(?:la )?(?:proxima|otra|siguiente) semana",
                "(?:la )?semana (?:que (?:viene|entra|sigue)|proxima)",
            ),
        ),
        "this_week": either("(?:later )?(?:this|the) week", "esta semana", "(?:el )?resto de la semana"),
        "month": f"(?:sometime |any ?time )?{in_month} (?P<name>{month})",
        "month_alone": rf"(?!may(?!\S)(?!(?<=^may)$))"
        r"(?!mar(?:ch)?(?!\S)(?! (?:works|is|would|sometime))(?!$))"
        rf"(?P<name>{month})",
    }
