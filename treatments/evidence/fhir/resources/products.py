"""What was given: each product with each of its lots a Medication."""

from typing import Any

from treatments.evidence.fhir.resources.people import company
from treatments.evidence.fhir.rows import Rows
from treatments.evidence.fhir.writing.datatypes import DATA_ABSENT, Json, concept, no_value, quantity
from treatments.evidence.fhir.writing.terms import choice, identifier, own
from treatments.evidence.fhir.writing.writer import Writer
from treatments.products.models import Lot, Product
from treatments.products.vocabulary import (
    ConcentrationMethod,
    Donor,
    LabelledRoute,
    ProductForm,
    RegulatoryBasis,
    SourceType,
)


def medication(writer: Writer, rows: Rows, product: Product | None, lot: Lot | None, *, lot_is_unknown: bool) -> Json:
    """The element medication[x]: a reference, or that the product was not recorded."""
    product = lot.product if lot else product
    if product is None:
        absent = {"system": DATA_ABSENT, "code": "unknown", "display": "Unknown"}
        return {"medicationCodeableConcept": {"coding": [absent], "text": "Product not recorded"}}
    return {"medicationReference": of(writer, rows, product, lot, lot_is_unknown=lot_is_unknown)}


def of(writer: Writer, rows: Rows, product: Product, lot: Lot | None, *, lot_is_unknown: bool = False) -> Json:
    """The reference to a product, and to its lot where one is known and may be told."""
    told = lot if writer.is_named else None
    part = str(told.pk) if told else "lot not recorded" if lot_is_unknown and writer.is_named else ""
    source = _member(SourceType, product.source_type, SourceType.UNKNOWN)
    form = _member(ProductForm, product.form, None)
    body = {
        "identifier": [identifier("gtin", product.gtin)] if product.gtin and writer.is_named else [],
        "code": concept(choice("product-source", source), text=product.name),
        "status": "active",
        "manufacturer": company(writer, product.manufacturer, is_secret=False),
        "form": concept(choice("product-form", form)) if form else {},
        "ingredient": _particles(product, source),
        "batch": _batch(writer, told) if told else {"_lotNumber": no_value("unknown")} if part else {},
        "extension": _said_of(product),
    }
    lines = [
        f"{product.name}. Source: {source.label}.",
        f"Lot {told.number}{_expiry(writer, told)}." if told else "The lot was not recorded." if part else "",
        "Prepared from the patient’s own blood: it has no lot." if product.is_own_blood else "",
    ]
    return writer.add("Medication", product.pk, body, part=part, text=lines)


def _member(vocabulary: Any, code: str, otherwise: Any) -> Any:
    return vocabulary(code) if code in vocabulary.values else otherwise


def _batch(writer: Writer, lot: Lot) -> Json:
    return {"lotNumber": lot.number, **writer.date("expirationDate", lot.expires)}


def _expiry(writer: Writer, lot: Lot) -> str:
    said = writer.said(lot.expires)
    return f", expires {said}" if said else ", expiry not recorded"


def _particles(product: Product, source: SourceType) -> list[Json]:
    """How many particles a mL holds; an unknown number is no number."""
    if product.particles_per_ml is None:
        return []
    ratio = {"numerator": quantity(product.particles_per_ml, "10*9"), "denominator": quantity(1, "mL")}
    method = _member(ConcentrationMethod, product.particles_method, None)
    counted = [own("counted-by", valueCodeableConcept=concept(choice("particles-method", method)))] if method else []
    item = concept(choice("product-source", source))
    return [{"itemCodeableConcept": item, "strength": ratio, "extension": counted}]


def _said_of(product: Product) -> list[Json]:
    donor = _member(Donor, product.donor, Donor.UNKNOWN)
    route = _member(LabelledRoute, product.labelled_route, LabelledRoute.NOT_STATED)
    basis = _member(RegulatoryBasis, product.regulatory_basis, RegulatoryBasis.UNKNOWN)
    marketed = [own("marketed-as", valueString=product.marketed_as)] if product.marketed_as else []
    return [
        own("donor", valueCodeableConcept=concept(choice("donor", donor))),
        own("labelled-route", valueCodeableConcept=concept(choice("labelled-route", route))),
        own("regulatory-basis", valueCodeableConcept=concept(choice("regulatory-basis", basis))),
        *marketed,
    ]
