"""Looking at a link changes nothing and tells nothing: previews, scanners and guesses see what everybody sees."""

from datetime import timedelta
from uuid import uuid4

from tests.webhooks.pages.conftest import Pages
from tests.webhooks.pages.practice import Made, link, raw, rows, unlocked, visitor

LOOKERS = (
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "facebookexternalhit/1.1 Facebot Twitterbot/1.0",  # iMessage calls itself so
    "Twitterbot/1.0",
    "WhatsApp/2.23.20.0",
    "TelegramBot (like TwitterBot)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Slack-ImgProxy (+https://api.slack.com/robots)",
    "Discordbot/2.0 (+https://discordapp.com)",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    "SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
    "Mozilla/5.0 (compatible; MicrosoftPreview/2.0; +https://aka.ms/MicrosoftPreview)",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 HeadlessChrome/119.0.0.0 Safari/537.36",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; GoogleMessages/1.0; +https://messages.google.com)",
    "Google-Safety (+http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)",
    "Viber/13.3.0.5",
    "Mozilla/5.0 (compatible; Yahoo Link Preview; https://help.yahoo.com/kb/mail/yahoo-link-preview-SLN23615.html)",
    "Pinterest/0.2 (+https://www.pinterest.com/bot.html)",
    "redditbot/1.0",
    "Iframely/1.3.1 (+https://iframely.com/docs/about)",
    "Embedly/0.2 (+http://support.embed.ly/)",
    "Snap URL Preview Service; bot; snapchat; https://developers.snap.com/robots",
    "Mozilla/5.0 (compatible; Barracuda Sentinel)",
    "Mozilla/5.0 (compatible; proofpoint/url-defense)",
    "Mimecast-URL-Protection/1.0",
    "Mozilla/5.0 (compatible; BitSightBot/1.0)",
    "CheckPoint-Harmony-URL-Emulation",
    "curl/8.5.0",
    "python-requests/2.32.3",
    "Wget/1.21.4",
    "",
)
"""What calls itself so, or did: link previews of messengers, scanners of mail and phones, crawlers, programs."""

PREFETCH = (
    {"Purpose": "prefetch"},
    {"X-Purpose": "preview"},
    {"X-Moz": "prefetch"},
    {"Sec-Purpose": "prefetch"},
    {"Sec-Purpose": "prefetch;prerender"},
    {"Sec-Purpose": "prefetch;anonymous-client-ip"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
    {"Accept": "image/*"},
    {"Range": "bytes=0-99"},
    {"If-None-Match": "*", "If-Modified-Since": "Fri, 27 Nov 2099 00:00:00 GMT"},
)
"""What asks in advance, or for something else than a page."""


def links_of_every_kind(pages: Pages) -> dict[str, Made]:
    """Links that live, are over, were ended, have no view left, and that nobody has sent."""
    revoked, used = link(pages), link(pages, views=1, patient=pages.house.patient("Ben"))
    unlocked(pages, used.token, first_name="Ben")
    return {
        "over": link(pages, life=timedelta(minutes=-2), patient=pages.house.patient("Cleo")),
        "revoked": revoked,
        "live": link(pages),  # a new one to the same page ends the one before
        "used up": used,
        "made up": Made(uuid4(), "A" * 40),
    }


def test_whoever_looks_sees_the_same_and_leaves_no_trace(pages: Pages) -> None:
    made = links_of_every_kind(pages)
    browser = visitor(pages)
    plain = browser.get("/s").data
    before = rows(pages.rt)
    seen = {raw(browser, "/s", None, method="GET", headers={"User-Agent": looker}).data for looker in LOOKERS}
    seen |= {raw(browser, "/s", None, method="GET", headers=headers).data for headers in PREFETCH}
    for one in made.values():  # the token stands behind '#', which is never sent; and if somebody sends it
        for target in (f"/s?token={one.token}", f"/s?{one.token}", f"/s?token={one.token}&token=x"):
            seen.add(browser.get(target).data)
    assert seen == {plain}
    assert rows(pages.rt) == before


def test_a_token_in_the_path_leads_nowhere(pages: Pages) -> None:
    made = links_of_every_kind(pages)
    browser = visitor(pages)
    before = rows(pages.rt)
    for one in made.values():
        answer = browser.get(f"/s/{one.token}")
        assert answer.status_code == 404
        assert one.token not in answer.text
    assert rows(pages.rt) == before


def test_neither_does_the_name_of_a_row(pages: Pages) -> None:
    made = links_of_every_kind(pages)
    browser = visitor(pages)
    before = rows(pages.rt)
    told = {
        (answer.status_code, answer.data) for one in made.values() for answer in [browser.get(f"/s/{one.id}")]
    }
    assert len(told) == 1
    assert told == {(404, browser.get(f"/s/{uuid4()}").data)}
    assert rows(pages.rt) == before


def test_no_other_way_of_asking_opens_a_link(pages: Pages) -> None:
    made = link(pages)
    browser = visitor(pages)
    before = rows(pages.rt)
    for method in ("HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"):
        form = {"token": made.token, "_method": "POST"}
        answers = [
            raw(browser, f"/s?token={made.token}", form, method=method),
            raw(browser, "/s?_method=POST", form, method=method, headers={"X-HTTP-Method-Override": "POST"}),
        ]
        expected = 200 if method in ("HEAD", "OPTIONS") else 405
        assert {answer.status_code for answer in answers} == {expected}, method
        assert not any(answer.headers.getlist("Set-Cookie") for answer in answers)
        assert not any(made.token in answer.text for answer in answers)
    assert rows(pages.rt) == before


def test_a_get_is_not_made_a_post_by_a_header(pages: Pages) -> None:
    made = link(pages)
    browser = visitor(pages)
    before = rows(pages.rt)
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        answer = raw(
            browser, f"/s?token={made.token}", {"token": made.token}, method="GET", headers={name: "POST"}
        )
        assert answer.status_code == 200
    assert rows(pages.rt) == before


def test_a_tap_takes_no_view(pages: Pages) -> None:
    """A scanner that runs scripts and taps on buttons stands before the second factor, and the patient comes in."""
    made = link(pages, views=1)
    for _ in range(5):
        scanner = visitor(pages)
        assert scanner.tap(made.token).status_code == 303
        assert "Morales" not in scanner.text
    unlocked(pages, made.token)


def test_what_is_over_ended_used_up_or_made_up_is_told_in_the_same_words(pages: Pages) -> None:
    made = links_of_every_kind(pages)
    del made["live"]
    told = {}
    for kind, one in made.items():
        answer = visitor(pages).tap(one.token)
        assert answer.status_code == 404
        assert not answer.headers.getlist("Set-Cookie")
        told[kind] = answer.text.replace(one.token, "TOKEN")
    ours = {
        told[kind] for kind in ("over", "revoked", "used up")
    }  # these we have sent: there is a way to a new one
    assert len(ours) == 1
    for words in ("expired", "revoked", "unknown", "Ana", "Ben", "Cleo", "Morales", "message"):
        assert words not in told["made up"] or all(words in one for one in ours)
