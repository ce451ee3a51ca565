"""The lots on the shelf, and for each who was given it: sessions, patients, events, the list to telephone."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_http_methods

from clinic.audit import log
from clinic.staff.access import Can, ClinicRequest, requires
from treatments.products import actions
from treatments.products.lot_forms import RecallForm
from treatments.products.lot_pages import get_lot, lot_step_page
from treatments.products.models import Product
from treatments.recall import call_list, lot_list, tracing
from treatments.records.models import Correction

PAGE_SIZE = 50
CALLS_ON_A_PAGE = 500
EVENTS_SHOWN = 10


@requires(Can.SEE_RECORD)
@require_GET
def index(request: ClinicRequest) -> HttpResponse:
    page = Paginator(lot_list.listed(request.clinic), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "shelves": lot_list.shelves(page.object_list, timezone.localdate()),
        "products": Product.objects.of(request.clinic).in_use().order_by("name"),
        "nav": "lots",
    }
    return render(request, "treatments/recall/index.html", context)


@requires(Can.SEE_RECORD)
@require_GET
def product(request: ClinicRequest, product_id: uuid.UUID) -> HttpResponse:
    kept = get_object_or_404(Product.objects.of(request.clinic), pk=product_id)
    page = Paginator(lot_list.listed(request.clinic).filter(product=kept), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"nav": "lots", "cancel_url": kept.get_absolute_url()} | dict(
        product=kept,
        page=page,
        shelves=lot_list.shelves(page.object_list, timezone.localdate()),
        corrections=Correction.objects.of_record(kept),
    )
    return render(request, "treatments/recall/product.html", context)


@requires(Can.SEE_RECORD)
@require_GET
def lot(request: ClinicRequest, lot_id: uuid.UUID) -> HttpResponse:
    """One lot: what is left, and every session, patient and event that it went into."""
    kept = get_lot(request, lot_id)
    page = Paginator(tracing.sessions_given(kept), PAGE_SIZE).get_page(request.GET.get("page"))
    log.record("viewed_lot", by=request.user, clinic=request.clinic, target=kept, detail={"page": page.number})
    context = {"nav": "lots", "cancel_url": kept.get_absolute_url()} | dict(
        lot=kept,
        page=page,
        event_counts=tracing.event_counts(page.object_list),
        expiry=lot_list.expiry_words(kept, timezone.localdate()),
        trace=tracing.given([kept])[kept.pk],
        signal=tracing.signal(kept),
        events=tracing.events_of(kept)[:EVENTS_SHOWN],
        corrections=Correction.objects.of_record(kept),
    )
    return render(request, "treatments/recall/lot.html", context)


@requires(Can.MANAGE_STOCK)
@require_http_methods(["GET", "POST"])
def lot_recall(request: ClinicRequest, lot_id: uuid.UUID) -> HttpResponse:
    kept = get_lot(request, lot_id)
    form = RecallForm(request.POST or None, initial={"version": kept.version})

    def act(told: dict[str, Any]) -> HttpResponse:
        actions.recall(kept, reason=told["reason"], expected_version=told["version"], by=request.user)
        messages.success(request, f"Lot {kept} is recalled and can no longer be used. Telephone the patients below.")
        return redirect("recall:lot-calls", kept.pk)

    given = tracing.given([kept])[kept.pk]
    context = {
        "heading": f"Recall lot {kept}",
        "lede": "From now on no session can use it. Nothing is deleted.",
        "given": given,
        "save_label": "Recall the lot",
        "danger": True,
    }
    return lot_step_page(request, kept, form, act, context)


@requires(Can.SEE_RECORD)
@require_GET
def lot_calls(request: ClinicRequest, lot_id: uuid.UUID) -> HttpResponse:
    """Everyone to telephone about a lot, to print and write on."""
    kept = get_lot(request, lot_id)
    page = Paginator(tracing.patients_given(kept), CALLS_ON_A_PAGE).get_page(request.GET.get("page"))
    patients = list(page.object_list)
    events = tracing.open_events_of(patients)
    detail = {"patients": page.paginator.count, "page": page.number}
    log.record("viewed_call_list", by=request.user, clinic=request.clinic, target=kept, detail=detail)
    rows = [(patient, events.get(patient.pk, [])) for patient in patients]
    return render(
        request,
        "treatments/recall/calls.html",
        {"nav": "lots", "cancel_url": kept.get_absolute_url(), "lot": kept, "page": page, "rows": rows},
    )


@requires(Can.SEE_RECORD)
@require_GET
def lot_calls_csv(request: ClinicRequest, lot_id: uuid.UUID) -> StreamingHttpResponse:
    kept = get_lot(request, lot_id)
    detail = {"patients": tracing.given([kept])[kept.pk].patients}
    log.record("exported_call_list", by=request.user, clinic=request.clinic, target=kept, detail=detail)
    name = f"call-list-{slugify(kept.number) or kept.pk}-{timezone.localdate():%Y-%m-%d}.csv"
    return StreamingHttpResponse(
        call_list.lines(kept),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
