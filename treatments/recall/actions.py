"""What is done to a lot and has to look at whom it went into."""

import datetime
from typing import Unpack

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic.staff.models import User
from treatments.courses.models import Application, ExosomeSession
from treatments.patients.actions import wait_for
from treatments.products import actions
from treatments.products.models import Lot
from treatments.recall import tracing
from treatments.records.actions import CorrectionArguments, correct


def correct_lot(lot: Lot, **correction: Unpack[CorrectionArguments]) -> Lot:
    """Correct a lot as `products.actions` does. With its product goes that of everything it was given in: of a session
    as a correction of its own, and of what stood beside another product.

    Raises what that raises, and ValidationError when a session with this lot was logged at the same moment.
    """
    has_other_product = "product" in correction["changes"]

    def follow(corrected: Lot) -> None:
        sessions = ExosomeSession.objects.filter(lot=corrected).exclude(product=corrected.product_id)
        if not set(sessions.values_list("patient", flat=True)) <= patients:
            raise ValidationError("A session with this lot was logged at this moment. Press Save again.")
        Application.objects.filter(lot=corrected).update(product=corrected.product)
        for session in sessions.select_for_update(of=("self",), no_key=True).order_by("pk"):
            correct(
                session,
                changes={"product": corrected.product},
                reason=f"The product of lot {corrected} was corrected: {correction['reason']}"[:300],
                expected_version=session.version,
                event="corrected_session",
                by=correction["by"],
            )

    with transaction.atomic():
        # Before the lot, as every act that locks patients does.
        given = ExosomeSession.objects.filter(lot=lot) if has_other_product else ExosomeSession.objects.none()
        patients = set(given.values_list("patient", flat=True))
        wait_for(*patients)
        return actions.correct_lot(lot, then=follow, **correction)


def finish_lot(lot: Lot, *, on: datetime.date, note: str, expected_version: int, by: User) -> Lot:
    """Finish a lot, on no day before the last session that used it."""
    last = tracing.sessions_of(lot).first()
    last_given = last.when.bounds()[0] if last else None
    return actions.finish(lot, on=on, note=note, last_given=last_given, expected_version=expected_version, by=by)
