"""Why a case cannot be moved to another version, in words that say what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Said:
    """One reason in both languages; `%(name)s` stands for a fact."""

    en: str
    da: str


REASONS: dict[str, Said] = {
    "removed": Said(
        "The new version has no such element here. Say which one takes its place, or cancel it.",
        "Den nye version har ikke elementet her. Vælg det, der afløser det, eller aflys det.",
    ),
    "moved": Said(
        "In the new version the element is inside “%(scope)s”, which this case has not begun. "
        "Finish the step first, or say which element takes its place.",
        "I den nye version ligger elementet inde i “%(scope)s”, som sagen ikke er begyndt på. "
        "Gør trinnet færdigt først, eller vælg det element, der afløser det.",
    ),
    "kind_changed": Said(
        "It has begun, and the new version has another kind of element here. Finish the step "
        "first, or give the new element an id of its own.",
        "Det er begyndt, og den nye version har en anden slags element her. Gør trinnet færdigt "
        "først, eller giv det nye element sit eget id.",
    ),
    "flow_gone": Said(
        "A finished branch waits here, and the arrow it came by (%(flow)s) is gone. Say which "
        "arrow takes its place.",
        "En færdig gren venter her, og pilen, den kom ad (%(flow)s), findes ikke mere. Vælg den "
        "pil, der afløser den.",
    ),
    "join_starves": Said(
        "The join would wait for a branch that was never begun on this case. Let the case pass "
        "the join first.",
        "Samlingen ville vente på en gren, der aldrig blev begyndt på denne sag. Lad sagen komme "
        "forbi samlingen først.",
    ),
    "job_asked": Said(
        "A job has been asked for here, and the new version asks for another. Let it finish first.",
        "Der er bestilt arbejde her, og den nye version bestiller noget andet. Lad det blive "
        "færdigt først.",
    ),
    "loop_changed": Said(
        "It has begun, and the new version repeats it in another way. Finish the step first.",
        "Det er begyndt, og den nye version gentager det på en anden måde. Gør trinnet færdigt "
        "først.",
    ),
    "call_variables": Said(
        "The call has begun, and only one of the versions gives it variables of its own. Finish "
        "the called process first.",
        "Kaldet er begyndt, og kun den ene version giver det egne variable. Gør den kaldte proces "
        "færdig først.",
    ),
    "nothing_left": Said(
        "Without it nothing would be left to do here. Say which element takes its place.",
        "Uden det ville der ikke være mere at gøre her. Vælg det element, der afløser det.",
    ),
    "rests": Said(
        "The case rests, and here it would go on at once. Take it up again first.",
        "Sagen er sat i bero, og her ville den gå videre med det samme. Tag den op igen først.",
    ),
    "unclear": Said(
        "What it waits for cannot be worked out in the new version: %(error)s",
        "Det, den venter på, kan ikke regnes ud i den nye version: %(error)s",
    ),
    "cannot_return": Said(
        "The move cancelled it, and going back cannot begin it again.",
        "Flytningen aflyste det, og det kan ikke begyndes igen ved at flytte tilbage.",
    ),
    "elsewhere": Said(
        "The case is on another version by now.",
        "Sagen er kommet på en anden version i mellemtiden.",
    ),
    "over": Said("The case has ended.", "Sagen er afsluttet."),
    "failed": Said(
        "Something broke here (%(error)s). Tell the administrator.",
        "Noget gik i stykker her (%(error)s). Sig det til administratoren.",
    ),
}


def sentence(reason: str, facts: Mapping[str, str], *, danish: bool) -> str:
    """The reason in words."""
    said = REASONS[reason]
    return (said.da if danish else said.en) % facts
