"""Products and their lots: listed, received, corrected, opened, finished, put back. Who was given one: `recall`."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.staff.access import Can, ClinicRequest, requires
from treatments.products import actions
from treatments.products.forms import ProductForm
from treatments.products.lot_forms import FinishForm, LotForm, PutBackForm
from treatments.products.lot_pages import get_lot, lot_step_page
from treatments.products.models import Lot, Product
from treatments.records.actions import Conflict
from treatments.records.form_view import form_page, history_page

# ── Products ───────────────────────────────────────────────────────────────────────────────────


@requires(Can.MANAGE_STOCK)
@require_http_methods(["GET", "POST"])
def product_add(request: ClinicRequest) -> HttpResponse:
    form = ProductForm(request.POST or None, clinic=request.clinic)

    def act(form: ProductForm) -> HttpResponse:
        product = actions.list_product(form.new_record(clinic=request.clinic), passed=form.passed, by=request.user)
        messages.success(request, f"{product} is listed. Its lots can be received now.")
        return redirect(product)

    return form_page(request, "treatments/form.html", form, act, _about(None, heading="Add a product"))


@requires(Can.MANAGE_STOCK)
@require_http_methods(["GET", "POST"])
def product_edit(request: ClinicRequest, product_id: uuid.UUID) -> HttpResponse:
    kept = get_object_or_404(Product.objects.of(request.clinic), pk=product_id)
    form = ProductForm(request.POST or None, clinic=request.clinic, instance=kept)

    def act(form: ProductForm) -> HttpResponse:
        actions.correct_product(kept, **form.correction(by=request.user))
        messages.success(request, "The product is corrected; what stood before is kept.")
        return redirect(kept)

    return form_page(request, "treatments/form.html", form, act, _about(kept, heading=f"Correct {kept}"))


@requires(Can.SEE_RECORD)
@require_GET
def product_corrections(request: ClinicRequest, product_id: uuid.UUID) -> HttpResponse:
    kept = get_object_or_404(Product.objects.of(request.clinic), pk=product_id)
    return history_page(request, patient=None, record=kept, back=kept.get_absolute_url())


# ── Lots ───────────────────────────────────────────────────────────────────────────────────────


@requires(Can.MANAGE_STOCK)
@require_http_methods(["GET", "POST"])
def lot_receive(request: ClinicRequest) -> HttpResponse:
    initial = {"product": request.GET.get("product")}
    form = LotForm(request.POST or None, clinic=request.clinic, initial=initial)

    def act(form: LotForm) -> HttpResponse:
        lot = actions.receive(form.new_record(clinic=request.clinic), passed=form.passed, by=request.user)
        messages.success(request, f"Lot {lot} is in stock, {lot.received_ml} mL.")
        return redirect(lot)

    has_products = Product.objects.of(request.clinic).in_use().exists()
    context = _about(None, heading="Receive a lot", save_label="Receive", has_products=has_products)
    return form_page(request, "treatments/products/receive.html", form, act, context)


@requires(Can.MANAGE_STOCK)
@require_http_methods(["GET", "POST"])
def lot_edit(request: ClinicRequest, lot_id: uuid.UUID) -> HttpResponse:
    kept = get_lot(request, lot_id)
    form = LotForm(request.POST or None, clinic=request.clinic, instance=kept)

    def act(form: LotForm) -> HttpResponse:
        actions.correct_lot(kept, **form.correction(by=request.user))
        messages.success(request, "The lot is corrected; what stood before is kept.")
        return redirect(kept)

    return form_page(request, "treatments/form.html", form, act, _about(kept, heading=f"Correct lot {kept}"))


@requires(Can.MANAGE_STOCK)
@require_POST
def lot_open(request: ClinicRequest, lot_id: uuid.UUID) -> HttpResponse:
    kept = get_lot(request, lot_id)
    version = request.POST.get("version", "")
    try:
        actions.open_lot(
            kept,
            on=timezone.localdate(),
            expected_version=int(version) if version.isdecimal() else 0,
            by=request.user,
        )
    except Conflict:
        messages.warning(request, "Somebody changed this lot in the meantime. Look at it as it stands now.")
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    else:
        messages.success(request, f"Lot {kept} is open.")
    return redirect(kept)


@requires(Can.SEE_RECORD)
@require_GET
def lot_corrections(request: ClinicRequest, lot_id: uuid.UUID) -> HttpResponse:
    kept = get_lot(request, lot_id)
    return history_page(request, patient=None, record=kept, back=kept.get_absolute_url())


@requires(Can.MANAGE_STOCK)
@require_http_methods(["GET", "POST"])
def lot_finish(request: ClinicRequest, lot_id: uuid.UUID) -> HttpResponse:
    kept = get_lot(request, lot_id)
    form = FinishForm(request.POST or None, initial={"version": kept.version, "on": timezone.localdate()})

    def act(told: dict[str, Any]) -> HttpResponse:
        actions.finish(kept, on=told["on"], note=told["note"], expected_version=told["version"], by=request.user)
        messages.success(request, f"Lot {kept} is finished.")
        return redirect(kept)

    left = f"{kept.stock_ml} mL is left and counts as discarded." if kept.stock_ml else "Nothing is left of it."
    context = {"heading": f"Finish lot {kept}", "lede": left, "save_label": "Finish the lot"}
    return lot_step_page(request, kept, form, act, context)


@requires(Can.MANAGE_STOCK)
@require_http_methods(["GET", "POST"])
def lot_put_back(request: ClinicRequest, lot_id: uuid.UUID) -> HttpResponse:
    kept = get_lot(request, lot_id)
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
    return lot_step_page(request, kept, form, act, context)


def _about(kept: Product | Lot | None, **more: Any) -> dict[str, Any]:
    back = kept.get_absolute_url() if kept else reverse("recall:index")
    return {"nav": "lots", "cancel_url": back, **more}
