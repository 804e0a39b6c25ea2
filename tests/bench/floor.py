"""The floor: the least that any such service does. A bare Flask route checks the signature and commits a row."""

import os
import threading

import psycopg
from flask import Flask, Response, request
from twilio.request_validator import RequestValidator

app = Flask(__name__)
_validator = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])
_local = threading.local()


def _connection() -> psycopg.Connection:
    if not hasattr(_local, "conn"):
        _local.conn = psycopg.connect(os.environ["DATABASE_URL"])
    return _local.conn


@app.post("/twilio/sms")
def sms() -> Response:
    """Check, insert, commit, answer."""
    form = request.form
    signature = request.headers.get("X-Twilio-Signature", "")
    if not _validator.validate(os.environ["PUBLIC_URL"] + "/twilio/sms", form, signature):
        return Response(status=403)
    conn = _connection()
    conn.execute("INSERT INTO floor (sid, body) VALUES (%s, %s)", [form["MessageSid"], form["Body"]])
    conn.commit()
    return Response("<Response/>", mimetype="text/xml")
