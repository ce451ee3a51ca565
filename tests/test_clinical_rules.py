"""The 25 rules of the record, each where a person meets it: on the page, by number.

An error refuses, whatever reason is given. A warning asks for a reason, and the reason is kept with the record. The
rules themselves, with their limits to the day and the decimal, are tested beside the modules that hold them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone

from tests import factories, html_forms
from tests.faults.create_forms import CREATE_FORMS
from tests.html_forms import filled
from tests.people import Cast
from tests.photos.pictures import jpeg
from treatments.consents.rules import ConsentFacts, photo_use_problems
from treatments.models import Course, Lot, PassedWarning, Patient, Photo
from treatments.photos.compare.capture_card import CaptureCard
from treatments.photos.compare.comparability import compare_cards

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
REASON = "Talked over with the patient"
TOMORROW = f"{date.today() + timedelta(days=1):%-d %b %Y}"
Before = Callable[[Cast, Patient], object]


@dataclass(frozen=True)
class Case:
    """`broken` is what a person types that breaks the rule, `fine` what does not; `given` is in the record before.

    `given_when_fine` stands instead of `given` where the record, and not what is typed, decides.
    """

    rule: int
    level: str
    page: str
    says: str
    broken: dict[str, Any] = field(default_factory=dict)
    fine: dict[str, Any] = field(default_factory=dict)
    given: Before | None = None
    given_when_fine: Before | None = None
    by: str = "manager"

    def __str__(self) -> str:
        return f"rule {self.rule} {self.level}, {self.says}"


def E(rule: int, page: str, says: str, broken: Any = None, fine: Any = None, **more: Any) -> Case:
    return Case(rule, "error", page, says, broken or {}, fine or {}, **more)


def W(rule: int, page: str, says: str, broken: Any = None, fine: Any = None, **more: Any) -> Case:
    return Case(rule, "warning", page, says, broken or {}, fine or {}, **more)


# ── What is in the record before ───────────────────────────────────────────────────────────────


def graded(stage: str, *, months_ago: int) -> Before:
    day = date.today() - timedelta(days=31 * months_ago)
    return lambda cast, patient: factories.assessment(patient, stage=stage, assessed_on=day)


def found(**findings: int) -> Before:
    return lambda cast, patient: factories.assessment(patient, findings=findings)


def an_event(**fields: Any) -> Before:
    return lambda cast, patient: factories.adverse_event(patient, **fields)


def a_course_since(day: date) -> Before:
    return lambda cast, patient: factories.course(patient, baseline_on=day)


def a_session(*, days_ago: int) -> Before:
    def given(cast: Cast, patient: Patient) -> object:
        day = date.today() - timedelta(days=days_ago)
        Course.objects.filter(patient=patient).update(baseline_on=day)
        return factories.exosome_session(Course.objects.get(patient=patient), performed_on=day)

    return given


def no_consent(cast: Cast, patient: Patient) -> None:
    patient.consents.all().delete()


def a_baseline_photo(cast: Cast, patient: Patient) -> None:
    graded("III", months_ago=6)(cast, patient)
    factories.photo(patient, taken_on=date.today() - timedelta(days=190))


def the_lot(**fields: Any) -> Before:
    return lambda cast, patient: Lot.objects.update(**fields)


def a_recalled_lot(cast: Cast, patient: Patient) -> None:
    before = timezone.now() - timedelta(days=2)
    Lot.objects.update(state="recalled", recalled_at=before, recalled_by=cast.manager, recall_reason="Particles")


def the_product(**fields: Any) -> Before:
    def given(cast: Cast, patient: Patient) -> None:
        for lot in Lot.objects.select_related("product"):
            type(lot.product).objects.filter(pk=lot.product_id).update(**fields)

    return given


def an_unapproved_product(cast: Cast, patient: Patient) -> None:
    """The consent names that it is unapproved, else rule 14 would ask as well."""
    the_product(regulatory_basis="unknown")(cast, patient)
    patient.consents.update(covers_unapproved=True)


LOG, ASSESS, MEASURE = "sessions:log", "examination:record", "assessments:measure"
EVENT, HISTORY, REGISTER, THERAPY = "safety:report", "patients:history", "patients:register", "patients:therapy-add"
GRADED = {"grade": "norwood_1975:III"}
COUNTS = {"pull_rule": "pct_gt_10", "pull_result": "negative"}
OVER = {"onset": "3 days ago", "outcome": "1"}
YESTERDAY = f"{date.today() - timedelta(days=1):%-d %b %Y}"

CASES = [
    E(1, REGISTER, "is in the future", {"birth": "2190"}, {"birth": "1965"}),
    E(1, REGISTER, "more than 120 years old", {"birth": "1904"}, {"birth": "about 1930"}),
    E(1, ASSESS, "before the patient’s birth", {"when": "May 1950"}, {"when": "May 2025"}),
    E(1, LOG, "before the patient’s birth", {"when": "May 1950"}),
    E(1, EVENT, "before the patient’s birth", {"onset": "1950"}, {"onset": "2025"}),
    E(1, THERAPY, "before the patient’s birth", {"started": "1950"}, {"started": "2019"}),
    E(2, ASSESS, "in the future", {"when": TOMORROW}),
    E(2, LOG, "in the future", {"when": TOMORROW}),
    E(2, EVENT, "in the future", {"onset": TOMORROW}, {"onset": YESTERDAY}),
    E(2, THERAPY, "in the future", {"started": "2190"}, {"started": "about 2019"}),
    E(2, HISTORY, "in the future", {"onset": "2190"}, {"onset": "about 2019"}),
    E(3, HISTORY, "cannot begin before birth", {"onset": "1960"}, {"onset": "2020"}),
    W(3, HISTORY, "before the age of 10", {"onset": "1970"}, {"onset": "1985"}),
    W(
        3, HISTORY, "after the baseline of the course", {"onset": "2024"}, {"onset": "2019"},
        given=a_course_since(date(2020, 5, 1)),
    ),
    E(4, ASSESS, "III-vertex", {"grade": "ludwig_1977:III-vertex"}, {"grade": "norwood_1975:III-vertex"}),
    W(5, ASSESS, "not usual for this patient’s recorded sex", {"grade": "ludwig_1977:II"}, GRADED),
    W(5, ASSESS, "so far", {"grade": "basp_2007:M2"}, GRADED, given=graded("III", months_ago=4)),
    W(6, ASSESS, "two stages or more", {"grade": "norwood_1975:V"}, GRADED, given=graded("III", months_ago=4)),
    W(
        6, ASSESS, "under three months", GRADED, GRADED,
        given=graded("IV", months_ago=1), given_when_fine=graded("IV", months_ago=4),
    ),
    E(
        8, ASSESS, "More hairs came out than were grasped",
        {"pull_grasped": 50, "pull_extracted": 51, **COUNTS}, {"pull_grasped": 50, "pull_extracted": 2, **COUNTS},
    ),
    W(8, ASSESS, "is unusual. The method is", {"pull_grasped": 15, "pull_extracted": 1, **COUNTS}),
    W(
        8, ASSESS, "is negative under the rule",
        {"pull_grasped": 60, "pull_extracted": 4, **COUNTS, "pull_result": "positive"},
        {"pull_grasped": 60, "pull_extracted": 4, **COUNTS},
    ),
    W(9, LOG, "does not scar", given=found(scarring_sign=1), given_when_fine=found(scarring_sign=0)),
    W(9, LOG, "Active scalp infection", given=found(active_infection=2), given_when_fine=found(active_infection=0)),
    W(9, ASSESS, "pattern hair loss does not scar", {"finding_scarring_sign": 1}, {"finding_scarring_sign": 0}),
    E(10, MEASURE, "600", {"value": 700}, {"value": 140}),
    W(10, MEASURE, "320", {"value": 330}, {"value": 320}),
    E(
        11, MEASURE, "No change in per cent can be given",
        {"kind": "density_change_pct", "value": 20},
        {"kind": "density_change_pct", "value": 20, "method": "clinician_visual_estimate"},
    ),
    E(
        12, MEASURE, "“From” is more than “to”",
        {"value": "", "low": 150, "high": 140}, {"value": "", "low": 140, "high": 150},
    ),
    E(12, ASSESS, "0 to 30", {"dlqi": 31}, {"dlqi": 30}),
    E(12, ASSESS, "−3 to +3", {"global_change": 4}),
    E(12, LOG, "11", {"pain_during": 11}, {"pain_during": 10}),
    W(
        13, ASSESS, "no baseline photo", {"global_change": 1}, {"global_change": 1},
        given_when_fine=a_baseline_photo,
    ),
    E(14, LOG, "There is no treatment consent", given=no_consent, by="nurse"),
    W(14, LOG, "There is no treatment consent", given=no_consent),
    E(15, LOG, "Only a clinician or manager can enter it", given=a_recalled_lot, by="nurse"),
    W(15, LOG, "recalled", given=a_recalled_lot),
    W(15, LOG, "expired", given=the_lot(expires_on=date(2025, 1, 31))),
    W(15, LOG, "Neither product nor lot is recorded", {"lot": "unknown"}),
    W(15, LOG, "expiry date of this lot is not known", given=the_lot(expires_on=None)),
    W(16, LOG, "the limit is 6 h", {"mixed_hours": "6.5"}, {"mixed_hours": "6"}, given=the_product(in_use_hours=6)),
    W(16, LOG, "cold chain of this lot was broken", given=the_lot(cold_chain_ok=False)),
    W(
        17, LOG, "topical use only", {"route": "intradermal_injection"},
        given=the_product(labelled_route="topical_only"),
    ),
    W(17, LOG, "Legal basis of use", given=an_unapproved_product),
    E(18, LOG, "Crown and vertex are one region", {"volume-crown": "1"}, {"volume-frontal": "1"}),
    E(18, LOG, "the total sent was", {"total_ml": "4"}, {"total_ml": "3"}),
    E(19, LOG, "20 mL", {"volume-vertex": "21"}),
    W(19, LOG, "is unusual", {"volume-vertex": "12"}, {"volume-vertex": "10"}),
    W(19, LOG, "points come to", {"points": 60, "point_ml": "0.1"}, {"points": 30, "point_ml": "0.1"}),
    E(20, LOG, "already has a session on", given=a_session(days_ago=0), given_when_fine=a_session(days_ago=30)),
    W(20, LOG, "20 days after", given=a_session(days_ago=20), given_when_fine=a_session(days_ago=21)),
    W(20, LOG, "46 days after", given=a_session(days_ago=46), given_when_fine=a_session(days_ago=45)),
    W(
        20, LOG, "already a later session",
        {"when": f"{date.today() - timedelta(days=40):%-d %b %Y}"}, {"when": YESTERDAY},
        given=a_session(days_ago=10), given_when_fine=a_session(days_ago=40),
    ),
    W(21, LOG, "below the dermis", {"depth_mm": "6"}, {"depth_mm": "3"}),
    E(
        22, EVENT, "over before it began",
        {"onset": "May 2025", "ended": "April 2025", "outcome": "1"},
        {"onset": "April 2025", "ended": "May 2025", "outcome": "1"},
    ),
    E(
        22, EVENT, "chose that it is still there",
        {**OVER, "outcome": "3", "ended": YESTERDAY}, {**OVER, "outcome": "3"},
    ),
    W(22, EVENT, "Write when it was over", OVER, {**OVER, "ended": YESTERDAY}),
    E(
        22, EVENT, "but not how it ended",
        {**OVER, "outcome": "0", "ended": YESTERDAY}, {**OVER, "ended": YESTERDAY},
    ),
    E(
        22, EVENT, "chose that it is getting better",
        {**OVER, "outcome": "2", "ended": YESTERDAY}, {**OVER, "outcome": "2"},
    ),
    E(
        22, EVENT, "told of the event before it began",
        {"onset": YESTERDAY, "reported_on": f"{date.today() - timedelta(days=2)}"},
        {"onset": YESTERDAY, "reported_on": f"{date.today() - timedelta(days=1)}"},
    ),
    E(
        23, EVENT, "An event of grade 4 is serious",
        {"grade": 4}, {"grade": 4, "seriousness": ["life_threatening"]},
    ),
    W(
        23, EVENT, "Anaphylaxis is usually serious",
        {"kind": "anaphylaxis", "grade": 3},
        {"kind": "anaphylaxis", "grade": 3, "seriousness": ["medically_important"]},
    ),
    E(23, EVENT, "all three, or none", {"grade": 2, "seriousness": ["death"]}, {"grade": 2}),
    E(23, EVENT, "from 1 to 2 only", {"kind": "shedding_te", "grade": 3}, {"kind": "shedding_te", "grade": 2}),
    W(
        24, LOG, "grade 3",
        given=an_event(kind="infection", grade=3), given_when_fine=an_event(kind="infection", grade=3, outcome="1"),
    ),
    W(
        24, LOG, "A granuloma is not resolved",
        given=an_event(kind="granuloma"), given_when_fine=an_event(kind="granuloma", outcome="1"),
    ),
]  # fmt: skip


@dataclass
class Form:
    """A page with its form as a person has filled it in."""

    client: Client
    url: str
    fields: dict[str, Any]
    count: Callable[[], int]

    def send(self, **more: str) -> Any:
        return self.client.post(self.url, {**self.fields, **more})


def fill(case: Case, cast: Cast, typed: dict[str, Any], given: Before | None) -> Form:
    filling = CREATE_FORMS[case.page](cast, 1)
    told = resolve(filling.url).kwargs
    if given is not None:
        given(cast, Patient.objects.get(pk=told["patient_id"]))
    client = cast.client(getattr(cast, case.by))
    html = client.get(filling.url).content.decode()
    fields = filled(html, **{**filling.changes, **typed})
    # What a page already warns of when it opens has its reason field, which a person leaves empty.
    fields = {name: values for name, values in fields.items() if not name.startswith("pass-")}
    return Form(client, filling.url, fields, filling.makes._default_manager.count)


def reasons_asked_for(html: str) -> dict[str, str]:
    """The reason fields of the page, by name, each with the same reason."""
    return html_forms.reasons_asked_for(html, REASON)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_broken_rule_saves_nothing(case: Case, cast: Cast) -> None:
    """A broken rule is named on the page and nothing is saved; no reason passes an error."""
    form = fill(case, cast, case.broken, case.given)
    before = form.count()

    answer = form.send()

    assert answer.status_code == 422
    assert case.says in answer.content.decode()
    assert form.count() == before
    if case.level == "error":
        again = form.send(**reasons_asked_for(answer.content.decode()))
        assert again.status_code == 422, "an error was passed with a reason"
        assert case.says in again.content.decode()
        assert form.count() == before


@pytest.mark.parametrize("case", [case for case in CASES if case.level == "warning"], ids=str)
def test_warning_passes_with_a_reason(case: Case, cast: Cast) -> None:
    """A warning is passed with a reason, which is stored with the warning."""
    form = fill(case, cast, case.broken, case.given)
    before = form.count()
    asked = reasons_asked_for(form.send().content.decode())
    assert {re.match(r"pass-(\d+)", name)[1] for name in asked} == {str(case.rule)}  # type: ignore[index]

    assert form.send(**{name: "  " for name in asked}).status_code == 422, "a blank is no reason"
    assert form.send(**asked).status_code == 302

    assert form.count() == before + 1
    kept = PassedWarning.objects.filter(rule=str(case.rule))
    assert {(warning.reason, warning.by) for warning in kept} == {(REASON, cast.manager)}
    assert any(case.says in warning.sentence for warning in kept)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_valid_input_saves_unasked(case: Case, cast: Cast) -> None:
    """What obeys the rule is saved without a question."""
    given = case.given_when_fine or (case.given if case.broken else None)
    form = fill(case, cast, case.fine, given)
    before = form.count()

    answer = form.send()

    assert answer.status_code == 302, objections(answer)
    assert form.count() == before + 1
    assert not PassedWarning.objects.filter(rule=str(case.rule)).exists()


def objections(answer: Any) -> list[str]:
    form = answer.context["form"]
    return [*(str(e) for errors in form.errors.values() for e in errors), *(w.sentence for w in form.unpassed)]


# ── Rules that no form asks, or that ask about more than one record ────────────────────────────


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [("III", "III-vertex", "pattern changed"), ("IV", "III", "improved"), ("III", "IV", "worsened")],
)
def test_rule_7_pattern_change_is_no_gain(before: str, after: str, said: str, cast: Cast) -> None:
    """A change of pattern is called neither better nor worse."""
    graded(before, months_ago=6)(cast, cast.patient)
    graded(after, months_ago=1)(cast, cast.patient)

    page = text_of(cast.client(cast.clinician).get(reverse("timeline:patient", args=[cast.patient.pk])))

    assert {word for word in ("pattern changed", "improved", "worsened") if word in page} == {said}


@pytest.mark.parametrize(
    ("aware_days", "judged", "asked"),
    [
        (3, {}, True),
        (3, {"causality": "possible", "action_taken": "4", "report_decision": "not_required"}, False),
        (0, {}, False),
    ],
)
def test_rule_24_unjudged_serious_event(aware_days: int, judged: dict[str, str], asked: bool, cast: Cast) -> None:
    """A serious event that nobody judged within a day is a task."""
    told = {"is_serious": True, "seriousness": ["hospitalisation"]}
    told |= {"reported_on": timezone.localdate() - timedelta(days=aware_days)}
    event = factories.adverse_event(cast.patient, grade=3, **told, **judged)

    page = text_of(cast.client(cast.clinician).get(event.get_absolute_url()))

    tasks = ("Assess the cause", "Write what was done", "Decide whether it is reported")
    assert [task in page for task in tasks] == [asked] * 3


@pytest.mark.parametrize(("events", "signalled"), [(2, False), (3, True)])
def test_rule_24_three_events_on_a_lot(events: int, signalled: bool, cast: Cast) -> None:
    """Three events on a lot are shown on its page."""
    lot = factories.lot(factories.product(cast.clinic), number="EX-24")
    session = factories.exosome_session(factories.course(cast.patient), lot=lot)
    for _ in range(events):
        factories.adverse_event(cast.patient, exosome_session=session)

    page = text_of(cast.client(cast.clinician).get(lot.get_absolute_url()))

    assert ("events on lot EX-24. Check the lot" in page) is signalled


@pytest.mark.parametrize(
    ("purposes", "view", "says"),
    [
        (["record"], "vertex", ""),
        (["record"], "", "Choose the view of this photo."),
        (["teaching"], "vertex", "clinical record"),
        ([], "vertex", "no photography consent"),
    ],
)
def test_rule_25_photo_with_view_and_consent(
    purposes: list[str], view: str, says: str, cast: Cast, settings: Any, tmp_path: Any
) -> None:
    """A photo needs its view and a consent."""
    settings.MEDIA_ROOT = tmp_path
    if purposes:
        factories.consent(cast.patient, "photography", purposes=purposes)
    told = {"view": view, "photo": SimpleUploadedFile("a.jpg", jpeg()), "_sentinel": "1"}
    url = reverse("photos:upload", args=[cast.patient.pk])

    answer = cast.client(cast.nurse).post(url, told, HTTP_X_REQUESTED_WITH="fetch")

    assert answer.status_code == (422 if says else 201), answer.content
    assert says in answer.json().get("sentence", "")
    assert Photo.objects.count() == (0 if says else 1)


@pytest.mark.parametrize(("days", "asks"), [(1, False), (2, True)])
def test_rule_25_other_date_than_the_camera(days: int, asks: bool, cast: Cast) -> None:
    """A date other than the camera's needs a reason, which is stored."""
    noon = timezone.now().replace(hour=4) - timedelta(days=10)
    photo = factories.photo(cast.patient, exif_taken_at=noon, taken_on=timezone.localdate(noon))
    url = reverse("photos:correct", args=[cast.patient.pk, photo.pk])
    client = cast.client(cast.clinician)
    day = timezone.localdate(noon) + timedelta(days=days)
    fields = filled(client.get(url).content.decode(), when=f"{day:%-d %b %Y}", correction_reason="Misread")

    answer = client.post(url, fields)
    assert answer.status_code == (422 if asks else 302)
    if asks:
        asked = reasons_asked_for(answer.content.decode())
        assert client.post(url, {**fields, **asked}).status_code == 302
        (kept,) = PassedWarning.objects.filter(record_id=photo.pk)
        assert (kept.rule, kept.reason) == ("25", REASON) and "The camera says" in kept.sentence


CARD = CaptureCard(label="Month 0", view="vertex", lighting="ring", hair_state="dry", product_used="none")


@pytest.mark.parametrize(
    ("later", "differs"),
    [
        ({}, 0),
        ({"lighting": "daylight"}, 1),
        ({"hair_state": "wet"}, 1),
        ({"product_used": "oil"}, 1),
        ({"view": "frontal"}, 1),
    ],
)
def test_rule_25_unlike_pair_not_comparable(later: dict[str, str], differs: int) -> None:
    """A pair that differs is not comparable."""
    verdict = compare_cards(CARD, replace(CARD, label="Month 5", **later))  # type: ignore[arg-type]

    assert (verdict.code == "not_comparable") is bool(differs)
    assert (len(verdict.reasons) if differs else 0) == differs


@pytest.mark.parametrize(("purpose", "allowed"), [("teaching", True), ("publication", False), ("marketing_web", False)])
def test_rule_25_no_use_beyond_consent(purpose: str, allowed: bool) -> None:
    """Nothing is used beyond its consent."""
    consent = ConsentFacts("photography", date(2025, 1, 14), frozenset({"record", "teaching"}))

    assert (photo_use_problems([consent], purpose=purpose, on=date(2025, 6, 1)) == []) is allowed


LEVELS = {
    **dict.fromkeys((1, 2, 4, 7, 11, 12, 18), {"error"}),
    **dict.fromkeys((5, 6, 9, 13, 16, 17, 21), {"warning"}),
    **dict.fromkeys((3, 8, 10, 14, 15, 19, 20, 22, 25), {"error", "warning"}),
    23: {"error", "warning"},
    24: {"warning"},
}
"""What the clinical reference says of each rule; of 23 also that anaphylaxis is as a rule serious, which is asked."""


def test_every_rule_is_tried_at_its_levels() -> None:
    """Each of the 25 rules is tried at each of its levels."""
    tried = {rule: {case.level for case in CASES if case.rule == rule} for rule in LEVELS}
    for rule, levels in ((7, {"error"}), (25, {"error", "warning"})):
        named = [name for name in globals() if name.startswith(f"test_rule_{rule}_")]
        tried[rule] |= levels if named else set()

    assert tried == LEVELS


def test_no_rule_is_without_its_line() -> None:
    """Every rule that the code names by number is in LEVELS, so that a new one is tried too."""
    sources = "".join(path.read_text() for path in (Path(settings.BASE_DIR) / "treatments").rglob("*.py"))
    named = set(map(int, re.findall(r"\b(?:error|warning)\(\s*(\d+)", sources)))

    assert named <= set(LEVELS)
    assert len(named) > 20


def text_of(answer: Any) -> str:
    """The page as it is read: without its markup, and with one blank where it has any."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())
