"""The console's section `talks`."""

from webhooks.console.door import new_section

section = new_section("talks", __name__)
