"""Why a message was read as it was: the places in it that said so."""

from nlp.reader import Reader


def test_what_a_rule_found_is_named_with_its_place(reader: Reader) -> None:
    text = "since noon my CHEST hurts"
    (why,) = [why for why in reader.read(text).why if why.rule == "alarm:cardiac/chest pain"]
    assert text[why.start : why.end] == "CHEST hurts"


def test_where_no_rule_says_so_the_words_that_weighed_most_are_named(reader: Reader) -> None:
    text = "my lips look like blueberries and i feel far away"
    reading = reader.read(text)
    assert reading.level == "emergency"
    learned = [text[why.start : why.end] for why in reading.why if why.rule == "learned:emergency"]
    assert learned
    assert all(words and words in text for words in learned)


def test_nothing_is_named_for_a_harmless_message(reader: Reader) -> None:
    assert reader.read("the parking lot was full").why == ()


def test_explain_tells_what_was_excused(reader: Reader) -> None:
    text = "no chest pain today"
    told = reader.explain(text)
    assert told.level == "none"
    assert [text[why.start : why.end] for why in told.excused] == ["chest pain"]
    assert told.stands == ()


def test_explain_tells_what_else_is_likely_and_which_words_weighed(reader: Reader) -> None:
    told = reader.explain("cant make it friday, my chest hurts")
    assert max(told.levels, key=lambda name: told.levels[name]) == "emergency"
    assert sum(told.intents.values()) > 0.99
    assert {why.rule.partition(":")[0] for why in told.weighed} == {"learned"}
