import uuid
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.staff.access import Can, ClinicRequest, requires
from treatments.consents.models import ConsentText
from treatments.consents.purposes import ConsentKind
from treatments.consents.text_blocks import blocks
from treatments.consents.texts import actions
from treatments.consents.texts.differences import differences, only_changed
from treatments.consents.texts.forms import TextForm, VersionForm
from treatments.records.actions import Conflict
from treatments.records.form_view import form_page
from treatments.records.formatting import count

NAV = {"nav": "consent-texts"}


@requires(Can.SEE_PEOPLE, look="")
@require_GET
def texts(request: ClinicRequest) -> HttpResponse:
    """Every form of the clinic by kind and language: what is signed today, then what is retired."""
    last = list(ConsentText.objects.of(request.clinic).last_versions().select_related("created_by").in_order())
    last.sort(key=lambda text: list(ConsentKind).index(ConsentKind(text.kind)))
    current = [text for text in last if text.retired_at is None]
    context = NAV | {
        "kinds": [(ConsentKind(kind).label, list(rows)) for kind, rows in groupby(current, key=lambda text: text.kind)],
        "retired": [text for text in last if text.retired_at is not None],
        "samples": actions.samples_left(request.clinic),
    }
    return render(request, "treatments/consents/texts/list.html", context)


@requires(Can.SEE_PEOPLE, look="")
@require_GET
def text(request: ClinicRequest, text_id: uuid.UUID) -> HttpResponse:
    """The words of one version, what it changed, and the other versions."""
    shown = _text(request, text_id)
    versions = list(ConsentText.objects.versions_of(shown).select_related("created_by", "retired_by").in_order())
    before = next((each for each in versions if each.number == shown.number - 1), None)
    changes = _changes(before, shown.body, shown.uses) if before else []
    context = NAV | {
        "text": shown,
        "versions": versions,
        "last": versions[0],
        "before": before,
        "changes": changes,
        "signed": shown.consents.standing().count(),
    }
    return render(request, "treatments/consents/texts/text.html", context)


@requires(Can.MANAGE_CLINIC, look="")
@require_http_methods(["GET", "POST"])
def write(request: ClinicRequest) -> HttpResponse:
    kind = request.GET.get("kind", "")
    initial = {"kind": kind if kind in ConsentKind.values else ""}
    form = TextForm(request.POST or None, clinic=request.clinic, initial=initial)

    def act(form: TextForm) -> HttpResponse:
        written = actions.write_text(form.new_record(clinic=request.clinic), passed=form.passed, by=request.user)
        messages.success(request, f"{written} is written. Patients can sign it from now on.")
        return redirect(written)

    context = NAV | {
        "heading": "Write a consent form",
        "cancel_url": reverse("consents:texts"),
        "save_label": "Publish version 1",
        "preview_url": reverse("consents:text-preview"),
    }
    return form_page(request, "treatments/consents/texts/write.html", form, act, context)


@requires(Can.MANAGE_CLINIC, look="")
@require_http_methods(["GET", "POST"])
def write_version(request: ClinicRequest, text_id: uuid.UUID) -> HttpResponse:
    """The next version of a form, whichever of its versions the address names."""
    last = actions.last_version(_text(request, text_id))
    seen = _version_seen(request, last)
    form = VersionForm(request.POST or None, after=seen)

    def act(form: VersionForm) -> HttpResponse:
        record = form.new_record(clinic=request.clinic)
        written = actions.write_version(record, after=seen, passed=form.passed, by=request.user)
        messages.success(
            request, f"{written} is written. Patients sign it from now on. Earlier versions can still be read."
        )
        return redirect(written)

    context = NAV | {
        "heading": f"New version of {last.title}",
        "lede": f"{last.language_name}. Version {last.number} does not change: whoever signed it can read it for ever.",
        "text": last,
        "cancel_url": last.get_absolute_url(),
        "save_label": f"Publish version {last.number + 1}",
        "preview_url": f"{reverse('consents:text-preview')}?after={last.pk}",
    }
    return form_page(request, "treatments/consents/texts/write.html", form, act, context)


def _version_seen(request: ClinicRequest, last: ConsentText) -> ConsentText:
    """The last version when the form was opened, which is what its words were written after."""
    versions = ConsentText.objects.versions_of(last)
    try:
        return versions.get(pk=uuid.UUID(request.POST.get("after", "")))
    except (ValueError, ConsentText.DoesNotExist):
        return last


@requires(Can.MANAGE_CLINIC, look="")
@require_POST
def preview(request: ClinicRequest) -> HttpResponse:
    """What was typed as the patient would read it, and what it changes. Nothing is checked, and nothing is saved."""
    before = _before(request)
    form: Any = VersionForm(request.POST, after=before) if before else TextForm(request.POST, clinic=request.clinic)
    form.full_clean()
    body, uses = str(form.data.get("body", "")), form.words_of_uses
    language = before.language if before else (form.language or ("en", ""))[0]
    shown = ConsentText(
        title=before.title if before else " ".join(str(form.data.get("title", "")).split()),
        language=language,
        kind=before.kind if before else form.cleaned_data.get("kind") or "",
        body=body,
        uses=uses,
    )
    context = NAV | {"text": shown, "before": before, "changes": _changes(before, body, uses) if before else []}
    return render(request, "treatments/consents/texts/preview.html", context)


@requires(Can.MANAGE_CLINIC, look="")
@require_POST
def retire(request: ClinicRequest, text_id: uuid.UUID) -> HttpResponse:
    retired = _text(request, text_id)
    try:
        actions.retire_text(retired, by=request.user)
    except Conflict as refusal:
        current: Any = refusal.current
        if current.retired_at is None:
            messages.warning(request, "There is a newer version. Look at it, and then decide.")
        return redirect(current)
    messages.success(
        request, f"{retired.title} ({retired.language_name}) is retired. What was signed can still be read."
    )
    return redirect("consents:texts")


@requires(Can.MANAGE_CLINIC, look="")
@require_POST
def adopt(request: ClinicRequest) -> HttpResponse:
    """Take over the samples that are ticked."""
    adopted = actions.adopt_samples(request.POST.getlist("sample"), clinic=request.clinic, by=request.user)
    if adopted:
        messages.success(
            request,
            f"{count(len(adopted), 'form')} taken over. Have your lawyer read each one before a patient signs it.",
        )
    else:
        messages.warning(request, "Nothing was taken over. Tick at least one form.")
    return redirect("consents:texts")


def _text(request: ClinicRequest, text_id: uuid.UUID) -> ConsentText:
    return get_object_or_404(ConsentText.objects.of(request.clinic).select_related("created_by"), pk=text_id)


def _changes(before: ConsentText, body: str, uses: dict[str, str]) -> list[Any]:
    return only_changed(differences(_whole(before.body, before.uses), _whole(body, uses)))


def _whole(body: str, uses: dict[str, str]) -> str:
    """The words as plain lines, those of the uses behind the rest, without the marks of headings and lists."""
    lines = [line for block in blocks(body) for line in block.lines]
    return "\n".join([*lines, *uses.values()])


def _before(request: ClinicRequest) -> ConsentText | None:
    """The version that the preview is compared with."""
    try:
        after = uuid.UUID(request.GET.get("after", ""))
    except ValueError:
        return None
    return ConsentText.objects.of(request.clinic).filter(pk=after).first()
