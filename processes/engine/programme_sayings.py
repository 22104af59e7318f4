"""What is said of a programme's own file, rule by rule: what is wrong and what to write instead."""

from __future__ import annotations

SAYINGS: dict[str, tuple[str, str]] = {
    "programme-not-json": (
        "The file is not JSON: {reason}. Mend it at this place.",
        "Filen er ikke JSON: {reason}. Ret den på dette sted.",
    ),
    "programme-missing": (
        "{what} is missing. Write it.",
        "{what} mangler. Skriv det.",
    ),
    "programme-unknown": (
        "Nobody reads {what}. Remove it, or mend its name.",
        "Ingen læser {what}. Fjern det, eller ret navnet.",
    ),
    "programme-shape": (
        "{what} is written in another way than expected. Write {wanted}.",
        "{what} er skrevet på en anden måde end ventet. Skriv {wanted_da}.",
    ),
    "programme-name": (
        (
            "The name '{value}' cannot be read by FEEL. Begin with a letter, and use letters, "
            "digits and _ without spaces."
        ),
        (
            "FEEL kan ikke læse navnet '{value}'. Begynd med et bogstav, og brug bogstaver, "
            "cifre og _ uden mellemrum."
        ),
    ),
    "programme-kind": (
        "The kind '{value}' is unknown. Choose one of: {known}.",
        "Slagsen '{value}' er ukendt. Vælg en af: {known}.",
    ),
    "programme-value": (
        "{what} of '{name}' is {value}. {wanted}",
        "{what} i '{name}' er {value}. {wanted_da}",
    ),
    "programme-limit": (
        "The value of '{name}' is {value}; it must be at least {minimum} and at most {maximum}.",
        "Værdien af '{name}' er {value}; den skal være mindst {minimum} og højst {maximum}.",
    ),
    "programme-no-scale": (
        (
            "Only dates, durations and numbers have a least and a greatest value; '{name}' is "
            "neither. Remove {what}."
        ),
        (
            "Kun datoer, varigheder og tal har en mindste og en største værdi; '{name}' er ingen "
            "af delene. Fjern {what}."
        ),
    ),
    "programme-option": (
        "The value of '{name}' is {value}. Choose one of: {known}.",
        "Værdien af '{name}' er {value}. Vælg en af: {known}.",
    ),
    "programme-twice": (
        "There is a parameter '{name}' already. Keep one of them.",
        "Der er allerede en parameter '{name}'. Behold én af dem.",
    ),
    "programme-unread": (
        (
            "Nothing that the programme runs reads '{name}', so changing it changes nothing. Use "
            "it in an expression, or remove it."
        ),
        (
            "Intet i forløbet læser '{name}', så det ændrer intet at ændre den. Brug den i et "
            "udtryk, eller fjern den."
        ),
    ),
    "programme-shadows": (
        "'{name}' stands in the diagram too, where nobody reads it. Remove it there.",
        "'{name}' står også i diagrammet, hvor ingen læser den. Fjern den dér.",
    ),
    "programme-uncountable": (
        "'{name}' is a deadline of '{element}' in the calendar {calendar}. {reason}",
        "'{name}' er en frist for '{element}' i kalenderen {calendar}. {reason_da}",
    ),
    "programme-unlawful": (
        (
            "'{name}' ({value}) gives '{element}' a time that the statute {statute} does not "
            "allow: it says {lawful}."
        ),
        (
            "'{name}' ({value}) giver '{element}' en tid, som lovfristen {statute} ikke tillader: "
            "den siger {lawful}."
        ),
    ),
    "programme-stray": (
        (
            "There is no process '{key}', so nobody reads this file. Name it after the process "
            "it belongs to."
        ),
        (
            "Der er ingen proces '{key}', så ingen læser filen. Giv den navn efter den proces, "
            "den hører til."
        ),
    ),
    "programme-source": (
        (
            "The source '{value}' is not among the file's sources. Add it there, or write "
            "'default' for what no document says."
        ),
        (
            "Kilden '{value}' er ikke blandt filens kilder. Føj den til dér, eller skriv "
            "'default' om det, som intet dokument siger."
        ),
    ),
}
"""What is wrong with a programme's own file, and what to write instead, by rule."""

SHAPES = {
    "text": ("a text", "en tekst"),
    "empty": ("a text that is not empty", "en tekst, der ikke er tom"),
    "words": ('{{"da": "…", "en": "…"}}', '{{"da": "…", "en": "…"}}'),
    "list": ("a list in [ ]", "en liste i [ ]"),
    "object": ("names and values in {{ }}", "navne og værdier i {{ }}"),
}
"""What the schema asks for, by the code that it answers with."""
