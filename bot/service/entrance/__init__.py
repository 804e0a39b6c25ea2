"""Who comes in to the console, and for how long: passwords, second factors, invitations, sessions."""
