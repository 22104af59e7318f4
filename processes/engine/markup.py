"""XML read without following what it refers to: no entities, no network, no file."""

from __future__ import annotations

from lxml import etree

from processes.engine.problems import BadDiagram, Problem


def read_markup(file: str, text: str) -> etree._Element:
    """The root of an XML text, whatever encoding it claims to have had.

    Raises:
        BadDiagram: it is not well-formed.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
    try:
        return etree.fromstring(text.encode("utf-8", "surrogatepass"), parser)
    except etree.XMLSyntaxError as error:
        raise BadDiagram([_not_xml(file, error)]) from error


def _not_xml(file: str, error: etree.XMLSyntaxError) -> Problem:
    """The finding that a file is not XML at all."""
    line, column = error.position
    return Problem(
        file,
        None,
        line or 1,
        "not-xml",
        f"The file is not well-formed XML: {error.msg}. Save it again from the modeler.",
        f"Filen er ikke gyldig XML: {error.msg}. Gem den igen fra modelværktøjet.",
        column=column or 1,
    )
