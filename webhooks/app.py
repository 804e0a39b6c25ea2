"""The app: every URL of the service hangs on it. `create` is what gunicorn calls."""

import gc

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.middleware.proxy_fix import ProxyFix

from bot import log, settings
from bot.core.wording import NoWords
from bot.errors import BadSignature, DatabaseAway, NotAllowed, NotFound, UnknownClinic
from bot.runtime import Runtime
from webhooks import console, pages
from webhooks.health import health
from webhooks.oncall import oncall
from webhooks.security import guard
from webhooks.twilio import twilio
from webhooks.voice import voice

LARGEST_REQUEST = 256 * 1024  # bytes
_logger = log.get(__name__)
_STATUS: dict[type[Exception], int] = {
    BadSignature: 403,
    UnknownClinic: 404,
    NotFound: 404,
    NotAllowed: 403,
    NoWords: 503,
    DatabaseAway: 503,  # nothing was acknowledged; the carrier's list has the text, see sweep.poll
}


def create(rt: Runtime | None = None) -> Flask:
    """Build the app; without a runtime it makes its own from the environment."""
    if rt is None:
        log.configure()
        rt = Runtime(settings.load())
        gc.freeze()  # what is loaded stays, and the processes that gunicorn forks go on sharing it
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_REQUEST
    app.url_map.strict_slashes = False
    app.extensions["careline"] = rt
    if rt.settings.proxies:  # of all that a caller can write there, only what our own proxies added counts
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=rt.settings.proxies, x_proto=0)  # type: ignore[method-assign]
    app.register_blueprint(twilio)
    app.register_blueprint(voice)
    app.register_blueprint(health)
    app.register_blueprint(oncall)
    pages.register(app)
    console.register(app)
    if rt.settings.demo:
        from webhooks import demo

        demo.register(app)
    app.register_error_handler(Exception, _error)
    guard(app)
    return app


def _error(error: Exception) -> Response:
    """A plain page without details; what went wrong is in the log, by type and place."""
    status = (error.code if isinstance(error, HTTPException) else _STATUS.get(type(error))) or 500
    if status >= 500:
        _logger.error("request_failed", code=status, rule=str(request.url_rule), **log.error_fields(error))
    if request.blueprint in ("twilio", "voice", "health"):
        answer = Response(f"{status}\n", status, mimetype="text/plain")
    else:
        answer = Response(render_template("error.html", status=status), status)
    if isinstance(error, MethodNotAllowed):
        answer.allow.update(error.valid_methods or ())
    return answer
