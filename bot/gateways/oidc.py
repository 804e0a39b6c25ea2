"""Sign-in providers (OpenID Connect Core 1.0), for clinics that have one: Okta, Google Workspace …

Authorization code with PKCE (RFC 7636); metadata by discovery, keys by its `jwks_uri`, both kept for an hour. An ID
token counts if it is signed by one of these keys with an asymmetric algorithm, was issued by the issuer that is set,
for us alone, in answer to this very request, and is not over. Nothing of a token is logged, nor stands in an error.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from bot.errors import SignInAway, SignInRefused

TIMEOUT = 8.0  # seconds, for each request
KEEP = 3600.0  # seconds that metadata and keys are good for
SKEW = 60  # seconds that clocks may differ by
_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
_SCOPE = "openid email"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What the provider says of who has signed in. `amr` and `acr`: how (RFC 8176)."""

    email: str
    verified: bool
    amr: frozenset[str]
    acr: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was made up for one sign-in: it goes out in part, and what comes back must fit it."""

    state: str
    nonce: str
    verifier: str
    back: str  # the address that the provider sends the browser to


class Provider:
    """A provider, and who we are to it. Safe to share between threads."""

    def __init__(self, issuer: str, client_id: str, client_secret: str) -> None:
        self._issuer, self._id, self._secret = issuer, client_id, client_secret
        self._lock = threading.Lock()
        self._known: tuple[float, Mapping[str, Any], KeySet] | None = None

    def leads_to(self, asked: Asked) -> str:
        """Where the browser is sent. Raises SignInAway."""
        about, _ = self._metadata()
        with self._session(asked) as session:
            url, _ = session.create_authorization_url(
                about["authorization_endpoint"],
                state=asked.state,
                nonce=asked.nonce,
                code_verifier=asked.verifier,
            )
        return str(url)

    def claims(self, asked: Asked, code: str, now: datetime) -> Claims:
        """Who has signed in there: the code changed for an ID token. Raises SignInRefused, SignInAway."""
        about, keys = self._metadata()
        token = self._token(asked, about["token_endpoint"], code)
        try:
            found = jwt.decode(token, keys, algorithms=_ALGORITHMS)
        except (JoseError, ValueError):
            keys = self._metadata(anew=True)[1]  # they may have changed their keys meanwhile
            try:
                found = jwt.decode(token, keys, algorithms=_ALGORITHMS)
            except (JoseError, ValueError):
                raise SignInRefused from None
        return self._read(found.claims, asked, now)

    def _read(self, claims: Mapping[str, Any], asked: Asked, now: datetime) -> Claims:
        rules = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=SKEW,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": asked.nonce},
        )
        try:
            rules.validate(dict(claims))
        except (JoseError, TypeError, ValueError):
            raise SignInRefused from None
        audience = claims["aud"]
        if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != self._id:
            raise SignInRefused
        amr = claims.get("amr")
        return Claims(
            email=str(claims.get("email", "")),
            verified=claims.get("email_verified") is True,
            amr=frozenset(map(str, amr)) if isinstance(amr, list) else frozenset(),
            acr=str(claims.get("acr", "")),
        )

    def _token(self, asked: Asked, endpoint: str, code: str) -> str:
        try:
            with self._session(asked) as session:
                answer = session.fetch_token(
                    endpoint, grant_type="authorization_code", code=code, code_verifier=asked.verifier
                )
        except requests.RequestException:
            raise SignInAway from None
        except (AuthlibBaseError, ValueError, KeyError):
            raise SignInRefused from None
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise SignInRefused
        return token

    def _session(self, asked: Asked) -> OAuth2Session:
        return OAuth2Session(
            self._id,
            self._secret,
            scope=_SCOPE,
            redirect_uri=asked.back,
            code_challenge_method="S256",
            default_timeout=TIMEOUT,
        )

    def _metadata(self, *, anew: bool = False) -> tuple[Mapping[str, Any], KeySet]:
        with self._lock:
            known = self._known
            if known and not anew and time.monotonic() - known[0] < KEEP:
                return known[1], known[2]
            about = _fetch(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
            if about.get("issuer") != self._issuer:
                raise SignInRefused
            try:
                keys = KeySet.import_key_set(_fetch(about["jwks_uri"]))  # type: ignore[arg-type]
            except (JoseError, KeyError, ValueError):
                raise SignInRefused from None
            self._known = time.monotonic(), about, keys
            return about, keys


def _fetch(url: str) -> dict[str, Any]:
    try:
        answer = requests.get(url, timeout=TIMEOUT)
        answer.raise_for_status()
        found = answer.json()
    except requests.RequestException:
        raise SignInAway from None
    if not isinstance(found, dict):
        raise SignInRefused
    return found
