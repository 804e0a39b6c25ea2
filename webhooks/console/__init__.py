"""The console: where the clinic's people work. A file for each section; `door` is what all of them go through.

Pages are whole pages, at addresses that can be kept; HTMX fetches the same addresses and swaps what has changed.
"""

from flask import Flask

from webhooks.console import (
    admin,
    broadcasts,
    day,
    door,
    flows,
    inbox,
    live,
    patients,
    shapes,
    sign_in,
    talks,
)

SECTIONS = (sign_in, live, inbox, talks, patients, day, flows, broadcasts, admin)


def register(app: Flask) -> None:
    """Hang the console on the app."""
    for section in SECTIONS:
        app.register_blueprint(section.section)
    shapes.register(app)
    door.check(app)
