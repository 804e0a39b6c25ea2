import pytest

from nlp.reader import Reader


@pytest.mark.parametrize(
    ("text", "preferred", "language"),
    [
        ("I will be there", None, "en"),
        ("ahí estaré mañana", None, "es"),
        ("quiero cambiar la cita", "en", "es"),
        ("can I change the appointment", "es", "en"),
        ("7", "es", "es"),
        ("7", None, "en"),
        ("7", "fr", "en"),
        ("¿7?", None, "es"),
        ("", "es", "es"),
        ("我胸口疼", None, "und"),
        ("Здравствуйте, мне плохо", "en", "und"),
        ("mwen pa ka vini demen", "es", "und"),
        ("bonjour je voudrais changer mon rendez-vous", None, "und"),
        ("mi mom no puede breath bien", None, "es"),
    ],
)
def test_language(reader: Reader, text: str, preferred: str | None, language: str) -> None:
    assert reader.read(text, language=preferred).language == language
