"""careline: an SMS-first conversational bot service for clinics. The map of the house:

settings  errors  log  vault      what every room may use: configuration, errors, logging, encryption
core/        rules         PURE: decide(book, state, event, now) -> (state, effects)
flowbook/    YAML -> book  reads, lints, plays and draws what clinics write under flows/
store/       nouns         a table and its queries, one file each
gateways/    proper names  twilio, its shipped twin, the doorbell (RQ), embedded PostgreSQL and Valkey
runtime      wiring        the one value that holds settings, database, carrier, reader and books
service/     verbs         one transaction each: receive, advance, apply, deliver, track, sweep, ...
jobs, cli/   doors         RQ's entry points and the commands; the third door is `webhooks`
DECISIONS.md               why it is so

A patient's text: webhooks/twilio -> service/receive -> mailbox -> service/advance -> core/decide ->
service/apply -> outbox -> service/deliver -> Twilio -> service/track.
"""
