"""The pages that are measured, as addresses in one clinic; each is asked for by somebody who is signed in."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from clinic.staff.models import Clinic
from scripts.benching import clinics
from treatments.models import Lot, Patient

PAGE = 50
# Those lists to telephone that are as long in every clinic.
CALL_LISTS = ("booked", "postponed", "not_wanted")
# What is typed into the search box. "few" are eight patients in any clinic, "many" a share of all of them.
TYPED = {
    "one_letter_of_many": "a",
    "one_letter_of_few": "x",
    "two_letters_of_many": "ma",
    "two_letters_of_none": "qx",
    "three_letters_of_many": "tan",
    "name_of_few": "quillf",
    "both_names": "mar quillfeather",
    "two_words_of_many_never_together": "mar tanv",
    "nobody": "zyzzyva",
    "one_han_letter_of_many": "王",
    "one_han_letter_of_few": "鑫",
    "record_number": "hc-000042",
    "telephone_part": "88000",
    "telephone_with_spaces": "+65 8800 0003",
}


@dataclass(frozen=True)
class Page:
    name: str
    path: str


def pages() -> list[Page]:
    clinic = Clinic.objects.get()
    found = [Page("today", reverse("today"))]
    found += [Page(f"desk_{name}", f"{reverse('calls')}?list={name}") for name in CALL_LISTS]
    found += [
        Page(f"search_{name}", f"{reverse('patients:find')}?{urlencode({'q': text})}") for name, text in TYPED.items()
    ]
    found += [Page(f"list_{name}", f"{reverse('patients:index')}?{query}") for name, query in _lists(clinic).items()]
    lot = Lot.objects.order_by("number")[0]
    found.append(Page("lot", lot.get_absolute_url()))
    found.append(Page("recall_call_list", reverse("recall:lot-calls", args=[lot.pk])))
    found.append(Page("desk_booking_form", reverse("appointments:book", args=[_booked(clinic).pk])))
    found.append(Page("desk_bookings_of_a_patient", reverse("appointments:of-patient", args=[_booked(clinic).pk])))
    patient = Patient.objects.get(record_number="HC-000042")
    found.append(Page("timeline_of_ten_sessions", patient.get_absolute_url()))
    return found


def _booked(clinic: Clinic) -> Patient:
    """One of the first hundred, who are booked today."""
    booked: Patient = Patient.objects.of(clinic).get(record_number="HC-000030")
    return booked


def _lists(clinic: Clinic) -> dict[str, str]:
    by_name = Patient.objects.of(clinic).active().by_name()
    by_name_backwards = by_name.reverse()
    return {
        "first_page": "",
        "by_number": "sort=number",
        "by_last_visit": "sort=seen",
        "by_due_date": "sort=due",
        "by_due_date_overdue": "sort=due&due=overdue",
        "last_page": f"after={by_name_backwards[PAGE].pk}",
        "before_the_last": f"before={by_name_backwards[0].pk}",
        "in_induction": "state=induction",
        "stopped": "state=stopped",
        "overdue": "due=overdue",
        "overdue_last_page": f"due=overdue&after={_last_overdue(clinic)}",
        "overdue_and_finished": "due=overdue&state=finished",
        "by_stage": "stage=Norwood+III+vertex",
        "by_rare_stage": "stage=Norwood+VII",
        "by_rare_stage_and_overdue": "stage=Norwood+VII&due=overdue",
        "archived": "archived=1",
        "text_of_many": "q=mar",
        "text_of_few": "q=quillf",
        "text_and_rare_stage": "q=mar&stage=Norwood+VII",
    }


def _last_overdue(clinic: Clinic) -> object:
    overdue = Patient.objects.of(clinic).active().filter(next_due_until__isnull=False)
    ordered = overdue.order_by("next_due_until", "next_due_on", "search_text", "id").values_list("pk", flat=True)
    before_today = overdue.filter(next_due_until__lt=clinics.today()).count()
    return ordered[max(0, before_today - PAGE - 1)]
