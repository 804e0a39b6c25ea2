"""The shipped stand-in for Twilio: the demo's carrier and the tests'. Speaks Twilio's wire, keeps its rules.

    python -m bot.gateways.twilio_twin --port 8002 --account AC… --token … --sms-url http://…/twilio/sms

| file | what it holds |
|---|---|
| `rest` | `/2010-04-01/…`: Twilio's REST API as the official client calls it |
| `control` | `/twin/…`: what a phone does, the weather, what is still under way |
| `exchange` | the switchboard: takes texts from both sides, knows opt-outs, sees to the webhooks |
| `ledger` | messages and opt-outs in memory, and their journal |
| `weather` | the faults that were asked for |
| `postman` · `hooks` | works through the webhooks, in order per phone · one signed POST |
| `wire` | Twilio's shapes: JSON, forms, errors, dates, segments |
| `client` | the control API for Python: TwinClient, TwinPhone |
| `server` · `__main__` | in a thread for tests · under gunicorn |

Left out, as nothing here uses it: TwiML in answers, media content, redaction, number pools, calls.
"""
