"""Passkeys over HTTP: what passkey.js asks and answers, as JSON. Pages without script never come here.

Whatever is wrong with an answer, it gets the same status and the same empty body; the page has the words for it.
"""

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, Response, abort, jsonify, make_response, request

from bot.runtime import Runtime
from bot.service import use_passkey
from bot.service.open_page import Closed
from bot.signing import is_form_token
from webhooks.pages import browser
from webhooks.security import runtime

LARGEST = 16 * 1024
"""Bytes: what an authenticator makes has one or two thousand."""

passkeys = Blueprint("passkeys", __name__, url_prefix="/s/<uuid:opening>/passkey")


@passkeys.post("/options")
def options(opening: UUID) -> Response:
    """What the phone is to do: prove by a passkey where the page asks who it is, make one where it is open."""
    rt = runtime()
    _own(rt, opening)
    wanted = use_passkey.options(rt, opening, browser.cookie())
    if isinstance(wanted, Closed):
        abort(410)
    if wanted is None:
        abort(404)
    answer = make_response(wanted)
    answer.mimetype = "application/json"
    return answer


@passkeys.post("/register")
def register(opening: UUID) -> Response:
    """The phone has made one."""
    rt = runtime()
    credential = _own(rt, opening)
    return _answer(use_passkey.register(rt, opening, browser.cookie(), credential))


@passkeys.post("/authenticate")
def authenticate(opening: UUID) -> Response:
    """The phone proves who it is; where it does, the page is open and to be loaded anew."""
    rt = runtime()
    credential = _own(rt, opening)
    right = use_passkey.authenticate(rt, opening, browser.cookie(), credential, browser.network())
    return _answer(right)


def _own(rt: Runtime, opening: UUID) -> Mapping[str, object]:
    """The credential that our own page has sent; {} where it sent none. Refuses what comes from elsewhere."""
    request.max_content_length = LARGEST
    browser.require_own_site(rt)
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        abort(400)
    if not is_form_token(rt.settings.secrets, opening, browser.cookie(), str(given.get("csrf", ""))):
        abort(403)
    credential = given.get("credential")
    return credential if isinstance(credential, dict) else {}


def _answer(right: bool | Closed) -> Response:  # noqa: FBT001  # the verb's own answer
    if isinstance(right, Closed):
        abort(410)
    answer = jsonify({})
    answer.status_code = 200 if right else 422
    return answer
