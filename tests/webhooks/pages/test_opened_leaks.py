"""A whole session, with everything captured that a service writes beside its database: nothing of the patient is in it.

What goes wrong goes wrong here for real: a table is away, so that the database's own error has the message in hand.
"""

import json
import logging
import zlib
from collections.abc import Iterable
from io import BytesIO
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import text
from werkzeug.test import Client, TestResponse

from bot import log
from bot.core.book import PageRules
from bot.core.flow import Page
from bot.store.audit import audit
from tests.conftest import ANA_PHONE
from tests.webhooks.pages.conftest import BORN, Browser, Pages
from tests.webhooks.pages.practice import DAY, link, rule
from tests.webhooks.pages.test_downloads import jpeg
from webhooks.app import create

BODY = "The rash on my elbow is worse, zebra"
MEDICINE = "Metoprolol 50"
PIN, WRONG_PIN = "483920", "739105"
SECRET = (
    *(PIN, WRONG_PIN, BODY, "rash on my", "zebra", "Metoprolol", "Morales", "Zoltan", "I need a refill"),
    *(ANA_PHONE, ANA_PHONE[1:], ANA_PHONE[2:], "202-555-0111", "(202) 555-0111", "%2B12025550111"),
    *(
        f"{BORN:%Y-%m-%d}",
        f"{BORN:%m/%d/%Y}",
        "1/2/1970",
        "2.1.1970",
        f"{BORN:%Y%m%d}",
        "Jan 2, 1970",
        "January 2, 1970",
    ),
    *("date(1970, 1, 2)", "'year': '1970'", "year=1970"),
)


class Served:
    """The app behind a server that writes an access log, as gunicorn's default one."""

    def __init__(self, pages: Pages) -> None:
        self.app = create(pages.rt)
        self.lines: list[str] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        query = f"?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else ""
        names = ("REQUEST_METHOD", "PATH_INFO")
        said = " ".join(str(environ.get(name, "")) for name in names) + query
        told = [""]

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            told[0] = f"{status} {dict(headers).get('Location', '')}"
            return start_response(status, headers, *more)

        answer = self.app(environ, start)
        referer, agent = environ.get("HTTP_REFERER", "-"), environ.get("HTTP_USER_AGENT", "-")
        self.lines.append(f'{environ.get("REMOTE_ADDR", "-")} "{said}" {told[0]} "{referer}" "{agent}"')
        return answer


def session(pages: Pages, served: Served) -> tuple[list[str], list[TestResponse]]:
    """From the text to a page that fails: the tokens that were on the way, and the answers that failed."""
    pages.house.text("I need a refill")
    pages.house.work()
    first = pages.token()
    second = link(pages, Page.MESSAGES).token
    rule(pages, PageRules(second_factor="pin"))
    browser = Browser(Client(served, TestResponse), pages.rt.settings.pages_url)  # type: ignore[arg-type]
    browser.tap(first)
    browser.unlock(BORN + DAY, first_name="Zoltan")
    browser.unlock()
    browser.post(f"{browser.here}/pin", {"pin": PIN, "again": WRONG_PIN})
    assert browser.post(f"{browser.here}/pin", {"pin": PIN, "again": PIN}).status_code == 303
    browser.get()
    browser.send({"medicine": "other", "go": "next"})
    browser.send({"other_medicine": MEDICINE, "go": "next"})
    browser.send({"days_left": MEDICINE, "go": "next"})
    browser.send({"days_left": "9", "go": "next"})
    browser.send({"note": BODY, "go": "next"})
    browser.tap(second)
    browser.post(f"{browser.here}/unlock", {"pin": WRONG_PIN})
    assert browser.post(f"{browser.here}/unlock", {"pin": PIN}).status_code == 303
    browser.get()
    photo = [(BytesIO(jpeg()), "Morales-zebra.jpg", "image/jpeg")]
    assert browser.post(browser.here, {"body": BODY, "photo": photo}).status_code == 303
    browser.post("/s", {"token": second}, csrf=False)
    browser.post("/s/again", {"token": first}, csrf=False)
    pages.house.work()
    return [first, second, *pages.tokens()], failures(pages, browser)


def failures(pages: Pages, browser: Browser) -> list[TestResponse]:
    """What is answered where the database fails with the patient's words in hand."""
    fields = {"body": BODY, "pin": PIN, "year": "1970"}
    broken = []
    for statement in (
        "ALTER TABLE notes ADD CONSTRAINT none CHECK (length(author) > 99) NOT VALID",
        "ALTER TABLE notes RENAME TO gone",
        "ALTER TABLE openings RENAME TO gone_too",
    ):
        with pages.rt.begin() as db:
            db.conn.exec_driver_sql(statement)
        broken.append(browser.post(browser.here, dict(fields)))
    broken.append(browser.post(f"{browser.here}/unlock", dict(fields)))
    assert {answer.status_code for answer in broken} == {500}
    return broken


def rung(pages: Pages) -> str:
    """Everything in Valkey, jobs unpacked."""
    redis, found = Redis.from_url(pages.rt.settings.redis_url), []
    for key in redis.scan_iter():
        kind = redis.type(key)
        values: list[bytes] = [key]
        if kind == b"hash":
            values += [each for pair in redis.hgetall(key).items() for each in pair]
        elif kind == b"string":
            values.append(redis.get(key) or b"")
        elif kind == b"list":
            values += redis.lrange(key, 0, -1)
        for value in values:
            found.append(value.decode("latin-1"))
            try:
                found.append(zlib.decompress(value).decode("latin-1"))
            except zlib.error:
                continue
    redis.close()
    return "\n".join(found)


def in_the_clear(pages: Pages) -> str:
    """Every row of every table; bytes in hex, which sealed ones stay."""
    with pages.rt.begin() as db:
        names = (
            db.conn.exec_driver_sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            .scalars()
            .all()
        )
        rows = [
            db.conn.execute(text(f'SELECT t::text FROM "{name}" t')).scalars().all()
            for name in names
            if name != "editions"
        ]
    return "\n".join(row for some in rows for row in some)


def test_a_session_leaves_nothing_of_the_patient_outside_of_sealed_columns(
    pages: Pages, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    log.configure(level="DEBUG")
    pages.rt.engine.echo = "debug"  # statements, and rows as they come
    served = Served(pages)
    tokens, failed = session(pages, served)
    pages.rt.engine.echo = False
    metrics = served.app.test_client().get("/metrics").text
    out = capfd.readouterr()
    ours = [
        record for record in caplog.records if not record.name.startswith("urllib3")
    ]  # asks the twin for a phone
    told = {
        "standard output": out.out,
        "standard error": out.err,
        "logs": "\n".join(f"{record.name} {record.getMessage()} {record.exc_text or ''}" for record in ours),
        "access log": "\n".join(served.lines),
        "error pages": "\n".join(answer.text + str(answer.headers) for answer in failed),
        "metrics": metrics,
        "jobs": rung(pages),
        "database": in_the_clear(pages),
    }
    with pages.rt.begin() as db:
        told["audit"] = json.dumps([[str(each) for each in row] for row in db.conn.execute(audit.select())])
    assert "request_failed" in told["standard output"] + told["standard error"] + told["logs"]
    assert "INSERT INTO notes" in told["logs"]  # the statements were really captured
    assert told["access log"].count("POST /s/") > 15
    assert "page.opened" in told["audit"]
    assert "rq:" in told["jobs"]
    found = {
        (where, word)
        for where, content in told.items()
        for word in (*SECRET, *tokens)
        if word.casefold() in content.casefold()
    }
    assert found == set()


def test_the_search_would_find_it(pages: Pages) -> None:
    with pages.rt.begin() as db:
        db.conn.exec_driver_sql("CREATE TABLE plain (body text)")
        db.conn.execute(text("INSERT INTO plain VALUES (:body)"), {"body": BODY})
    assert BODY in in_the_clear(pages)
