"""Word to whoever runs the service: a post to a pager or a chat, and a heartbeat to a dead-man's switch.

Both only tell whether they were heard. They run when something else is broken already, so they never raise.
The addresses are secrets: who knows one can post there too. None stands in a log.
"""

import json
from collections.abc import Mapping

import requests

from bot import log

TIMEOUTS = (3.05, 10.0)  # seconds: connect (just over one TCP retransmission), read
_JSON = {"Content-Type": "application/json"}
_BROKEN = (requests.RequestException, ValueError)  # urllib3's complaints about a host are ValueErrors
_logger = log.get(__name__)


def post(url: str, message: Mapping[str, object]) -> bool:
    """Post the message as JSON; what JSON has no form for goes as its text. Whether it was taken."""
    fault, status = _call("POST", url, json.dumps(dict(message), default=str).encode())
    if fault:
        _logger.warning("operator_not_told", error=fault, status=status)
    return not fault


def beat(url: str) -> bool:
    """Say that all is well. Whether it was heard."""
    fault, status = _call("GET", url)
    if fault:
        _logger.warning("heartbeat_not_heard", error=fault, status=status)
    return not fault


def _call(method: str, url: str, body: bytes | None = None) -> tuple[str, int | None]:
    """The kind of error, empty where there was none, and the HTTP status, where there was an answer."""
    try:
        with requests.request(
            method,
            url,
            data=body,
            headers=_JSON if body else None,
            timeout=TIMEOUTS,
            allow_redirects=False,  # a POST would become a GET, and succeed
            stream=True,  # the answer's body is not read
        ) as answer:
            status = answer.status_code
    except _BROKEN as error:
        return type(error).__name__, None
    return "" if 200 <= status <= 299 else "HTTPError", status
