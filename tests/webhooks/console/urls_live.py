"""Where one begins, and the stream of news."""

from tests.webhooks.console.urls import Url

URLS = (Url(rule=""), Url(rule="/live"))
