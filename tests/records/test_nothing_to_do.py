"""A form that could not be saved whatever is typed is not opened: the page it was opened from says why."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.staff.access import Can, people_who_may
from tests import factories
from tests.people import Cast
from treatments.courses.vocabulary import CourseState
from treatments.records.actions import strike_out
from treatments.records.drafts import store as drafts

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def _struck(record: Any, cast: Cast) -> Any:
    return strike_out(record, reason="Entered twice.", expected_version=record.version, by=cast.clinician)


def _session(cast: Cast) -> Any:
    return _struck(factories.exosome_session(factories.course(cast.patient)), cast)


def _stopped(cast: Cast) -> Any:
    today = timezone.localdate()
    return factories.course(cast.patient, state=CourseState.STOPPED, stopped_on=today, stop_reason="Moved away.")


def _recalled(cast: Cast) -> Any:
    recalled = {"recalled_at": timezone.now(), "recalled_by": cast.nurse, "recall_reason": "Cloudy vials."}
    return factories.lot(factories.product(cast.clinic), state="recalled", **recalled)


# The name of the address, the row that it is opened of, and words of what the person is told.
CASES: dict[str, tuple[Callable[[Cast], Any], str]] = {
    "sessions:correct": (_session, "struck out as entered in error"),
    "sessions:strike-out": (_session, "Entered twice."),
    "safety:correct": (lambda cast: _struck(factories.adverse_event(cast.patient), cast), "not changed any more"),
    "safety:follow-up": (
        lambda cast: _struck(factories.adverse_event(cast.patient), cast),
        "you cannot add a follow-up",
    ),
    "safety:resolve": (lambda cast: _struck(factories.adverse_event(cast.patient), cast), "you cannot add a follow-up"),
    "safety:decide": (lambda cast: _struck(factories.adverse_event(cast.patient), cast), "not changed any more"),
    "photos:correct": (lambda cast: _struck(factories.photo(cast.patient), cast), "not changed any more"),
    "sessions:course-stop": (_stopped, "This course was stopped on"),
    "sessions:course-resume": (lambda cast: factories.course(cast.patient), "Only a course that was stopped"),
    "recall:lot-recall": (_recalled, "is recalled, since"),
    "recall:lot-finish": (_recalled, "Cloudy vials."),
    "products:lot-put-back": (lambda cast: factories.lot(factories.product(cast.clinic)), "nothing to put back"),
}


@pytest.mark.parametrize("name", CASES)
def test_form_for_nothing_is_not_opened(name: str, cast: Cast) -> None:
    make, words = CASES[name]
    record = make(cast)
    ids = [record.pk] if name.startswith(("recall", "products")) else [cast.patient.pk, record.pk]
    answer = cast.client(cast.manager).get(reverse(name, args=ids), follow=True)
    assert answer.redirect_chain
    assert any(words in str(message) for message in answer.context["messages"])
    assert b"data-record-form" not in answer.content


def test_without_photos_none_is_corrected(cast: Cast) -> None:
    answer = cast.client(cast.nurse).get(reverse("photos:correct-several", args=[cast.patient.pk]), follow=True)
    assert answer.redirect_chain == [(reverse("photos:sheet", args=[cast.patient.pk]), 302)]
    assert [str(message) for message in answer.context["messages"]] == ["There is no photo to correct."]


def test_second_session_is_told_at_once(cast: Cast) -> None:
    first = factories.exosome_session(factories.course(cast.patient), performed_on=timezone.localdate())
    page = cast.client(cast.nurse).get(reverse("sessions:log", args=[cast.patient.pk])).content.decode()
    assert "A second one of the same day is refused" in page
    assert re.search(rf'href="{first.get_absolute_url()}"\s*>Open that session', page)


def test_draft_fits_its_session(cast: Cast) -> None:
    """A draft of session 2 is not offered on session 3: it is named there, and discarded or opened on purpose."""
    course, nurse = factories.course(cast.patient), cast.client(cast.nurse)
    address = reverse("sessions:log", args=[cast.patient.pk])
    form = nurse.get(address).context["draft_form"]
    mine = {"owner": cast.nurse, "clinic": cast.clinic}
    drafts.save(**mine, form=f"{form}#abc", values={"note": ["left"]}, base_version=None, sequence=1)
    assert nurse.get(reverse("records:draft"), {"form": form}).json()["draft"]["values"] == {"note": ["left"]}
    factories.exosome_session(course)
    later = nurse.get(address).context["draft_form"]
    answer = nurse.get(reverse("records:draft"), {"form": later}).json()
    assert answer["draft"] is None
    assert [(other["begun_for"], other["form"]) for other in answer["others"]] == [("session 1", f"{form}#abc")]


def test_only_who_may_is_offered(cast: Cast) -> None:
    """Neither reception nor a reader grades, measures or gives; who is named in the row stays to be chosen."""
    offered = set(people_who_may(Can.WRITE_RECORD, clinic=cast.clinic))
    assert offered == {cast.manager, cast.clinician, cast.nurse}
    assert cast.reception in people_who_may(Can.WRITE_RECORD, clinic=cast.clinic, named_id=cast.reception.pk)
    nurse, patient = cast.client(cast.nurse), cast.patient
    factories.course(patient)
    event = factories.adverse_event(patient)
    for name, field, ids in [
        ("examination:record", "assessor", [patient.pk]),
        ("sessions:log", "operator", [patient.pk]),
        ("safety:follow-up", "seen_by", [patient.pk, event.pk]),
    ]:
        form: Any = nurse.get(reverse(name, args=ids)).context["form"]
        assert {person.pk for person in form.fields[field].queryset} == {person.pk for person in offered}, name
