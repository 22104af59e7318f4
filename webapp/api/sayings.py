"""What marshmallow says of a field, in sentences of our own and in both languages."""

from __future__ import annotations

from processes.forms import Sentence

SAYINGS: dict[str, Sentence] = {
    "Missing data for required field.": Sentence("Is needed.", "Skal med."),
    "Field may not be null.": Sentence("Must not be null.", "Må ikke være null."),
    "Unknown field.": Sentence("There is no such field.", "Det felt findes ikke."),
    "Not a valid string.": Sentence("Must be text.", "Skal være tekst."),
    "Not a valid integer.": Sentence("Must be a whole number.", "Skal være et helt tal."),
    "Not a valid mapping type.": Sentence("Must be an object.", "Skal være et objekt."),
    "Not a valid list.": Sentence("Must be a list.", "Skal være en liste."),
    "Not a valid file.": Sentence("Must be a file.", "Skal være en fil."),
    "Not a valid UUID.": Sentence("Must be an id.", "Skal være et id."),
    "Not a valid aware datetime.": Sentence(
        "Needs an offset, such as 2026-01-31T09:00:00+01:00.",
        "Mangler en tidszone, for eksempel 2026-01-31T09:00:00+01:00.",
    ),
    "Not a valid datetime.": Sentence(
        "Must be a date and time, such as 2026-01-31T09:00:00+01:00.",
        "Skal være dato og klokkeslæt, for eksempel 2026-01-31T09:00:00+01:00.",
    ),
    "Invalid input type.": Sentence("Must be an object.", "Skal være et objekt."),
}
"""By the sentence that marshmallow itself would use."""

EMPTY = Sentence("Must not be empty.", "Må ikke være tom.")
TOO_LONG = Sentence("Is too long.", "Er for lang.")
LIMIT = Sentence("Must be 1 to 500.", "Skal være 1 til 500.")
BAD_CURSOR = Sentence("Is not a cursor of this list.", "Er ikke en markør for denne liste.")
UNSTORABLE = Sentence(
    "Holds a character that cannot be stored.", "Indeholder et tegn, der ikke kan gemmes."
)
CPR = Sentence("Must never be a CPR number.", "Må aldrig være et CPR-nummer.")
UNKNOWN_STATE = Sentence("Is not a state.", "Er ikke en tilstand.")
NOT_UTF8 = Sentence("Must be text in UTF-8.", "Skal være tekst i UTF-8.")
NO_SUCH_KIND = Sentence(
    "Files end in .bpmn, .dmn, .form.json, .programme.json or .en.po, or are frister.json.",
    "Filer ender på .bpmn, .dmn, .form.json, .programme.json eller .en.po, eller er frister.json.",
)
TWICE = Sentence("Two files have the same name.", "To filer har samme navn.")
NO_SUCH_FILE = Sentence(
    "Names a file that is not among the files.", "Nævner en fil, som ikke er blandt filerne."
)
