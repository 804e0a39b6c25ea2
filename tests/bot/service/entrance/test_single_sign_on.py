"""Single sign-on: the whole way over HTTP to a provider that signs for real, and what must not get through."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
import requests
from joserfc.jwk import ECKey

from bot.gateways.twilio_twin.server import serve_app
from bot.runtime import Runtime
from bot.service import enrol
from bot.service.entrance import second_factor, session, sign_in, single_sign_on
from bot.service.entrance.sign_in import Refused
from bot.signing import link_token
from tests.bot.gateways.sign_in_provider import CLIENT, SECRET, StandIn
from tests.bot.service.entrants import VISITOR, Entrant, entrant, trail

Came = tuple[str, bool] | Refused
STRANGER = b"x" * 10


@dataclass
class Way:
    """The way to the provider and back."""

    rt: Runtime
    provider: StandIn

    def there(self) -> tuple[str, str, str]:
        """There: the browser's secret, and what the provider sends it back with: state and code."""
        found = single_sign_on.begin(self.rt)
        assert found
        url, secret = found
        answer = requests.get(url, allow_redirects=False, timeout=10)
        back = urlsplit(answer.headers["Location"])
        assert back.path == single_sign_on.BACK
        said = parse_qs(back.query)
        return secret, said["state"][0], said["code"][0]

    def whole(self) -> Came:
        """There and back."""
        secret, state, code = self.there()
        return single_sign_on.back(self.rt, secret, state, code, VISITOR)


@pytest.fixture
def way(rt: Runtime) -> Iterator[Way]:
    """A clinic that has a provider."""
    provider = StandIn(now=int(rt.now().timestamp()))
    serving = serve_app(provider)
    provider.issuer = serving.base_url
    settings = rt.settings.model_copy(
        update={"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
    )
    rt.__dict__["settings"] = settings
    yield Way(rt, provider)
    serving.stop()


@pytest.fixture
def maria(rt: Runtime, clinic: UUID) -> Entrant:
    """A nurse who can sign in."""
    return entrant(rt, clinic)


@pytest.mark.parametrize(
    "claims", [{"amr": ["pwd", "mfa"]}, {"acr": "phr"}, {"amr": ["mfa"], "aud": [CLIENT]}], ids=str
)
def test_where_the_provider_asked_for_more_than_a_password_one_is_in(
    way: Way, maria: Entrant, claims: dict[str, object]
) -> None:
    way.provider.claims = claims | {"email": "MARIA@clinic.example"}
    found = way.whole()
    assert isinstance(found, tuple)
    secret, owes = found
    seat = session.seat(way.rt, secret, by_hand=True)
    assert seat
    assert (seat.desk.member, owes) == (maria.member.id, False)
    assert ("session.begun", f"staff:{maria.member.id}", "sso") in trail(way.rt)


def test_where_it_does_not_say_so_our_own_second_factor_is_asked(
    way: Way, clinic: UUID, maria: Entrant
) -> None:
    way.provider.claims = {"amr": ["pwd"], "acr": "0"}
    found = way.whole()
    assert isinstance(found, tuple)
    secret, owes = found
    assert owes
    assert session.seat(way.rt, secret, by_hand=True) is None
    assert isinstance(second_factor.with_code(way.rt, secret, maria.code(), VISITOR), str)
    enrol.add(way.rt, clinic, "new@clinic.example", role="nurse")  # has no second factor to ask for
    way.provider.claims = {"email": "new@clinic.example"}
    assert way.whole() is Refused.WRONG
    way.rt.__dict__["settings"] = way.rt.settings.model_copy(update={"oidc_mfa": True})
    assert isinstance(way.whole(), tuple)  # the clinic says that its provider always asks


def test_whoever_is_not_known_for_sure_or_does_not_work_here_is_refused(way: Way, maria: Entrant) -> None:
    hour = 3600
    now = way.provider.now
    wrong: tuple[tuple[dict[str, object], tuple[str, ...]], ...] = (
        ({"email_verified": False}, ()),
        ({"email_verified": "true"}, ()),
        ({}, ("email_verified",)),
        ({}, ("email",)),
        ({"email": "stranger@clinic.example"}, ()),
        ({"nonce": "another"}, ()),
        ({}, ("nonce",)),
        ({"aud": "another-client"}, ()),
        ({"aud": [CLIENT, "another-client"]}, ()),
        ({"aud": [CLIENT, "another-client"], "azp": "another-client"}, ()),
        ({"iss": "https://evil.example"}, ()),
        ({"exp": now - hour, "iat": now - 2 * hour}, ()),
        ({}, ("exp",)),
        ({"iat": now + hour}, ()),
    )
    for claims, without in wrong:
        way.provider.claims, way.provider.without = {"amr": ["mfa"]} | claims, without
        assert way.whole() is Refused.WRONG, (claims, without)
    assert all("stranger@" not in "".join(line) for line in trail(way.rt))
    way.provider.claims, way.provider.without = {"amr": ["mfa"]}, ()
    assert isinstance(way.whole(), tuple)


def test_only_the_browser_that_was_sent_there_comes_back_and_once_and_in_time(
    way: Way, maria: Entrant
) -> None:
    way.provider.claims = {"amr": ["mfa"]}

    def back(secret: str, state: str, code: str) -> Came:
        return single_sign_on.back(way.rt, secret, state, code, VISITOR)

    secret, state, code = way.there()
    other, other_state, other_code = way.there()
    expires = way.rt.now() + timedelta(minutes=5)
    forged = link_token(way.rt.settings.secrets, STRANGER, expires)
    for wrong in (
        (other, state, code),
        (secret, other_state, code),
        ("", state, code),
        (secret, "", code),
        (secret, forged, code),
        (secret, state[:-1], code),
        (secret, state, "made-up"),
        (secret, state, ""),
        (secret, state, other_code),  # PKCE: a code that another browser got
    ):
        assert back(*wrong) is Refused.WRONG, wrong
    assert isinstance(back(secret, state, code), tuple)
    assert back(secret, state, code) is Refused.WRONG
    late = way.there()
    way.rt.move_clock(timedelta(minutes=10))
    assert back(*late) is Refused.WRONG


def test_what_another_key_signed_is_nothing_and_a_new_key_of_theirs_is_fetched(
    way: Way, maria: Entrant
) -> None:
    way.provider.claims = {"amr": ["mfa"]}
    real = way.provider.signs
    assert isinstance(way.whole(), tuple)
    way.provider.shows, way.provider.signs = real, ECKey.generate_key("P-256", {"kid": "one"})
    assert way.whole() is Refused.WRONG
    way.provider.shows = None  # they changed it
    assert isinstance(way.whole(), tuple)


def _away(way: Way) -> None:
    way.rt.__dict__["settings"] = way.rt.settings.model_copy(update={"oidc_issuer": "http://127.0.0.1:9"})


def _somebody_elses(way: Way) -> None:
    way.provider.issuer = "https://evil.example"


@pytest.mark.parametrize("fault", [_away, _somebody_elses])
def test_a_provider_that_is_away_or_another_leads_nowhere(way: Way, fault: Callable[[Way], None]) -> None:
    fault(way)
    assert single_sign_on.begin(way.rt) is None


def test_a_clinic_without_one_has_none(rt: Runtime) -> None:
    assert single_sign_on.begin(rt) is None
    assert single_sign_on.back(rt, "x" * 43, "", "", VISITOR) is Refused.WRONG
    assert sign_in.anybody_can(rt) is False
