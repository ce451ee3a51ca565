import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from clinic.staff.access import Can, ClinicRequest, requires
from treatments.courses.models import Protocol
from treatments.handouts import actions
from treatments.handouts.languages import LANGUAGES, OWN
from treatments.handouts.models import AftercareSheet
from treatments.papers import sheet_text
from treatments.papers.aftercare.forms import SheetForm
from treatments.papers.document import Document, Passage
from treatments.papers.letterhead import letterhead, made
from treatments.papers.paper_page import paper_page, pdf_answer
from treatments.records.form_view import form_page


@requires(Can.MANAGE_PROTOCOLS, look="")
@require_http_methods(["GET", "POST"])
def general(request: ClinicRequest) -> HttpResponse:
    """The clinic's sheet for every protocol that has none of its own."""
    return _edit(request, None, reverse("papers:aftercare"))


@requires(Can.MANAGE_PROTOCOLS, look="")
@require_http_methods(["GET", "POST"])
def of_protocol(request: ClinicRequest, protocol_id: uuid.UUID) -> HttpResponse:
    protocol = get_object_or_404(Protocol.objects.of(request.clinic), pk=protocol_id)
    return _edit(request, protocol, reverse("papers:aftercare-protocol", args=[protocol.pk]))


def _edit(request: ClinicRequest, protocol: Protocol | None, address: str) -> HttpResponse:
    """Write the next version of the sheet in one language, from what is given now."""
    asked = request.GET.get("language", OWN)
    language = asked if asked in LANGUAGES else OWN
    versions = AftercareSheet.objects.of_protocol(request.clinic, protocol).filter(language=language)
    newest = versions.first()
    given_now = actions.sheet_for(request.clinic, protocol, language)
    number = newest.number if newest else 0
    initial = {"text": given_now.text if given_now else "", "based_on": number}
    form = SheetForm(request.POST or None, initial=initial)

    def act(form: SheetForm) -> HttpResponse:
        # Sent again after an answer that was lost, it is the version that it wrote.
        is_kept = AftercareSheet.objects.of(request.clinic).filter(pk=form.own_id).exists()
        if form.cleaned_data["based_on"] != number and not is_kept:
            form.begin_from(number)
            raise ValidationError(
                f"Version {number} was written while you were on this page. Read it below, then save yours again."
            )
        sheet = form.new_record(clinic=request.clinic, protocol=protocol, language=language)
        sheet = actions.write_sheet(sheet, passed=form.passed, by=request.user)
        messages.success(request, f"Version {sheet.number} goes home from now on.")
        return redirect(f"{address}?language={language}")

    context: dict[str, Any] = {
        "heading": f"Aftercare, {protocol.name}" if protocol else "Aftercare for every protocol",
        "nav": "protocols",
        "protocol": protocol,
        "language": language,
        "languages": list(LANGUAGES.items()),
        "written": set(AftercareSheet.objects.of_protocol(request.clinic, protocol).values_list("language", flat=True)),
        "versions": list(versions.select_related("created_by")),
        "given_now": given_now,
        "address": address,
        "cancel_url": reverse("sessions:protocols"),
        "save_label": "Save as the next version",
        "draft_form": f"{request.path}?language={language}",
    }
    return form_page(request, "treatments/papers/aftercare/edit.html", form, act, context)


@requires(Can.SEE_RECORD, look="")
@require_GET
def version(request: ClinicRequest, sheet_id: uuid.UUID) -> HttpResponse:
    """One version as it goes home, or went home: for ever the same."""
    sheet = get_object_or_404(AftercareSheet.objects.of(request.clinic).select_related("protocol"), pk=sheet_id)
    document = Document(
        title="Aftercare",
        letterhead=letterhead(request.clinic),
        about=(f"Version {sheet.number}", str(sheet.get_language_display())),
        blocks=(Passage(sheet.language, sheet_text.blocks(sheet.text)),),
        made=made(request.clinic),
        look="day",
    )
    if request.GET.get("as") == "pdf":
        return pdf_answer(document, f"aftercare-{sheet.language}-{sheet.number}")
    context = {"sheet": sheet, "nav": "protocols"}
    return paper_page(request, document, context, template="treatments/papers/aftercare/version.html")
