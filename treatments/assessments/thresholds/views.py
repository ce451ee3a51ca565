from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.staff.access import Can, ClinicRequest, requires
from treatments.assessments.measurements.visibility import Verdict
from treatments.assessments.thresholds import clinic_thresholds as actions
from treatments.assessments.thresholds.forms import ThresholdsForm
from treatments.assessments.thresholds.sources import figures


@requires(Can.SEE_RECORD)
@require_GET
def thresholds(request: ClinicRequest) -> HttpResponse:
    """Which words are used of a change, the figures behind them, and where those come from."""
    context = {
        "figures": figures(actions.thresholds_of(request.clinic)),
        "has_own": bool(request.clinic.thresholds),
        "reason": request.clinic.thresholds_reason,
        "verdicts": Verdict,
        "nav": "thresholds",
    }
    return render(request, "treatments/assessments/thresholds/detail.html", context)


@requires(Can.MANAGE_CLINIC)
@require_http_methods(["GET", "POST"])
def change(request: ClinicRequest) -> HttpResponse:
    now = actions.thresholds_of(request.clinic)
    form = ThresholdsForm(request.POST or None, thresholds=now, reason=request.clinic.thresholds_reason)
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_thresholds(
                request.clinic,
                thresholds=form.thresholds,
                reason=form.cleaned_data["reason"],
                expected=form.cleaned_data["was"],
                by=request.user,
            )
        except actions.ChangedMeanwhile:
            form.add_error(None, "Somebody set other figures meanwhile. Yours are below: save again to replace theirs.")
            form.opened_anew(now)
            status = 409
        else:
            messages.success(request, "Changes are judged by these figures from now on.")
            return redirect("assessments:thresholds")
    return render(request, "treatments/assessments/thresholds/change.html", {"form": form}, status=status)


@requires(Can.MANAGE_CLINIC)
@require_POST
def reset(request: ClinicRequest) -> HttpResponse:
    actions.reset_thresholds(request.clinic, by=request.user)
    messages.success(request, "Changes are judged by the published figures again.")
    return redirect("assessments:thresholds")
