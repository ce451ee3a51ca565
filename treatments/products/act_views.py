"""Finishing, recalling and putting back a lot: each asks once more, then acts on the lot as it was seen."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clinic.staff.access import Can, ClinicRequest, requires
from treatments.products import actions, tracing
from treatments.products.lot_forms import FinishForm, LotActForm, PutBackForm, RecallForm
from treatments.products.models import Lot
from treatments.records.actions import Conflict


@requires(Can.MANAGE_STOCK)
@require_http_methods(["GET", "POST"])
def lot_recall(request: ClinicRequest, lot_id: uuid.UUID) -> HttpResponse:
    kept = _lot(request, lot_id)
    form = RecallForm(request.POST or None, initial={"version": kept.version})

    def act(told: dict[str, Any]) -> HttpResponse:
        actions.recall(kept, reason=told["reason"], expected_version=told["version"], by=request.user)
        messages.success(request, f"Lot {kept} is recalled and can no longer be used. Telephone the patients below.")
        return redirect("products:lot-calls", kept.pk)

    given = tracing.given([kept])[kept.pk]
    context = {
        "heading": f"Recall lot {kept}",
        "lede": "From now on no session can use it. Nothing is deleted.",
        "given": given,
        "save_label": "Recall the lot",
        "danger": True,
    }
    return _act_page(request, kept, form, act, context)


@requires(Can.MANAGE_STOCK)
@require_http_methods(["GET", "POST"])
def lot_finish(request: ClinicRequest, lot_id: uuid.UUID) -> HttpResponse:
    kept = _lot(request, lot_id)
    form = FinishForm(request.POST or None, initial={"version": kept.version, "on": timezone.localdate()})

    def act(told: dict[str, Any]) -> HttpResponse:
        actions.finish(kept, on=told["on"], note=told["note"], expected_version=told["version"], by=request.user)
        messages.success(request, f"Lot {kept} is finished.")
        return redirect(kept)

    left = f"{kept.stock_ml} mL is left and counts as discarded." if kept.stock_ml else "Nothing is left of it."
    context = {"heading": f"Finish lot {kept}", "lede": left, "save_label": "Finish the lot"}
    return _act_page(request, kept, form, act, context)


@requires(Can.MANAGE_STOCK)
@require_http_methods(["GET", "POST"])
def lot_put_back(request: ClinicRequest, lot_id: uuid.UUID) -> HttpResponse:
    kept = _lot(request, lot_id)
    form = PutBackForm(request.POST or None, initial={"version": kept.version, "stock_ml": kept.stock_ml})

    def act(told: dict[str, Any]) -> HttpResponse:
        actions.put_back(
            kept,
            stock_ml=told["stock_ml"],
            reason=told["reason"],
            expected_version=told["version"],
            by=request.user,
        )
        messages.success(request, f"Lot {kept} is back in stock.")
        return redirect(kept)

    context = {
        "heading": f"Put lot {kept} back in stock",
        "lede": f"It is {kept.get_state_display().lower()}; {kept.received_ml} mL was received.",
        "save_label": "Put it back",
    }
    return _act_page(request, kept, form, act, context)


def _act_page(
    request: ClinicRequest,
    kept: Lot,
    form: LotActForm,
    act: Callable[[dict[str, Any]], HttpResponse],
    context: dict[str, Any],
) -> HttpResponse:
    """Ask, act once, or say what stands against it with everything typed still there: 409 or 422."""
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return act(form.cleaned_data)
            except Conflict as refusal:
                status = 409
                sentence = (
                    "Somebody changed this lot in the meantime: it is "
                    f"{refusal.current.get_state_display().lower()} now, with {refusal.current.stock_ml} mL. "  # type: ignore[attr-defined]
                    "Nothing was written. Look again, then decide."
                )
                form.add_error(None, sentence)
                form.data = form.data.copy()  # type: ignore[attr-defined]
                form.data["version"] = str(refusal.current.version)  # type: ignore[index]
            except ValidationError as refusal:
                form.add_error(None, refusal.messages[0])
    context |= {"lot": kept, "form": form, "nav": "lots", "cancel_url": kept.get_absolute_url()}
    return render(request, "treatments/products/act.html", context, status=status)


def _lot(request: ClinicRequest, lot_id: uuid.UUID) -> Lot:
    return get_object_or_404(Lot.objects.of(request.clinic).select_related("product", "clinic"), pk=lot_id)
