"""Keeping, correcting and forgetting how two photographs lie over each other."""

import datetime
import json

import pytest

from clinic.audit.models import AuditEvent
from tests import factories
from tests.people import Cast
from treatments.models import Correction, PhotoPair
from treatments.photos.compare import actions
from treatments.photos.compare.alignment import Landmarks, align
from treatments.photos.compare.geometry import AlignmentError
from treatments.photos.models import Photo
from treatments.records.actions import Conflict

pytestmark = pytest.mark.django_db
Pair = tuple[Photo, Photo]


def points(shift: float = 10.0, count: int = 4) -> Landmarks:
    spots = {"whorl": (800.0, 820.0), "mark_a": (520.0, 610.0), "mark_b": (1100.0, 640.0), "hairline": (790.0, 310.0)}
    kept = dict(list(spots.items())[:count])
    return Landmarks(kept, {name: (x + shift, y) for name, (x, y) in kept.items()})


@pytest.fixture
def pair(cast: Cast) -> Pair:
    today = datetime.date.today()
    first, last = (factories.photo(cast.patient, taken_on=today - datetime.timedelta(days=days)) for days in (150, 1))
    return first, last


def keep(pair: Pair, cast: Cast, landmarks: Landmarks | None = None, version: int = 0) -> PhotoPair:
    return actions.save_alignment(
        earlier=pair[0],
        later=pair[1],
        landmarks=landmarks or points(),
        expected_version=version,
        by=cast.clinician,
    )


class TestActions:
    def test_alignment_is_stored_with_its_author(self, pair: Pair, cast: Cast) -> None:
        """Points, transform and author are stored, and nothing of the photos changes."""
        before = list(Photo.objects.order_by("pk").values())

        kept = PhotoPair.objects.get(pk=keep(pair, cast).pk)

        assert Landmarks.from_dict({"landmarks": kept.landmarks, "nudge": kept.nudge}) == points()
        assert kept.transform == align(points()).transform.as_dict()
        assert kept.residual_px == pytest.approx(0, abs=1e-6)
        assert kept.aligned_by == cast.clinician
        assert list(Photo.objects.order_by("pk").values()) == before
        assert AuditEvent.objects.filter(action="aligned_photos", patient_id=cast.patient.pk).count() == 1

    def test_same_points_twice_are_stored_once(self, pair: Pair, cast: Cast) -> None:
        """The same points sent twice are stored once."""
        assert keep(pair, cast) == keep(pair, cast)
        assert AuditEvent.objects.filter(action="aligned_photos").count() == 1

    def test_second_with_other_points_is_refused(self, pair: Pair, cast: Cast) -> None:
        """Who comes second with other points is refused with a sentence."""
        keep(pair, cast)

        with pytest.raises(Conflict):
            keep(pair, cast, points(shift=40))
        assert PhotoPair.objects.get().transform["tx"] == pytest.approx(-10)

    def test_new_alignment_shows_the_former(self, pair: Pair, cast: Cast) -> None:
        """Aligned anew, a pair keeps what was there before."""
        first = keep(pair, cast)
        stamped = first.aligned_at

        again = keep(pair, cast, points(shift=40), version=first.version)

        assert again.transform["tx"] == pytest.approx(-40)
        assert PhotoPair.objects.get().aligned_at > stamped
        change = Correction.objects.of_record(again).get()
        assert {"landmarks", "transform"} <= {each["field"] for each in change.changes}
        assert change.reason == actions.ALIGNED_ANEW

    def test_old_version_but_not_a_double_click(self, pair: Pair, cast: Cast) -> None:
        """An old version is refused, and a double click is not."""
        first = keep(pair, cast)
        again = keep(pair, cast, points(shift=40), version=first.version)

        assert keep(pair, cast, points(shift=40), version=first.version).version == again.version
        with pytest.raises(Conflict):
            keep(pair, cast, points(shift=80), version=first.version)

    def test_forgotten_points_stay_in_history(self, pair: Pair, cast: Cast) -> None:
        """Forgotten, the pair is not aligned, and the points are in the history."""
        kept = keep(pair, cast)

        gone = actions.forget_alignment(
            earlier=pair[0], later=pair[1], expected_version=kept.version, by=cast.clinician
        )

        assert (gone.landmarks, gone.transform, gone.residual_px) == ({}, {}, None)
        assert "whorl" in str(Correction.objects.of_record(gone).get().changes)
        assert AuditEvent.objects.filter(action="forgot_alignment").count() == 1
        assert keep(pair, cast, version=gone.version).transform

    @pytest.mark.parametrize(
        "landmarks", [Landmarks(), points(count=1), Landmarks({"whorl": (1.0, 1.0)}, {"mark_a": (1.0, 1.0)})]
    )
    def test_useless_points_are_not_stored(self, pair: Pair, cast: Cast, landmarks: Landmarks) -> None:
        """Points that give no alignment are not stored."""
        with pytest.raises(AlignmentError):
            actions.save_alignment(
                earlier=pair[0], later=pair[1], landmarks=landmarks, expected_version=0, by=cast.clinician
            )
        assert not PhotoPair.objects.exists()


class TestPages:
    def post(self, cast: Cast, pair: Pair, verb: str = "align", person: str = "clinician", **fields: object):
        told = {"earlier": pair[0].pk, "later": pair[1].pk, "alignment": json.dumps(points().as_dict()), "version": 0}
        address = f"/patients/{cast.patient.pk}/photos/{verb}/"
        return cast.client(getattr(cast, person)).post(address, {**told, **fields})

    def test_saved_it_goes_back_to_the_same_pair(self, cast: Cast, pair: Pair) -> None:
        response = self.post(cast, pair)

        assert response.status_code == 302
        assert f"earlier={pair[0].pk}&later={pair[1].pk}" in response["Location"]
        page = cast.client(cast.clinician).get(response["Location"])
        assert "Aligned on 4 points; 0 px off" in page.content.decode()
        assert f"Last aligned by {cast.clinician}" in page.content.decode()

    def test_refused_points_return_with_a_reason(self, cast: Cast, pair: Pair) -> None:
        """Refused points come back with the reason."""
        marked = json.dumps(points(count=1).as_dict())

        response = self.post(cast, pair, alignment=marked)

        assert response.status_code == 422
        assert json.loads(response.context["landmarks_json"]) == json.loads(marked)
        assert "Mark at least two of the same points" in response.content.decode()

    @pytest.mark.parametrize("junk", ["", "{", "[]", '{"landmarks": {"nose": {"earlier": [1, 2]}}}', "9" * 9000])
    def test_impossible_points_are_refused(self, cast: Cast, pair: Pair, junk: str) -> None:
        """What no viewer sends is refused, and the stored points are shown."""
        keep(pair, cast)

        response = self.post(cast, pair, alignment=junk, version=1)

        assert response.status_code == 422
        assert "whorl" in response.context["landmarks_json"]

    def test_alignment_of_another_is_safe(self, cast: Cast, pair: Pair) -> None:
        """Somebody else's alignment is not overwritten, and mine is not lost."""
        keep(pair, cast, points(shift=40))

        response = self.post(cast, pair, person="nurse")

        assert response.status_code == 409
        assert json.loads(response.context["landmarks_json"]) == points().as_dict()
        assert response.context["pair_version"] == 1
        assert PhotoPair.objects.get().transform["tx"] == pytest.approx(-40)
        assert self.post(cast, pair, person="nurse", version=1).status_code == 302

    def test_forget(self, cast: Cast, pair: Pair) -> None:
        keep(pair, cast)

        assert self.post(cast, pair, "align/forget", version=1).status_code == 302
        assert PhotoPair.objects.get().transform == {}

    def test_pair_of_one_view_and_patient(self, cast: Cast, pair: Pair) -> None:
        """Only two photos of one view of this patient are aligned."""
        frontal = factories.photo(cast.patient, view="frontal")
        theirs = factories.photo(factories.patient(cast.clinic))
        wrong = [(pair[0], frontal), (pair[0], theirs), (pair[1], pair[0]), (pair[0], pair[0])]

        assert [self.post(cast, each).status_code for each in wrong] == [404] * 4
        assert self.post(cast, pair, person="reader").status_code == 403
