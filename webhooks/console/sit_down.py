"""The demo's short cut: sit down as one of its made-up staff. Where patients are real this address does not exist."""

from flask import request
from werkzeug.wrappers import Response

from bot.service.entrance import demo_sign_in
from webhooks.console.door import anybody, new_section
from webhooks.console.entrance import go_in, visitor
from webhooks.security import runtime

section = new_section("sit_down", __name__)


@section.post("/sit-down")
@anybody
def sit_down() -> Response:
    """As this one."""
    rt = runtime()
    return go_in(rt, demo_sign_in.sit_down(rt, request.form.get("handle", ""), visitor()))
