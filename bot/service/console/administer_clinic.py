"""Administer the clinic: its name and numbers, its roles, calendars and keys, as they are; and change what can be."""

from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.core.moments import Calendar, Weekday
from bot.core.roles import STANDARD, May, Role, Sees
from bot.runtime import Runtime
from bot.service import clinic, enrol
from bot.service.clinic import Settings
from bot.service.console import ladder_words, mask
from bot.service.desk import Desk
from bot.store import audit, clinics, overview
from bot.store.overview import Key

# -- the clinic ----------------------------------------------------------------------------------------------


def settings(rt: Runtime, desk: Desk) -> Settings:
    """A clinic's settings, phones in E.164. Raises NotAllowed."""
    desk.require(May.CLINIC)
    found = clinic.the_one(rt, desk.clinic)
    return Settings(
        name=found.name,
        phone=found.phone,
        zone=found.zone,
        language=found.language,
        oncall_phone=found.oncall_phone or "",
    )


def change(rt: Runtime, desk: Desk, wanted: Settings) -> None:
    """Change them. Raises BadImport, naming what is wrong, NotAllowed."""
    desk.require(May.SETTINGS)
    before = settings(rt, desk)
    after = clinic.checked(**asdict(wanted))
    changed = [name for name, value in asdict(after).items() if value != getattr(before, name)]
    if not changed:
        return
    with rt.begin() as db:
        clinic.refuse_second(db, after.phone, but=desk.clinic)
        clinics.change(
            db,
            desk.clinic,
            name=after.name,
            phone=after.phone,
            zone=after.zone,
            language=after.language,
            oncall_phone=after.oncall_phone or None,
        )
        entry = desk.entry("clinic.changed", f"clinic:{desk.clinic}", detail=", ".join(changed))
        audit.write(db, [entry], rt.now())
    rt.remembered.clear()


# -- roles ---------------------------------------------------------------------------------------------------

RIGHTS_BY_WORK: tuple[tuple[str, tuple[May, ...]], ...] = (
    ("Patients", (May.INBOX, May.ESCALATIONS, May.PATIENTS, May.REPLY, May.SEND, May.CONTACTS)),
    ("Visits", (May.DAY, May.VISITS)),
    ("Flows and broadcasts", (May.FLOWS, May.WORDING, May.PUBLISH, May.BROADCAST, May.APPROVE)),
    ("The clinic", (May.CLINIC, May.SETTINGS, May.ROSTERS, May.STAFF)),
    ("Records", (May.AUDIT, May.EXPORT, May.BREAK_GLASS)),
)
"""Every right, by the work that it is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A role with how many people have it. `own`: it stands in the clinic's roles.yaml."""

    name: str
    role: Role
    own: bool
    changed: bool
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleTable:
    """What each role may do and sees."""

    columns: tuple[Column, ...]
    rights: tuple[tuple[str, tuple[May, ...]], ...] = RIGHTS_BY_WORK
    parts: tuple[Sees, ...] = tuple(Sees)


def roles(rt: Runtime, desk: Desk) -> RoleTable:
    """The roles of the present edition. Raises NotAllowed."""
    desk.require(May.CLINIC)
    with rt.begin() as db:
        there = enrol.roles(rt, db)
    count = dict.fromkeys(there, 0)
    for one in enrol.everybody(rt, desk.clinic):
        count[one.role] = count.get(one.role, 0) + 1
    return RoleTable(
        columns=tuple(
            Column(
                name=name,
                role=role,
                own=name not in STANDARD,
                changed=name in STANDARD and role != STANDARD[name],
                people=count[name],
            )
            for name, role in there.items()
        )
    )


# -- calendars -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarView:
    """A calendar's hours by weekday ('' where it is closed), and the days on which it is closed, from today on."""

    name: str
    hours: tuple[tuple[str, str], ...]
    closed_on: tuple[date, ...]
    open_now: bool


def calendars(rt: Runtime, desk: Desk) -> tuple[CalendarView, ...]:
    """The calendars of the present edition. Raises NotAllowed."""
    desk.require(May.CLINIC)
    zone, now = clinic.the_one(rt, desk.clinic).zone, rt.now()
    with rt.begin() as db:
        there = rt.book(db, rt.current_edition(db)).house.calendars
    today = now.astimezone(ZoneInfo(zone)).date()
    return tuple(
        CalendarView(
            name=name.replace("_", " "),
            hours=tuple(
                (
                    day.value.capitalize(),
                    f"{found.opens:%H:%M} to {found.until:%H:%M}"
                    if (found := calendar.open.get(day))
                    else "",
                )
                for day in Weekday
            ),
            closed_on=tuple(day for day in _days(calendar) if day >= today),
            open_now=calendar.is_open(now, zone),
        )
        for name, calendar in there.items()
    )


def ladders(rt: Runtime, desk: Desk) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """How alarms climb by the present edition, in sentences. Raises NotAllowed."""
    desk.require(May.ROSTERS)
    with rt.begin() as db:
        return ladder_words.ladders(rt.book(db, rt.current_edition(db)))


def _days(calendar: Calendar) -> list[date]:
    """The days on which it is closed; what is no day, lint has said."""
    found = []
    for text in calendar.closed_on:
        with suppress(ValueError):
            found.append(date.fromisoformat(text))
    return sorted(found)


# -- numbers, keys --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """From where texts leave, what is to be pasted into Twilio, and when something last went each way."""

    phone: str
    messaging_service: str
    webhooks: tuple[tuple[str, str], ...]
    last_in: datetime | None
    last_out: datetime | None


def numbers(rt: Runtime, desk: Desk) -> Numbers:
    """Raises NotAllowed."""
    desk.require(May.CLINIC)
    base = f"{rt.settings.public_url}/twilio"
    with rt.begin() as db:
        last_in, last_out = overview.last_text(db, desk.clinic), overview.last_sent(db, desk.clinic)
    return Numbers(
        phone=mask.readable(clinic.the_one(rt, desk.clinic).phone),
        messaging_service=rt.settings.twilio_messaging_service_sid,
        webhooks=(
            ("A message comes in", f"{base}/sms"),
            ("A call comes in and nobody takes it", f"{base}/voice/missed"),
        ),
        last_in=last_in,
        last_out=last_out,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The clinic's data keys; `newest` is the id of the master key that wraps from now on, `behind` how many data keys
    an older one still wraps."""

    keys: tuple[Key, ...]
    newest: str
    masters: int
    behind: int


def keys(rt: Runtime, desk: Desk) -> Keys:
    """Raises NotAllowed."""
    desk.require(May.CLINIC)
    with rt.begin() as db:
        there = overview.keys(db, desk.clinic)
    newest = rt.vault.newest
    return Keys(
        keys=tuple(there),
        newest=newest,
        masters=len(rt.settings.masters),
        behind=sum(key.master != newest for key in there),
    )
