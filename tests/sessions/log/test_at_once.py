"""Several people at once, on the database the run is on: the last mL, and a form sent eight times."""

import os
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from clinic.staff.models import Role
from tests import factories
from tests.sessions.log.post_data import TODAY, log_url, plan_post, session_post
from treatments.models import AdverseEvent, Course, ExosomeSession, Lot, Protocol
from treatments.records.months import add_months

AT_ONCE = 8
FORMS = 60 if os.environ.get("ANAGEN_FULL") == "1" else 12

pytestmark = pytest.mark.django_db(transaction=True)


def all_at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """Run the acts in threads that start together; what each returned, in order."""
    barrier, found = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            barrier.wait()
            found[place] = act()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def clinic_with_stock(ml: str) -> tuple[Any, Any, Lot]:
    clinic = factories.clinic()
    person = factories.member(clinic, Role.CLINICIAN)
    return clinic, person, factories.lot(factories.product(clinic), received_ml=Decimal(ml))


def course_of(clinic: Any, person: Any, **fields: Any) -> Course:
    patient = factories.patient(clinic, created_by=person)
    factories.consent(patient, created_by=person)
    return factories.course(patient, created_by=person, **fields)


def test_last_of_a_lot_goes_to_one_of_two() -> None:
    """Of two clinicians taking the last of a lot, one succeeds and the other reads why not."""
    clinic, first, lot = clinic_with_stock("4.00")
    second = factories.member(clinic, Role.CLINICIAN)
    courses = [course_of(clinic, first), course_of(clinic, first)]
    people = [(signed_in(person), course) for person, course in zip((first, second), courses, strict=True)]
    told = [session_post(course, lot=lot, note="kept words") for _, course in people]
    answers = all_at_once(
        [
            lambda client=client, course=course, post=post: client.post(log_url(course), post)
            for (client, course), post in zip(people, told, strict=True)
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [302, 422]
    refused = next(answer for answer in answers if answer.status_code == 422).content.decode()
    assert f"Only 1 mL of lot {lot.number} is left, and this session needs 3 mL" in refused
    assert "kept words" in refused
    lot.refresh_from_db()
    assert lot.stock_ml == Decimal("1.00")
    assert ExosomeSession.objects.count() == 1


def test_parallel_sessions_never_overdraw() -> None:
    """Many taking from one lot never take more than it contains."""
    clinic, person, lot = clinic_with_stock("10.00")
    courses = [course_of(clinic, person) for _ in range(AT_ONCE)]
    client = signed_in(person)
    answers = all_at_once(
        [lambda course=course: client.post(log_url(course), session_post(course, lot=lot)) for course in courses]
    )
    assert sorted(answer.status_code for answer in answers) == [302] * 3 + [422] * 5
    lot.refresh_from_db()
    assert lot.stock_ml == Decimal("1.00")
    assert ExosomeSession.objects.count() == 3


def test_two_at_once_leave_one_session_a_day() -> None:
    """Two sessions of one day at once leave one."""
    clinic, person, lot = clinic_with_stock("100.00")
    course = course_of(clinic, person)
    client = signed_in(person)
    posts = [session_post(course, lot=lot, pain_during=str(score)) for score in range(4)]
    answers = all_at_once([lambda post=post: client.post(log_url(course), post) for post in posts])
    assert sorted(answer.status_code for answer in answers) == [302, 422, 422, 422]
    lot.refresh_from_db()
    assert lot.stock_ml == Decimal("97.00")


@pytest.mark.slow
def test_session_sent_eight_times_is_one() -> None:
    """A session sent eight times at once is one row every time."""
    clinic, person, lot = clinic_with_stock("1000.00")
    client = signed_in(person)
    for number in range(FORMS):
        course = course_of(clinic, person)
        told = session_post(course, lot=lot, reaction=["headache"])
        answers = all_at_once([lambda c=course, t=told: client.post(log_url(c), t)] * AT_ONCE)
        assert {(answer.status_code, answer.url) for answer in answers} == {
            (302, f"{course.patient.get_absolute_url()}#r-{told['id']}")
        }, number
    lot.refresh_from_db()
    assert ExosomeSession.objects.count() == AdverseEvent.objects.count() == FORMS
    assert lot.stock_ml == Decimal("1000.00") - 3 * FORMS


@pytest.mark.slow
def test_course_sent_eight_times_is_one() -> None:
    """A course and a protocol sent eight times at once are one row every time."""
    clinic, person, _ = clinic_with_stock("1")
    client = signed_in(person)
    for number in range(FORMS):
        patient = factories.patient(clinic, created_by=person)
        course, protocol = plan_post(name=f"Course {number}"), plan_post(name=f"Protocol {number}", baseline=None)
        plan, add = reverse("sessions:course-plan", args=[patient.pk]), reverse("sessions:protocol-add")
        planned = all_at_once([lambda u=plan, t=course: client.post(u, t)] * AT_ONCE)
        assert {(answer.status_code, answer.url) for answer in planned} == {
            (302, reverse("sessions:course", args=[patient.pk, course["id"]]))
        }, number
        added = all_at_once([lambda u=add, t=protocol: client.post(u, t)] * AT_ONCE)
        assert {(answer.status_code, answer.url) for answer in added} == {(302, reverse("sessions:protocols"))}, number
    assert Course.objects.count() == Protocol.objects.count() == FORMS


def test_parallel_corrections_move_stock() -> None:
    """Corrections of one session at once move its stock once."""
    clinic, person, lot = clinic_with_stock("100.00")
    course = course_of(clinic, person, baseline_on=add_months(TODAY(), -1))
    client = signed_in(person)
    client.post(log_url(course), session_post(course, lot=lot))
    session = ExosomeSession.objects.get()
    url = reverse("sessions:correct", args=[session.patient_id, session.pk])

    def told(ml: int) -> dict[str, Any]:
        post = session_post(course, lot=lot, **{"volume-vertex": str(ml), "version": "1"})
        return post | {"reactions": "none", "correction_reason": f"it was {ml}"}

    answers = all_at_once([lambda ml=ml: client.post(url, told(ml)) for ml in (4, 5, 6, 7)])
    assert sorted(answer.status_code for answer in answers) == [302, 409, 409, 409]
    session.refresh_from_db()
    lot.refresh_from_db()
    assert lot.stock_ml == Decimal("100.00") - session.total_ml
