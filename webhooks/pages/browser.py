"""What a browser carries and must prove: the cookie of its opened pages, and that a form was sent by our own page."""

import ipaddress
import re
import secrets
from uuid import UUID

from flask import Response, abort, request

from bot.runtime import Runtime
from bot.signing import form_token, is_form_token

COOKIE = "__Host-page"
"""Of this host alone, over TLS alone, and out of reach of scripts; browsers take localhost for safe as well."""
_BYTES = 32
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)  # what new_secret makes


def cookie() -> str:
    """The browser's secret, '' where it has none of the kind that we make: another could be guessed."""
    try:
        value = request.cookies.get(COOKIE, "")
    except UnicodeDecodeError:  # bytes that are no text
        return ""
    return value if _SECRET.fullmatch(value) else ""


def with_cookie(response: Response, browser: str) -> Response:
    """Give the browser its secret: until it is closed, or 'I'm done'."""
    response.set_cookie(COOKIE, browser, secure=True, httponly=True, samesite="Strict", path="/")
    return response


def without_cookie(response: Response) -> Response:
    """Take it away, and what the browser has kept of our pages."""
    response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="Strict", path="/")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def new_secret() -> str:
    """A secret for a browser that has none: 256 bits."""
    return secrets.token_urlsafe(_BYTES)


def require_own_site(rt: Runtime) -> None:
    """Refuse what another site has sent. Browsers say where a request is from; what says nothing is none of theirs."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        abort(403)
    origin = request.headers.get("Origin")
    if origin is not None and origin != rt.settings.pages_origin:
        abort(403)


def csrf(rt: Runtime, opening: UUID) -> str:
    """What the forms of this opening carry in this browser."""
    return form_token(rt.settings.secrets, opening, cookie())


def require_own_form(rt: Runtime, opening: UUID) -> None:
    """Refuse a form that this browser did not get from us."""
    require_own_site(rt)
    if not is_form_token(rt.settings.secrets, opening, cookie(), request.form.get("csrf", "")):
        abort(403)


def network() -> str | None:
    """Where the request comes from: an IPv4 address, an IPv6 /64. None for an address inside, which is our proxy's."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return None
    address = getattr(address, "ipv4_mapped", None) or address  # a socket for both kinds: ::ffff:192.0.2.1
    if not address.is_global:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
