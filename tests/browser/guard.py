"""Watches a browser for what no page of ours may do: log an error, break its policy, call another host."""

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError

_TELL_OF_POLICY = """
document.addEventListener("securitypolicyviolation", (broken) =>
  console.error(`policy broken: ${broken.effectiveDirective} ${broken.blockedURI}`));
"""
_INSIDE = frozenset({"about", "blob", "data"})
"""Schemes that leave the browser for nowhere."""


class Guard:
    """Collects in `faults` what went wrong on any page of a context; `home` is our own address."""

    def __init__(self, context: BrowserContext, home: str) -> None:
        self.faults: list[str] = []
        self._home = urlsplit(home).netloc
        self._visited: set[str] = set()
        context.add_init_script(_TELL_OF_POLICY)
        context.on("console", self._logged)
        context.on("weberror", self._raised)
        context.on("request", self._requested)

    def _logged(self, message: ConsoleMessage) -> None:
        # Chromium logs every answer that is no success. A page that says so itself (404, 422) is no fault.
        refused = message.text.startswith("Failed to load resource: the server responded")
        if refused and message.location["url"] in self._visited:
            return
        if message.type in ("error", "warning"):
            self.faults.append(f"console {message.type}: {message.text} ({message.location['url']})")

    def _raised(self, error: WebError) -> None:
        self.faults.append(f"uncaught: {error.error}")

    def _requested(self, request: Request) -> None:
        if request.is_navigation_request():
            self._visited.add(request.url)
        url = urlsplit(request.url)
        if url.scheme not in _INSIDE and url.netloc != self._home:
            self.faults.append(f"request to another host: {url.scheme}://{url.netloc}")
