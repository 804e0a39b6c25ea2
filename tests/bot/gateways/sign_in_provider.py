"""A sign-in provider on this machine: OpenID Connect with PKCE, as far as a clinic's would go, and signed for real.

A test changes what it says of whoever signs in (`claims`), or with what it signs; the rest stays as it must be.
"""

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from wsgiref.types import StartResponse, WSGIEnvironment

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from werkzeug.wrappers import Request, Response

CLIENT, SECRET = "careline-at-riverside", "client-secret-of-riverside"


@dataclass
class StandIn:
    """The provider. `now` is its clock in seconds; `claims` are said in the ID token beside or instead of the usual."""

    now: int = 0
    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    signs: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "one"}))
    shows: ECKey | None = None
    asked: dict[str, dict[str, str]] = field(default_factory=dict)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        page = {
            "/.well-known/openid-configuration": self._about,
            "/keys": self._keys,
            "/authorize": self._authorize,
            "/token": self._token,
        }[request.path]
        return page(request)(environ, start_response)

    def _about(self, _request: Request) -> Response:
        return _json(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            }
        )

    def _keys(self, _request: Request) -> Response:
        return _json(KeySet([self.shows or self.signs]).as_dict(private=False))

    def _authorize(self, request: Request) -> Response:
        """Whoever comes is signed in at once."""
        given = request.args.to_dict()
        assert given["response_type"] == "code"
        assert given["client_id"] == CLIENT
        assert given["code_challenge_method"] == "S256"
        assert {"openid", "email"} <= set(given["scope"].split())
        code = secrets.token_urlsafe(16)
        self.asked[code] = given
        back = urlencode({"code": code, "state": given["state"]})
        return Response("", 302, {"Location": f"{given['redirect_uri']}?{back}"})

    def _token(self, request: Request) -> Response:
        form = request.form
        given = self.asked.pop(form.get("code", ""), None)
        known = request.authorization
        fits = known is not None and (known.username, known.password) == (CLIENT, SECRET)
        if given is None or not fits or form.get("redirect_uri") != given["redirect_uri"]:
            return _json({"error": "invalid_grant"}, 400)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if urlsafe_b64encode(digest).rstrip(b"=").decode() != given["code_challenge"]:
            return _json({"error": "invalid_grant"}, 400)
        usual = {
            "iss": self.issuer,
            "sub": "u-17",
            "aud": CLIENT,
            "iat": self.now,
            "exp": self.now + 300,
            "nonce": given["nonce"],
            "email": "maria@clinic.example",
            "email_verified": True,
        }
        said = {name: value for name, value in (usual | self.claims).items() if name not in self.without}
        token = jwt.encode({"alg": "ES256", "kid": "one"}, said, self.signs)
        return _json({"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": token})


def _json(what: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(what), status, mimetype="application/json")
