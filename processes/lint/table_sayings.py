"""What the linter says of decisions, in English and Danish; `{…}` are facts."""

from __future__ import annotations

SAYINGS: dict[str, tuple[str, str]] = {
    "feel-syntax": (
        "{what}: '{text}' is not FEEL: {reason}. Write it anew.",
        "{what_da}: '{text}' er ikke FEEL: {reason_da}. Skriv det om.",
    ),
    "feel-missing": (
        "{what} is empty. Write what it is, in FEEL.",
        "{what_da} er tom. Skriv i FEEL, hvad den er.",
    ),
    "decision-empty": (
        "The decision has neither a table nor an expression. Draw one.",
        "Beslutningen har hverken tabel eller udtryk. Tegn en.",
    ),
    "knowledge-empty": (
        "The business knowledge model has no logic. Draw a table or write an expression.",
        "Forretningsvidensmodellen har ingen logik. Tegn en tabel, eller skriv et udtryk.",
    ),
    "decision-twice": (
        "The decision is in {file} too. Give one of them another id.",
        "Beslutningen er også i {file}. Giv en af dem et andet id.",
    ),
    "unknown-decision": (
        ("It needs the decision '{name}', which is not in the file. Add it, or remove the arrow."),
        ("Den kræver beslutningen '{name}', som ikke er i filen. Tilføj den, eller fjern pilen."),
    ),
    "unknown-knowledge": (
        ("It needs the knowledge '{name}', which is not in the file. Add it, or remove the arrow."),
        ("Den kræver vidensmodellen '{name}', som ikke er i filen. Tilføj den, eller fjern pilen."),
    ),
    "unknown-input": (
        (
            "It needs the input data '{name}', which are not in the file. Add them, or remove "
            "the arrow."
        ),
        ("Den kræver inddataene '{name}', som ikke er i filen. Tilføj dem, eller fjern pilen."),
    ),
    "decision-cycle": (
        "The decision needs itself, straight or by way of others. Remove one of the arrows.",
        "Beslutningen kræver sig selv, direkte eller gennem andre. Fjern en af pilene.",
    ),
    "knowledge-cycle": (
        ("The knowledge needs itself, straight or by way of others. Remove one of the arrows."),
        "Vidensmodellen kræver sig selv, direkte eller gennem andre. Fjern en af pilene.",
    ),
    "unknown-name": (
        (
            "{what}: nobody gives it '{name}'. It may use {known}. Correct the name, or draw an"
            " arrow from where it comes."
        ),
        (
            "{what_da}: ingen giver den '{name}'. Den kan bruge {known}. Ret navnet, eller tegn"
            " en pil fra det sted, hvor det kommer fra."
        ),
    ),
    "unknown-word": (
        ("{what}: nothing here writes '{name}'.{hint} Let a form, a script or a result write it."),
        (
            "{what_da}: intet her skriver '{name}'.{hint_da} Lad en formular, et script eller "
            "et resultat skrive det."
        ),
    ),
    "input-type": (
        (
            "The column '{column}' holds a {wanted}, but the case's own value is a {found}. "
            "Change the column's type, or the form's field."
        ),
        (
            "Kolonnen '{column}' indeholder {wanted_da}, men sagens egen værdi er {found_da}. "
            "Ret kolonnens type eller formularens felt."
        ),
    ),
    "unknown-type": (
        (
            "The type '{type}' is not known. Choose one of FEEL's, such as string, number, "
            "boolean or date, or declare it."
        ),
        (
            "Typen '{type}' er ikke kendt. Vælg en af FEEL's, f.eks. string, number, boolean "
            "eller date, eller erklær den."
        ),
    ),
    "hit-policy": (
        "The hit policy '{policy}' is unknown. Choose one of DMN's.",
        "Hit policy '{policy}' er ukendt. Vælg en af DMN's.",
    ),
    "aggregation": (
        (
            "The answers cannot be combined by '{how}'. Choose SUM, MIN, MAX or COUNT with the "
            "hit policy COLLECT, and a single output."
        ),
        (
            "Svarene kan ikke samles med '{how}'. Vælg SUM, MIN, MAX eller COUNT sammen med hit"
            " policy COLLECT og kun ét udfald."
        ),
    ),
    "output-missing": (
        "The table has no output. Add a column for the answer.",
        "Tabellen har intet udfald. Tilføj en kolonne til svaret.",
    ),
    "output-name": (
        "Every output of a table with several needs a name of its own. Name this one.",
        "Hvert udfald i en tabel med flere skal have sit eget navn. Giv dette et.",
    ),
    "table-empty": (
        "The table has no rule, so that it never answers. Add one.",
        "Tabellen har ingen regel og svarer derfor aldrig. Tilføj en.",
    ),
    "rule-width": (
        "Rule {number} does not have one cell for each column. Fill it in.",
        "Regel {number} har ikke én celle for hver kolonne. Udfyld den.",
    ),
    "priority-without-values": (
        (
            "The hit policy {policy} ranks the answers, but no output says in which order. List"
            " the output's values, the most important first."
        ),
        (
            "Hit policy {policy} rangordner svarene, men intet udfald siger hvordan. Skriv "
            "udfaldets værdier op, den vigtigste først."
        ),
    ),
    "cell-type": (
        (
            "Rule {number}, column '{column}': the cell asks about a {found}, but the column "
            "holds a {wanted}. Write a {wanted}, or change the column's type."
        ),
        (
            "Regel {number}, kolonne '{column}': cellen spørger om {found_da}, men kolonnen "
            "indeholder {wanted_da}. Skriv {wanted_da}, eller ret kolonnens type."
        ),
    ),
    "cell-never": (
        (
            "Rule {number}, column '{column}': no value that the column may have passes "
            "'{text}'. Correct the cell, or remove the rule."
        ),
        (
            "Regel {number}, kolonne '{column}': ingen værdi, som kolonnen kan have, passer på "
            "'{text}'. Ret cellen, eller fjern reglen."
        ),
    ),
    "result-type": (
        (
            "Rule {number}, output '{column}': '{text}' is a {found}, but the output is a "
            "{wanted}. Write a {wanted}, or change the output's type."
        ),
        (
            "Regel {number}, udfald '{column}': '{text}' er {found_da}, men udfaldet er "
            "{wanted_da}. Skriv {wanted_da}, eller ret udfaldets type."
        ),
    ),
    "result-not-allowed": (
        (
            "Rule {number}, output '{column}': {text} is not one of the output's values "
            "{allowed}. Choose one of them, or add it."
        ),
        (
            "Regel {number}, udfald '{column}': {text} er ikke en af udfaldets værdier "
            "{allowed}. Vælg en af dem, eller tilføj den."
        ),
    ),
    "rules-overlap": (
        (
            "Rules {one} and {other} both match{when}. With the hit policy {policy} that stops "
            "the case: set bounds to one of them, or choose another hit policy."
        ),
        (
            "Regel {one} og {other} passer begge{when_da}. Med hit policy {policy} standser det"
            " sagen: afgræns en af dem, eller vælg en anden hit policy."
        ),
    ),
    "rules-disagree": (
        (
            "Rules {one} and {other} both match{when}, and they give different answers. With "
            "the hit policy ANY that stops the case: let them say the same, or set bounds to "
            "one of them."
        ),
        (
            "Regel {one} og {other} passer begge{when_da} og giver forskellige svar. Med hit "
            "policy ANY standser det sagen: lad dem sige det samme, eller afgræns en af dem."
        ),
    ),
    "rule-unreachable": (
        (
            "Rule {number} is never reached: the rules above it take everything. Move it up, or"
            " remove it."
        ),
        ("Regel {number} nås aldrig: reglerne over den tager alt. Flyt den op, eller fjern den."),
    ),
    "table-open": (
        (
            "No rule matches{when}, and the answer is then null. Add a rule, or give the output"
            " a default."
        ),
        (
            "Ingen regel passer{when_da}, og svaret er så null. Tilføj en regel, eller giv "
            "udfaldet en standardværdi."
        ),
    ),
}
"""Rule to its two sentences."""

KINDS: dict[str, tuple[str, str]] = {
    "string": ("text", "en tekst"),
    "number": ("number", "et tal"),
    "boolean": ("truth value", "sand eller falsk"),
    "date": ("date", "en dato"),
    "time": ("time of day", "et klokkeslæt"),
    "date and time": ("date and time", "en dato med klokkeslæt"),
    "duration": ("duration", "en varighed"),
    "days and time duration": ("duration of days and hours", "en varighed i dage og timer"),
    "years and months duration": (
        "duration of years and months",
        "en varighed i år og måneder",
    ),
    "list": ("list", "en liste"),
    "context": ("context", "en kontekst"),
    "null": ("null", "null"),
}
"""FEEL's types in words."""
