"""The transport under Twilio's official client: what goes over the wire stays the official client's.

Ours for four reasons: time-outs (the client's own default is none, so it would hang forever), no retries
(creating a message has no idempotency key), errors that say whether anything was sent, and half of the CPU.
No number and no text is ever logged here.
"""

import json
import logging
import os
import ssl
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import urllib3
from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies, select_proxy
from twilio.http import HttpClient
from twilio.http.response import Response
from urllib3 import exceptions as broken

from bot.errors import CarrierBusy, CarrierRefused, CarrierSilent, CarrierUnreachable

CONNECTIONS = 32  # kept open; more threads than this open their own and drop them
TOO_MANY = 20429
# The connection, or the tunnel through a proxy, was never made: nothing left this machine.
NOT_SENT = (
    broken.NewConnectionError,
    broken.ConnectTimeoutError,
    broken.ProxyError,
    broken.LocationValueError,
)

logging.getLogger("urllib3").setLevel(logging.INFO)  # its DEBUG lines hold URLs, and those hold numbers


class Wire(HttpClient):  # type: ignore[misc]
    """The official client's transport, on a pool of kept connections."""

    def __init__(self, account_sid: str, auth_token: str, base: str, timeouts: tuple[float, float]) -> None:
        super().__init__(logging.getLogger(__name__), is_async=False)
        pair = f"{account_sid}:{auth_token}".encode()
        self._authorization = "Basic " + b64encode(pair).decode("ascii")
        self._base = base
        self._timeout = urllib3.Timeout(connect=timeouts[0], read=timeouts[1])
        self._pool, self._pid = self._open(), os.getpid()

    def _open(self) -> urllib3.PoolManager:
        """A pool by this machine's rules for proxies and certificates, as requests reads them."""
        proxy = select_proxy(self._base, get_environ_proxies(self._base))
        ca = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or DEFAULT_CA_BUNDLE_PATH
        kept: dict[str, Any] = {"maxsize": CONNECTIONS, "timeout": self._timeout, "retries": False}
        return (
            urllib3.ProxyManager(proxy, ca_certs=ca, **kept)
            if proxy
            else urllib3.PoolManager(ca_certs=ca, **kept)
        )

    def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: object = None,
        timeout: object = None,
        allow_redirects: bool = False,  # noqa: FBT001, FBT002 — never: a POST could become a GET
    ) -> Response:
        """One exchange. Raises Carrier… for all that is not an answer below 400."""
        if self._pid != os.getpid():  # a forked worker must not write into its parent's connections
            self._pool, self._pid = self._open(), os.getpid()
        try:
            answer = self._pool.request(
                method,
                f"{uri}?{urlencode(params, doseq=True)}" if params else uri,
                body=urlencode(data, doseq=True) if data else None,
                headers={**(headers or {}), "Authorization": self._authorization},
                redirect=False,
            )
        except (broken.HTTPError, OSError) as error:
            raise _broken(method, error) from None  # the original's text may hold a URL with a number
        if answer.status >= 400:
            raise _refused(method, answer.status, answer.data)
        return Response(answer.status, answer.data.decode(), answer.headers)


def _broken(method: str, error: Exception) -> CarrierUnreachable | CarrierSilent:
    distrust = isinstance(error, broken.SSLError) and any(
        isinstance(arg, ssl.SSLCertVerificationError) for arg in error.args
    )
    sure = method == "GET" or distrust or isinstance(error, NOT_SENT)
    return CarrierUnreachable() if sure else CarrierSilent()


def _refused(
    method: str, status: int, body: bytes
) -> CarrierBusy | CarrierRefused | CarrierUnreachable | CarrierSilent:
    try:
        code = int(json.loads(body)["code"])
    except (ValueError, TypeError, KeyError):  # a proxy's page, not Twilio's JSON
        code = status
    if status == 429 or code == TOO_MANY:
        return CarrierBusy()
    if status >= 500 or status == 408:
        return CarrierUnreachable() if method == "GET" else CarrierSilent()
    return CarrierRefused(code)
