"""What a patient can consent to, who signs, and how."""

from __future__ import annotations

from django.db import models


class ConsentKind(models.TextChoices):
    TREATMENT = "treatment", "Treatment"
    PHOTOGRAPHY = "photography", "Photography"
    DATA_PROCESSING = "data_processing", "Use of personal data"
    RESEARCH = "research", "Research"
    CASE_PUBLICATION = "case_publication", "Publication of the case"


class PhotoPurpose(models.TextChoices):
    """Each purpose is asked by a box of its own, and none is ticked beforehand."""

    RECORD = "record", "Clinical record"
    TEACHING = "teaching", "Teaching"
    PUBLICATION = "publication", "Publication"
    RESEARCH = "research", "Research study"
    MARKETING_WEB = "marketing_web", "Clinic website"
    MARKETING_SOCIAL = "marketing_social", "Social media"


class SignedBy(models.TextChoices):
    PATIENT = "patient", "The patient"
    GUARDIAN = "guardian", "A parent or guardian"


class SignedHow(models.TextChoices):
    ON_SCREEN = "on_screen", "Signed on the screen"
    PAPER_SCAN = "paper_scan", "Signed on paper, scan attached"
    PAPER_FILED = "paper_filed", "Signed on paper, kept in the clinic’s file"


ENDED: dict[ConsentKind, str] = {
    ConsentKind.TREATMENT: "Do not treat under it any more.",
    ConsentKind.PHOTOGRAPHY: "Do not export or show photos under it any more.",
    ConsentKind.DATA_PROCESSING: "Do not use the data under it any more.",
    ConsentKind.RESEARCH: "Do not use the record for the study any more.",
    ConsentKind.CASE_PUBLICATION: "Do not publish the case under it, and make no file for a journal any more.",
}
"""What the clinic may not do from the day on which a consent of this kind ends."""

COVERS: dict[PhotoPurpose, str] = {
    PhotoPurpose.RECORD: "Seen only by the people who look after the patient",
    PhotoPurpose.TEACHING: "Shown to staff and students",
    PhotoPurpose.PUBLICATION: (
        "Printed in a named journal or report. The clinic cannot get back copies that are already published"
    ),
    PhotoPurpose.RESEARCH: "Used in a named study with ethics approval",
    PhotoPurpose.MARKETING_WEB: "Shown on the clinic’s own website",
    PhotoPurpose.MARKETING_SOCIAL: "Shown on the clinic’s social media accounts",
}
