"""What is wrong with an answer, in both languages at once.

A `Sentence` is its English text, so JSON and logs need nothing special; pages show `.da`.
"""

from __future__ import annotations

from typing import Any, Self


class Sentence(str):
    """English text that carries its Danish twin."""

    __slots__ = ("da",)

    da: str

    def __new__(cls, en: str, da: str) -> Self:
        sentence = super().__new__(cls, en)
        sentence.da = da
        return sentence

    def format(self, *facts: Any, **named: Any) -> Sentence:
        """Both texts with the facts filled in; marshmallow asks for this."""
        return Sentence(str.format(self, *facts, **named), self.da.format(*facts, **named))

    def in_language(self, language: str) -> str:
        """`da` or, for everything else, English."""
        return self.da if language == "da" else str(self)


REQUIRED = Sentence("Must be filled in.", "Skal udfyldes.")
UNKNOWN = Sentence("The form has no such field.", "Formularen har ikke det felt.")
NOT_AN_OBJECT = Sentence("Must hold fields with answers.", "Skal indeholde felter med svar.")
NOT_A_LIST = Sentence("Must be a list.", "Skal være en liste.")
NOT_TEXT = Sentence("Must be text.", "Skal være tekst.")
UNSTORABLE = Sentence(
    "Holds a character that cannot be stored.", "Indeholder et tegn, der ikke kan gemmes."
)
NOT_A_NUMBER = Sentence("Must be a number.", "Skal være et tal.")
NOT_A_DIGIT_TEXT = Sentence("Must be a number as text.", "Skal være et tal skrevet som tekst.")
NOT_YES_OR_NO = Sentence("Must be true or false.", "Skal være sandt eller falsk.")
NOT_A_DATE = Sentence(
    "Must be a date, such as 2026-01-31.", "Skal være en dato, for eksempel 2026-01-31."
)
NOT_A_TIME = Sentence(
    "Must be a time, such as 09:30.", "Skal være et klokkeslæt, for eksempel 09:30."
)
NOT_A_DATE_AND_TIME = Sentence(
    "Must be a date with a time, such as 2026-01-31T09:30.",
    "Skal være en dato med klokkeslæt, for eksempel 2026-01-31T09:30.",
)
NO_FILES = Sentence("Files cannot be handed in here.", "Her kan ikke afleveres filer.")
NOT_AN_OPTION = Sentence("Must be one of the choices.", "Skal være en af valgmulighederne.")
NOT_OPTIONS = Sentence("Must be a list of the choices.", "Skal være en liste af valgmulighederne.")
WHOLE = Sentence("Must be a whole number.", "Skal være et helt tal.")
DECIMALS = Sentence("May have at most {digits} decimals.", "Må højst have {digits} decimaler.")
ONE_DECIMAL = Sentence("May have at most 1 decimal.", "Må højst have 1 decimal.")
STEP = Sentence(
    "Must go up in steps of {step}; the nearest are {before} and {after}.",
    "Skal følge trin på {step}; de nærmeste er {before} og {after}.",
)
PATTERN = Sentence("Must match the pattern {pattern}.", "Skal passe til mønsteret {pattern}.")
LOWEST = Sentence("Must be at least {bound}.", "Skal være mindst {bound}.")
HIGHEST = Sentence("Must be at most {bound}.", "Må højst være {bound}.")
BAD_BOUND = Sentence(
    "The form's limit {bound} is not a number.", "Formularens grænse {bound} er ikke et tal."
)
SHORTEST = Sentence("Must have at least {bound} characters.", "Skal have mindst {bound} tegn.")
LONGEST = Sentence("May have at most {bound} characters.", "Må højst have {bound} tegn.")
PHONE = Sentence(
    "Must be a phone number with its country code, such as +4599310000.",
    "Skal være et telefonnummer med landekode, for eksempel +4599310000.",
)
EMAIL = Sentence("Must be a mail address.", "Skal være en mailadresse.")
