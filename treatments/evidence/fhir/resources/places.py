"""Where on the scalp: SNOMED where it has a concept, our own code, and the words."""

from treatments.evidence.fhir.writing.datatypes import Json, concept
from treatments.evidence.fhir.writing.terms import choice
from treatments.records.regions import LATERALITY, SNOMED, Region


def body_site(code: str, *, detail: str = "") -> Json:
    """{} for no region. `detail` is the spot within it, in the words of the record."""
    if code not in Region.values:
        return {}
    region = Region(code)
    text = ", ".join(filter(None, [str(region.label), detail]))
    return concept(SNOMED.get(region), LATERALITY.get(region), choice("scalp-region", region), text=text)
