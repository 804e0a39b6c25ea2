"""What every answer of a page carries, whatever it is: headers, cookies, and nothing that leads elsewhere."""

from collections.abc import Iterator
from datetime import date, timedelta
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from bot.core.book import PageRules
from bot.core.flow import Page
from bot.service import correspond
from tests.webhooks.pages.conftest import BORN, Pages
from tests.webhooks.pages.practice import DAY, crowd, csrf, link, opened, raw, rule, unlocked, visitor
from webhooks.security import HEADERS

WANTED = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "strict-origin",
    "Content-Security-Policy": HEADERS["Content-Security-Policy"],
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}
NAMED = {Page.FORM: "refill", Page.CONSENT: "telehealth"}
JPEG_OF_NOBODY = uuid4()


def answers(pages: Pages) -> Iterator[tuple[int, str, TestResponse]]:
    """The status that is expected, what it is, and the answer: one of every kind that pages give."""
    stranger, form = visitor(pages), "application/x-www-form-urlencoded"
    nobody = f"/s/{uuid4()}"
    yield 200, "shell", stranger.get("/s")
    yield 200, "head", raw(stranger, "/s", None, method="HEAD")
    yield 200, "options", raw(stranger, "/s", None, method="OPTIONS")
    yield 404, "dead", stranger.tap("A" * 40)
    yield 200, "again", stranger.post("/s/again", {"token": "x"}, csrf=False)
    yield 403, "elsewhere", raw(stranger, "/s", {}, headers={"Sec-Fetch-Site": "cross-site"})
    yield 405, "method", raw(stranger, "/s", None, method="PUT")
    yield 404, "no page", stranger.get("/s/nothing/here")
    yield 404, "nobody's", stranger.get(nobody)
    yield 403, "no proof", raw(stranger, nobody, {})
    yield 413, "large", raw(stranger, "/s", b"token=" + b"x" * 300_000, content_type=form)
    browser = visitor(pages)
    yield 303, "tap", browser.tap(link(pages).token)
    yield 200, "factor", browser.get()
    yield 422, "wrong", browser.unlock(BORN + DAY)
    yield 303, "unlock", browser.unlock()
    yield 200, "messages", browser.get()
    yield 422, "nothing said", browser.send({"body": ""})
    yield 303, "said", browser.send({"body": "hello"})
    yield 200, "stay", browser.post(f"{browser.here}/stay", {})
    yield 405, "method of an opened one", raw(browser, browser.here, None, method="DELETE")
    yield 404, "no photo", browser.get(f"{browser.here}/photo/{JPEG_OF_NOBODY}")
    yield 404, "no visit", browser.get(f"{browser.here}/visit.ics")
    history = opened(pages, Page.HISTORY)
    yield 200, "download", history.get(f"{history.here}/messages.txt")
    other = opened(pages, Page.PREFERENCES)
    yield 200, "moved on", other.post(f"{other.here}/wrong-person", {})
    browser = opened(pages)
    yield 200, "done", browser.post(f"{browser.here}/done", {})
    browser = opened(pages)
    with pages.rt.begin() as db:
        db.conn.exec_driver_sql("ALTER TABLE notes RENAME TO gone")
    yield 500, "failed", browser.get()
    pages.rt.move_clock(timedelta(minutes=16))
    yield 410, "timed out", browser.get()


def test_every_answer_has_the_headers(pages: Pages) -> None:
    seen = set()
    for status, what, answer in answers(pages):
        assert answer.status_code == status, what
        for name, value in WANTED.items():
            assert answer.headers.getlist(name) == [value], what
        hsts = answer.headers["Strict-Transport-Security"]
        assert int(hsts.split("max-age=")[1].split(";")[0]) >= 31_536_000
        assert "includeSubDomains" in hsts
        assert "charset=utf-8" in answer.headers.get("Content-Type", "charset=utf-8") or answer.is_json, what
        assert not {"Access-Control-Allow-Origin", "X-Powered-By", "Refresh", "Link"} & set(
            answer.headers.keys()
        )
        target = answer.headers.get("Location", "/s/")
        assert target.startswith("/s/")  # V3.7.2: never to another place, whatever was asked
        seen.add(status)
    assert seen >= {200, 303, 403, 404, 405, 410, 413, 422, 500}


def test_the_policy_lets_nothing_in_and_nobody_frame_it() -> None:
    policy = dict(part.strip().split(" ", 1) for part in WANTED["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    for name in ("object-src", "base-uri", "frame-ancestors"):
        assert policy[name] == "'none'"
    for name in ("script-src", "style-src", "connect-src", "form-action"):
        assert policy[name] == "'self'"
    assert policy["img-src"] in ("'self'", "'self' data:")


def test_every_cookie_is_of_this_host_alone_and_leaving_clears_what_is_kept(pages: Pages) -> None:
    cookies: list[tuple[str, str]] = []
    cleared: set[str] = set()
    for _, what, answer in answers(pages):
        cookies += [(what, each) for each in answer.headers.getlist("Set-Cookie")]
        if answer.headers.get("Clear-Site-Data") == '"cache", "storage"':
            cleared.add(what)
    assert {what for what, _ in cookies} == {"tap", "moved on", "done"}  # set once, taken away twice
    assert cleared == {"moved on", "done"}
    for _, cookie in cookies:
        name, *attributes = (part.strip() for part in cookie.split(";"))
        assert name.startswith("__Host-page=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= set(attributes)
        assert not any(attribute.lower().startswith("domain") for attribute in attributes)


class Elements(HTMLParser):
    """Everything in a page that can load, send, run or tell."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.targets: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in ("iframe", "object", "embed", "base", "applet", "frame", "style", "template"):
            self.faults.append(tag)
        if tag == "script" and not given.get("src", "").startswith("/static/"):
            self.faults.append("a script in the page")
        if tag == "meta" and (
            "property" in given or given.get("name", "").startswith(("twitter:", "description"))
        ):
            self.faults.append(f"meta {given}")
        for name, value in given.items():
            if name.startswith("on") or name in ("style", "srcdoc", "ping", "formaction"):
                self.faults.append(f"{tag} {name}")
            if name in ("src", "href", "action", "data", "poster", "srcset", "background"):
                self.targets.add(value)


def shown(pages: Pages, page: Page) -> str:
    """The page as it is shown once it is open."""
    visit = pages.house.visit(pages.patient, pages.rt.now() + timedelta(hours=2))
    browser = opened(pages, page, form=NAMED.get(page), visit=visit)
    answer = browser.get()
    assert answer.status_code == 200, page
    return answer.text


def check(text: str) -> None:
    """Raise where something of a page is from elsewhere or leads there."""
    found = Elements(text)
    assert found.faults == []
    for target in found.targets:
        assert target.startswith(("/s", "/static/", "#", "tel:", "sms:")), target
        assert not target.startswith("//")
    for scheme in ("http:", "https:", "javascript:", "og:title", "og:image"):
        assert scheme not in text.replace('xmlns="http://www.w3.org/2000/svg"', "")


def test_no_answer_loads_from_another_host_and_no_error_says_more_than_its_name(pages: Pages) -> None:
    correspond.write(pages.rt, pages.house.clinic, pages.patient, "Dr. Okafor", "See <b>now</b>")
    for status, what, answer in answers(pages):
        if status >= 500 or status in (403, 405, 413):
            for telling in (
                "Traceback",
                "psycopg",
                "sqlalchemy",
                "notes",
                "SELECT",
                "File ",
                "Werkzeug",
                "Morales",
            ):
                assert telling not in answer.text, what
        elif answer.mimetype == "text/html" and what != "head":
            check(answer.text)


@pytest.mark.parametrize("page", [Page.FORM, Page.TIMES, Page.OFFER, Page.PREFERENCES, Page.CHECK_IN])
def test_neither_has_any_page_that_is_open(pages: Pages, page: Page) -> None:
    check(shown(pages, page))


def test_the_page_before_the_second_factor_tells_nothing_of_the_patient(pages: Pages) -> None:
    """V14.2.6: neither the name nor what the page is about."""
    correspond.write(pages.rt, pages.house.clinic, pages.patient, "Dr. Okafor", "Your biopsy was fine")
    told = set()
    for page in (Page.MESSAGES, Page.HISTORY, Page.PREFERENCES, Page.RESULT):
        browser = visitor(pages)
        browser.tap(link(pages, page).token)
        assert browser.seen is not None
        plain = browser.seen.text.replace(browser.here, "HERE").replace(csrf(browser), "CSRF")
        for word in ("Ana", "Morales", "biopsy", "Okafor", "1970", "result", "preferences"):
            assert word not in plain
        told.add(plain)
    assert len(told) == 1


def test_a_page_that_is_open_shows_no_birth_date_phone_or_pin(pages: Pages) -> None:
    rule(pages, PageRules(second_factor="pin"))
    browser = unlocked(pages, link(pages).token)
    browser.post(f"{browser.here}/pin", {"pin": "483920", "again": "483920"})
    page = browser.get().text
    assert "Ana" in page
    for hidden in (
        str(BORN),
        f"{BORN:%m/%d/%Y}",
        str(date(1970, 1, 2).year),
        "483920",
        "2025550111",
        "202-555-0111",
    ):
        assert hidden not in page


def test_what_was_typed_wrong_does_not_come_back(pages: Pages) -> None:
    (seat,) = crowd(pages, link(pages))
    told = seat.post(
        f"{seat.here}/unlock", {"day": "17", "month": "11", "year": "1963", "first_name": "Zoltan"}
    )
    assert told.status_code == 422
    assert not any(typed in told.text for typed in ("1963", "Zoltan", 'value="17"', 'value="11"'))
