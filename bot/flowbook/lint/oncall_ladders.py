"""Family `oncall`, the rules about ladders: an alarm comes to people, in time, and to more than one."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from bot.core.oncall import Channel, Ladder, Rung, Whom
from bot.flowbook.faults import Fault
from bot.flowbook.lint.oncall_scope import Look

EVERY = timedelta(minutes=5)
"""An emergency pages at once and at least so often until somebody takes it."""

_COMES = frozenset({Channel.TEXT, Channel.CALL, Channel.PUSH})
"""What comes to a person wherever they are."""
_EMERGENCY, _URGENT, _ROUTINE = "emergency", "urgent", "routine"
_PHONE = "goes to the clinic's on-call phone by text, and nowhere else"


# -- of an emergency ----------------------------------------------------------------------------------


def comes_at_once(look: Look) -> Iterator[Fault]:
    """The first page of an emergency comes to somebody."""
    for where, step in look.steps(_EMERGENCY):
        if where[-1] == 0 and not _COMES & set(step.by):
            yield look.fault(
                (*where, "by"),
                "oncall/first-step",
                f"The first page of an emergency reaches only who sits at a screen: it goes by {_listed(step)}.",
                "Add text, call or push: 'by: [text, push, console]'.",
            )


def quick(look: Look) -> Iterator[Fault]:
    """No step of an emergency waits longer than five minutes."""
    for where, step in look.steps(_EMERGENCY):
        wait = look.wait(step)
        if wait > EVERY:
            yield look.fault(
                (*where, "wait") if step.wait else where,
                "oncall/slow",
                f"This step of an emergency waits {_minutes(wait)} minutes for an answer; meanwhile nobody is paged.",
                "Write 5 minutes or less. To stay on a step, page it again: 'wait: 5 minutes, times: 3'.",
            )


def at_any_hour(look: Look) -> Iterator[Fault]:
    """An emergency does not wait for the office."""
    ladder = look.ladder(_EMERGENCY)
    if ladder and ladder.hours:
        yield look.fault(
            ("ladders", _EMERGENCY, "hours"),
            "oncall/emergency-hours",
            f"Outside of '{ladder.hours}' nobody would be paged in an emergency before the clinic opens.",
            "Take 'hours' out. To tell other people at night, write a roster that has them then.",
            at="key",
        )


def rings(look: Look) -> Iterator[Fault]:
    """A phone rings in an emergency: a text wakes nobody."""
    ladder = look.ladder(_EMERGENCY)
    if ladder and not any(Channel.CALL in step.by for step in ladder.steps):
        yield look.fault(
            ("ladders", _EMERGENCY),
            "oncall/no-call",
            "No phone rings in an emergency: a text may wake nobody at night.",
            "Add 'call' to a step, as in 'by: [call, text]'.",
            at="key",
            severity="warning",
        )


# -- of every ladder ----------------------------------------------------------------------------------


def beyond_the_console(look: Look) -> Iterator[Fault]:
    """A ladder leaves the screen."""
    for name, ladder in look.oncall.ladders.items():
        if all(set(step.by) == {Channel.CONSOLE} for step in ladder.steps):
            yield look.fault(
                ("ladders", name),
                "oncall/console-only",
                f"The ladder '{name}' shows only on the on-call page: who has not opened it never hears of it.",
                "Add text, call, push or email to a step.",
                at="key",
            )


def ends_with_several(look: Look) -> Iterator[Fault]:
    """What repeats for ever is told to more than one person."""
    for name, ladder in look.oncall.ladders.items():
        last = ladder.steps[-1].tell
        # A duty goes on to the next person with the turn; an emergency can't wait for that.
        if look.few(last) or (name == _EMERGENCY and last.kind == "on call"):
            where = ("ladders", name, "steps", len(ladder.steps) - 1, "tell")
            yield look.fault(
                where,
                "oncall/one-person",
                f"The last step repeats until somebody answers, and tells one person only ({last}): while "
                "their phone is off it never reaches anybody.",
                _several(look, last),
                severity="warning",
            )


def _several(look: Look, last: Whom) -> str:
    roster = (
        last.name if last.kind == "on call" and not look.few(last) else next(iter(look.oncall.rosters), "")
    )
    return f"End with several, like 'everyone of {roster or 'nurse'}' or 'everyone with role nurse'."


def second_in_time(look: Look) -> Iterator[Fault]:
    """An urgent matter reaches a second person before its time is over."""
    ladder, within = look.ladder(_URGENT), look.oncall.answer_within.urgent
    if ladder is None or within is None or not _is_one(look, ladder.steps[0].tell):
        return
    passed = _until_another(look, ladder)
    if passed is None or passed > within:
        when = "never" if passed is None else f"after {_minutes(passed)} minutes"
        yield look.fault(
            ("ladders", _URGENT),
            "oncall/urgent-slow",
            f"An urgent matter must be seen to within {_minutes(within)} minutes ('answer_within'), and this "
            f"ladder tells a second person {when}.",
            "Climb sooner: shorten 'wait', lessen 'times', or add a step that tells somebody else.",
            at="key",
            severity="warning",
        )


def _is_one(look: Look, whom: Whom) -> bool:
    return whom.kind == "on call" or look.few(whom)


def _until_another(look: Look, ladder: Ladder) -> timedelta | None:
    """How long it takes until a step tells somebody else than the first; None: it never does."""
    passed = timedelta()
    for step in ladder.steps:
        if step.tell != ladder.steps[0].tell:
            return passed
        passed += look.wait(step) * step.times
    return None


def counted(look: Look) -> Iterator[Fault]:
    """`times` stands where something comes after it."""
    for name, ladder in look.oncall.ladders.items():
        if ladder.steps[-1].times > 1:
            yield look.fault(
                ("ladders", name, "steps", len(ladder.steps) - 1, "times"),
                "oncall/times",
                f"'times' counts for nothing on the last step: it repeats until somebody answers, not "
                f"{ladder.steps[-1].times} times.",
                "Take it out, or add the step that should come after it.",
                at="key",
                severity="warning",
            )


# -- what there is no ladder for ----------------------------------------------------------------------


def there(look: Look) -> Iterator[Fault]:
    """Who writes ladders writes all that something climbs by."""
    ladders, within = look.oncall.ladders, look.oncall.answer_within
    lacking = [(name, f"it {_PHONE}") for name in (_EMERGENCY, _URGENT) if ladders and name not in ladders]
    if within.routine and _ROUTINE not in ladders:
        lacking.append(
            (_ROUTINE, "a routine task that lies too long is told to nobody, whatever 'answer_within' says")
        )
    for name, comes in lacking:
        yield look.fault(
            ("ladders",),
            "oncall/no-ladder",
            f"There is no ladder '{name}': {comes}.",
            f"Write '{name}:' with its steps under 'ladders'.",
            at="key",
            severity="warning",
        )


def answered_in_time(look: Look) -> Iterator[Fault]:
    """Where there are ladders, tasks that lie climb by them."""
    given = look.oncall.answer_within
    lacking = [
        name
        for name, within in ((_URGENT, given.urgent), (_ROUTINE, given.routine))
        if within is None and name in look.oncall.ladders
    ]
    if lacking:
        yield look.fault(
            ("answer_within",),
            "oncall/answer-within",
            f"Nothing says how long {' and '.join(lacking)} tasks may lie: what everybody overlooks climbs by "
            "no ladder.",
            f"Write it at the end: 'answer_within: {{{', '.join(f'{name}: {_USUAL[name]}' for name in lacking)}}}'.",
            at="key",
            severity="warning",
        )


_USUAL = {_URGENT: "1 hour", _ROUTINE: "24 hours"}


def _listed(step: Rung) -> str:
    return " and ".join(dict.fromkeys(map(str, step.by)))


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)


RULES: tuple[Callable[[Look], Iterator[Fault]], ...] = (
    comes_at_once,
    quick,
    at_any_hour,
    rings,
    beyond_the_console,
    ends_with_several,
    second_in_time,
    counted,
    there,
    answered_in_time,
)
