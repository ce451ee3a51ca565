import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.audit import log
from clinic.staff.access import Can, ClinicRequest, requires
from treatments.products import actions, call_list, stock, tracing
from treatments.products.forms import ProductForm
from treatments.products.lot_forms import LotForm
from treatments.products.models import Lot, Product
from treatments.records.actions import Conflict
from treatments.records.models import Correction
from treatments.records.pages import form_page, history_page

PAGE_SIZE = 50
CALLS_ON_A_PAGE = 500
EVENTS_SHOWN = 10


@requires(Can.SEE_RECORD)
@require_GET
def index(request: ClinicRequest) -> HttpResponse:
    page = Paginator(stock.listed(request.clinic), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "shelves": stock.shelves(page.object_list, timezone.localdate()),
        "products": Product.objects.of(request.clinic).in_use().order_by("name"),
        "nav": "lots",
    }
    return render(request, "treatments/products/index.html", context)


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


@requires(Can.SEE_RECORD)
@require_GET
def product(request: ClinicRequest, product_id: uuid.UUID) -> HttpResponse:
    kept = get_object_or_404(Product.objects.of(request.clinic), pk=product_id)
    page = Paginator(stock.listed(request.clinic).filter(product=kept), PAGE_SIZE).get_page(request.GET.get("page"))
    context = _about(
        kept,
        product=kept,
        page=page,
        shelves=stock.shelves(page.object_list, timezone.localdate()),
        corrections=Correction.objects.of_record(kept),
    )
    return render(request, "treatments/products/product.html", context)


@requires(Can.MANAGE_STOCK)
@require_http_methods(["GET", "POST"])
def product_edit(request: ClinicRequest, product_id: uuid.UUID) -> HttpResponse:
    kept = get_object_or_404(Product.objects.of(request.clinic), pk=product_id)
    form = ProductForm(request.POST or None, clinic=request.clinic, instance=kept)

    def act(form: ProductForm) -> HttpResponse:
        actions.correct_product(
            kept,
            changes=form.values(),
            reason=form.reason,
            expected_version=form.expected_version,
            passed=form.passed,
            by=request.user,
        )
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


@requires(Can.SEE_RECORD)
@require_GET
def lot(request: ClinicRequest, lot_id: uuid.UUID) -> HttpResponse:
    """One lot: what is left, and every session, patient and event that it went into."""
    kept = _lot(request, lot_id)
    page = Paginator(tracing.sessions_given(kept), PAGE_SIZE).get_page(request.GET.get("page"))
    log.record("viewed_lot", by=request.user, clinic=request.clinic, target=kept, detail={"page": page.number})
    context = _about(
        kept,
        lot=kept,
        page=page,
        event_counts=tracing.event_counts(page.object_list),
        expiry=stock.expiry_words(kept, timezone.localdate()),
        trace=tracing.given([kept])[kept.pk],
        signal=tracing.signal(kept),
        events=tracing.events_of(kept)[:EVENTS_SHOWN],
        corrections=Correction.objects.of_record(kept),
    )
    return render(request, "treatments/products/lot.html", context)


@requires(Can.MANAGE_STOCK)
@require_http_methods(["GET", "POST"])
def lot_edit(request: ClinicRequest, lot_id: uuid.UUID) -> HttpResponse:
    kept = _lot(request, lot_id)
    form = LotForm(request.POST or None, clinic=request.clinic, instance=kept)

    def act(form: LotForm) -> HttpResponse:
        actions.correct_lot(
            kept,
            changes=form.values(),
            reason=form.reason,
            expected_version=form.expected_version,
            passed=form.passed,
            by=request.user,
        )
        messages.success(request, "The lot is corrected; what stood before is kept.")
        return redirect(kept)

    return form_page(request, "treatments/form.html", form, act, _about(kept, heading=f"Correct lot {kept}"))


@requires(Can.MANAGE_STOCK)
@require_POST
def lot_open(request: ClinicRequest, lot_id: uuid.UUID) -> HttpResponse:
    kept = _lot(request, lot_id)
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
    kept = _lot(request, lot_id)
    return history_page(request, patient=None, record=kept, back=kept.get_absolute_url())


@requires(Can.SEE_RECORD)
@require_GET
def lot_calls(request: ClinicRequest, lot_id: uuid.UUID) -> HttpResponse:
    """Everyone to telephone about a lot, to print and write on."""
    kept = _lot(request, lot_id)
    page = Paginator(tracing.patients_given(kept), CALLS_ON_A_PAGE).get_page(request.GET.get("page"))
    patients = list(page.object_list)
    events = tracing.open_events_of(patients)
    detail = {"patients": page.paginator.count, "page": page.number}
    log.record("viewed_call_list", by=request.user, clinic=request.clinic, target=kept, detail=detail)
    rows = [(patient, events.get(patient.pk, [])) for patient in patients]
    return render(request, "treatments/products/calls.html", _about(kept, lot=kept, page=page, rows=rows))


@requires(Can.SEE_RECORD)
@require_GET
def lot_calls_csv(request: ClinicRequest, lot_id: uuid.UUID) -> StreamingHttpResponse:
    kept = _lot(request, lot_id)
    detail = {"patients": tracing.given([kept])[kept.pk].patients}
    log.record("exported_call_list", by=request.user, clinic=request.clinic, target=kept, detail=detail)
    name = f"call-list-{slugify(kept.number) or kept.pk}-{timezone.localdate():%Y-%m-%d}.csv"
    return StreamingHttpResponse(
        call_list.lines(kept),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _lot(request: ClinicRequest, lot_id: uuid.UUID) -> Lot:
    return get_object_or_404(Lot.objects.of(request.clinic).select_related("product", "clinic"), pk=lot_id)


def _about(kept: Product | Lot | None, **more: Any) -> dict[str, Any]:
    back = kept.get_absolute_url() if kept else reverse("products:index")
    return {"nav": "lots", "cancel_url": back, **more}
