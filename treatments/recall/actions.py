"""What is done to a lot and has to look at whom it went into."""

import datetime
from typing import Unpack

from clinic.staff.models import User
from treatments.courses.models import ExosomeSession
from treatments.products import actions
from treatments.products.models import Lot
from treatments.recall import tracing
from treatments.records.actions import CorrectionArguments, correct


def correct_lot(lot: Lot, **correction: Unpack[CorrectionArguments]) -> Lot:
    """Correct a lot as `products.actions` does. With its product goes that of every session it was given in."""

    def follow(corrected: Lot) -> None:
        sessions = ExosomeSession.objects.filter(lot=corrected).exclude(product=corrected.product_id)
        for session in sessions.select_for_update(of=("self",), no_key=True).order_by("pk"):
            correct(
                session,
                changes={"product": corrected.product},
                reason=f"The product of lot {corrected} was corrected: {correction['reason']}"[:300],
                expected_version=session.version,
                event="corrected_session",
                by=correction["by"],
            )

    return actions.correct_lot(lot, then=follow, **correction)


def finish_lot(lot: Lot, *, on: datetime.date, note: str, expected_version: int, by: User) -> Lot:
    """Finish a lot, on no day before the last session that used it."""
    last = tracing.sessions_of(lot).first()
    last_given = last.when.bounds()[0] if last else None
    return actions.finish(lot, on=on, note=note, last_given=last_given, expected_version=expected_version, by=by)
