"""What the linter says, rule by rule: what is wrong and what to draw instead."""

from __future__ import annotations

SAYINGS: dict[str, tuple[str, str]] = {
    "start-event-missing": (
        "{what} has no start event. Draw one, so that it is clear where it begins.",
        "{what} har ingen starthændelse. Tegn en, så man kan se, hvor det begynder.",
    ),
    "start-events-clash": (
        (
            "{what} has several start events of one kind. Keep one, and lead the others' flows "
            "from it."
        ),
        (
            "{what} har flere starthændelser af samme slags. Behold én, og før de andres pile "
            "derfra."
        ),
    ),
    "event-sub-process-start": (
        (
            "The event sub-process needs exactly one start event with a message, timer, "
            "signal, condition, error or escalation."
        ),
        (
            "Hændelses-delprocessen skal have præcis én starthændelse med besked, timer, "
            "signal, betingelse, fejl eller eskalering."
        ),
    ),
    "unreachable": (
        "Nothing leads to this element. Draw a flow to it, or delete it.",
        "Intet fører hen til elementet. Tegn en pil hertil, eller slet det.",
    ),
    "dead-end": (
        "Nothing leads on from here. Draw a flow to what comes next, or to an end event.",
        "Intet fører videre herfra. Tegn en pil til det næste eller til en sluthændelse.",
    ),
    "flow-end-missing": (
        (
            "The flow {flow} begins or ends at an element that is not in the same scope. Draw"
            " it anew."
        ),
        (
            "Pilen {flow} begynder eller ender ved et element, der ikke er i samme ramme. "
            "Tegn den om."
        ),
    ),
    "start-with-incoming": (
        "A flow leads into a start event. Lead it to the element after the start instead.",
        ("En pil fører ind i en starthændelse. Før den til elementet efter starten i stedet."),
    ),
    "end-with-outgoing": (
        (
            "A flow leads out of an end event. Use an intermediate event, or let the flow "
            "begin before."
        ),
        (
            "En pil fører ud af en sluthændelse. Brug en mellemhændelse, eller lad pilen "
            "begynde før."
        ),
    ),
    "boundary-on-nothing": (
        "The boundary event sits on nothing. Drag it onto the edge of an activity.",
        "Kanthændelsen sidder ikke på noget. Træk den ind på kanten af en aktivitet.",
    ),
    "boundary-with-incoming": (
        "A flow leads into a boundary event. It begins by itself; lead the flow past it.",
        "En pil fører ind i en kanthændelse. Den begynder af sig selv; før pilen uden om.",
    ),
    "event-gateway-target": (
        (
            "After an event-based gateway may only stand events that catch, and receive "
            "tasks; '{target}' is neither."
        ),
        (
            "Efter en hændelsesbaseret gateway må kun stå hændelser, der venter, og "
            "modtageopgaver; '{target}' er ingen af delene."
        ),
    ),
    "default-missing": (
        ("The gateway has no default flow. Mark one answer as default, for when no other holds."),
        ("Gatewayen har ingen standardpil. Gør ét svar til standard, hvis ingen andre passer."),
    ),
    "condition-missing": (
        (
            "The flow {flow} out of the gateway has neither a condition nor is it the "
            "default. Write a condition, or make it the default."
        ),
        (
            "Pilen {flow} ud af gatewayen har hverken betingelse eller er standard. Skriv en "
            "betingelse, eller gør den til standard."
        ),
    ),
    "condition-misplaced": (
        (
            "The flow {flow} has a condition, but it is taken always. Lead it through an "
            "exclusive or inclusive gateway, or remove the condition."
        ),
        (
            "Pilen {flow} har en betingelse, men følges altid. Før den gennem en eksklusiv "
            "eller inklusiv gateway, eller fjern betingelsen."
        ),
    ),
    "default-unknown": (
        "Its default flow '{flow}' does not lead out of it. Mark one that does.",
        "Dens standardpil '{flow}' fører ikke ud af den. Vælg en, der gør.",
    ),
    "trigger-missing": (
        "The event waits for nothing. Give it a message, a timer or another trigger.",
        "Hændelsen venter ikke på noget. Giv den en besked, en timer eller en anden udløser.",
    ),
    "trigger-misplaced": (
        "An event of this kind cannot have the trigger '{trigger}' here; possible: {known}.",
        "En hændelse af denne art kan ikke have udløseren '{trigger}' her; muligt: {known}.",
    ),
    "join-never-fires": (
        (
            "The parallel gateway waits for all its flows, but '{split}' sends a token along "
            "only some of them. Join with an exclusive gateway, or split with a parallel one."
        ),
        (
            "Den parallelle gateway venter på alle pile, men '{split}' sender kun ad nogle af "
            "dem. Saml med en eksklusiv gateway, eller del med en parallel."
        ),
    ),
    "join-may-wait": (
        (
            "The parallel gateway can be left waiting for ever: from '{split}' a token may go "
            "another way. Lead every way here, or join with an inclusive gateway."
        ),
        (
            "Den parallelle gateway kan komme til at vente for evigt: fra '{split}' kan vejen gå "
            "udenom. Før alle veje hertil, eller saml med en inklusiv gateway."
        ),
    ),
    "token-doubles": (
        (
            "'{split}' sends several tokens that come through here one by one, so what follows "
            "is done several times. Join them with a parallel gateway before this element."
        ),
        (
            "'{split}' sender flere veje i gang, som kommer hertil hver for sig, så det følgende "
            "sker flere gange. Saml dem med en parallel gateway før elementet."
        ),
    ),
    "split-floods": (
        (
            "Each round of the loop makes more tokens here, without end. Join the ways with a "
            "parallel gateway before the loop goes back."
        ),
        (
            "Hver omgang i løkken sætter flere veje i gang her, uden ende. Saml vejene med en "
            "parallel gateway, før løkken går tilbage."
        ),
    ),
    "split-repeats": (
        (
            "Each round of the loop begins the other way once more, without waiting for the one "
            "before. Join the ways with a parallel gateway before the loop goes back, or draw "
            "the other way before the loop."
        ),
        (
            "Hver omgang i løkken begynder den anden vej en gang til uden at vente på den forrige. "
            "Saml vejene med en parallel gateway, før løkken går tilbage, eller tegn den anden vej "
            "før løkken."
        ),
    ),
    "no-way-out": (
        (
            "The loop has no way to an end: {way}. Draw a gateway with a way on, or an event "
            "that interrupts it."
        ),
        (
            "Løkken har ingen vej til en slutning: {way}. Tegn en gateway med en vej videre, eller "
            "en hændelse, der afbryder den."
        ),
    ),
    "loop-never-ends": (
        (
            "Nothing stops this loop: {way}. Draw something to wait for in it (a task, a timer, "
            "a message), or a gateway that leads out."
        ),
        (
            "Intet standser løkken: {way}. Tegn noget at vente på i den (en opgave, en timer, en "
            "besked) eller en gateway, der fører ud."
        ),
    ),
    "loop-changes-nothing": (
        (
            "Nothing in this loop changes the data, so whoever goes round once goes round for "
            "ever: {way}. Draw a task, a timer or a message in it."
        ),
        (
            "Intet i løkken ændrer data, så den, der går en omgang, går rundt for evigt: {way}. "
            "Tegn en opgave, en timer eller en besked i den."
        ),
    ),
    "loop-without-wait": (
        (
            "The loop waits for nobody, and only what it computes itself ends it: {way}. Draw "
            "something to wait for, or repeat with a multi-instance."
        ),
        (
            "Løkken venter ikke på nogen, og kun dens egne beregninger standser den: {way}. Tegn "
            "noget at vente på, eller gentag over en liste."
        ),
    ),
    "only-drawn": (
        "{what} is only drawn. {instead}",
        "{what_da} er kun tegnet. {instead_da}",
    ),
    "message-flow-silent": (
        (
            "A message flow begins here, but nothing is sent. Use a send task or a message "
            "event that throws."
        ),
        (
            "En beskedpil begynder her, men intet sendes. Brug en sendeopgave eller en "
            "beskedhændelse, der afsender."
        ),
    ),
    "message-flow-unheard": (
        (
            "A message flow ends here, but nothing waits for it. Use a receive task or a "
            "message event that catches."
        ),
        (
            "En beskedpil ender her, men intet venter på den. Brug en modtageopgave eller en "
            "beskedhændelse, der modtager."
        ),
    ),
    "message-flow-names": (
        "'{sent}' is sent along the message flow, but '{awaited}' is awaited. Give both one name.",
        "'{sent}' sendes ad beskedpilen, men '{awaited}' ventes. Giv begge ét navn.",
    ),
    "unsupported": (
        "{what} is not supported. {instead}",
        "{what_da} understøttes ikke. {instead_da}",
    ),
    "unknown-lane": (
        (
            "The lane '{lane}' is not a role. Name it after one: {known}; or bind it where "
            "the process is called, with the property lane.{lane}."
        ),
        (
            "Banen '{lane}' er ikke en rolle. Navngiv den efter en: {known}; eller bind den, "
            "hvor processen kaldes, med egenskaben lane.{lane}."
        ),
    ),
    "lane-missing": (
        "The task is in no lane, so it waits in the queue of the process's owner role.",
        "Opgaven er ikke i nogen bane og venter derfor hos processens ejerrolle.",
    ),
    "picture-missing": (
        "The file has no picture (BPMN DI), so the diagram cannot be shown.",
        "Filen har intet billede (BPMN DI), så diagrammet kan ikke vises.",
    ),
    "unknown-form": (
        "The form '{form}' is not among the files. Add it, or choose one of: {known}.",
        ("Formularen '{form}' er ikke blandt filerne. Tilføj den, eller vælg en af: {known}."),
    ),
    "unknown-decision": (
        (
            "The decision '{decision}' is not among the files. Add its table, or choose one "
            "of: {known}."
        ),
        (
            "Beslutningen '{decision}' er ikke blandt filerne. Tilføj dens tabel, eller vælg:"
            " {known}."
        ),
    ),
    "operation-missing": (
        "The service task does not say what it does. Choose an operation for it.",
        "Serviceopgaven siger ikke, hvad den gør. Vælg en handling til den.",
    ),
    "unknown-operation": (
        "There is no operation '{operation}'. Choose one of: {known}.",
        "Der findes ingen handling '{operation}'. Vælg en af: {known}.",
    ),
    "parameter-missing": (
        "The operation {operation} needs the parameter '{parameter}'. Give it a value.",
        "Handlingen {operation} skal have parameteren '{parameter}'. Giv den en værdi.",
    ),
    "unknown-parameter": (
        "The operation {operation} has no parameter '{parameter}'. Remove it.",
        "Handlingen {operation} har ingen parameter '{parameter}'. Fjern den.",
    ),
    "message-missing": (
        "The event names no message. Choose one, or make a new one.",
        "Hændelsen nævner ingen besked. Vælg en, eller opret en ny.",
    ),
    "signal-missing": (
        "The event names no signal. Choose one, or make a new one.",
        "Hændelsen nævner intet signal. Vælg et, eller opret et nyt.",
    ),
    "unknown-called-process": (
        (
            "The call activity calls '{called}', which is neither in the upload nor deployed."
            " Upload that diagram too, or choose another process."
        ),
        (
            "Kaldsaktiviteten kalder '{called}', som hverken er i overførslen eller udgivet. "
            "Overfør også det diagram, eller vælg en anden proces."
        ),
    ),
    "unknown-element": (
        "The property {property} names '{element}', which is not an element here.",
        "Egenskaben {property} nævner '{element}', som ikke er et element her.",
    ),
    "nothing-to-follow": (
        (
            "The timer follows '{element}', which has no deadline. Give that element a "
            "deadline, or draw a timer with deadlineFor={element}."
        ),
        (
            "Timeren følger '{element}', som ingen frist har. Giv elementet en frist, eller "
            "tegn en timer med deadlineFor={element}."
        ),
    ),
    "link-target-missing": (
        "No catching link event is called '{link}'. Draw one, or rename this one.",
        "Ingen modtagende linkhændelse hedder '{link}'. Tegn en, eller omdøb denne.",
    ),
    "feel-syntax": (
        "'{text}' is not FEEL: {reason}.",
        "'{text}' er ikke FEEL: {reason_da}.",
    ),
    "python": (
        (
            "'{text}' looks like Python ({sign}). Expressions are FEEL: use =, true, false, "
            "null, and, or, not(…)."
        ),
        (
            "'{text}' ligner Python ({sign}). Udtryk er FEEL: brug =, true, false, null, and,"
            " or, not(…)."
        ),
    ),
    "expression-missing": (
        "{what} is empty. Write a FEEL expression.",
        "{what_da} er tom. Skriv et FEEL-udtryk.",
    ),
    "script-not-context": (
        ('The script must be a FEEL context, such as {{phase: "Start"}}; its entries are stored.'),
        'Scriptet skal være en FEEL-kontekst, fx {{fase: "Start"}}; dens indgange gemmes.',
    ),
    "timer-missing": (
        "The timer event says no time. Give it a date, a duration or a cycle.",
        ("Timerhændelsen angiver ingen tid. Giv den en dato, en varighed eller en gentagelse."),
    ),
    "time-not-iso": (
        "{property} '{text}': {reason}",
        "{property} '{text}': {reason_da}",
    ),
    "unknown-value": (
        "{property} is '{text}'; it must be one of: {known}.",
        "{property} er '{text}'; det skal være en af: {known}.",
    ),
    "statute-misplaced": (
        "The statute {statute} has no effect here: only user tasks and timer events have one.",
        "Lovfristen {statute} virker ikke her: kun brugeropgaver og timerhændelser har en.",
    ),
    "unknown-statute": (
        "The file {file} holds no statute '{statute}'.{hint} Known are: {known}.",
        "Filen {file} indeholder ingen lovfrist '{statute}'.{hint_da} Kendte er: {known}.",
    ),
    "statute-without-length": (
        (
            "For {statute} ({name}) no deadline was found in the law, and none is guessed. Take "
            "the statute away and write deadline and legal basis when you know them."
        ),
        (
            "For {statute} ({name_da}) er der ikke fundet nogen frist i loven, og der gættes "
            "ikke. Fjern lovfristen, og skriv frist og hjemmel, når du kender dem."
        ),
    ),
    "statute-repealed": (
        "{statute} ({name}) is believed to be repealed since {year}. Ask a lawyer, or remove it.",
        "{statute} ({name_da}) antages ophævet i {year}. Spørg en jurist, eller fjern den.",
    ),
    "statute-contradicted": (
        (
            "{property} is '{own}' here, but '{lawful}' by {statute} ({name}), which binds. "
            "Remove the property."
        ),
        (
            "{property} er '{own}' her, men '{lawful}' efter {statute} ({name_da}), som binder. "
            "Fjern egenskaben."
        ),
    ),
    "statute-exceeded": (
        (
            "'{own}' is longer than {statute} ({name}) allows, which is {lawful}. Write a "
            "shorter time, or none: then the law's counts."
        ),
        (
            "'{own}' er længere end {statute} ({name_da}) tillader, nemlig {lawful}. Skriv en "
            "kortere tid, eller ingen: så gælder lovens."
        ),
    ),
    "statute-undercut": (
        (
            "'{own}' is shorter than {statute} ({name}) demands, which is {lawful}. Write a "
            "longer time, or none: then the law's counts."
        ),
        (
            "'{own}' er kortere end {statute} ({name_da}) kræver, nemlig {lawful}. Skriv en "
            "længere tid, eller ingen: så gælder lovens."
        ),
    ),
    "duplicate-id": (
        "The id '{id}' is used twice. Give one of the elements another.",
        "Id'et '{id}' bruges to gange. Giv et af elementerne et andet.",
    ),
    "collection-missing": (
        (
            "The multi-instance says neither how often nor over which list. Give it a "
            "collection or a number."
        ),
        (
            "Gentagelsen siger hverken hvor mange gange eller over hvilken liste. Angiv en "
            "liste eller et antal."
        ),
    ),
    "loop-endless": (
        "The loop has neither a condition nor a maximum. Give it one of them.",
        "Løkken har hverken betingelse eller maksimum. Giv den en af delene.",
    ),
    "unknown-name": (
        (
            "Nothing here writes '{name}'.{hint} Let a form, a script or a result write it, or "
            "declare it: as data at the start of the process, or as what a message brings."
        ),
        (
            "Intet her skriver '{name}'.{hint_da} Lad en formular, et script eller et resultat "
            "skrive det, eller erklær det: som startdata på processen, eller som det, en besked "
            "bringer."
        ),
    ),
    "kinds-differ": (
        (
            "'{text}' compares {left} with {right}, which never gives what it seems to. Compare "
            "values of one kind; date(…), number(…) and string(…) change a value's kind."
        ),
        (
            "'{text}' sammenligner {left_da} med {right_da}, og det giver aldrig det, det ligner. "
            "Sammenlign værdier af samme slags; date(…), number(…) og string(…) ændrer slagsen."
        ),
    ),
    "kind-unfit": (
        "'{text}' gives {kind}. Write an expression that gives {wanted}.",
        "'{text}' giver {kind_da}. Skriv et udtryk, der giver {wanted_da}.",
    ),
    "answers-open": (
        (
            "No answer of the gateway holds for {example}. Mark one answer as default, or add a "
            "flow for it."
        ),
        (
            "Intet svar i gatewayen passer på {example}. Gør ét svar til standard, eller tegn en "
            "pil til det."
        ),
    ),
    "answers-overlap": (
        (
            "Both {first} and {second} hold for {example}; the first one is taken. Write the "
            "conditions so that only one holds, or use an inclusive gateway."
        ),
        (
            "Både {first} og {second} passer på {example}; den første vælges. Skriv betingelserne, "
            "så kun én passer, eller brug en inklusiv gateway."
        ),
    ),
    "answer-in-vain": (
        "The condition of {flow} never holds. Compare with a value that can occur.",
        "Betingelsen på {flow} passer aldrig. Sammenlign med en værdi, der kan forekomme.",
    ),
    "bad-id": (
        "The id '{id}' cannot be used. Write one of letters, digits, '_', '-' and '.'.",
        "Id'et '{id}' kan ikke bruges. Skriv et af bogstaver, tal, '_', '-' og '.'.",
    ),
    "process-twice": (
        "The process '{id}' is in {file} too. Keep one of them, or give this one another id.",
        "Processen '{id}' er også i {file}. Behold en af dem, eller giv denne et andet id.",
    ),
    "unknown-reference": (
        (
            "The event refers to '{reference}', which the file does not declare. Choose a "
            "message, signal, error or escalation for it anew."
        ),
        (
            "Hændelsen henviser til '{reference}', som filen ikke erklærer. Vælg besked, signal, "
            "fejl eller eskalering til den igen."
        ),
    ),
    "error-uncaught": (
        (
            "Nothing around catches the error {code}, so the case stops here. Draw an error event "
            "on the edge of the sub-process, or an event sub-process that catches it."
        ),
        (
            "Intet udenom griber fejlen {code}, så sagen standser her. Tegn en fejlhændelse på "
            "delprocessens kant eller en hændelses-delproces, der griber den."
        ),
    ),
    "escalation-uncaught": (
        (
            "Nothing around catches the escalation {code}, so nobody hears it. Draw an escalation "
            "event on the edge of the sub-process, or an event sub-process that catches it."
        ),
        (
            "Intet udenom griber eskaleringen {code}, så ingen hører den. Tegn en "
            "eskaleringshændelse på delprocessens kant eller en hændelses-delproces, der griber "
            "den."
        ),
    ),
    "error-unthrown": (
        (
            "Nothing inside throws the error {code}, so the event never occurs. Choose an error "
            "that is thrown, or delete the event."
        ),
        (
            "Intet indeni kaster fejlen {code}, så hændelsen indtræffer aldrig. Vælg en fejl, der "
            "kastes, eller slet hændelsen."
        ),
    ),
    "escalation-unthrown": (
        (
            "Nothing inside throws the escalation {code}, so the event never occurs. Choose one "
            "that is thrown, or delete the event."
        ),
        (
            "Intet indeni kaster eskaleringen {code}, så hændelsen indtræffer aldrig. Vælg en, der "
            "kastes, eller slet hændelsen."
        ),
    ),
}
