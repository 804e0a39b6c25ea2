"""The words that carriers act on by themselves, whatever a clinic means by them."""

from collections.abc import Mapping

from bot.core.book import Policy

MEANING: Mapping[str, str] = {
    "stop": "ends all texts to this phone",
    "start": "turns texts to this phone on again",
    "help": "brings the help text and nothing else",
}
"""What comes of such a word, by the list of the policy that it stands in."""


def reserved(policy: Policy) -> dict[str, str]:
    """Every such word and the list that it stands in."""
    groups = {"stop": policy.stop_words, "start": policy.start_words, "help": policy.help_words}
    return {word.casefold(): meaning for meaning, words in groups.items() for word in words}
