"""Many at once: views, tries and times are taken one by one, and no race gets more than there is."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from bot.core.book import PageRules
from bot.core.flow import Page
from bot.store import links, slots
from bot.store.appointments import appointments
from tests.webhooks.pages.conftest import BORN, Pages
from tests.webhooks.pages.practice import DAY, Seat, at_once, audited, crowd, link, rule, state, visitor

WRONG = BORN + DAY
FIFTY = 50
PHONES = tuple(f"+120255502{number:02d}" for number in range(10))


def statuses(answers: list[int]) -> dict[int, int]:
    """How often each status came."""
    return {status: answers.count(status) for status in set(answers)}


def right(seat: Seat) -> int:
    """The status for the right answer."""
    return seat.answer(BORN)


def wrong(seat: Seat) -> int:
    """The status for a wrong one."""
    return seat.answer(WRONG)


def test_fifty_at_once_take_the_one_view_that_is_left_once(pages: Pages) -> None:
    made = link(pages, views=1)
    told = statuses(at_once(right, crowd(pages, made, FIFTY)))
    assert told.pop(303) == 1
    assert set(told) <= {404, 422}
    assert state(pages, made.id).views_left == 0
    assert [action for action, _, _ in audited(pages)].count("page.opened") == 1


def test_the_same_where_a_page_opens_without_a_second_factor(pages: Pages) -> None:
    rule(pages, PageRules(open_without=(Page.PREFERENCES,)))
    made = link(pages, Page.PREFERENCES, views=1)
    browsers = [visitor(pages) for _ in range(14)]
    told = statuses(at_once(lambda browser: browser.tap(made.token).status_code, browsers))
    assert told == {303: 1, 404: 13}
    shown = [browser for browser in browsers if browser.here and browser.get().status_code == 200]
    assert len(shown) == 1
    assert [action for action, _, _ in audited(pages)].count("page.opened") == 1


def test_fifty_wrong_answers_at_once_count_five_and_lock(pages: Pages) -> None:
    made = link(pages, tries=5)
    browsers = crowd(pages, made, FIFTY)
    assert statuses(at_once(wrong, browsers)) == {422: FIFTY}
    assert state(pages, made.id).tries_left == 0
    assert right(browsers[0]) == 422  # the right one doesn't open it any more
    assert state(pages, made.id).views_left == 20
    done = [action for action, _, _ in audited(pages)]
    assert done.count("page.refused") == FIFTY + 1
    assert "page.opened" not in done


def test_fifty_across_two_links_count_no_more_than_a_patient_has_a_day(pages: Pages) -> None:
    first, second = link(pages, Page.MESSAGES, tries=10), link(pages, Page.PREFERENCES, tries=10)
    browsers = crowd(pages, first, FIFTY // 2) + crowd(pages, second, FIFTY // 2)
    assert statuses(at_once(wrong, browsers)) == {422: FIFTY}
    used = 20 - state(pages, first.id).tries_left - state(pages, second.id).tries_left
    assert used == 10
    third = crowd(pages, link(pages, Page.HISTORY))
    assert right(third[0]) == 422
    pages.rt.move_clock(DAY)
    assert right(crowd(pages, link(pages, Page.HISTORY))[0]) == 303


def test_right_and_wrong_ones_at_once_are_each_counted(pages: Pages) -> None:
    made = link(pages, tries=10, views=20)
    browsers = crowd(pages, made, 16)
    told = at_once(lambda each: (right if each[0] % 2 else wrong)(each[1]), list(enumerate(browsers)))
    after = state(pages, made.id)
    assert statuses(told) == {303: 8, 422: 8}
    assert (after.tries_left, after.views_left) == (2, 12)


def test_the_store_counts_by_itself(pages: Pages) -> None:
    """Behind the guards' locks, which make callers wait already, the statement itself takes no more than there is."""
    rt, made = pages.rt, link(pages, views=3, tries=5)

    def take(is_right: bool) -> bool:
        with rt.begin() as db:
            return links.take(db, made.id, rt.now(), right=is_right) is not None

    assert at_once(take, [True] * FIFTY).count(True) == 3
    assert at_once(take, [False] * FIFTY).count(True) == 5
    assert at_once(take, [True]) == [False]


def test_a_form_comes_in_once(pages: Pages) -> None:
    rt, found = pages.rt, state(pages, link(pages).id)

    def submit(_: int) -> bool:
        with rt.begin() as db:
            return links.submit(db, found, rt.now())

    assert at_once(submit, range(FIFTY)).count(True) == 1


def test_fifty_who_tap_on_one_time_book_it_once(pages: Pages) -> None:
    """Ten patients on as many phones, each in five windows."""
    house = pages.house
    house.openings(pages.rt.now() + timedelta(days=3))
    slot, seats, visits = free_slot(pages), [], set()
    for phone in PHONES:
        patient = house.patient("Ana", phone)
        visit = house.visit(patient, pages.rt.now() + DAY)
        made = link(pages, Page.TIMES, patient=patient, phone=phone, visit=visit)
        seats += crowd(pages, made, 5, inside=True)
        visits.add(visit)
    answers = at_once(lambda seat: seat.post(seat.here, {"slot": str(slot)}).status_code, seats)
    assert set(answers) <= {303, 422}
    assert [action for action, _, _ in audited(pages)].count("visit.booked") == 1
    c = slots.slots.c
    with pages.rt.begin() as db:
        assert db.conn.execute(select(c.appointment_id).where(c.id == slot)).scalar_one() in visits
        moved = db.conn.execute(select(appointments.c.id).where(appointments.c.version > 1)).scalars().all()
    assert len(moved) == 1


def test_a_first_visit_is_booked_once_too(pages: Pages) -> None:
    house = pages.house
    house.openings(pages.rt.now() + timedelta(days=3))
    slot, seats = free_slot(pages), []
    for phone in PHONES:
        made = link(pages, Page.TIMES, patient=house.patient("Ana", phone), phone=phone)
        seats += crowd(pages, made, 2, inside=True)
    at_once(lambda seat: seat.post(seat.here, {"slot": str(slot)}), seats)
    assert [action for action, _, _ in audited(pages)].count("visit.booked") == 1
    with pages.rt.begin() as db:
        assert len(db.conn.execute(select(appointments.c.id)).all()) == 1


def free_slot(pages: Pages) -> UUID:
    """The one slot that is free."""
    with pages.rt.begin() as db:
        free = select(slots.slots.c.id).where(slots.slots.c.appointment_id.is_(None))
        found: UUID = db.conn.execute(free).scalar_one()
    return found
