from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.staff.access import Can, ClinicRequest, requires
from treatments.assessments.measurements.visibility import Verdict
from treatments.assessments.thresholds.clinic_thresholds import (
    ChangedMeanwhile,
    reset_thresholds,
    set_thresholds,
    thresholds_of,
)
from treatments.assessments.thresholds.forms import ThresholdsForm
from treatments.assessments.thresholds.sources import figures


@requires(Can.SEE_RECORD, look="")
@require_GET
def thresholds(request: ClinicRequest) -> HttpResponse:
    """Which words are used of a change, the figures behind them, and where those come from."""
    current = thresholds_of(request.clinic)
    context = {
        "figures": figures(current),
        "error_source": current.error_source,
        "repeats_on": current.repeats and current.repeats.day,
        "has_own": bool(request.clinic.thresholds),
        "reason": request.clinic.thresholds_reason,
        "verdicts": Verdict,
        "nav": "thresholds",
    }
    return render(request, "treatments/assessments/thresholds/detail.html", context)


@requires(Can.MANAGE_CLINIC, look="")
@require_http_methods(["GET", "POST"])
def change(request: ClinicRequest) -> HttpResponse:
    current = thresholds_of(request.clinic)
    form = ThresholdsForm(request.POST or None, thresholds=current, reason=request.clinic.thresholds_reason)
    status = 422 if request.method == "POST" else 200
    if form.is_valid():
        reason, expected = form.cleaned_data["reason"], form.cleaned_data["was"]
        try:
            set_thresholds(
                request.clinic, thresholds=form.thresholds, reason=reason, expected=expected, by=request.user
            )
        except ChangedMeanwhile:
            form.add_error(
                None,
                (
                    "Somebody else changed the limits while you were typing. Your figures are below. Save again to "
                    "replace theirs."
                ),
            )
            form.take_current(current)
            status = 409
        else:
            messages.success(request, "The new limits are saved and apply to all patients.")
            return redirect("assessments:thresholds")
    context = {
        "form": form,
        "heading": "The clinic’s own limits",
        "lede": "The new limits apply at once to all patients. The old limits stay on the audit trail.",
        "cancel_url": reverse("assessments:thresholds"),
        "save_label": "Save these limits",
    }
    return render(request, "treatments/assessments/thresholds/change.html", context, status=status)


@requires(Can.MANAGE_CLINIC, look="")
@require_POST
def reset(request: ClinicRequest) -> HttpResponse:
    reset_thresholds(request.clinic, by=request.user)
    messages.success(request, "The published limits apply again to all patients.")
    return redirect("assessments:thresholds")
