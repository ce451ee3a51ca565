import datetime as dt
from dataclasses import replace

import pytest

from tests.photos.simulated_heads import nudge
from treatments.photos.compare.alignment import Landmarks, align
from treatments.photos.compare.capture_card import CaptureCard
from treatments.photos.compare.comparability import compare_cards

BASELINE = CaptureCard(
    label="Month 0",
    view="vertex",
    taken_on=dt.date(2025, 1, 14),
    lighting="standard_room",
    flash=False,
    brightness=100.0,
    hair_state="dry",
    product_used="none",
    parting="radial_vertex",
    hair_length_mm=30,
    dyed=False,
    camera="Tablet A",
    lens_mm=26,
    distance_cm=31,
    sharpness=10.0,
    quality="acceptable",
)
FOLLOW_UP = replace(BASELINE, label="Month 5", taken_on=dt.date(2025, 6, 16))
POINTS = {
    "whorl": (600.0, 700.0),
    "mark_a": (1000.0, 640.0),
    "mark_b": (700.0, 1100.0),
    "hairline": (820.0, 300.0),
}
ALIGNED = align(Landmarks(POINTS, POINTS))


def verdict(earlier=None, later=None, alignment=ALIGNED, **more):
    return compare_cards(
        replace(BASELINE, **(earlier or {})),
        replace(FOLLOW_UP, **(later or {})),
        alignment=alignment,
        **more,
    )


def row(found, condition):
    return next(row for row in found.rows if row.condition == condition)


def test_complete_cards_are_comparable():
    """Complete, matching cards and landmarks are comparable."""
    found = verdict()
    assert found.code == "comparable" and found.reasons == () and found.remarks == ()
    assert {row.verdict for row in found.rows} == {"same"}
    assert found.headline == "Comparable"


REQUIRED = [
    "lighting",
    "hair_state",
    "product_used",
    "parting",
    "hair_length_mm",
    "camera",
    "lens_mm",
]


@pytest.mark.parametrize("side", ["earlier", "later"])
@pytest.mark.parametrize("name", REQUIRED)
def test_unrecorded_is_never_the_same(side, name):
    """What was not recorded is never the same."""
    found = verdict(**{side: {name: None}})
    assert found.code == "unknown"
    assert found.headline == "Not known whether comparable"
    assert len(found.reasons) == 1 and found.reasons[0].startswith("Not recorded")
    assert sum(row.verdict == "unknown" for row in found.rows) == 1


@pytest.mark.parametrize("value", ["unknown", ""])
def test_light_not_known_is_not_known(value):
    """Light answered with "not known" is not known."""
    found = verdict({"lighting": value, "flash": None}, {"lighting": value, "flash": None})
    assert found.code == "unknown" and row(found, "Light").earlier == "not recorded"


def test_blank_fields_are_not_recorded():
    """Blank text fields, as the record stores them, are not recorded."""
    blank = {"hair_state": "", "product_used": "", "parting": "", "camera": ""}
    found = verdict(blank, blank)
    assert found.code == "unknown"
    assert found.reasons == ("Not recorded for both photographs: hair, product, combing and camera.",)


@pytest.mark.parametrize(
    ("later", "sentence"),
    [
        ({"view": "frontal"}, "View: vertex in Month 0, frontal in Month 5."),
        (
            {"lighting": "bright_overhead"},
            "Light: standard room light in Month 0, bright overhead light in Month 5.",
        ),
        ({"lighting": "fixed_flash", "flash": True}, "Flash in one: Month 5 only."),
        ({"lighting": "fixed_flash", "flash": None}, "Flash in one: Month 5 only."),
        ({"flash": True}, "Flash in one: Month 5 only."),
        ({"brightness": 118.0}, "Month 5 is 18 % brighter."),
        ({"brightness": 80.0}, "Month 0 is 25 % brighter."),
        ({"hair_state": "wet"}, "Hair: dry in Month 0, wet in Month 5."),
        (
            {"product_used": "fibres_concealer"},
            "Product in the hair: none in Month 0, fibres or concealer in Month 5.",
        ),
        ({"hair_length_mm": 16}, "Hair is 14 mm shorter in Month 5 (30 to 16 mm)."),
        ({"dyed": True}, "Hair colour: not dyed in Month 0, dyed in Month 5."),
        ({"camera": "Tablet B"}, "Camera: Tablet A in Month 0, Tablet B in Month 5."),
        ({"lens_mm": 52}, "Month 5 was taken with a 100 % longer lens."),
        ({"distance_cm": 40}, "Month 5 was taken 29 % further away."),
        ({"sharpness": 5.0}, "Month 0 is 100 % sharper."),
        ({"edited": True}, "Month 5 came to us already edited."),
        (
            {"quality": "not_comparable"},
            "Month 5 was marked “not comparable” when it was reviewed.",
        ),
    ],
)
def test_difference_forbids_and_says_why(later, sentence):
    """Each difference forbids the comparison and says why."""
    found = verdict(later=later)
    assert found.code == "not_comparable"
    assert found.reasons == (sentence,)
    assert found.headline.startswith("Not comparable: ")
    assert found.consequence == "These two photos cannot show a change."


@pytest.mark.parametrize(
    "later",
    [{"brightness": 115.0}, {"distance_cm": 34}, {"hair_length_mm": 36}, {"sharpness": 7.2}],
)
def test_small_differences_are_within_limits(later):
    assert verdict(later=later).code == "comparable"


@pytest.mark.parametrize("name", ["brightness", "sharpness", "dyed"])
def test_unmeasured_value_forbids_nothing(name):
    """A measurement that nobody made is printed as not known and forbids nothing."""
    found = verdict({name: None}, {name: None})
    assert found.code == "comparable"
    assert any(row.verdict == "unknown" and not row.counts for row in found.rows)


def test_difference_outranks_the_unknown():
    """A difference outranks what is not known."""
    found = verdict({"parting": None}, {"hair_state": "damp"})
    assert found.code == "not_comparable"
    assert found.reasons == ("Hair: dry in Month 0, damp in Month 5.",)


def test_headline_names_two_differences():
    """The headline names two differences and counts the rest."""
    found = verdict(later={"hair_state": "wet", "lighting": "daylight", "distance_cm": 60})
    assert found.headline == "Not comparable: light, hair and 1 more differ"


class TestHairGrowth:
    bare = {"hair_length_mm": None}

    def test_eight_months_without_a_cut(self):
        found = verdict(self.bare, {**self.bare, "taken_on": dt.date(2025, 9, 14)}, cut_between=False)
        assert found.reasons == ("8 months of hair growth between cuts: longer in Month 5.",)

    def test_cut_at_unlike_times_before_each(self):
        """The hair was cut at unlike times before each photograph."""
        found = verdict({**self.bare, "days_since_cut": 100}, {**self.bare, "days_since_cut": 10})
        assert found.reasons == ("3 months of hair growth between cuts: longer in Month 0.",)

    def test_cut_a_week_before_each_is_alike(self):
        alike = {**self.bare, "days_since_cut": 7}
        assert verdict(alike, alike).code == "comparable"

    def test_cut_between_hides_the_lengths(self):
        """A cut between the photographs says nothing about lengths."""
        assert verdict(self.bare, self.bare, cut_between=True).code == "unknown"

    def test_measured_lengths_outrank_calendar(self):
        """Measured lengths outrank the calendar."""
        assert verdict(cut_between=False).code == "comparable"


class TestLandmarks:
    def test_a_pair_never_aligned_is_not_known(self):
        found = verdict(alignment=None)
        assert found.code == "unknown"
        assert found.reasons == ("The photographs are not aligned. Set landmarks to check that they show one area.",)
        assert row(found, "Alignment").later == "not aligned"

    def test_two_points_cannot_be_checked(self):
        two = {name: POINTS[name] for name in ("whorl", "mark_a")}
        found = verdict(alignment=align(Landmarks(two, two)))
        assert found.code == "unknown" and row(found, "Alignment").later == "error not known"

    def test_by_eye_cannot_be_checked(self):
        by_eye = align(Landmarks(nudge=nudge(about=(800, 800), dx=4)))
        assert verdict(alignment=by_eye).code == "unknown"

    def test_a_residual_over_the_limit_forbids(self):
        off = align(Landmarks(POINTS, dict(POINTS, whorl=(760.0, 700.0))))
        found = verdict(alignment=off)
        assert found.code == "not_comparable" and "limit is 25 px" in found.reasons[0]

    def test_exchanged_labels_forbid(self):
        mixed = dict(POINTS, mark_a=POINTS["mark_b"], mark_b=POINTS["mark_a"])
        found = verdict(alignment=align(Landmarks(POINTS, mixed)))
        assert found.code == "not_comparable" and "exchanged" in found.reasons[0]

    def test_head_size_replaces_a_distance(self):
        """The size of the head replaces a distance that nobody noted."""
        none = {"distance_cm": None}
        assert verdict(none, none).code == "comparable"
        closer = {name: (x * 1.25, y * 1.25) for name, (x, y) in POINTS.items()}
        found = verdict(none, none, alignment=align(Landmarks(POINTS, closer)))
        assert found.reasons == ("Month 5 was taken 25 % closer.",)

    def test_no_landmarks_no_distance(self):
        """Without landmarks a distance that nobody noted is not known."""
        found = verdict({"distance_cm": None}, alignment=None)
        assert row(found, "Distance").verdict == "unknown"

    def test_large_turn_is_only_a_remark(self):
        """A large turn is a remark and no more."""
        turned = {name: nudge(about=(800, 800), turn_deg=20).apply(p) for name, p in POINTS.items()}
        found = verdict(alignment=align(Landmarks(POINTS, turned)))
        assert found.code == "comparable"
        assert found.remarks == ("The head is turned by 20°, so the light falls differently.",)


def test_no_verdict_lets_density_be_claimed():
    for found in (verdict(), verdict(later={"view": "frontal"}), verdict(alignment=None)):
        assert "ensity" in found.may_not_be_said and "ensity" not in found.may_be_said
