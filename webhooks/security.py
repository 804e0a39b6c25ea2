"""What every answer carries and every request must hold: headers, the caller's proof, the address it called."""

import hmac

from flask import Flask, Request, Response, current_app, request

from bot.errors import BadSignature
from bot.gateways.twilio import valid_signature
from bot.runtime import Runtime

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "strict-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}


def guard(app: Flask) -> None:
    """Put the headers on every answer, errors too."""
    app.after_request(_with_headers)


def runtime() -> Runtime:
    """The runtime of the app that handles this request."""
    rt: Runtime = current_app.extensions["careline"]
    return rt


def require_twilio() -> None:
    """Raise BadSignature unless Twilio signed this very request.

    The address is built from PUBLIC_URL and the raw path and query: Flask's own is percent-decoded, and the
    Host header is the caller's word. Only forms are taken: a JSON body's hash would go unchecked.
    """
    rt = runtime()
    url = rt.settings.public_url + raw_target(request)
    form = request.mimetype == "application/x-www-form-urlencoded"
    signature = request.headers.get("X-Twilio-Signature")
    if not form or not valid_signature(rt.settings.auth_tokens, url, request.form, signature):
        raise BadSignature


def require_operator() -> bool:
    """Whether the caller may see /metrics: the token where one is set, else only this machine itself."""
    token = runtime().settings.metrics_token
    if token:
        return hmac.compare_digest(
            request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()
        )
    direct = "X-Forwarded-For" not in request.headers and "Forwarded" not in request.headers
    return direct and request.remote_addr in ("127.0.0.1", "::1")


def raw_target(req: Request) -> str:
    """Path and query as they stood on the request line."""
    target: str = req.environ.get("RAW_URI") or req.environ.get("REQUEST_URI") or ""
    if target.startswith("/"):
        return target
    query = req.query_string.decode("latin-1")
    return req.path + (f"?{query}" if query else "")


def _with_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)  # a page may have a stricter policy of its own
    if "Cache-Control" not in response.headers:
        response.headers.add("Cache-Control", "no-store")
    return response
