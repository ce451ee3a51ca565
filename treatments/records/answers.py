"""What was asked, and what was answered. A blank field is not a "no"."""

from __future__ import annotations

from django.db import models


class Asked(models.TextChoices):
    """Whether a question was put to the patient, and its answer.

    "Asked, none" is a clinical fact; "not asked" is the absence of one.
    """

    NOT_ASKED = "not_asked", "Not asked"
    NONE = "none", "Asked, none"
    YES = "yes", "Yes"
