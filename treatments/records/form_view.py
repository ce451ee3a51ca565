"""The views of form pages: they show a form, check it, act once, and lose nothing when it cannot be saved."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from clinic.staff.access import ClinicRequest
from treatments.records.actions import AlreadySaved, Conflict, IdInUse, StruckOutSince
from treatments.records.drafts import store as drafts
from treatments.records.formatting import day
from treatments.records.forms.fields import VersionField
from treatments.records.forms.plain_text import PlainTextForm
from treatments.records.forms.record_form import MIN_REASON, RecordForm
from treatments.records.models import ClinicalRecord, Correction, PassedWarning, Record
from treatments.records.problems import warning

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
    a rule of the domain) the page comes back with everything typed and the reason: 409 or 422.
    """
    context = {"form": form, "draft_form": request.path, **(context or {})}
    if request.method != "POST":
        if form.is_correction and getattr(form.instance, "is_struck_out", False):
            return nothing_to_do(request, _struck_out_already(form.instance), back=str(context["cancel_url"]))
        return render(request, template, context)
    status = 422
    if _may_be_saved(request, form, context.get("patient")):
        try:
            response = act(form)
        except (AlreadySaved, Conflict, ValidationError) as refusal:
            status, explanation = _explain(refusal, form)
            context |= explanation
        else:
            drafts.discard_saved(
                owner=request.user,
                clinic=request.clinic,
                form=str(context["draft_form"]),
                opening=request.POST.get("_opening", ""),
                record_id=request.POST.get("id", ""),
            )
            return response
    return render(request, template, context, status=status)


def nothing_to_do(request: ClinicRequest, sentence: str, *, back: str) -> HttpResponse:
    """Where a form could not be saved whatever is typed: it is not opened, and the page that it was opened from says
    why. Only for GET; what was typed already is never thrown away."""
    messages.warning(request, sentence)
    return redirect(back)


def _struck_out_already(record: Any) -> str:
    """Of a record that is struck out itself, or counts nowhere because what it belongs to is."""
    if record.struck_out_at is None:
        return "What this belongs to was struck out as entered in error. It is not changed any more."
    at = f"{day(timezone.localtime(record.struck_out_at).date())} by {record.struck_out_by}"
    return (
        f"This was struck out as entered in error, {at}: {record.struck_out_reason}. It can still be read, but not "
        "changed any more. If it did happen, enter it again."
    )


def _may_be_saved(request: ClinicRequest, form: RecordForm, patient: Record | None) -> bool:
    if is_truncated(request):
        form.add_error(None, "Only a part of this form arrived. Nothing was saved. Press Save again.")
        return False
    return form.is_valid() and not _asks_about_repeat(request, form, patient)


def is_truncated(request: ClinicRequest) -> bool:
    """Whether a body that began as one of our forms was cut off: the last field of each is the sentinel.

    Of a truncated body Django keeps the fields that came before the cut, and drops a truncated file silently.
    """
    return "csrfmiddlewaretoken" in request.POST and "_sentinel" not in request.POST


def _explain(refusal: Exception, form: RecordForm) -> tuple[int, dict[str, Any]]:
    """The status for a refusal, and what the page shows of it besides the form's errors."""
    match refusal:
        case StruckOutSince():
            form.take_new_id()
            return 409, {"struck_out_since": refusal.record}
        case AlreadySaved():
            return 409, {"already_saved": refusal.record, "differences": form.differences(refusal.record)}
        case Conflict():
            differences = form.differences(refusal.current)
            form.take_version_of(refusal.current)
            changed = Correction.objects.of_record(refusal.current).last()
            return 409, {"conflict": refusal.current, "differences": differences, "changed": changed}
        case IdInUse():
            form.take_new_id()
            _add_errors(form, refusal)
            return 409, {}
        case ValidationError():
            _add_errors(form, refusal)
    return 422, {}


def _add_errors(form: forms.BaseForm, refusal: ValidationError) -> None:
    """Beside its field where the form has it, above the form otherwise."""
    errors_by_field = refusal.error_dict if hasattr(refusal, "error_dict") else {None: refusal.error_list}
    for name, errors in errors_by_field.items():
        for error in errors:
            form.add_error(name if name in form.fields else None, error)


def _asks_about_repeat(request: ClinicRequest, form: RecordForm, patient: Record | None) -> bool:
    """Whether this person saved exactly the same a moment ago, and must say first that it is another record.

    Without it, Back and Save again would make a second record where no script prevents it.
    """
    if form.is_correction:
        return False
    duplicate = form.recent_duplicate(by=request.user, clinic=request.clinic, patient=patient)
    if duplicate is not None:
        saved_at = f"{timezone.localtime(duplicate.created_at):%H:%M}"
        sentence = (
            f"You saved exactly the same at {saved_at}. If that is enough, leave this page. If it is a second one, "
            "write why."
        )
        form.judge([warning("same-again", "", sentence, "saved_before")])
    return bool(form.unpassed)


class StrikeOutForm(PlainTextForm, forms.Form):
    version = VersionField()
    reason = forms.CharField(
        label="Why is it wrong?",
        min_length=MIN_REASON,
        max_length=300,
        help_text="For example: entered twice. The record can still be read. It is marked as entered in error.",
        error_messages={"required": "Write why it is wrong."},
    )


def step_page(
    request: ClinicRequest,
    template: str,
    form: StepFormT,
    act: Callable[[dict[str, Any]], HttpResponse],
    context: dict[str, Any],
    *,
    conflict: str | Callable[[Record], str] = "",
    is_shown_anew: bool = True,
) -> HttpResponse:
    """Ask for what one step needs (a reason, a day, the `version` that the person saw), then take it.

    `act` takes the checked values, calls one action and answers with a redirect. When the action refuses, the page
    comes back with everything typed: 409 with the sentence `conflict` when somebody else changed the record first, else
    422. The next submit counts as made against the current row, where the page shows that (`is_shown_anew`).
    """
    status = 422 if request.method == "POST" else 200
    if form.is_valid():
        try:
            return act(form.cleaned_data)
        except Conflict as refusal:
            status = 409
            form.add_error(None, conflict if isinstance(conflict, str) else conflict(refusal.current))
            if is_shown_anew:
                form.data = {**form.data.dict(), "version": str(refusal.current.version)}  # type: ignore[attr-defined]
        except ValidationError as refusal:
            _add_errors(form, refusal)
    return render(request, template, {"form": form, **context}, status=status)


def strike_out_page(
    request: ClinicRequest,
    *,
    patient: Record,
    record: ClinicalRecord,
    act: Callable[..., ClinicalRecord],
    back: str,
    depending: str = "",
) -> HttpResponse:
    """Ask for the reason, then strike the record out through `act(record, reason=, expected_version=, by=)`.

    `depending` is a sentence about what depends on it.
    """

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
            messages.success(
                request, ("Struck out as entered in error. It does not count any more, but can still be read.")
            )
        return redirect(back)

    if request.method != "POST" and record.struck_out_at is not None:
        return nothing_to_do(request, _struck_out_already(record), back=back)
    return step_page(
        request,
        "treatments/records/strike_out.html",
        StrikeOutForm(request.POST or None, initial={"version": record.version}),
        strike_out,
        {
            "patient": patient,
            "heading": "Strike out as entered in error",
            "lede": record.distinct_name,
            "depending": depending,
            "cancel_url": back,
            "nav": "patients",
        },
        conflict="Somebody else changed this record while you were on this page. Read it again, then decide.",
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
