"""Flows at the console: every page, in one walk by somebody who may everything and one by somebody who may look."""

import json
import re
from datetime import timedelta
from html import unescape
from uuid import UUID

import pytest
from flask import Flask

from bot.runtime import Runtime
from bot.service import clinic as clinics
from bot.store import editions
from tests.conftest import START, House
from tests.webhooks.console.seats import Seat, plain, sit_down
from webhooks.app import create
from webhooks.console.flows import PICTURE_POLICY

KEY = "/flows/wording-of/sentences/confirmed"
NEW = "Thank you, {{first_name}}. Your visit on {{day}} at {{time}} is set."


@pytest.fixture
def app(rt: Runtime) -> Flask:
    """The whole app."""
    return create(rt)


@pytest.fixture
def riley(rt: Runtime, app: Flask, clinic: UUID) -> Seat:
    """An admin."""
    return sit_down(rt, app, clinic, "admin", "riley")


def field(page: str, name: str) -> str:
    """The value of a form's field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return unescape(found[1])


def test_the_list_and_a_flow_say_who_is_in_them_and_what_there_is_to_mend(house: House, app: Flask) -> None:
    house.visit(house.patient(), START + timedelta(days=4))
    house.work()
    house.wait_until(START + timedelta(days=1, hours=2))
    riley = sit_down(house.rt, app, house.clinic, "admin", "riley")
    at_once = riley.text("/flows")
    assert "Remind of a visit; confirm, move or cancel it" in at_once
    assert "3 days before the visit" in at_once
    assert "in it now" not in at_once
    counted = riley.text("/flows?numbers=1")
    assert "1 in it now" in counted
    assert "present" in counted
    flow = riley.get("/flows/appointment?numbers=1").text
    assert "1 here now" in flow
    assert "nothing to mend" in flow
    for words in ("Hola", "1 segment", "143 characters", "flow: appointment", "She confirms"):
        assert words in flow, words
    assert f"/console{KEY}" in flow
    assert f"/console{KEY}" in riley.get("/flows/all-sentences").text
    picture = riley.get("/flows/appointment/picture.svg?lang=es")
    assert (picture.mimetype, picture.headers["Content-Security-Policy"]) == ("image/svg+xml", PICTURE_POLICY)
    assert picture.text.startswith("<svg")
    for path in ("/flows/nowhere", "/flows/nowhere/picture.svg", "/flows/appointment/picture.svg?lang=xx"):
        assert riley.get(path).status_code == 404
    assert "planned and leave by themselves" in riley.text("/flows/next-days")


def test_a_sentence_goes_from_the_editor_into_the_draft_and_out_to_everybody(
    rt: Runtime, app: Flask, clinic: UUID, riley: Seat
) -> None:
    assert "There is no draft" in riley.text("/flows/the-draft")
    assert riley.get("/flows/to-publish").status_code == 303
    editor = riley.get(KEY).text
    assert "is confirmed." in editor
    typing = riley.post(f"{KEY}/look", {"language": "en", "text-en": "Thanks – {{diagnosis}}"})
    assert "error" in plain(typing.text)
    assert "UCS-2" in typing.text
    assert "can&#39;t be empty" in riley.post(f"{KEY}/look", {"language": "en", "text-en": " "}).text
    wrong = riley.post(KEY, {"text-en": NEW, "seen-en": "another"})
    assert (wrong.status_code, NEW in wrong.text, "meanwhile" in wrong.text) == (422, True, True)
    kept = riley.post(KEY, {"text-en": NEW, "seen-en": field(editor, "seen-en")})
    assert kept.headers["Location"] == "/console/flows/the-draft?said=sentence_kept"
    draft = riley.get("/flows/the-draft").text
    assert f"<ins>{NEW}</ins>" in draft
    assert "A draft changes 1 sentence." in riley.text("/flows")
    clinics.add(rt, name="Hillside Clinic", phone="+12025550200", zone="America/Chicago")
    ahead = riley.get("/flows/to-publish").text
    assert "patients of all 2 clinics" in plain(ahead)
    form = {"version": field(ahead, "version"), "name-en": "Riley Park"}
    refused = riley.post("/flows/to-publish", form)  # nobody has said that they have read it
    assert refused.status_code == 422
    assert "has read the sentences" in refused.text
    done = riley.post("/flows/to-publish", {**form, "reviewed-en": "yes"})
    assert done.headers["Location"] == "/console/flows?said=flows_published"
    with rt.begin() as db:
        (now, before) = (each.edition for each in editions.published(db, 2))
        assert NEW in rt.book(db, now).wordings["en"].sentences["confirmed"]
    assert riley.get("/flows/to-publish/000000000000").status_code == 404
    assert "becomes the present one again" in riley.text(f"/flows/to-publish/{before}")
    assert riley.post(f"/flows/to-publish/{before}").status_code == 303
    with rt.begin() as db:
        assert editions.current(db) == before
    # A provider reads flows and does not write them.
    provider = sit_down(rt, app, clinic, "provider", "dr_lee")
    assert "Edit" not in provider.text("/flows/appointment")
    assert provider.get(KEY).status_code == 403
    assert "Go back to it" not in provider.text("/flows")


def test_a_flow_is_talked_to_in_the_browser(riley: Seat) -> None:
    path = "/flows/appointment/chat"
    first = riley.get(path).text
    assert "The office books a visit." in first
    kept = {"start": field(first, "start"), "language": "en"}
    asked = riley.post(path, {**kept, "typed": field(first, "typed"), "act": "/wait"}).text
    assert "you have a visit on" in asked
    answered = riley.post(path, {**kept, "typed": field(asked, "typed"), "text": "yes <b>"}).text
    assert "yes &lt;b&gt;" in answered
    assert "understood:" in answered
    assert json.loads(field(answered, "typed")) == ["/wait", "yes <b>"]
    back = riley.post(path, {**kept, "typed": field(answered, "typed"), "act": "undo"}).text
    assert json.loads(field(back, "typed")) == ["/wait"]
    assert json.loads(field(riley.post(path, {"typed": '["/wait"]', "act": "over"}).text, "typed")) == []
    wrong = riley.post(path, {**kept, "typed": "[]", "text": "/nonsense"})
    assert wrong.status_code == 422
    assert "Here one can type" in wrong.text
    for odd in ("{", "[1, null]", '"x"', "[" * 5000, "9" * 5000, '["a"]' + " " * 40_000):
        assert riley.post(path, {"typed": odd, "start": "never", "language": "xx"}).status_code == 200
    assert riley.get("/flows/nowhere/chat").status_code == 404
    assert "Ready" in riley.get("/flows/warm-up").text
