"""Vocabulary of products: what is in the vial, its route on the label, the regulatory basis of its use.

Terms follow MISEV2023: "extracellular vesicle" where the origin of the particle is not proven;
"exosome" is kept as the word a product is marketed under.
"""

from __future__ import annotations

from django.db import models


class SourceType(models.TextChoices):
    MSC_UMBILICAL_CORD = "msc_umbilical_cord", "Stromal cells, umbilical cord"
    MSC_WHARTON_JELLY = "msc_wharton_jelly", "Stromal cells, Wharton’s jelly"
    MSC_ADIPOSE = "msc_adipose", "Stromal cells, fat"
    MSC_BONE_MARROW = "msc_bone_marrow", "Stromal cells, bone marrow"
    MSC_PLACENTA_AMNION = "msc_placenta_amnion", "Stromal cells, placenta or amnion"
    MSC_FORESKIN = "msc_foreskin", "Stromal cells, foreskin"
    MSC_UNSPECIFIED = "msc_unspecified", "Stromal or stem cells, tissue not stated"
    HAIR_FOLLICLE_CELL = "hair_follicle_cell", "Hair follicle cells"
    PLATELET = "platelet", "Platelets"
    PLATELET_RICH_PLASMA = "platelet_rich_plasma", "Platelet-rich plasma (PRP)"
    PLANT_ROSE_STEM_CELL = "plant_rose_stem_cell", "Plant, rose stem cells"
    PLANT_OTHER = "plant_other", "Plant, other"
    SALMON_MARINE = "salmon_marine", "Salmon or other marine source"
    MILK = "milk", "Milk"
    BACTERIAL = "bacterial", "Bacteria"
    SYNTHETIC = "synthetic", "Synthetic"
    CONDITIONED_MEDIUM_SECRETOME = (
        "conditioned_medium_secretome",
        "Conditioned medium (secretome)",
    )
    OTHER = "other", "Other"
    UNKNOWN = "unknown", "Not identified"


class Donor(models.TextChoices):
    AUTOLOGOUS = "autologous", "The patient (autologous)"
    ALLOGENEIC = "allogeneic", "Another person (allogeneic)"
    XENOGENEIC = "xenogeneic", "An animal (xenogeneic)"
    PLANT = "plant", "A plant"
    NOT_APPLICABLE = "not_applicable", "Not applicable"
    UNKNOWN = "unknown", "Not known"


class ProductForm(models.TextChoices):
    LYOPHILISED_POWDER = "lyophilised_powder", "Freeze-dried powder"
    SOLUTION = "solution", "Solution"
    FROZEN_LIQUID = "frozen_liquid", "Frozen liquid"
    GEL_SERUM = "gel_serum", "Gel or serum"


class LabelledRoute(models.TextChoices):
    TOPICAL_ONLY = "topical_only", "Topical use only"
    INJECTABLE = "injectable", "For injection"
    NOT_STATED = "not_stated", "Not stated"


class RegulatoryBasis(models.TextChoices):
    AUTHORISED_PRODUCT = "authorised_product", "Authorised product"
    CLINICAL_TRIAL = "clinical_trial", "Clinical trial"
    SPECIAL_ACCESS = "special_access_or_named_patient", "Special access or named patient"
    COSMETIC_AS_LABELLED = "cosmetic_used_as_labelled", "Cosmetic, used as labelled"
    COSMETIC_BY_INJECTION = "cosmetic_used_by_injection", "Cosmetic, used by needle"
    OWN_BLOOD = "own_blood", "The patient’s own blood, prepared at the visit"
    UNREGISTERED_OTHER = "unregistered_other", "Not registered"
    UNKNOWN = "unknown", "Not known"


class ConcentrationMethod(models.TextChoices):
    """How the particles were counted."""

    NTA = "NTA", "Nanoparticle tracking (NTA)"
    TRPS = "TRPS", "Resistive pulse sensing (TRPS)"
    FLOW_CYTOMETRY = "flow_cytometry", "Flow cytometry"
    LABEL_CLAIM = "label_claim", "As claimed on the label"
    UNKNOWN = "unknown", "Not known"


RED_FLAG_BASES: frozenset[RegulatoryBasis] = frozenset(
    {
        RegulatoryBasis.COSMETIC_BY_INJECTION,
        RegulatoryBasis.UNREGISTERED_OTHER,
        RegulatoryBasis.UNKNOWN,
    }
)
"""Bases that need the operator's acknowledgement and a consent that names the unapproved use."""

SOURCE_DEFINITIONS: dict[SourceType, str] = {
    SourceType.MSC_UMBILICAL_CORD: "Human mesenchymal stromal cells grown from umbilical cord",
    SourceType.MSC_WHARTON_JELLY: "Human mesenchymal stromal cells grown from cord jelly",
    SourceType.MSC_ADIPOSE: "Human mesenchymal stromal cells grown from fat",
    SourceType.MSC_BONE_MARROW: "Human mesenchymal stromal cells grown from bone marrow",
    SourceType.MSC_PLACENTA_AMNION: "Human mesenchymal stromal cells from placenta or amnion",
    SourceType.MSC_FORESKIN: "Human mesenchymal stromal cells grown from foreskin",
    SourceType.MSC_UNSPECIFIED: "The label says only “stem cell exosome”",
    SourceType.PLATELET: "Vesicles shed by platelets",
    SourceType.PLATELET_RICH_PLASMA: "Plasma with platelets, spun from blood; of the patient’s own it has no lot",
    SourceType.PLANT_ROSE_STEM_CELL: "From cultured rose callus cells; often sold as RSCE",
    SourceType.CONDITIONED_MEDIUM_SECRETOME: (
        "Unpurified culture fluid, proteins and vesicles together; not to be called a vesicle preparation"
    ),
    SourceType.UNKNOWN: "Nothing is stated",
}

HUMAN_SOURCES: frozenset[SourceType] = frozenset(
    s
    for s in SourceType
    if s.value.startswith("msc_") or s.value in {"hair_follicle_cell", "platelet", "platelet_rich_plasma"}
)

NOT_VESICLES: frozenset[SourceType] = frozenset(
    {SourceType.CONDITIONED_MEDIUM_SECRETOME, SourceType.PLATELET_RICH_PLASMA}
)

BASIS_DEFINITIONS: dict[RegulatoryBasis, str] = {
    RegulatoryBasis.AUTHORISED_PRODUCT: "Approved for this use by the local authority",
    RegulatoryBasis.CLINICAL_TRIAL: "Given under a registered, ethics-approved trial",
    RegulatoryBasis.SPECIAL_ACCESS: "Import or exemption granted for one patient",
    RegulatoryBasis.COSMETIC_AS_LABELLED: "Notified cosmetic, applied to unbroken skin",
    RegulatoryBasis.COSMETIC_BY_INJECTION: "Cosmetic given by needle or microneedle",
    RegulatoryBasis.OWN_BLOOD: "Drawn, prepared and given back in one visit; no product of a maker",
    RegulatoryBasis.UNREGISTERED_OTHER: "Neither approved nor notified to the authority",
    RegulatoryBasis.UNKNOWN: "The clinic does not know the legal basis yet",
}

MODE_DIAMETER_SOFT_NM = (30, 200)
"""Modal particle diameter in nm outside which the entry is queried."""
