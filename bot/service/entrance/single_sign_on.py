"""Single sign-on: the clinic's own provider says who somebody is; we say whether they work here.

Only an address that the provider has verified counts, and only one of somebody who is enrolled. A second factor is
asked for here as well, unless the provider says that it has asked for one (`amr`, `acr`), or OIDC_MFA says that it
always does.

Nothing is kept while the browser is away: state, nonce and PKCE verifier are all made of the secret in its cookie, and
the state, which is signed, says until when.
"""

import hashlib
import hmac
import secrets
from datetime import timedelta

from bot import log
from bot.errors import SignInAway, SignInRefused
from bot.gateways.oidc import Asked, Claims
from bot.runtime import Runtime
from bot.service.entrance import tries
from bot.service.entrance.sign_in import Refused, entry, finish, refusals, step_up_to
from bot.service.entrance.tries import NETWORK, Visitor
from bot.signing import HANDLE, read_sso_state, sso_state
from bot.store import audit, logins, staff, staff_passkeys
from bot.store.base import Db
from bot.store.doorsteps import Stage
from bot.store.staff import Member

BACK = "/console/sign-in/sso/back"
HOW = "sso"
LIFE = timedelta(minutes=10)
_BYTES = 32
_MANY = "mfa"  # RFC 8176
_STRONG = frozenset(
    {
        "phr",
        "phrh",
        "http://schemas.openid.net/pape/policies/2007/06/multi-factor",
        "https://refeds.org/profile/mfa",
    }
)
"""Values of `acr` that mean more than one factor, or one that can't be phished."""
_logger = log.get(__name__)


def begin(rt: Runtime) -> tuple[str, str] | None:
    """Where the browser is sent, and the secret that it keeps; None where there is no provider, or it is away."""
    if rt.provider is None:
        return None
    secret = secrets.token_urlsafe(_BYTES)
    expires = (rt.now() + LIFE).replace(microsecond=0)
    state = sso_state(rt.settings.secrets, _handle(secret), expires)
    try:
        return rt.provider.leads_to(_asked(rt, secret, state)), secret
    except (SignInAway, SignInRefused) as error:
        _logger.warning("sign_in_provider", **log.error_fields(error))
        return None


def back(rt: Runtime, secret: str, state: str, code: str, visitor: Visitor) -> tuple[str, bool] | Refused:
    """The browser is back with a code. Returns its new secret, and whether a second factor is still owed."""
    claim = read_sso_state(rt.settings.secrets, state)
    ours = claim is not None and hmac.compare_digest(claim.handle, _handle(secret))
    if rt.provider is None or claim is None or not ours or claim.expires <= rt.now():
        return _refuse(rt, None, visitor, "sso, state")
    try:
        claims = rt.provider.claims(_asked(rt, secret, state), code, rt.now())
    except (SignInAway, SignInRefused) as error:
        _logger.warning("sign_in_provider", **log.error_fields(error))
        return _refuse(rt, None, visitor, "sso, provider")
    if not claims.verified or not claims.email:
        return _refuse(rt, None, visitor, "sso, not verified")
    return _let_in(rt, claims, visitor)


def _let_in(rt: Runtime, claims: Claims, visitor: Visitor) -> tuple[str, bool] | Refused:
    with rt.begin() as db:
        known = staff.with_email(db, claims.email)
        if known and _was_enough(rt, claims):
            return finish(rt, db, known[0], HOW, visitor), False
        member = next((one for one in known if _has_second(db, one)), None)
        if member:
            secret = step_up_to(rt, db, member, Stage.CODE, HOW)
            audit.write(db, [entry(member, "sign_in.begun", HOW)], rt.now())
            return secret, True
    return _refuse(rt, known[0] if known else None, visitor, "sso, no second factor" if known else HOW)


def _refuse(rt: Runtime, about: Member | None, visitor: Visitor, how: str) -> Refused:
    with rt.begin() as db:
        so_far = tries.begin(rt, db, (NETWORK, visitor.network))
        so_far.count(db)
        audit.write(db, refusals(about, how, reached=so_far.reached()), rt.now())
    return Refused.WRONG


def _was_enough(rt: Runtime, claims: Claims) -> bool:
    return rt.settings.oidc_mfa or _MANY in claims.amr or claims.acr in _STRONG


def _has_second(db: Db, member: Member) -> bool:
    login = logins.get(db, member.id)
    return bool((login and login.totp) or staff_passkeys.of(db, member.id))


def _asked(rt: Runtime, secret: str, state: str) -> Asked:
    nonce, verifier = (_made_of(secret, purpose) for purpose in ("nonce", "verifier"))
    return Asked(state=state, nonce=nonce, verifier=verifier, back=f"{rt.settings.public_url}{BACK}")


def _made_of(secret: str, purpose: str) -> str:
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).hexdigest()


def _handle(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()[:HANDLE]
