"""`python -m bot.gateways.twilio_twin`: the twin under gunicorn, until it is told to stop.

Prints its base URL once it listens.
"""

import argparse
import os
from pathlib import Path

from bot import log
from bot.gateways.twilio_twin.server import Options, TwinServer


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="twilio_twin", description="A stand-in for Twilio.")
    env = os.environ.get
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on; the control API has no lock"
    )
    parser.add_argument("--port", type=int, required=True, help="0: any that is free")
    parser.add_argument("--account", default=env("TWILIO_ACCOUNT_SID"), help="default: TWILIO_ACCOUNT_SID")
    parser.add_argument("--token", default=env("TWILIO_AUTH_TOKEN"), help="default: TWILIO_AUTH_TOKEN")
    parser.add_argument("--sms-url", required=True, help="where inbound texts are posted")
    parser.add_argument("--journal", type=Path, help="append-only file from which a restart goes on")
    parser.add_argument("--clock-file", type=Path, help="holds whole seconds to add to the clock")
    given = parser.parse_args()
    if not given.account or not given.token:
        parser.error("--account and --token are needed")
    log.configure(level="WARNING")
    TwinServer(Options(**vars(given))).run()


if __name__ == "__main__":
    main()
