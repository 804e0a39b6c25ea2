"""The secure pages of patients: the shell that a link leads to, the second factor, and what opens behind it."""

from flask import Flask

from webhooks.pages.downloads import downloads
from webhooks.pages.opened import opened
from webhooks.pages.passkeys import passkeys
from webhooks.pages.shell import shell


def register(app: Flask) -> None:
    """Hang the pages on the app."""
    app.register_blueprint(shell)
    app.register_blueprint(opened)
    app.register_blueprint(downloads)
    app.register_blueprint(passkeys)
