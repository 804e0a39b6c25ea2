"""For operators: is it alive, can it work, how much waits. No PHI in any of it."""

import time
from dataclasses import dataclass

from flask import Blueprint, Response, abort, current_app, jsonify
from flask.blueprints import BlueprintSetupState

from bot.service import health as service
from bot.service.faults import Glance, settled
from webhooks.security import require_operator, runtime

health = Blueprint("health", __name__)
_SEAT = "careline.health"


@dataclass(frozen=True, slots=True)
class _Seat:
    """From where an app looks, and since when it is there (monotonic)."""

    glance: Glance
    since: float


def _sit_down(state: BlueprintSetupState) -> None:
    state.app.extensions[_SEAT] = _Seat(Glance(state.app.extensions["careline"]), time.monotonic())


health.record(_sit_down)


@health.get("/healthz")
def alive() -> Response:
    """This process answers."""
    return jsonify(status="ok")


@health.get("/readyz")
def ready() -> tuple[Response, int]:
    """The service can do its work, else 503; what is wrong, a sentence each. Answers within seconds, whatever hangs.

    503 (`faults`): database, schema, flows or Redis; no clock, or a queue without a worker. In the first half minute
    of this process the last two count as not started yet. The rest stands under `warnings`; why, see `service/faults`.
    """
    seat: _Seat = current_app.extensions[_SEAT]
    found = settled(seat.glance.look(), time.monotonic() - seat.since)
    faults = [fault.sentence for fault in found if fault.stops]
    warnings = [fault.sentence for fault in found if not fault.stops]
    told = jsonify(status="unready" if faults else "ok", faults=faults, warnings=warnings)
    return told, 503 if faults else 200


@health.get("/metrics")
def metrics() -> Response:
    """Prometheus text format; closed to the public."""
    if not require_operator():
        abort(403)
    return Response(service.metrics(runtime()), mimetype="text/plain; version=0.0.4")
