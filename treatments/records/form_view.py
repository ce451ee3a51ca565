"""What every form page does: show, check, act once, and lose nothing when it cannot be saved."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from clinic.staff.access import ClinicRequest
from treatments.records.actions import AlreadySaved, Conflict, IdInUse
from treatments.records.drafts import store as drafts
from treatments.records.forms.plain_text import PlainTextForm
from treatments.records.forms.record_form import MIN_REASON, RecordForm
from treatments.records.models import ClinicalRecord, Correction, PassedWarning, Record

F = TypeVar("F", bound=RecordForm)
StepFormT = TypeVar("StepFormT", bound=forms.Form)


def form_page(
    request: ClinicRequest,
    template: str,
    form: F,
    act: Callable[[F], HttpResponse],
    context: dict[str, Any] | None = None,
) -> HttpResponse:
    """Show the form, or check it and act on it.

    `act` calls one action and answers with a redirect. When the action refuses (an id used before, a newer version,
    a rule of the domain) the page comes back with everything typed, and says what stands against it: 409 or 422.
    """
    told = {"form": form, "draft_form": request.path, **(context or {})}
    if request.method != "POST":
        return render(request, template, told)
    status = 422
    if was_cut(request):
        form.add_error(None, "Only a part of this form arrived. Nothing was saved: please save it once more.")
    elif form.is_valid() and not _asks_whether_twice(request, form, told.get("patient")):
        try:
            response = act(form)
        except AlreadySaved as refusal:
            told |= {"already_saved": refusal.record, "differences": form.differences(refusal.record)}
            status = 409
        except Conflict as refusal:
            told |= {"conflict": refusal.current, "differences": form.differences(refusal.current)}
            told["changed"] = Correction.objects.of_record(refusal.current).last()
            form.take_version_of(refusal.current)
            status = 409
        except IdInUse as refusal:
            form.take_new_id()
            _tell(form, refusal)
            status = 409
        except ValidationError as refusal:
            _tell(form, refusal)
        else:
            drafts.forget_saved(
                owner=request.user,
                clinic=request.clinic,
                form=request.path,
                opening=request.POST.get("_opening", ""),
                record_id=request.POST.get("id", ""),
            )
            return response
    return render(request, template, told, status=status)


def _tell(form: forms.BaseForm, refusal: ValidationError) -> None:
    """Beside its field where the form has it, above the form otherwise."""
    told = refusal.error_dict if hasattr(refusal, "error_dict") else {None: refusal.error_list}
    for name, errors in told.items():
        for error in errors:
            form.add_error(name if name in form.fields else None, error)


def was_cut(request: ClinicRequest) -> bool:
    """Whether a body that began as one of our forms misses its end: the last field is always the sentinel.

    Of a body that was cut Django keeps the fields that came before the cut, and drops a cut file without a word.
    """
    return "csrfmiddlewaretoken" in request.POST and "_sentinel" not in request.POST


def _asks_whether_twice(request: ClinicRequest, form: RecordForm, patient: Any) -> bool:
    """Whether this person saved exactly the same a moment ago, and must say first that it is a second one.

    That is how Back and Save again makes no second record where no script could prevent it.
    """
    if form.is_correction:
        return False
    twin = form.twin(by=request.user, clinic=request.clinic, patient=patient)
    if twin is not None:
        minutes = int((timezone.now() - twin.created_at).total_seconds() // 60)
        ago = "less than a minute ago" if not minutes else f"{minutes} min ago"
        form.warn("", "same-again", f"You saved exactly the same {ago}. If it is kept already, leave this page.")
    return bool(form.unpassed)


class StrikeOutForm(PlainTextForm, forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    reason = forms.CharField(
        label="Why is it wrong?",
        min_length=MIN_REASON,
        max_length=300,
        help_text="For example: filed under the wrong patient. The record stays readable, marked as entered in error.",
    )


def step_page(
    request: ClinicRequest,
    template: str,
    form: StepFormT,
    act: Callable[[dict[str, Any]], HttpResponse],
    context: dict[str, Any],
    *,
    conflict: str | Callable[[Record], str],
    is_shown_anew: bool = True,
) -> HttpResponse:
    """Ask for what one step needs (a reason, a day, the `version` that the person saw), then take it.

    `act` takes the checked values, calls one action and answers with a redirect. When the action refuses, the page
    comes back with everything typed: 409 with the sentence `conflict` when somebody was quicker, else 422. The next
    submit counts as made against the row of now, unless the page does not show it anew.
    """
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return act(form.cleaned_data)
            except Conflict as refusal:
                status = 409
                form.add_error(None, conflict if isinstance(conflict, str) else conflict(refusal.current))
                if is_shown_anew:
                    form.data = {**form.data.dict(), "version": str(refusal.current.version)}  # type: ignore[attr-defined]
            except ValidationError as refusal:
                _tell(form, refusal)
    return render(request, template, {"form": form, **context}, status=status)


def strike_out_page(
    request: ClinicRequest,
    *,
    patient: Record,
    record: ClinicalRecord,
    act: Callable[..., ClinicalRecord],
    back: str,
) -> HttpResponse:
    """Ask for the reason, then strike the record out through `act(record, reason=, expected_version=, by=)`."""

    def strike_out(values: dict[str, Any]) -> HttpResponse:
        reason = values["reason"]
        try:
            act(record, reason=reason, expected_version=values["version"], by=request.user)
        except Conflict as refusal:
            current: Any = refusal.current
            # Done already by this very request: the second half of a double click, or a retry.
            if (current.struck_out_by_id, current.struck_out_reason) != (request.user.pk, reason):
                raise
        else:
            messages.success(request, "Struck out as entered in error. It no longer counts, and stays readable.")
        return redirect(back)

    return step_page(
        request,
        "treatments/records/strike_out.html",
        StrikeOutForm(request.POST or None, initial={"version": record.version}),
        strike_out,
        {
            "patient": patient,
            "heading": "Strike out as entered in error",
            "lede": str(record),
            "cancel_url": back,
            "nav": "patients",
        },
        conflict="Somebody changed this record in the meantime. Look at it again, then decide.",
        is_shown_anew=False,
    )


def history_page(request: ClinicRequest, *, patient: Record | None, record: Record, back: str) -> HttpResponse:
    """Every correction of a record and every warning passed on it, oldest first."""
    return render(
        request,
        "treatments/records/history.html",
        {
            "patient": patient,
            "record": record,
            "corrections": Correction.objects.of_record(record),
            "passed_warnings": PassedWarning.objects.filter(record_id=record.pk).select_related("by").order_by("at"),
            "back": back,
            "nav": "patients",
        },
    )
