"""The shipped stand-in for Twilio: the demo's carrier and the tests'. Speaks Twilio's wire, keeps its rules.

    python -m bot.gateways.twilio_twin --port 8002 --account AC… --token … --sms-url http://…/twilio/sms

| file | what it holds |
|---|---|
| `rest` | `/2010-04-01/…`: Twilio's REST API as the official client calls it |
| `control` | `/twin/…`: what a phone does, the weather, what is still under way |
| `rules` · `pages` | what is refused, with which code · lists in pages |
| `exchange` | the switchboard: takes texts from both sides, knows opt-outs, sees to the webhooks |
| `voice` · `twiml` | calls: they ring, are answered, hear, press digits, end · the TwiML that they hear |
| `ledger` | texts, calls and opt-outs in memory, and their journal |
| `weather` | the faults that were asked for |
| `postman` · `hooks` | works through the webhooks, in order per phone and per call · one signed POST |
| `wire` · `voice_wire` | Twilio's shapes: JSON, forms, errors, dates, segments · those of calls |
| `client` | the control API for Python: TwinClient, TwinPhone |
| `server` · `__main__` | in a thread for tests · under gunicorn |

Left out, as nothing here uses it: TwiML in answers to texts, media content, redaction, number pools, calls to
our numbers, changes of a call from outside, verbs but Say, Pause, Gather and Hangup, time-outs of a ringing
call, status callbacks of a call before its end.
"""
