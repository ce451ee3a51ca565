"""Products and their lots: listed, received, opened, counted, put back. What asks who was given one: `recall`."""

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
from treatments.products.lot_forms import CountForm, LotForm, LotStepForm, PutBackForm
from treatments.products.lot_pages import as_it_stands, get_lot, lot_step_page
from treatments.products.models import Lot, LotState, Product
from treatments.records.actions import Conflict
from treatments.records.form_view import form_page, history_page, nothing_to_do
from treatments.records.formatting import ml

FORM = "treatments/form.html"


# ── Products ───────────────────────────────────────────────────────────────────────────────────


@requires(Can.MANAGE_STOCK, look="")
@require_http_methods(["GET", "POST"])
def product_add(request: ClinicRequest) -> HttpResponse:
    form = ProductForm(request.POST or None, clinic=request.clinic)

    def act(form: ProductForm) -> HttpResponse:
        product = actions.list_product(form.new_record(clinic=request.clinic), passed=form.passed, by=request.user)
        messages.success(request, f"{product} is listed. You can receive its lots now.")
        return redirect(product)

    return form_page(request, FORM, form, act, _context("Add a product"))


@requires(Can.MANAGE_STOCK, look="")
@require_http_methods(["GET", "POST"])
def product_edit(request: ClinicRequest, product_id: uuid.UUID) -> HttpResponse:
    product = get_object_or_404(Product.objects.of(request.clinic), pk=product_id)
    form = ProductForm(request.POST or None, clinic=request.clinic, instance=product)

    def act(form: ProductForm) -> HttpResponse:
        actions.correct_product(product, **form.correction(by=request.user))
        messages.success(request, "The product is corrected. The old entry is kept.")
        return redirect(product)

    return form_page(request, FORM, form, act, _context(f"Correct {product}", product))


@requires(Can.SEE_RECORD, look="")
@require_GET
def product_corrections(request: ClinicRequest, product_id: uuid.UUID) -> HttpResponse:
    product = get_object_or_404(Product.objects.of(request.clinic), pk=product_id)
    return history_page(request, patient=None, record=product, back=product.get_absolute_url())


# ── Lots ───────────────────────────────────────────────────────────────────────────────────────


@requires(Can.MANAGE_STOCK, look="")
@require_http_methods(["GET", "POST"])
def lot_receive(request: ClinicRequest) -> HttpResponse:
    initial = {"product": request.GET.get("product")}
    form = LotForm(request.POST or None, clinic=request.clinic, initial=initial)

    def act(form: LotForm) -> HttpResponse:
        lot = actions.receive(form.new_record(clinic=request.clinic), passed=form.passed, by=request.user)
        messages.success(request, f"Lot {lot} is in stock, {ml(lot.received_ml)}.")
        return redirect(lot)

    context = _context("Receive a lot", save_label="Receive")
    context["has_products"] = Product.objects.of(request.clinic).in_use().exists()
    return form_page(request, "treatments/products/receive.html", form, act, context)


@requires(Can.SEE_RECORD, look="")
@require_GET
def lot_corrections(request: ClinicRequest, lot_id: uuid.UUID) -> HttpResponse:
    lot = get_lot(request, lot_id)
    return history_page(request, patient=None, record=lot, back=lot.get_absolute_url())


@requires(Can.MANAGE_STOCK, look="")
@require_POST
def lot_open(request: ClinicRequest, lot_id: uuid.UUID) -> HttpResponse:
    lot = get_lot(request, lot_id)
    form = LotStepForm(request.POST)
    expected_version = form.cleaned_data["version"] if form.is_valid() else 0
    try:
        actions.open_lot(lot, on=timezone.localdate(), expected_version=expected_version, by=request.user)
    except Conflict:
        messages.warning(request, "Somebody else changed this lot while you were on this page. Read it again.")
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    else:
        messages.success(request, f"Lot {lot} is open.")
    return redirect(lot)


@requires(Can.MANAGE_STOCK, look="")
@require_http_methods(["GET", "POST"])
def lot_count(request: ClinicRequest, lot_id: uuid.UUID) -> HttpResponse:
    lot = get_lot(request, lot_id)
    form = CountForm(request.POST or None, lot=lot, initial={"version": lot.version})

    def act(values: dict[str, Any]) -> HttpResponse:
        counted = actions.count(lot, **_counted(values), by=request.user)
        agrees = counted.version == values["version"]
        sentence = "The count agrees with the record." if agrees else f"{ml(values['stock_ml'])} is in stock."
        messages.success(request, f"Lot {lot} is counted. {sentence}")
        return redirect(lot)

    context = {"heading": f"Count lot {lot}", "lede": _books(lot), "save_label": "Save the count"}
    return lot_step_page(request, lot, form, act, context)


@requires(Can.MANAGE_STOCK, look="")
@require_http_methods(["GET", "POST"])
def lot_put_back(request: ClinicRequest, lot_id: uuid.UUID) -> HttpResponse:
    lot = get_lot(request, lot_id)
    if request.method == "GET" and lot.state not in {LotState.FINISHED, LotState.RECALLED}:
        sentence = f"{as_it_stands(lot)} There is nothing to put back."
        return nothing_to_do(request, sentence, back=lot.get_absolute_url())
    form = PutBackForm(request.POST or None, lot=lot, initial={"version": lot.version, "stock_ml": lot.stock_ml})

    def act(values: dict[str, Any]) -> HttpResponse:
        actions.put_back(lot, **_counted(values), by=request.user)
        messages.success(request, f"Lot {lot} is back in stock.")
        return redirect(lot)

    context = {
        "heading": f"Put lot {lot} back in stock",
        "lede": f"It is {lot.get_state_display().lower()}. {_books(lot)}",
        "save_label": "Put it back",
    }
    return lot_step_page(request, lot, form, act, context)


def _counted(values: dict[str, Any]) -> dict[str, Any]:
    names = ("stock_ml", "reason", "received_more")
    return {name: values[name] for name in names} | {"expected_version": values["version"]}


def _books(lot: Lot) -> str:
    return f"{ml(lot.received_ml)} was received, {ml(lot.given_ml)} given, {ml(lot.discarded_ml)} discarded."


def _context(heading: str, record: Product | Lot | None = None, *, save_label: str = "Save") -> dict[str, Any]:
    """What a form page shows around its form; it is left for the record's page, or for the list of lots."""
    back = record.get_absolute_url() if record else reverse("recall:index")
    return {"heading": heading, "nav": "lots", "cancel_url": back, "save_label": save_label}
