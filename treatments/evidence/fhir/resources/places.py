"""Where on the scalp: SNOMED where it has a concept, our own code, and the words."""

from treatments.evidence.fhir.writing.datatypes import Json, concept
from treatments.evidence.fhir.writing.terms import choice, own
from treatments.records.regions import LATERALITY, SNOMED, Region


def body_site(code: str, *, detail: str = "") -> Json:
    """{} for no region. `detail` is the spot within it, in the words of the record."""
    if code not in Region.values:
        return {}
    region = Region(code)
    text = ", ".join(filter(None, [str(region.label), detail]))
    side = LATERALITY.get(region)
    # Not a coding beside the others: those are of one meaning, and SNOMED's is of either side.
    told = {"extension": [own("laterality", valueCodeableConcept=concept(side))]} if side else {}
    return concept(SNOMED.get(region), choice("scalp-region", region), text=text) | told
