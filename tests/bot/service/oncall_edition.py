"""An edition with rosters and a ladder, for tests of what people on call do. It is the small edition and more.

START of the tests is Monday, November 30, 2026, 9:00 at the clinic: the nurse on call is sam, until December 7.
"""

import shutil
from pathlib import Path
from uuid import UUID

import yaml

from bot.flowbook.lint.words_staff import TO_STAFF
from bot.runtime import Runtime
from bot.service import enrol
from bot.settings import HOME
from bot.store.staff import Member
from tests.conftest import EDITION

MARIA_PHONE, SAM_PHONE = "+12025550141", "+12025550142"

CLINIC = """
policy: 2026-11-us-sms
calendars:
  office:
    open:
      monday: {from: "08:00", until: "17:00"}
      tuesday: {from: "08:00", until: "17:00"}
      wednesday: {from: "08:00", until: "17:00"}
      thursday: {from: "08:00", until: "17:00"}
      friday: {from: "08:00", until: "17:00"}
    closed_on: [2026-11-26]  # a Thursday
"""
ONCALL = """
rosters:
  front_desk:
    layers: [{people: [desk], only: {calendar: office}}]
    otherwise: nurse
  nurse:
    layers:
      - {people: [maria, joe, sam], hand_over: mondays at 08:00, starts: 2026-10-05}
      - {people: [maria], only: {holidays: office}}
  provider:
    layers: [{people: [dr_lee], only: {days: [monday, tuesday, wednesday, thursday, friday]}}]
  night:
    layers: [{people: [maria, joe], hand_over: "every day at 02:30", starts: 2026-10-01}]
ladders:
  emergency:
    steps:
      - {tell: nurse on call, by: [text, console], wait: 2 minutes}
      - {tell: everyone of nurse, by: [text, call], wait: 5 minutes}
      - {tell: everyone of provider, by: [text, call], wait: 5 minutes}  # whose roster may have gaps, as nobody asks it
"""
WORDS = {
    "page_drill": "{{clinic}} DRILL {{code}}: a test, no patient is waiting. Open {{link}} or reply ACK {{code}}.",
    "page_drill_spoken": "This is a drill. The code is {{digits}}. To take it, press 1.",
    "oncall_welcome": "{{clinic}}: you are on the on-call list. See {{link}} within a day.",
    "glass_broken": "{{clinic}}: the glass was broken. See Audit.",
}
"""What tests look at; the other sentences for staff are the clinic's own."""


def edition(directory: Path) -> Path:
    """Its flows, written under this directory where they are not yet."""
    made = directory / "oncall-edition"
    if not made.exists():
        shutil.copytree(EDITION, made)
        (made / "clinic.yaml").write_text(CLINIC)
        (made / "oncall.yaml").write_text(ONCALL)
        (made / "wording" / "en.oncall.yaml").write_text(yaml.safe_dump(_wording()))
    return made


def _wording() -> dict[str, object]:
    """A file of sentences for staff, without those that the small edition has."""
    there = yaml.safe_load((EDITION / "wording" / "en.yaml").read_text())["sentences"]
    ours = yaml.safe_load((HOME / "flows" / "wording" / "en.yaml").read_text())
    for_staff = {key: said for key, said in ours["sentences"].items() if key in TO_STAFF}
    wanted = {key: said for key, said in (for_staff | WORDS).items() if key not in there}
    return {key: ours[key] for key in ("language", "reviewed_by", "reviewed_on")} | {"sentences": wanted}


def staff(rt: Runtime, clinic: UUID) -> dict[str, Member]:
    """Maria and Sam, who have phones, and Joe, who has none; nobody knows the others of the rosters."""
    people = (("maria", MARIA_PHONE), ("sam", SAM_PHONE), ("joe", None))
    return {
        handle: enrol.add(rt, clinic, f"{handle}@riverside.example", role="nurse", phone=phone)
        for handle, phone in people
    }
