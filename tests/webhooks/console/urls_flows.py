"""Flows: the list, one of them, its sentences, the draft, publishing, the simulator."""

from uuid import UUID

from bot.core.roles import May
from bot.runtime import Runtime
from bot.store import editions
from tests.webhooks.console.urls import Url

URLS = (
    Url(rule="/flows", may=May.FLOWS),
    Url(rule="/flows/next-days", may=May.FLOWS),
    Url(rule="/flows/all-sentences", may=May.FLOWS),
    Url(rule="/flows/warm-up", may=May.FLOWS),
    Url(rule="/flows/the-draft", may=May.FLOWS),
    Url(rule="/flows/<name>", may=May.FLOWS),
    Url(rule="/flows/<name>/picture.svg", may=May.FLOWS),
    Url(rule="/flows/<name>/chat", may=May.FLOWS),
    Url(rule="/flows/<name>/chat", method="POST", may=May.FLOWS, form={"act": "/wait"}),
    Url(rule="/flows/wording-of/<part>/<key>", may=May.WORDING),
    Url(
        rule="/flows/wording-of/<part>/<key>",
        method="POST",
        may=May.WORDING,
        form={"text-en": "Thank you.", "seen-en": ""},
    ),
    Url(
        rule="/flows/wording-of/<part>/<key>/look",
        method="POST",
        may=May.WORDING,
        form={"language": "en", "text-en": "Thank you."},
    ),
    Url(rule="/flows/the-draft/carry-over", method="POST", may=May.WORDING, form={"version": "1"}),
    Url(rule="/flows/the-draft/discard", method="POST", may=May.WORDING, form={"version": "1"}),
    Url(rule="/flows/to-publish", may=May.PUBLISH),
    Url(rule="/flows/to-publish", method="POST", may=May.PUBLISH, form={"version": "1"}, proof=True),
    Url(rule="/flows/to-publish/<edition>", may=May.PUBLISH),
    Url(rule="/flows/to-publish/<edition>", method="POST", may=May.PUBLISH, proof=True),
)


def seed(rt: Runtime, _clinic: UUID) -> dict[str, str]:
    """Flows are the whole house's: what every clinic has."""
    with rt.begin() as db:
        edition = editions.current(db)
    assert edition
    return {"<name>": "appointment", "<part>": "sentences", "<key>": "confirmed", "<edition>": edition}
