"""Messages that are opened in a program of the person's own: their texts, and what there is to send to a patient."""

import datetime
import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from clinic.staff.access import Can, ClinicRequest, requires
from treatments.appointments.messages import actions, day_words, message_text
from treatments.appointments.messages.forms import OF_A_BOOKING, MessageForm
from treatments.appointments.models import Appointment, MessageTemplate
from treatments.appointments.vocabulary import MessageKind
from treatments.courses.models import Course
from treatments.patients.access import get_patient, get_record
from treatments.patients.models import Patient
from treatments.records.form_view import form_page, nothing_to_do
from treatments.records.ids import new_id
from treatments.records.text.telephones import telephone_in

ENGLISH = "English"
EXAMPLE_NAME = "Eva Example"
EXAMPLE_DAY, EXAMPLE_TIME = datetime.date(2025, 12, 3), datetime.time(10)


@requires(Can.MANAGE_CLINIC, look="")
@require_http_methods(["GET", "POST"])
def texts(request: ClinicRequest) -> HttpResponse:
    """The texts of the clinic with a preview of each, and the form for another."""
    form = MessageForm(request.POST or None, clinic=request.clinic)

    def act(form: MessageForm) -> HttpResponse:
        text = actions.add_message(form.new_record(clinic=request.clinic), passed=form.passed, by=request.user)
        messages.success(request, f"The text is saved: {text}.")
        return redirect("appointments:messages")

    own = list(MessageTemplate.objects.of(request.clinic).order_by("kind", "language"))
    known = {each.kind for each in own if each.language == ENGLISH}
    context = {
        "heading": "Texts of messages",
        "save_label": "Save the text",
        "cancel_url": reverse("clinic-settings"),
        "nav": "clinic",
        "telephone": telephone_in(request.clinic.letterhead),
        "texts": [(each, _preview(request, each.language, each.subject, each.text)) for each in own],
        "defaults": [
            (MessageKind(kind).label, _preview(request, ENGLISH, *words))
            for kind, words in message_text.DEFAULTS.items()
            if kind not in known
        ],
    }
    return form_page(request, "treatments/appointments/texts.html", form, act, context)


@requires(Can.MANAGE_CLINIC, look="")
@require_http_methods(["GET", "POST"])
def text(request: ClinicRequest, message_id: uuid.UUID) -> HttpResponse:
    """Change a text; the old one is kept."""
    template = get_object_or_404(MessageTemplate.objects.of(request.clinic), pk=message_id)
    form = MessageForm(request.POST or None, clinic=request.clinic, instance=template)

    def act(form: MessageForm) -> HttpResponse:
        actions.change_message(template, **form.correction(by=request.user))
        messages.success(request, f"The text is changed: {template}.")
        return redirect("appointments:messages")

    context = {
        "heading": f"Change the text: {template}",
        "cancel_url": reverse("appointments:messages"),
        "nav": "clinic",
        "preview": _preview(request, template.language, template.subject, template.text),
    }
    return form_page(request, "treatments/appointments/text.html", form, act, context)


def _preview(request: ClinicRequest, language: str, subject: str, words: str) -> tuple[str, str, str]:
    """Subject and text for an invented patient; and, where the days have no names in the language, a sentence."""
    values = _values(request, EXAMPLE_NAME, *day_words.day_and_time(EXAMPLE_DAY, EXAMPLE_TIME, language))
    uses_day = "{day}" in subject + words and not day_words.code_of(language)
    sentence = f"Anagen has no names of days and months in {language}: the day stands in figures." if uses_day else ""
    return message_text.fill(subject, values), message_text.fill(words, values), sentence


def _values(request: ClinicRequest, name: str, day: str, time: str) -> dict[str, str]:
    clinic = request.clinic
    return message_text.values_of(name=name, clinic=clinic.name, letterhead=clinic.letterhead, day=day, time=time)


@requires(Can.BOOK)
@require_GET
def write(request: ClinicRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Every message that can be sent to a patient, about the booking that the address names, with the links to open
    it; whoever has sent it says so, and it stands among the calls."""
    patient = get_patient(request, patient_id)
    appointment = _booking(request, patient)
    if patient.has_died:
        back = appointment.get_absolute_url() if appointment else reverse("appointments:of-patient", args=[patient.pk])
        return nothing_to_do(request, f"{patient.name} has died, so no message is written.", back=back)
    shown = _messages(request, patient, appointment)
    of_patient = reverse("appointments:of-patient", args=[patient.pk])
    context = {
        "patient": patient,
        "nav": "patients",
        "appointment": appointment,
        "course": Course.objects.going_on().filter(patient=patient).open_first().first(),
        "messages_to_send": [(each, new_id()) for each in shown],
        "telephone": telephone_in(request.clinic.letterhead),
        "back": appointment.get_absolute_url() if appointment else of_patient,
    }
    return render(request, "treatments/appointments/write.html", context)


def _booking(request: ClinicRequest, patient: Patient) -> Appointment | None:
    try:
        return get_record(patient, Appointment, uuid.UUID(request.GET.get("appointment", "")))
    except ValueError:
        return None


def _messages(request: ClinicRequest, patient: Patient, appointment: Appointment | None) -> list[message_text.Message]:
    """The clinic's own texts, and in English those that come with Anagen where it has none; by what they are for."""
    own = MessageTemplate.objects.of(request.clinic).order_by("language")
    written: list[tuple[str, str, str, str]] = [(each.kind, each.language, each.subject, each.text) for each in own]
    known = {(kind, language) for kind, language, _, _ in written}
    written += [
        (kind, ENGLISH, *words) for kind, words in message_text.DEFAULTS.items() if (kind, ENGLISH) not in known
    ]
    order = list(MessageKind.values)
    offered = [row for row in written if appointment is not None or row[0] not in OF_A_BOOKING]
    offered.sort(key=lambda row: order.index(row[0]))
    return [_message(request, patient, appointment, row) for row in offered]


def _message(request: ClinicRequest, patient: Patient, appointment: Any, row: tuple[str, ...]) -> message_text.Message:
    kind, language, subject, words = row
    on, at = (appointment.day, appointment.time) if appointment else (None, None)
    day, time = day_words.day_and_time(on, at, language)
    values = _values(request, patient.name, day, time)
    title, body = message_text.fill(subject, values), message_text.fill(words, values)
    return message_text.Message(
        kind=kind,
        label=str(MessageKind(kind).label),
        language=language,
        subject=title,
        text=body,
        mail=message_text.mail_link(patient.email, title, body),
        sms=message_text.sms_link(patient.phone, body),
    )
