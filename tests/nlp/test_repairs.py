import pytest

from nlp.lexicon import Lexicon
from nlp.reader import Reader
from nlp.reading import Choice, Repair, YesNo

ASKED: dict[Repair | None, list[str]] = {
    Repair.REPEAT: [
        "Say that again?", "what was the question?", "What was the question again??", "repeat please", "Repeat",
        "I didn't get that", "I didn’t get that", "Didnt catch that sorry", "can you please repeat the question",
        "Could you repeat that please?", "sorry, what was the question", "what did you ask me?", "come again?",
        "sorry, i missed the question", "Huh? say again", "ask me again", "one more time please", "please resend",
        "can you send that again", "I forgot the question", "repeat the last question", "again please",
        "otra vez por favor", "otra vez porfa", "¿cuál era la pregunta?", "cual es la pregunta",
        "¿Me lo puede repetir?", "repita la pregunta por favor", "puede repetir la pregunta", "repite", "una vez más",
        "¿Qué me preguntó?", "no recuerdo la pregunta",
    ],
    Repair.BACK: [
        "back", "Back.", "BACK!", "back please", "go back", "sorry, go back", "previous question", "prev question",
        "last question please", "can we go back?", "go back to the last question", "I want to go back",
        "can you go back to the previous question please", "the question before", "Go back one",
        "regresar", "volver", "atrás", "la pregunta anterior", "quiero regresar a la pregunta anterior",
        "¿Puedo volver a la anterior?", "la última pregunta por favor",
    ],
    Repair.SKIP: [
        "skip", "Skip this one", "skip it please", "can I skip this question?", "pass", "pass please", "I'll pass",
        "Next question", "next question please", "I'd rather not answer", "I would rather not answer that question",
        "i'd rather not say", "prefer not to say", "I’d prefer not to answer", "I don't want to answer that",
        "i dont feel comfortable answering that", "no comment",
        "no quiero contestar", "No quiero responder eso", "saltar", "omitir", "prefiero no decir",
        "prefiero no contestar esa pregunta", "siguiente pregunta", "¿puedo saltar esta pregunta?",
    ],
    None: [
        "back pain", "my back hurts", "I'm back", "I am back", "my back", "lower back", "it came back",
        "the pain is back", "i'll be back", "im going back to work", "call me back", "can you call back",
        "come back later", "get back to me", "go back to sleep", "last one", "last week",
        "pass out", "i passed out", "i passed a stone", "pass the pharmacy", "next", "next week",
        "I skip meals", "skip the appointment", "i skipped my dose", "can i skip breakfast", "I'd rather come friday",
        "prefer mornings", "I don't want to come", "I didn't get that medicine", "i didn't get my pills",
        "again", "repeat prescription", "repeat test on monday", "i have a question", "what?", "what time",
        "the question is do i need to fast", "say hi to the doctor",
        "regresé ayer", "regrese", "quiero regresar a mi casa", "volver a agendar", "atrás de la rodilla",
        "dolor de espalda", "pasó", "salté la dosis", "otra vez me duele", "otra vez", "no quiero ir",
        "yes", "7", "", "🙂", "please", "sorry", "you",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "repair"), [(text, repair) for repair, texts in ASKED.items() for text in texts]
)
def test_repair(reader: Reader, text: str, repair: Repair | None) -> None:
    assert reader.read(text, expect=YesNo()).repair == repair


def test_an_option_of_that_name_is_chosen(reader: Reader) -> None:
    where = Choice(options={"back": ("Back",), "neck": ("Neck",)})
    reading = reader.read("back", expect=where)
    assert (reading.value, reading.repair) == ("back", None)
    assert reader.read("skip", expect=where).repair is Repair.SKIP


def test_the_words_that_ask_for_it_are_told(reader: Reader) -> None:
    (why,) = reader.read("please skip", expect=YesNo()).why
    assert (why.rule, why.start, why.end) == ("repair:skip", 7, 11)


def test_courtesy_asks_for_nothing(shipped: Lexicon) -> None:
    assert {"i", "my", "am", "im", "the"}.isdisjoint(shipped.repair_courtesy)
