import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from clinic.audit import looks
from clinic.staff.access import Can, ClinicRequest, requires
from treatments.assessments.thresholds.clinic_thresholds import ChangedMeanwhile, spelled, thresholds_of
from treatments.evidence.repeats import actions, page
from treatments.evidence.repeats.counting_error import CountingError
from treatments.evidence.repeats.forms import SeriesForm, TakeOverForm
from treatments.evidence.repeats.models import RepeatPair
from treatments.evidence.repeats.pairs import repeats_of
from treatments.records.form_view import StrikeOutForm, form_page, nothing_to_do, step_page
from treatments.records.formatting import count

PAGES = "treatments/evidence/repeats"


@requires(Can.SEE_RECORD, look="viewed_list")
@require_GET
def repeats(request: ClinicRequest) -> HttpResponse:
    """All repeat counts of the clinic, the error that they give with its interval, and what to do with it."""
    found = repeats_of(request.clinic)
    context = page.context(found, thresholds_of(request.clinic))
    looks.told(rows=len(context["found"]))
    return render(request, f"{PAGES}/repeats.html", context | {"nav": "thresholds"})


@requires(Can.WRITE_RECORD, look="")
@require_http_methods(["GET", "POST"])
def add(request: ClinicRequest) -> HttpResponse:
    form = SeriesForm(request.POST or None, clinic=request.clinic)

    def act(form: SeriesForm) -> HttpResponse:
        first, *more = form.new_pairs()
        actions.record_repeats(first, more=more, by=request.user)
        messages.success(request, f"{count(1 + len(more), 'pair')} of repeat counts saved.")
        return redirect("evidence:repeats")

    context: dict[str, Any] = {
        "heading": "Enter repeat counts",
        "lede": "Two counts of one spot, in one frame, on one day. The second without a look at the first.",
        "save_label": "Save repeat counts",
        "cancel_url": reverse("evidence:repeats"),
        "nav": "thresholds",
    }
    return form_page(request, f"{PAGES}/series.html", form, act, context)


@requires(Can.WRITE_RECORD, look="")
@require_http_methods(["GET", "POST"])
def strike_out(request: ClinicRequest, repeat_id: uuid.UUID) -> HttpResponse:
    pair = get_object_or_404(RepeatPair.objects.of(request.clinic), pk=repeat_id)
    back = reverse("evidence:repeats")
    if request.method != "POST" and pair.is_struck_out:
        return nothing_to_do(request, f"This pair was struck out: {pair.struck_out_reason}.", back=back)

    def act(values: dict[str, Any]) -> HttpResponse:
        actions.strike_out_pair(pair, reason=values["reason"], expected_version=values["version"], by=request.user)
        messages.success(request, "Struck out as entered in error. The pair does not count any more.")
        return redirect(back)

    form = StrikeOutForm(request.POST or None, initial={"version": pair.version})
    context = {
        "heading": "Strike out as entered in error",
        "lede": str(pair),
        "depending": "A limit that was taken over already stays until it is taken over anew.",
        "cancel_url": back,
        "nav": "thresholds",
    }
    return step_page(
        request,
        "treatments/records/strike_out.html",
        form,
        act,
        context,
        conflict="Somebody else struck this pair out while you were on this page.",
        is_shown_anew=False,
    )


@requires(Can.MANAGE_CLINIC, look="")
@require_http_methods(["GET", "POST"])
def use(request: ClinicRequest) -> HttpResponse:
    """Take the error of the clinic's own repeat counts over as its limit."""
    found, current = repeats_of(request.clinic), thresholds_of(request.clinic)
    error, back = found.error, reverse("evidence:repeats")
    if not isinstance(error, CountingError) or error.refusal:
        return nothing_to_do(request, error.refusal if isinstance(error, CountingError) else error.reason, back=back)
    now = {"was": spelled(current), "seen": actions.shown(error)}
    form = TakeOverForm(request.POST or None, initial={"reason": request.clinic.thresholds_reason, **now})

    def act(values: dict[str, Any]) -> HttpResponse:
        try:
            actions.take_over(
                request.clinic, seen=values["seen"], expected=values["was"], reason=values["reason"], by=request.user
            )
        except ChangedMeanwhile as refusal:
            form.take_current(**now)
            raise ValidationError("Somebody else changed the limits. Look at them, then save again.") from refusal
        except ValidationError:
            form.take_current(**now)
            raise
        messages.success(request, "The clinic’s own error is used from now on, for all patients.")
        return redirect("assessments:thresholds")

    context = {
        "heading": "Use the clinic’s own error",
        "lede": error.sentence,
        "error": error,
        "limits": actions.as_limits(error, current),
        "current": current,
        "save_label": "Use this error",
        "cancel_url": back,
        "nav": "thresholds",
    }
    return step_page(request, f"{PAGES}/use.html", form, act, context)
