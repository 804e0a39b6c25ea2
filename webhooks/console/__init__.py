"""The console: where the clinic's people work. A file for each section; `door` is what all of them go through.

Pages are whole pages, at addresses that can be kept; HTMX fetches the same addresses and swaps what has changed.
"""

from flask import Flask

from webhooks.console import (
    account,
    admin,
    admin_exports,
    admin_oncall,
    admin_staff,
    audit,
    broadcasts,
    contacts,
    day,
    door,
    flows,
    flows_chat,
    flows_publish,
    flows_wording,
    glass,
    inbox,
    live,
    patients,
    set_up,
    shapes,
    talks,
)

FLOWS = (flows, flows_wording, flows_publish, flows_chat)
SIGN_IN = (account, set_up)  # `account` goes on with the section of `sign_in`
ADMIN = (admin_staff, admin_oncall, admin_exports, audit, glass)
"""These go on with the section of `admin`."""
SECTIONS = (*SIGN_IN, live, inbox, talks, patients, contacts, day, *FLOWS, broadcasts, admin)


def register(app: Flask) -> None:
    """Hang the console on the app."""
    for section in SECTIONS:
        app.register_blueprint(section.section)
    shapes.register(app)
    door.check(app)
