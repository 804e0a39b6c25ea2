"""The last look at a text: what identifies people is found, what clinics write every day is not."""

import pytest

from bot.core.privacy import finding

SECRETS = ["Morales-Vega", "04/02/1961", "Okafor", "MR-77120", "Lee", "3", "", "Metformin 500", "Núñez"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        # numbers that identify people
        ("Your number is 123-45-6789.", "social_security_number"),
        ("Your number is 123 45 6789", "social_security_number"),
        ("SSN:123-45-6789", "social_security_number"),
        ("MRN 0012345 is ready", "record_number"),
        ("mrn: A12345", "record_number"),
        ("Medical record number 88812", "record_number"),
        ("med rec #4471234", "record_number"),
        ("Chart no. 20145", "record_number"),
        ("expediente 44120", "record_number"),
        ("Card 4111 1111 1111 1111 was charged", "card_number"),
        ("4111-1111-1111-1111", "card_number"),
        ("Amex 378282246310005", "card_number"),
        ("DOB 4/2/61", "birth_date"),
        ("You were born in 1961", "birth_date"),
        ("Please confirm your date of birth", "birth_date"),
        ("Su fecha de nacimiento?", "birth_date"),
        ("Paciente nacida en 1961", "birth_date"),
        # what is known of these patients
        ("Hi Ana Morales-Vega, see you", "patient_data"),
        ("Hi ana MORALES vega, see you", "patient_data"),
        ("You see Dr. Okafor.", "patient_data"),
        ("(OKAFOR)", "patient_data"),
        ("Sra. Nunez, la esperamos", "patient_data"),
        ("Sra. Núñez, la esperamos", "patient_data"),
        ("About 04-02-1961:", "patient_data"),
        ("Take metformin 500, twice", "patient_data"),
        # what clinics write every day
        ("Riverside Clinic: Hi Ana, you have a visit on Thu, Dec 3 at 10:30 AM.", None),
        ("Call us at 202-555-0100 or +1 202 555 0199.", None),
        ("Call (202) 555-0100.", None),
        ("Call 202-555-0100 or 202-555-0199 between 08:00 and 17:00", None),
        ("1) Tue, Dec 8 at 10:30 AM\n2) Wed, Dec 9 at 10:30 AM\n3) Thu, Dec 10 at 10:30 AM", None),
        ("Visit on 2026-12-03 at 10:30, 100 Main Street, 20001-1234", None),
        ("EMERGENCY 1007: a patient's message needs you. 12 min old. Reply ACK 1007", None),
        ("Your chart is ready, look here: https://careline.example/p/8Hq2K", None),
        ("Card 4111 1111 1111 1112", None),  # no card has this number
        ("0000 0000 0000 0000", None),
        ("Congratulations on your newborn!", None),
        # parts of words, and what is too short to tell
        ("Okaforian moral vegan 500", None),
        ("Morales and Vega", None),
        ("Lee, reply 3", None),
        ("", None),
    ],
)
def test_what_a_text_must_not_say_is_found(body: str, kind: str | None) -> None:
    assert finding(body, SECRETS) == kind


def test_what_was_found_is_named_without_saying_it() -> None:
    assert finding("You see Dr. Okafor.", ["Okafor"]) == "patient_data"
    assert finding("You see Dr. Okafor.", []) is None


@pytest.mark.parametrize("secret", ["", "   ", "----", "Lee", " Lee  "])
def test_what_is_hardly_a_secret_finds_nothing(secret: str) -> None:
    assert finding("Hi Lee -- ----, see you", [secret]) is None
