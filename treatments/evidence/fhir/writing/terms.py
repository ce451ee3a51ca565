"""Our own code systems, extensions and identifiers. Their addresses are names, and nobody's host.

A code that no outside system has, or that we could not confirm, is written in one of these with its words.
"""

from typing import Any, Final

from treatments.evidence.fhir.writing.datatypes import Json
from treatments.records.terminology import Code

CODES: Final = "urn:anagen:code"
EXTENSIONS: Final = "urn:anagen:extension"
IDENTIFIERS: Final = "urn:anagen:identifier"


def local(system: str, code: str, display: str) -> Code:
    return Code(f"{CODES}:{system}", code, display)


def choice(system: str, member: Any) -> Code:
    """A member of one of our vocabularies, which has value and label."""
    return local(system, str(member.value), str(member.label))


def identifier(kind: str, value: str) -> Json:
    return {"system": f"{IDENTIFIERS}:{kind}", "value": value}


def own(name: str, **value: Any) -> Json:
    """An extension of ours with one value: own("ethnicity", valueString="…")."""
    return {"url": f"{EXTENSIONS}:{name}", **value}


def own_parts(name: str, *parts: tuple[str, Json]) -> Json:
    """An extension of ours with several parts, each a name and its value."""
    return {"url": f"{EXTENSIONS}:{name}", "extension": [{"url": part, **value} for part, value in parts]}
