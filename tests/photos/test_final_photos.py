import datetime

import pytest

from tests import factories
from tests.people import Cast
from treatments.photos.actions import strike_out_photo
from treatments.photos.final_photos import recompute_for
from treatments.sessions.course_state import recompute

pytestmark = pytest.mark.django_db
TODAY = datetime.date.today()


def test_finished_run_misses_its_photos(cast: Cast) -> None:
    """A finished run misses its photos until every view is taken."""
    course = factories.course(
        cast.patient, sessions_planned=1, checkpoints=[0], views=["vertex", "frontal"], baseline_on=TODAY
    )
    factories.exosome_session(course, performed_on=TODAY)
    recompute(course.pk)
    course.refresh_from_db()
    assert course.final_photos_missing

    factories.photo(cast.patient, view="vertex", taken_on=TODAY)
    last = factories.photo(cast.patient, view="frontal", taken_on=TODAY)
    recompute_for(last)
    course.refresh_from_db()
    assert not course.final_photos_missing

    strike_out_photo(last, reason="Another patient", expected_version=last.version, by=cast.clinician)
    course.refresh_from_db()
    assert course.final_photos_missing
