"""What the pages of one lot share: finding it, and asking for a step (finish, recall, put back)."""

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from clinic.staff.access import ClinicRequest
from treatments.products.lot_forms import LotStepForm
from treatments.products.models import Lot
from treatments.records.form_view import step_page
from treatments.records.formatting import day, ml, uncapitalised


def get_lot(request: ClinicRequest, lot_id: uuid.UUID) -> Lot:
    """A lot of the clinic this person works in. Http404 for another clinic's id as for an unused one."""
    return get_object_or_404(Lot.objects.of(request.clinic).select_related("product", "clinic"), pk=lot_id)


def as_it_stands(lot: Lot) -> str:
    """Why a step cannot be taken: "Lot LT-1 is recalled, since 3 May 2026: cloudy vials." """
    since = f", since {day(lot.finished_on)}" if lot.finished_on else ""
    if lot.recalled_at is not None:
        since = f", since {day(timezone.localtime(lot.recalled_at).date())}: {lot.recall_reason}"
    return f"Lot {lot} is {uncapitalised(lot.get_state_display())}{since}."


def lot_step_page(
    request: ClinicRequest,
    lot: Lot,
    form: LotStepForm,
    act: Callable[[dict[str, Any]], HttpResponse],
    context: dict[str, Any],
) -> HttpResponse:
    """Ask for one step of a lot, and take it through `act` with the checked values."""

    def conflict(current: Any) -> str:
        return (
            "Somebody else changed this lot while you were on this page: it is "
            f"{current.get_state_display().lower()} now, with {ml(current.stock_ml)}. "
            "Nothing was saved. Read it again, then decide."
        )

    context |= {"lot": lot, "nav": "lots", "cancel_url": lot.get_absolute_url()}
    return step_page(request, "treatments/products/lot_step.html", form, act, context, conflict=conflict)
