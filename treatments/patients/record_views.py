"""The two views that are alike for every clinical record: strike it out as entered in error; show its corrections."""

import uuid
from collections.abc import Callable
from operator import methodcaller
from typing import NamedTuple, TypeVar

from django.http import HttpResponse
from django.views.decorators.http import require_GET, require_http_methods

from clinic.staff.access import Can, ClinicRequest, requires
from treatments.patients.access import get_patient, get_record
from treatments.records.actions import strike_out
from treatments.records.form_view import history_page, strike_out_page
from treatments.records.models import ClinicalRecord

C = TypeVar("C", bound=ClinicalRecord)
View = Callable[..., HttpResponse]


class RecordViews(NamedTuple):
    strike_out: View
    corrections: View


def record_views(
    model: type[C],
    *,
    act: Callable[..., ClinicalRecord] = strike_out,
    back: Callable[[C], str] = methodcaller("get_absolute_url"),
    can: Can = Can.WRITE_RECORD,
    see: Can = Can.SEE_RECORD,
    depending: Callable[[C], str] = lambda record: "",
) -> RecordViews:
    """Views for an address with `patient_id` and, last, the id of one record of this model.

    Ids between the two are those of rows that the record belongs to: `event_id` of a follow-up.
    `can` is the right to strike out, `see` the right to read the record and so what it said before.
    `act(record, reason=, expected_version=, by=)` strikes out; `back` gives the page that both return to.
    `depending` names in a sentence, before it is done, what depends on the record.
    """

    @requires(can)
    @require_http_methods(["GET", "POST"])
    def strike_out_view(request: ClinicRequest, patient_id: uuid.UUID, **ids: uuid.UUID) -> HttpResponse:
        patient = get_patient(request, patient_id)
        _, record_id = ids.popitem()
        record = get_record(patient, model, record_id, **ids)
        return strike_out_page(
            request, patient=patient, record=record, act=act, back=back(record), depending=depending(record)
        )

    @requires(see)
    @require_GET
    def corrections_view(request: ClinicRequest, patient_id: uuid.UUID, **ids: uuid.UUID) -> HttpResponse:
        patient = get_patient(request, patient_id)
        _, record_id = ids.popitem()
        record = get_record(patient, model, record_id, **ids)
        return history_page(request, patient=patient, record=record, back=back(record))

    return RecordViews(strike_out_view, corrections_view)
