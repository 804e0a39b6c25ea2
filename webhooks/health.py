"""For operators: is it alive, can it work, how much waits. No PHI in any of it."""

from flask import Blueprint, Response, abort, jsonify

from bot.service import health as service
from webhooks.security import require_operator, runtime

health = Blueprint("health", __name__)


@health.get("/healthz")
def alive() -> Response:
    """This process answers."""
    return jsonify(status="ok")


@health.get("/readyz")
def ready() -> tuple[Response, int]:
    """This process can do its work: database at the newest schema, doorbell, flows published."""
    faults = service.faults(runtime())
    return jsonify(status="unready" if faults else "ok", faults=faults), 503 if faults else 200


@health.get("/metrics")
def metrics() -> Response:
    """Prometheus text format; closed to the public."""
    if not require_operator():
        abort(403)
    return Response(service.metrics(runtime()), mimetype="text/plain; version=0.0.4")
