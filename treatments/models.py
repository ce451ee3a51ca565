"""The record's models, listed: Django looks for them here, and a model left out would lose its table."""

from treatments.assessments.models import Assessment, Measurement
from treatments.consents.models import Consent, ConsentScan
from treatments.patients.models import HairHistory, Patient, Therapy
from treatments.photos.models import Export, Photo, PhotoPair
from treatments.products.models import Lot, Product
from treatments.records.models import Correction, Draft, PassedWarning
from treatments.safety.models import AdverseEvent, FollowUp
from treatments.sessions.models import Course, ExosomeSession, Protocol, RegionVolume

__all__ = [
    "AdverseEvent",
    "Assessment",
    "Consent",
    "ConsentScan",
    "Correction",
    "Course",
    "Draft",
    "ExosomeSession",
    "Export",
    "FollowUp",
    "HairHistory",
    "Lot",
    "Measurement",
    "PassedWarning",
    "Patient",
    "Photo",
    "PhotoPair",
    "Product",
    "Protocol",
    "RegionVolume",
    "Therapy",
]
