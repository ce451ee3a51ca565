"""A picture is part of the page that shows it, which is on the trail; opened by itself it is a look of its own."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from time_machine import travel

from clinic.audit.models import AuditEvent
from tests import factories
from tests.people import Cast
from tests.rows import one_of_each
from treatments.models import Photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def photo(cast: Cast) -> Photo:
    return Photo.objects.get(pk=one_of_each(cast.patient, by=cast.clinician, files=True)["photo_id"])


def open_each(client: Client, photo: Photo) -> int:
    """How many events the small and the large picture leave."""
    before = AuditEvent.objects.filter(action="viewed_photo", patient_id=photo.patient_id).count()
    answers = [client.get(photo.small_url), client.get(photo.large_url)]
    assert [each.status_code for each in answers] == [200, 200]
    assert all(b"".join(each.streaming_content) for each in answers)
    return AuditEvent.objects.filter(action="viewed_photo", patient_id=photo.patient_id).count() - before


def test_picture_by_itself_is_a_look(cast: Cast, photo: Photo) -> None:
    client = cast.client(cast.nurse)

    assert open_each(client, photo) == 2
    client.get(photo.get_absolute_url())
    assert open_each(client, photo) == 0


def test_page_lasts_ten_minutes(cast: Cast, photo: Photo) -> None:
    client = cast.client(cast.nurse)
    client.get(cast.patient.get_absolute_url())

    with travel(timezone.now() + timedelta(minutes=9), tick=False):
        assert open_each(client, photo) == 0
    with travel(timezone.now() + timedelta(minutes=11), tick=False):
        assert open_each(client, photo) == 2


def test_page_counts_for_its_sign_in_alone(cast: Cast, photo: Photo) -> None:
    """Not for the same person elsewhere, and not for another patient's pictures."""
    other = factories.patient(cast.clinic)
    client = cast.client(cast.nurse)
    client.get(other.get_absolute_url())
    cast.client(cast.nurse).get(cast.patient.get_absolute_url())

    assert open_each(client, photo) == 2


def test_list_shows_small_pictures_only(cast: Cast, photo: Photo) -> None:
    client = cast.client(cast.nurse)
    client.get("/patients/")

    assert open_each(client, photo) == 1


def test_a_form_that_came_back_is_no_list(cast: Cast, photo: Photo) -> None:
    """It shows pictures of its own patient, and of others only where they are likely the same person."""
    other = factories.patient(cast.clinic)
    client = cast.client(cast.nurse)
    assert client.post(f"/patients/{other.pk}/therapies/add/").status_code == 422

    assert open_each(client, photo) == 2


def test_picture_that_the_browser_has(cast: Cast, photo: Photo) -> None:
    """It is not sent again, and shown all the same: perhaps somebody else had opened it in this browser."""
    etag = cast.client(cast.nurse).get(photo.small_url)["ETag"]
    client = cast.client(cast.reader)

    assert client.get(photo.small_url, HTTP_IF_NONE_MATCH=etag).status_code == 304
    assert AuditEvent.objects.filter(action="viewed_photo", actor=cast.reader, patient_id=photo.patient_id).exists()


def test_the_page_is_found_by_an_index(cast: Cast, photo: Photo, django_assert_num_queries: Any) -> None:
    client = cast.client(cast.nurse)
    client.get(cast.patient.get_absolute_url())
    client.get(photo.small_url)

    with django_assert_num_queries(6) as captured:
        client.get(photo.small_url)
    asked = next(each["sql"] for each in captured.captured_queries if "clinic_auditevent" in each["sql"])
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {asked}")
            assert "audit_by_person (clinic_id=? AND actor_id=? AND at>?)" in str(cursor.fetchall())
