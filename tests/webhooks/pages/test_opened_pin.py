"""A clinic whose pages open by a PIN: chosen at the first opening, asked at the next, or handed out by the clinic.

And a page that opens by the phone alone, and two patients who share one.
"""

from pathlib import Path
from shutil import copytree

import pytest
from sqlalchemy import select

from bot.core.flow import Page
from bot.service import grant
from bot.settings import HOME
from bot.store.people import patients
from tests.webhooks.pages.conftest import Browser, Pages
from tests.webhooks.pages.kinds import at, external_id, follow, later
from tests.webhooks.pages.practice import audited, link, unlocked, visitor

PIN = "483920"
SAYS = "pages: {second_factor: birth date}"


@pytest.fixture(scope="module")
def with_pins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clinic's flows, with one line of its clinic.yaml changed."""
    copied = copytree(HOME / "flows", tmp_path_factory.mktemp("house") / "flows")
    file = copied / "clinic.yaml"
    said = file.read_text(encoding="utf-8")
    assert SAYS in said
    now = "pages: {second_factor: pin, open_without: [check_in]}"
    file.write_text(said.replace(SAYS, now), encoding="utf-8")
    return copied


@pytest.fixture
def flows_dir(with_pins: Path) -> Path:
    """This clinic has PINs."""
    return with_pins


@pytest.fixture
def first(pages: Pages) -> Browser:
    """The first page that Ana opens; she has come in by her birth date."""
    return unlocked(pages, link(pages).token)


@pytest.fixture
def chosen(first: Browser) -> Browser:
    """She has chosen her PIN."""
    assert chooses(first, PIN).status_code == 303
    first.get()
    return first


def chooses(browser: Browser, pin: str, again: str = "") -> object:
    """Choose a PIN."""
    answer = browser.post(f"{browser.here}/pin", {"pin": pin, "again": again or pin})
    if answer.status_code != 303:
        browser.seen = answer
    return answer


def asked(pages: Pages) -> Browser:
    """A browser that has tapped on a new link."""
    browser = visitor(pages)
    browser.tap(link(pages).token)
    return browser


def enters(browser: Browser, pin: str) -> bool:
    """Whether this PIN opens the page."""
    answer = browser.post(f"{browser.here}/unlock", {"pin": pin})
    browser.get()
    return answer.status_code == 303


# -- choosing --------------------------------------------------------------------------------------------


def test_the_first_opening_asks_the_birth_date_and_then_for_a_pin(pages: Pages) -> None:
    browser = asked(pages)
    assert "Birth date" in browser.text
    assert "PIN to open" not in browser.text
    browser.unlock()
    assert "Choose a PIN" in browser.text
    assert "Messages with your clinic" not in browser.text


def test_until_it_is_chosen_nothing_is_shown_or_taken(pages: Pages, first: Browser) -> None:
    sent = first.send({"body": "Hello"})
    assert sent.status_code == 303
    assert "Choose a PIN" in first.text
    assert first.get(f"{first.here}/messages.txt").status_code == 404
    with pages.rt.begin() as db:
        assert db.conn.exec_driver_sql("SELECT count(*) FROM notes").scalar_one() == 0


@pytest.mark.parametrize(
    ("pin", "again", "fault"),
    [
        ("", "", "Use exactly 6 digits."),
        ("48392", "", "Use exactly 6 digits."),
        ("4839201", "", "Use exactly 6 digits."),
        ("48392x", "", "Use exactly 6 digits."),
        ("４８３９２０", "", "Use exactly 6 digits."),
        ("483920", "483921", "The two PINs are not the same."),
        ("111111", "", "That PIN is easy to guess."),
        ("123456", "", "That PIN is easy to guess."),
        ("987654", "", "That PIN is easy to guess."),
        ("121212", "", "That PIN is easy to guess."),
        ("456456", "", "That PIN is easy to guess."),
        ("010270", "", "That PIN is easy to guess."),
        ("020170", "", "That PIN is easy to guess."),
        ("700102", "", "That PIN is easy to guess."),
        ("011970", "", "That PIN is easy to guess."),
    ],
)
def test_a_pin_that_will_not_do_is_told_why(first: Browser, pin: str, again: str, fault: str) -> None:
    chooses(first, pin, again)
    assert first.seen is not None
    assert (first.seen.status_code, fault in first.text) == (422, True)
    assert pin not in first.seen.text or not pin
    first.get()
    assert "Choose a PIN" in first.text


def test_with_the_pin_the_page_is_there(chosen: Browser) -> None:
    assert "Messages with your clinic" in chosen.text


def test_a_pin_is_kept_as_what_nobody_can_read(pages: Pages, chosen: Browser) -> None:
    with pages.rt.begin() as db:
        kept = db.conn.execute(select(patients.c.pin).where(patients.c.id == pages.patient)).scalar_one()
        row = db.open(patients, "pin", kept, clinic=pages.house.clinic, row=pages.patient)
    assert PIN.encode() not in bytes(kept)
    assert row.startswith("$argon2id$")
    assert "pin.chosen" in [action for action, _, _ in audited(pages)]


def test_who_has_one_chooses_no_other_by_the_way(pages: Pages, chosen: Browser) -> None:
    chooses(chosen, "159263")
    browser = asked(pages)
    assert not enters(browser, "159263")
    assert enters(browser, PIN)


# -- entering --------------------------------------------------------------------------------------------


def test_the_next_link_asks_for_the_pin_and_the_birth_date_opens_it_no_more(
    pages: Pages, chosen: Browser
) -> None:
    browser = asked(pages)
    assert "Enter your PIN" in browser.text
    assert "Birth date" not in browser.text
    assert browser.unlock().status_code == 422
    assert enters(browser, PIN)
    assert "Messages with your clinic" in browser.text


@pytest.mark.parametrize("wrong", ["483921", "", "48392", "483920 0", "x" * 500, "٤٨٣٩٢٠"])
def test_a_wrong_pin_opens_nothing(pages: Pages, chosen: Browser, wrong: str) -> None:
    browser = asked(pages)
    browser.seen = answer = browser.post(f"{browser.here}/unlock", {"pin": wrong})
    assert (answer.status_code, "That does not match" in browser.text) == (422, True)
    assert "Messages with your clinic" not in browser.text


def test_five_wrong_pins_lock_the_link(pages: Pages, chosen: Browser) -> None:
    browser = asked(pages)
    assert [enters(browser, "000001") for _ in range(5)] == [False] * 5
    assert not enters(browser, PIN)


# -- from the clinic -------------------------------------------------------------------------------------


def test_a_pin_from_the_clinic_opens_the_first_page_already(pages: Pages) -> None:
    issued = grant.issue_pin(pages.rt, pages.house.clinic, external_id(pages))
    browser = asked(pages)
    assert "Enter your PIN" in browser.text
    assert enters(browser, issued)
    assert "Messages with your clinic" in browser.text


def test_who_has_forgotten_theirs_gets_another_and_the_old_one_is_none(pages: Pages, chosen: Browser) -> None:
    issued = grant.issue_pin(pages.rt, pages.house.clinic, external_id(pages))
    browser = asked(pages)
    assert issued != PIN
    assert not enters(browser, PIN)
    assert enters(browser, issued)


# -- without -----------------------------------------------------------------------------------------


@pytest.fixture
def check_in(pages: Pages) -> Browser:
    """The page to say 'I'm here', of today's visit."""
    later(pages)
    visit = pages.house.visit(pages.patient, at(1, 12).replace(month=11, day=30))
    browser = visitor(pages)
    browser.tap(link(pages, Page.CHECK_IN, visit=visit).token)
    return browser


def test_a_page_that_the_clinic_opens_without_asks_nothing(pages: Pages, check_in: Browser) -> None:
    assert "Are you here?" in check_in.text
    assert "Choose a PIN" not in check_in.text
    assert check_in.send({}).status_code == 303
    assert "You are checked in" in check_in.text
    assert [action for action, _, _ in audited(pages)][:2] == ["page.opened", "page.looked_at"]


def test_it_takes_a_view_at_each_tap_and_opens_no_other_page(pages: Pages, check_in: Browser) -> None:
    made = link(pages, Page.CHECK_IN, views=2)
    assert [visitor(pages).tap(made.token).status_code for _ in range(3)] == [303, 303, 404]
    other = asked(pages)
    assert "Birth date" in other.text


# -- two on one phone --------------------------------------------------------------------------------


def test_each_of_two_on_a_phone_has_a_pin_of_their_own(pages: Pages, chosen: Browser) -> None:
    ben = pages.house.patient("Ben")
    browser = visitor(pages)
    browser.tap(link(pages, patient=ben).token)
    assert "First name" in browser.text
    assert browser.unlock().status_code == 422
    assert browser.unlock(first_name="Ana").status_code == 422
    assert browser.unlock(first_name="Ben").status_code == 303
    assert "For Ben" in browser.text
    chooses(browser, "159263")
    assert not enters(asked(pages), "159263")
    assert enters(asked(pages), PIN)


def test_who_of_two_is_meant_is_asked_by_text_and_the_page_is_theirs(pages: Pages) -> None:
    pages.house.patient("Ben")
    pages.house.text("HISTORY")
    pages.house.work()
    assert "Who is this about?" in pages.house.got()[-1]
    pages.house.text("2")
    pages.house.work()
    name = next(name for name in ("Ana", "Ben") if f"2) {name}" in pages.house.got()[-2])
    page = follow(pages, first_name=name)
    assert f"For {name}" in page.text
