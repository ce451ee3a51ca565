"""The lots of the clinic, and for each who was given it: sessions, patients, events, the list to telephone."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_http_methods

from clinic.audit import log, looks
from clinic.staff.access import Can, ClinicRequest, requires
from treatments.appointments import desk
from treatments.products.actions import recall
from treatments.products.lot_forms import FinishForm, LotForm, RecallForm
from treatments.products.lot_pages import as_it_stands, get_lot, lot_step_page
from treatments.products.models import LotState, Product
from treatments.recall import actions, call_list, ledger, lot_list, tracing
from treatments.records.form_view import form_page, nothing_to_do
from treatments.records.formatting import ml
from treatments.records.ids import new_id
from treatments.records.models import Correction
from treatments.records.text.numbers import page_number
from treatments.records.text.text_folding import name_order

ROWS_ON_A_PAGE = 50
CALLS_ON_A_PAGE = 500
EVENTS_ON_A_LOT = 10
MOVEMENTS_ON_A_LOT = 5


def _page(request: ClinicRequest, rows: QuerySet[Any], size: int = ROWS_ON_A_PAGE) -> Page[Any]:
    return Paginator(rows, size).get_page(page_number(request.GET.get("page")))


@requires(Can.SEE_RECORD, look="")
@require_GET
def index(request: ClinicRequest) -> HttpResponse:
    page = _page(request, lot_list.listed(request.clinic))
    context = {
        "nav": "lots",
        "page": page,
        "groups": lot_list.grouped(page.object_list, timezone.localdate()),
        "products": sorted(Product.objects.of(request.clinic).in_use(), key=lambda each: name_order(each.name)),
    }
    return render(request, "treatments/recall/index.html", context)


@requires(Can.SEE_RECORD, look="")
@require_GET
def product(request: ClinicRequest, product_id: uuid.UUID) -> HttpResponse:
    """One product, and the lots of it."""
    product = get_object_or_404(Product.objects.of(request.clinic), pk=product_id)
    page = _page(request, lot_list.listed(request.clinic).filter(product=product))
    context = {
        "nav": "lots",
        "product": product,
        "page": page,
        "groups": lot_list.grouped(page.object_list, timezone.localdate()),
        "corrections": Correction.objects.of_record(product),
    }
    return render(request, "treatments/recall/product.html", context)


@requires(Can.SEE_RECORD, look="viewed_lot")
@require_GET
def lot(request: ClinicRequest, lot_id: uuid.UUID) -> HttpResponse:
    """One lot: what is left, and every session, patient and event that it went into."""
    lot = get_lot(request, lot_id)
    page = _page(request, tracing.sessions_of(lot))
    looks.reached(lot)
    looks.told(list_page=page.number)
    context = {
        "nav": "lots",
        "lot": lot,
        "page": page,
        "volumes": {session.pk: session.ml_of(lot) for session in page.object_list},
        "event_counts": tracing.event_counts(page.object_list),
        "expiry": lot_list.expiry_of(lot, timezone.localdate()),
        "trace": tracing.trace_of(lot),
        "signal": tracing.signal(lot),
        "events": tracing.events_of(lot)[:EVENTS_ON_A_LOT],
        "movements": ledger.lines(ledger.movements_of(lot)[:MOVEMENTS_ON_A_LOT]),
        "movement_count": lot.movements.count(),
        "corrections": Correction.objects.of_record(lot),
    }
    return render(request, "treatments/recall/lot.html", context)


@requires(Can.SEE_RECORD, look="viewed_lot")
@require_GET
def lot_stock(request: ClinicRequest, lot_id: uuid.UUID) -> HttpResponse:
    """Every movement of a lot, the latest first."""
    lot = get_lot(request, lot_id)
    page = _page(request, ledger.movements_of(lot))
    looks.reached(lot)
    looks.told(list_page=page.number)
    context = {"nav": "lots", "lot": lot, "page": page, "movements": ledger.lines(page.object_list)}
    return render(request, "treatments/recall/stock.html", context)


@requires(Can.MANAGE_STOCK, look="")
@require_http_methods(["GET", "POST"])
def lot_edit(request: ClinicRequest, lot_id: uuid.UUID) -> HttpResponse:
    lot = get_lot(request, lot_id)
    form = LotForm(request.POST or None, clinic=request.clinic, instance=lot)

    def act(form: LotForm) -> HttpResponse:
        actions.correct_lot(lot, **form.correction(by=request.user))
        messages.success(request, "The lot is corrected. The old entry is kept.")
        return redirect(lot)

    context = {"heading": f"Correct lot {lot}", "nav": "lots", "cancel_url": lot.get_absolute_url()}
    return form_page(request, "treatments/form.html", form, act, context | {"save_label": "Save"})


@requires(Can.MANAGE_STOCK, look="")
@require_http_methods(["GET", "POST"])
def lot_finish(request: ClinicRequest, lot_id: uuid.UUID) -> HttpResponse:
    lot = get_lot(request, lot_id)
    if request.method == "GET" and lot.state not in {LotState.RECEIVED, LotState.OPEN}:
        return nothing_to_do(request, as_it_stands(lot), back=lot.get_absolute_url())
    form = FinishForm(request.POST or None, initial={"version": lot.version, "on": timezone.localdate()})

    def act(values: dict[str, Any]) -> HttpResponse:
        version = values["version"]
        actions.finish_lot(lot, on=values["on"], note=values["note"], expected_version=version, by=request.user)
        messages.success(request, f"Lot {lot} is finished.")
        return redirect(lot)

    left = f"{ml(lot.stock_ml)} is left. It will count as discarded." if lot.stock_ml else "Nothing is left of it."
    context = {"heading": f"Finish lot {lot}", "lede": left, "save_label": "Finish the lot"}
    return lot_step_page(request, lot, form, act, context)


@requires(Can.MANAGE_STOCK, look="")
@require_http_methods(["GET", "POST"])
def lot_recall(request: ClinicRequest, lot_id: uuid.UUID) -> HttpResponse:
    lot = get_lot(request, lot_id)
    if request.method == "GET" and lot.state == LotState.RECALLED:
        sentence = f"{as_it_stands(lot)} Its call list has everyone who was given it."
        return nothing_to_do(request, sentence, back=lot.get_absolute_url())
    form = RecallForm(request.POST or None, initial={"version": lot.version})

    def act(values: dict[str, Any]) -> HttpResponse:
        recall(lot, reason=values["reason"], expected_version=values["version"], by=request.user)
        messages.success(request, f"Lot {lot} is recalled. Telephone the patients in this list.")
        return redirect("recall:lot-calls", lot.pk)

    context = {
        "heading": f"Recall lot {lot}",
        "lede": (
            "Log session will not offer this lot any more. If it was given before the recall, anybody who logs "
            "sessions can enter that with a reason. If it was given on the day of the recall or later, only a "
            "clinician or manager can, with a reason."
        ),
        "trace": tracing.trace_of(lot),
        "save_label": "Recall the lot",
        "danger": True,
    }
    return lot_step_page(request, lot, form, act, context)


@requires(Can.SEE_RECORD, look="viewed_call_list")
@require_GET
def lot_calls(request: ClinicRequest, lot_id: uuid.UUID) -> HttpResponse:
    """Everyone to telephone about a lot, to print and write on."""
    lot = get_lot(request, lot_id)
    page = _page(request, tracing.patients_of(lot), CALLS_ON_A_PAGE)
    patients = list(page.object_list)
    events = tracing.open_events_of(patients)
    looks.reached(lot)
    looks.told(patients=page.paginator.count, list_page=page.number)
    calls = desk.last_calls_about(lot.pk, [patient.pk for patient in patients])
    rows = [
        {
            "patient": patient,
            "visits": tracing.visits_of(patient),
            "events": events.get(patient.pk, []),
            "call": calls.get(patient.pk),
            "call_id": new_id(),
        }
        for patient in patients
    ]
    return render(request, "treatments/recall/calls.html", {"nav": "lots", "lot": lot, "page": page, "rows": rows})


@requires(Can.EXPORT)
@require_GET
def lot_calls_csv(request: ClinicRequest, lot_id: uuid.UUID) -> StreamingHttpResponse:
    lot = get_lot(request, lot_id)
    detail = {"patients": tracing.trace_of(lot).patients}
    log.record("exported_call_list", by=request.user, clinic=request.clinic, target=lot, detail=detail)
    name = f"call-list-{slugify(lot.number) or lot.pk}-{timezone.localdate():%Y-%m-%d}.csv"
    return StreamingHttpResponse(
        call_list.lines(lot),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
