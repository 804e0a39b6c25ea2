"""The link in a page to staff: it opens the on-call page as whoever was told, for a day."""

from datetime import datetime, timedelta

from bot.runtime import Runtime
from bot.signing import alert_token, read_alert
from bot.store import alerts
from bot.store.alerts import Alert
from bot.store.base import Db

LIFE = timedelta(hours=24)
PATH = "/oncall"


def address(rt: Runtime, handle: bytes, made: datetime) -> str:
    """Where the link leads. The token stands in the fragment, which no server and no log sees."""
    expires = (made + LIFE).replace(microsecond=0)
    return f"{rt.settings.public_url}{PATH}#{alert_token(rt.settings.secrets, handle, expires)}"


def read(rt: Runtime, db: Db, token: str) -> Alert | None:
    """The alert whose link this is; None where we have not signed it, or its day is over."""
    claim = read_alert(rt.settings.secrets, token)
    if claim is None or claim.expires <= rt.now():
        return None
    return alerts.by_handle(db, claim.handle)
