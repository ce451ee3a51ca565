"""The record's models, listed: Django looks for them here, and a model left out would lose its table."""

from treatments.appointments.models import Appointment, CalendarFeed, Call, MessageTemplate
from treatments.assessments.laboratory.models import LaboratoryReport, LaboratoryResult, LaboratoryTest
from treatments.assessments.models import Assessment, Measurement
from treatments.assessments.outcomes.models import CourseOutcome
from treatments.consents.models import Consent, ConsentScan, ConsentText, Export
from treatments.courses.models import Application, Course, ExosomeSession, Protocol, RegionVolume
from treatments.evidence.outcomes.models import ResponderDefinition
from treatments.evidence.repeats.models import RepeatPair
from treatments.evidence.reports.models import FlagAnswer, ReportFigure, ReportRelease
from treatments.evidence.series.models import CaseSeries, Pseudonym, ResearchExport, SeriesAnswer, SeriesRelease
from treatments.handouts.case_report import CaseReport
from treatments.handouts.models import AftercareGiven, AftercareSheet, Letter
from treatments.imports.models import Import, ImportedRecord, ImportFile, ImportHabits
from treatments.patients.models import HairHistory, Patient, Therapy
from treatments.patients.moves import MovedRecord, RecordMove
from treatments.photos.models import Photo, PhotoBatch, PhotoFingerprint, PhotoPair, WaitingPhoto
from treatments.photos.readings.models import ReaderPlace, Reading, ReadingPair, ReadingRound, ShownPair
from treatments.products.models import Lot, Product, StockMovement
from treatments.records.models import Correction, Draft, PassedWarning
from treatments.safety.models import AdverseEvent, FollowUp

__all__ = [
    "AdverseEvent",
    "AftercareGiven",
    "AftercareSheet",
    "Application",
    "Appointment",
    "Assessment",
    "CalendarFeed",
    "Call",
    "CaseReport",
    "CaseSeries",
    "Consent",
    "ConsentScan",
    "ConsentText",
    "Correction",
    "Course",
    "CourseOutcome",
    "Draft",
    "ExosomeSession",
    "Export",
    "FlagAnswer",
    "FollowUp",
    "HairHistory",
    "LaboratoryReport",
    "LaboratoryResult",
    "LaboratoryTest",
    "Letter",
    "Import",
    "ImportFile",
    "ImportHabits",
    "ImportedRecord",
    "Lot",
    "Measurement",
    "MessageTemplate",
    "MovedRecord",
    "PassedWarning",
    "Patient",
    "Photo",
    "PhotoBatch",
    "PhotoFingerprint",
    "PhotoPair",
    "Product",
    "Pseudonym",
    "Protocol",
    "ReaderPlace",
    "Reading",
    "ReadingPair",
    "ReadingRound",
    "RecordMove",
    "RegionVolume",
    "RepeatPair",
    "ReportFigure",
    "ReportRelease",
    "ResponderDefinition",
    "ShownPair",
    "ResearchExport",
    "SeriesAnswer",
    "SeriesRelease",
    "StockMovement",
    "Therapy",
    "WaitingPhoto",
]
