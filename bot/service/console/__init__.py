"""What the clinic's people do at the console: verbs that take a `Desk` and act in its clinic."""
