"""A token opens what we have sent, while it lives; all else opens nothing, leaves no row and is told alike."""

import base64
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from bot.runtime import Runtime
from bot.signing import form_token, link_token, read_link
from bot.store import links
from tests.conftest import make_settings
from tests.webhooks.pages.conftest import Browser, Pages
from tests.webhooks.pages.practice import link, opened, rows, state, unlocked, visitor
from webhooks.app import create


def bent(pages: Pages, token: str) -> dict[str, str]:
    """The token with something wrong."""
    keys = pages.rt.settings.secrets
    claim = read_link(keys, token)
    assert claim is not None
    whole = base64.urlsafe_b64decode(token)
    return {
        "nothing": "",
        "short": token[:-1],
        "long": token + "A",
        "padded": token + "=",
        "with a space": f" {token}",
        "with a line": f"{token}\n",
        "with a zero": f"{token}\x00",
        "upper": token.upper(),
        "another handle": base64.urlsafe_b64encode(bytes([whole[0] ^ 1]) + whole[1:]).decode(),
        "a later end": base64.urlsafe_b64encode(whole[:13] + bytes([whole[13] ^ 1]) + whole[14:]).decode(),
        "another MAC": base64.urlsafe_b64encode(whole[:-1] + bytes([whole[-1] ^ 1])).decode(),
        "another key": link_token(("x" * 32,), claim.handle, claim.expires),
        "no row": link_token(keys, b"\x00" * 10, claim.expires),
        "a form's": form_token(keys, UUID(int=1), "b"),
        "made up": "A" * 40,
        "very long": token * 1000,
        "foreign": "é" * 40,
    }


def test_what_we_have_not_signed_opens_nothing(pages: Pages) -> None:
    made = link(pages)
    browser = visitor(pages)
    before = rows(pages.rt)
    told = set()
    for kind, token in bent(pages, made.token).items():
        answer = browser.tap(token)
        assert (answer.status_code, answer.headers.getlist("Set-Cookie")) == (404, []), kind
        assert token not in answer.text or not token, kind
        told.add(answer.data)
        assert browser.post("/s/again", {"token": token}, csrf=False).status_code == 200
    assert len(told) == 1
    assert rows(pages.rt) == before
    unlocked(pages, made.token)


def test_a_link_lives_until_its_end_and_what_clocks_may_differ_by(pages: Pages) -> None:
    """Seconds from its end. The clock goes on while this runs, so that the last look before the edge is a bit early."""
    made = link(pages, life=timedelta(hours=1))
    end = pages.rt.now() + timedelta(hours=1)
    told = []
    for late in (-61, 0, 50, 61, 3600):
        pages.rt.move_clock(end + timedelta(seconds=late) - pages.rt.now())
        told.append(visitor(pages).tap(made.token).status_code)
    assert told == [303, 303, 303, 404, 404]


def test_the_edge_is_exact(pages: Pages) -> None:
    made = link(pages, life=timedelta(hours=1))
    found = state(pages, made.id)
    assert found.expires is not None
    edge, tick = found.expires + timedelta(seconds=60), timedelta(microseconds=1)
    with pages.rt.begin() as db:
        for right in (True, False):
            assert links.take(db, made.id, edge, right=right) is None
            assert links.take(db, made.id, edge - tick, right=right) is not None
    assert (found.alive(edge), found.alive(edge - tick)) == (False, True)


def test_a_host_whose_clock_is_behind_opens_it_too(pages: Pages) -> None:
    made = link(pages)
    pages.rt.move_clock(timedelta(seconds=-60))
    unlocked(pages, made.token)


def test_an_unlock_that_comes_after_the_end_opens_nothing(pages: Pages) -> None:
    made = link(pages, life=timedelta(minutes=10))
    browser = visitor(pages)
    browser.tap(made.token)
    pages.rt.move_clock(timedelta(minutes=11, seconds=1))
    assert browser.unlock().status_code == 404
    assert "Morales" not in browser.get().text


def test_the_row_says_whether_a_link_lives_whatever_its_token_says(pages: Pages) -> None:
    made = link(pages)
    with pages.rt.begin() as db:
        now = pages.rt.now() - timedelta(hours=1)
        db.conn.execute(links.links.update().where(links.links.c.id == made.id).values(expires_at=now))
    assert visitor(pages).tap(made.token).status_code == 404


def test_a_link_whose_text_has_not_left_is_none(pages: Pages) -> None:
    made = link(pages)
    with pages.rt.begin() as db:
        db.conn.execute(links.links.update().where(links.links.c.id == made.id).values(expires_at=None))
    assert visitor(pages).tap(made.token).status_code == 404


def with_keys(pages: Pages, *keys: str) -> Browser:
    """A browser at a process that was started with these keys."""
    other = Runtime(make_settings(**(pages.rt.settings.model_dump() | {"secret_keys": ",".join(keys)})))
    other.__dict__.update({"engine": pages.rt.engine, "reader": pages.rt.reader})
    return Browser(create(other).test_client(), other.settings.pages_url)


def test_keys_rotate_and_a_key_that_is_out_takes_its_links_along(pages: Pages) -> None:
    old, new = pages.rt.settings.secret_keys, "n" * 32
    made = link(pages)
    during = with_keys(pages, old, new)
    assert during.tap(made.token).status_code == 303
    assert during.unlock().status_code == 303
    after = with_keys(pages, new)
    assert after.tap(made.token).status_code == 404


def test_the_database_alone_makes_no_token(pages: Pages) -> None:
    """Neither the token nor its MAC is kept, and the handle stands in its own column only: not in the trail."""
    made = link(pages)
    browser = unlocked(pages, made.token)
    browser.send({"body": "hello"})
    whole = base64.urlsafe_b64decode(made.token)
    handle, mac = whole[:10], whole[-16:]
    for name, kept in everything(pages).items():
        assert made.token not in kept
        assert mac.hex() not in kept
        found = handle.hex() in kept or base64.urlsafe_b64encode(handle).decode() in kept
        assert found == (name == "links"), name


def test_what_is_kept_of_a_browser_is_no_cookie(pages: Pages) -> None:
    browser = opened(pages)
    cookie = browser.client.get_cookie("__Host-page", domain=browser.origin.split("/")[2].split(":")[0])
    assert cookie is not None
    assert len(cookie.value) == 43  # 256 bits
    assert not any(
        cookie.value in kept or cookie.value.encode().hex() in kept for kept in everything(pages).values()
    )


def everything(pages: Pages) -> dict[str, str]:
    """All rows as text, bytes in hex."""
    with pages.rt.begin() as db:
        names = (
            db.conn.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
            .scalars()
            .all()
        )
        return {
            name: db.conn.execute(
                text(f"SELECT coalesce(string_agg(t::text, '|'), '') FROM \"{name}\" t")
            ).scalar_one()
            for name in names
        }
