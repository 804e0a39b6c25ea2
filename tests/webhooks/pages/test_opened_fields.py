"""Whatever stands in the fields of a form: what is none of them counts for nothing, and words stay words."""

from html.parser import HTMLParser

import pytest

from bot.core.flow import Page
from bot.core.views import Note
from bot.service import correspond
from bot.store import conversations, notes, people, slots
from bot.store.notes import Note as Kept
from bot.store.slots import Opening, Service
from tests.conftest import ANA_PHONE
from tests.webhooks.pages.conftest import Pages
from tests.webhooks.pages.practice import DAY, Seat, crowd, link, raw, rows, state

EVIL = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "{{7*7}}{% for x in 'ab' %}{{ config }}{% endfor %}",
    "${7*7} #{7*7} <%= 7*7 %>",
    "' OR 1=1 --'; DROP TABLE notes; --",
    "</textarea><a href='javascript:alert(1)'>x</a>",
    "&lt;b&gt; &amp; &#60;script&#62;",
    "javascript:alert(1)",
    "O'Brien \u202e\u200b\ufeff é 🦓",
)
MULTIPART = "multipart/form-data; boundary=zebra"


def said(pages: Pages) -> list[Kept]:
    """The messages that were kept."""
    with pages.rt.begin() as db:
        return notes.thread(db, pages.house.clinic, pages.patient, 100)


def seat_at(pages: Pages, page: Page = Page.MESSAGES, **more: object) -> Seat:
    """A browser with the page open."""
    (seat,) = crowd(pages, link(pages, page, **more), inside=True)  # type: ignore[arg-type]
    return seat


class Words(HTMLParser):
    """What a page says, and the elements and attributes that could do something."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.elements = "", set[str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements |= {tag} | {f"{tag} {name}" for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def inert(page: str, *words: str) -> bool:
    """Whether the words stand in the page as words, and the page has no element that they could have made."""
    found = Words(page)
    acts = [each for each in found.elements if " on" in each or each == "img" or each.endswith("onload")]
    return (
        all(word in found.text for word in words)
        and not acts
        and page.count("<script") == page.count("<script defer src")
    )


def test_words_of_patient_and_clinic_stay_words(pages: Pages) -> None:
    for words in EVIL:
        correspond.write(pages.rt, pages.house.clinic, pages.patient, f"Nurse {words}", f"We say {words}")
    seat = seat_at(pages)
    for words in EVIL:
        assert seat.post(seat.here, {"body": f"I say {words}"}).status_code == 303
    wanted = [f"{who} {words}" for who in ("Nurse", "We say", "I say") for words in EVIL]
    assert inert(seat.get().text, *wanted)
    history = seat_at(pages, Page.HISTORY)
    assert inert(history.get().text, *(f"{who} {words}" for who in ("We say", "I say") for words in EVIL))
    plain = history.get(f"{history.here}/messages.txt")
    assert plain.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert plain.headers["Content-Disposition"].startswith("attachment")
    assert all(f"I say {words}" in plain.text for words in EVIL)


@pytest.mark.parametrize("name", [EVIL[0], EVIL[1], EVIL[3], EVIL[7], "O'Brien"])
def test_a_name_stays_a_name(pages: Pages, name: str) -> None:
    who = pages.house.patient(name, "+12025550222")
    seat = seat_at(pages, patient=who, phone="+12025550222")
    seat.post(seat.here, {"body": "hello"})
    assert inert(seat.get().text, name)
    assert "49" not in Words(seat.get().text).text.replace(name, "")


def test_what_comes_back_with_a_fault_and_what_was_saved_stay_words(pages: Pages) -> None:
    seat = seat_at(pages)
    for words in EVIL:
        answer = seat.post(seat.here, {"body": words + "x" * 5000})
        assert answer.status_code == 422
        assert inert(answer.text, words)
    form = seat_at(pages, Page.FORM, form="refill")
    assert form.post(form.here, {"medicine": "other", "go": "next"}).status_code == 303
    for words in EVIL[:4]:
        assert form.post(form.here, {"other_medicine": words, "go": "next"}).status_code == 303
        assert inert(form.post(form.here, {"days_left": words, "go": "next"}).text)
        assert form.post(form.here, {"go": "back"}).status_code == 303
        assert inert(form.get().text, words)


def test_fields_that_nobody_asked_for_count_for_nothing(pages: Pages) -> None:
    """V15.3.3."""
    made = link(pages)
    (seat,) = crowd(pages, made, inside=True)
    with pages.rt.begin() as db:
        before = db.conn.execute(people.patients.select()).one()
    more = {
        "author": "Dr. Okafor",
        "patient": str(made.id),
        "patient_id": str(made.id),
        "clinic": "x",
        "at": "1970-01-01",
        "views_left": "99",
        "tries_left": "99",
        "unlocked_at": "1970-01-01",
        "page": "history",
        "form": "refill",
        "first_name": "Zoltan",
        "pin": "483920",
        "again": "483920",
        "language": "es",
        "stop": "yes",
        "texts": "stop",
        "__class__": "x",
        "choice": "take",
        "agree": "yes",
        "slot": str(made.id),
        "none": "yes",
        "go": "later",
    }
    assert seat.post(seat.here, {"body": "hello"} | more).status_code == 303
    (note,) = said(pages)
    assert (note.author, note.body) == ("patient", "hello")
    after = state(pages, made.id)
    assert (after.views_left, after.tries_left, after.page) == (20, 5, Page.MESSAGES)
    with pages.rt.begin() as db:
        assert db.conn.execute(people.patients.select()).one() == before
    pages.house.work()
    assert all("Zoltan" not in body for body in pages.house.got())


def test_a_wish_that_is_not_offered_is_none(pages: Pages) -> None:
    """V2.2.1: what is chosen from a list must stand in it. Texts are stopped by their own button alone."""
    seat = seat_at(pages, Page.PREFERENCES)
    wishes = {
        "language": "xx",
        "channel": "pigeon",
        "hours": "<b>",
        "texts": "stop",
        "first_name": "Zoltan",
        "stop": "no",
    }
    assert seat.post(seat.here, dict(wishes)).status_code == 200
    pages.house.work()
    with pages.rt.begin() as db:
        card = people.card(db, pages.house.clinic, pages.patient)
        talk = conversations.find(db, pages.house.clinic, ANA_PHONE)
        out = db.conn.exec_driver_sql("SELECT opted_out_at FROM conversations").scalars().all()
    assert (dict(card.preferences), card.language, card.first_name, out) == ({}, "en", "Ana", [None])
    assert talk is not None


def test_an_answer_that_is_not_offered_is_a_fault(pages: Pages) -> None:
    seat = seat_at(pages, Page.FORM, form="refill")
    for medicine in ("99", "-1", "aspirin", "", "other\x00x", "1; DROP TABLE"):
        assert seat.post(seat.here, {"medicine": medicine, "go": "next"}).status_code == 422, medicine
    assert seat.post(seat.here, {"days_left": "3", "go": "next"}).status_code == 422  # out of turn
    assert seat.post(seat.here, {"medicine": "other", "go": "x" * 99}).status_code in (303, 422)


def test_a_slot_that_is_none_books_nothing(pages: Pages) -> None:
    visit = pages.house.visit(pages.patient, pages.rt.now() + DAY)
    seat = seat_at(pages, Page.TIMES, visit=visit)
    for slot in ("", "x", str(visit), "00000000-0000-0000-0000-000000000000", "{" + str(visit) + "}", "\x00"):
        assert seat.post(seat.here, {"slot": slot}).status_code == 422, slot


def test_a_slot_that_was_not_offered_is_not_booked(pages: Pages) -> None:
    """V8.2.2: ids can't be guessed, and knowing one is not enough."""
    visit = pages.house.visit(pages.patient, pages.rt.now() + DAY)
    other = Service(provider="Dr. Who", location="Main Street", kind="surgery")
    with pages.rt.begin() as db:
        opening = Opening(service=other, start=pages.rt.now() + 3 * DAY, minutes=30)
        slots.add_openings(db, pages.house.clinic, [opening])
        slot = db.conn.execute(slots.slots.select().with_only_columns(slots.slots.c.id)).scalar_one()
    seat = seat_at(pages, Page.TIMES, visit=visit)
    assert seat.post(seat.here, {"slot": str(slot)}).status_code == 422


def test_of_a_field_that_comes_twice_the_first_counts(pages: Pages) -> None:
    """V15.3.7."""
    seat = seat_at(pages)
    twice = f"csrf={seat.proof}&body=first&body=second&csrf=x".encode()
    assert raw(seat, seat.here, twice).status_code == 303
    assert raw(seat, seat.here, f"csrf=x&csrf={seat.proof}&body=third".encode()).status_code == 403
    assert raw(seat, f"{seat.here}?body=query", f"csrf={seat.proof}&body=form".encode()).status_code == 303
    assert [note.body for note in said(pages)] == ["first", "form"]


def test_too_many_and_too_long_fields_are_refused(pages: Pages) -> None:
    seat = seat_at(pages)
    before = rows(pages.rt)
    many = {f"f{number}": "x" for number in range(201)}
    assert seat.post(seat.here, {"body": "x"} | many).status_code == 413
    assert seat.post(seat.here, {"body": "x" * 300_000}).status_code == 413
    assert seat.post(f"{seat.here}/unlock", {"day": "1" * 300_000}).status_code == 413
    assert (
        raw(seat, seat.here, b"a=&" * 100_000).status_code == 413
    )  # it would be read whole, into as many fields
    assert seat.post(seat.here, {"body": "x" * 4001}).status_code == 422
    assert said(pages) == []
    assert {name: value for name, value in rows(pages.rt).items() if name not in ("audit", "openings")} == {
        name: value for name, value in before.items() if name not in ("audit", "openings")
    }


BYTES = {
    "zero": b"%00",
    "half a character": b"%ED%A0%80",
    "no UTF-8": b"%FF%FE",
    "no UTF-8, bare": b"\xff\xfe",
    "overlong": b"%C0%AF",
    "line": b"%0D%0ASet-Cookie:%20x=y",
    "percent": b"%%%zz%",
    "beyond": b"%F4%90%80%80",
    "long": b"9" * 5000,
    "digits of others": "１９７０".encode(),
}


def test_bytes_that_are_no_text_break_nothing(pages: Pages) -> None:
    seat = seat_at(pages)
    factor = crowd(pages, link(pages, Page.HISTORY, tries=10))[0]
    proof = seat.proof.encode()
    for what, value in BYTES.items():
        for name in (b"body", b"csrf", value, b"go", b"photo"):
            answer = raw(seat, seat.here, b"csrf=" + proof + b"&" + name + b"=" + value)
            assert answer.status_code in (303, 403, 422), (what, name)
            assert "\n" not in answer.headers.get("Location", "")
        typed = b"&".join(name + b"=" + value for name in (b"day", b"month", b"year", b"first_name", b"pin"))
        path = f"{factor.here}/unlock"
        assert raw(factor, path, b"csrf=" + factor.proof.encode() + b"&" + typed).status_code in (403, 422), (
            what
        )
        assert raw(factor, "/s", b"token=" + value).status_code == 404
        assert raw(factor, "/s/again", b"token=" + value).status_code == 200


def test_parts_that_are_none_break_nothing(pages: Pages) -> None:
    seat = seat_at(pages)
    part = b'--zebra\r\nContent-Disposition: form-data; name="%s"%s\r\n%s\r\n%s\r\n'
    proof = part % (b"csrf", b"", b"", seat.proof.encode())
    end = b"--zebra--\r\n"
    odd = [
        proof
        + part % (b"body", b"", b"Content-Type: text/plain; charset=utf-7\r\n", b"+ADw-script+AD4-")
        + end,
        proof + part % (b"body", b"", b"Content-Type: text/plain; charset=nope\r\n", b"x") + end,
        proof + part % (b"body", b"", b"Content-Transfer-Encoding: base64\r\n", b"PHNjcmlwdD4=") + end,
        proof + part % (b"body", b'; filename="a.txt"', b"", b"x") + end,
        proof + part % (b"photo", b'; filename="\xff\x00../../etc/passwd"', b"", b"x") + end,
        proof + part % (b"photo", b"; filename*=utf-8''%2e%2e%2fx", b"", b"x") + end,
        proof + part % (b"body", b"", b"", b"\xed\xa0\x80\xff") + end,
        proof,  # cut off
        proof + part % (b"\xff", b"", b"X: " + b"y" * 9000 + b"\r\n", b"x") + end,
        b"--zebra\r\n\r\n" + end,
        b"",
    ]
    for body in odd:
        for kind in (MULTIPART, "multipart/form-data", "application/json", "text/plain", ""):
            assert raw(seat, seat.here, body, content_type=kind).status_code in (303, 403, 413, 422), (
                body[:90],
                kind,
            )
    assert inert(seat.get().text)


def test_a_zero_in_a_message_is_left_out(pages: Pages) -> None:
    seat = seat_at(pages)
    assert raw(seat, seat.here, f"csrf={seat.proof}&body=one%00two%0D%0Athree".encode()).status_code == 303
    assert [note.body for note in said(pages)] == ["onetwo\nthree"]
    assert Note(mine=True, who="", when="", body="onetwo").body in Words(seat.get().text).text
