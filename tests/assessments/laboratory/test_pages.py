import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clinic.audit.models import AuditEvent
from tests import factories
from tests.html_forms import filled
from tests.people import Cast
from treatments.assessments.laboratory import actions
from treatments.assessments.laboratory.models import LaboratoryReport, LaboratoryResult, LaboratoryTest
from treatments.models import Correction, PassedWarning
from treatments.records.ids import new_id

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def add(cast: Cast, client: Client, *, query: str = "", **typed: str) -> Any:
    address = reverse("assessments:laboratory-add", args=[cast.patient.pk]) + query
    changes = {name.replace("__", "-"): text for name, text in typed.items()}
    posted = filled(client.get(address).content.decode(), **changes)
    return client.post(address, posted)


def test_whole_report_at_once(cast: Cast, clinician_client: Client) -> None:
    """One date, one laboratory, several rows; rows without a value are passed over."""
    test = LaboratoryTest.objects.create(clinic=cast.clinic, name="Zinc", unit="µmol/L", created_by=cast.nurse)

    response = add(
        cast, clinician_client, when="3 May 2026", laboratory="North Laboratory", ferritin__value="18,5",
        ferritin__low="30", ferritin__high="400", tsh__comparator="<", tsh__value="0.01",
        **{f"{test.pk}-value": "12.4"},
    )  # fmt: skip

    report = LaboratoryReport.objects.get()
    assert response["Location"] == report.get_absolute_url()
    assert report.sampled_on == datetime.date(2026, 5, 3)
    results = sorted(report.results.all(), key=lambda result: result.place)
    assert [(str(each), str(each.standing)) for each in results] == [
        ("Ferritin 18.5 µg/L", "low"),
        ("TSH (thyroid-stimulating hormone) < 0.01 mIU/L", "no range"),
        ("Zinc 12.4 µmol/L", "no range"),
    ]
    assert AuditEvent.objects.get(action="recorded_laboratory").detail["values"] == 3
    page = clinician_client.get(report.get_absolute_url()).content.decode()
    assert "Ferritin is low: thyroid or iron disorder is among the other causes to think of." in page


def test_nothing_is_saved_of_a_wrong_report(cast: Cast, clinician_client: Client) -> None:
    """One wrong row refuses the report, and nothing typed is lost."""
    response = add(cast, clinician_client, ferritin__value="18", tsh__value="many", note="Fasting")

    page = response.content.decode()
    assert response.status_code == 422 and "Fasting" in page and 'value="18"' in page and "many" in page
    assert not LaboratoryReport.objects.exists() and not LaboratoryResult.objects.exists()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "Write at least one value."),
        ({"ferritin__comparator": "<"}, "Write the figure too"),
        ({"ferritin__value": "18", "ferritin__low": "40", "ferritin__high": "30"}, "The range begins above its end."),
        ({"ferritin__value": "200000"}, "is not possible"),
        ({"ferritin__value": "18", "when": "3 May 1960"}, "birth"),
    ],
)
def test_what_cannot_be_is_refused(cast: Cast, clinician_client: Client, typed: dict[str, str], sentence: str) -> None:
    """Each refusal says what to do."""
    response = add(cast, clinician_client, **typed)

    assert response.status_code == 422 and sentence in response.content.decode()


def test_ranges_are_filled_in_next_time(cast: Cast, clinician_client: Client) -> None:
    """For the same laboratory, and patients of the same sex alone."""
    add(
        cast,
        clinician_client,
        laboratory="North  Laboratory",
        ferritin__value="18",
        ferritin__low="30",
        ferritin__unit="ng/mL",
    )
    woman = factories.patient(cast.clinic, sex="female")

    def low_of(patient: Any, query: str = "") -> list[str]:
        address = reverse("assessments:laboratory-add", args=[patient.pk]) + query
        return filled(clinician_client.get(address).content.decode())["ferritin-low"]

    assert low_of(factories.patient(cast.clinic)) == ["30"]
    assert low_of(woman) == [""]
    assert low_of(cast.patient, "?laboratory=") == [""]
    assert low_of(cast.patient, "?laboratory=North+Laboratory") == ["30"]


def test_range_of_another_laboratory(cast: Cast, clinician_client: Client) -> None:
    """A range that was filled in for one laboratory is not taken over for another unseen."""
    add(cast, clinician_client, laboratory="North Laboratory", ferritin__value="18", ferritin__low="30")

    other = add(cast, clinician_client, laboratory="South Laboratory", ferritin__value="20")
    unit = add(cast, clinician_client, ferritin__value="20", ferritin__unit="ng/mL")
    same = add(cast, clinician_client, laboratory="NORTH laboratory", ferritin__value="20")

    assert other.status_code == unit.status_code == 422
    assert "was filled in for North Laboratory, in µg/L. Check it against this report." in other.content.decode()
    assert same.status_code == 302
    assert set(LaboratoryReport.objects.values_list("laboratory", flat=True)) == {"North Laboratory"}


def test_warning_is_passed_with_a_reason(cast: Cast, clinician_client: Client) -> None:
    """A value far outside its range takes a reason, which is kept."""
    far = {"ferritin__value": "9000", "ferritin__low": "30", "ferritin__high": "400"}
    response = add(cast, clinician_client, **far)
    form = response.context["form"]
    (warning,) = form.unpassed

    posted = filled(response.content.decode(), **{warning.input_name: "Repeated, and the same"})
    clinician_client.post(reverse("assessments:laboratory-add", args=[cast.patient.pk]), posted)

    assert PassedWarning.objects.get(record_id=LaboratoryReport.objects.get().pk).reason == "Repeated, and the same"


def test_same_report_twice_is_one(cast: Cast, clinician_client: Client) -> None:
    """A double click writes one report."""
    address = reverse("assessments:laboratory-add", args=[cast.patient.pk])
    posted = filled(clinician_client.get(address).content.decode(), **{"ferritin-value": "18"})
    answers = [clinician_client.post(address, posted)["Location"] for _ in range(2)]

    assert answers[0] == answers[1]
    assert (LaboratoryReport.objects.count(), LaboratoryResult.objects.count()) == (1, 1)


def test_value_is_corrected_and_struck_out(cast: Cast, clinician_client: Client) -> None:
    """One value is put right with its reason, or struck out, and the others stay."""
    report = factories.laboratory_report(cast.patient, ferritin=Decimal(180), tsh=Decimal(50))
    ferritin, tsh = report.results.order_by("analyte")

    address = reverse("assessments:laboratory-value-correct", args=[cast.patient.pk, report.pk, ferritin.pk])
    posted = filled(clinician_client.get(address).content.decode(), **{"value": "18", "correction_reason": "Misread"})
    assert clinician_client.post(address, posted).status_code == 302
    address = reverse("assessments:laboratory-value-strike-out", args=[cast.patient.pk, report.pk, tsh.pk])
    posted = filled(clinician_client.get(address).content.decode(), **{"reason": "Of another patient"})
    assert clinician_client.post(address, posted).status_code == 302

    page = clinician_client.get(report.get_absolute_url()).content.decode()
    assert "<del>180</del> <ins>18</ins>" in page and "entered in error: Of another patient" in page
    assert Correction.objects.get(record_id=ferritin.pk).reason == "Misread"
    over_time = clinician_client.get(reverse("assessments:laboratory", args=[cast.patient.pk])).content.decode()
    assert "18 µg/L" in over_time and "TSH" not in over_time
    timeline = clinician_client.get(cast.patient.get_absolute_url()).content.decode()
    assert "18 µg/L" in timeline and "Misread" in timeline and "Of another patient" in timeline


def test_report_is_corrected_and_struck_out(cast: Cast, clinician_client: Client) -> None:
    """Date and laboratory are put right for all values; struck out, none of them counts."""
    report = factories.laboratory_report(cast.patient, ferritin=Decimal(18))
    address = reverse("assessments:laboratory-correct", args=[cast.patient.pk, report.pk])
    posted = filled(
        clinician_client.get(address).content.decode(), **{"laboratory": "South", "correction_reason": "Wrong header"}
    )
    assert clinician_client.post(address, posted).status_code == 302
    address = reverse("assessments:laboratory-strike-out", args=[cast.patient.pk, report.pk])
    page = clinician_client.get(address).content.decode()
    assert "1 value of this report will be struck out too." in page
    clinician_client.post(address, filled(page, **{"reason": "Entered twice"}))

    report.refresh_from_db()
    assert (report.laboratory, report.is_struck_out, report.results.get().is_struck_out) == ("South", True, True)
    over_time = clinician_client.get(reverse("assessments:laboratory", args=[cast.patient.pk])).content.decode()
    assert "No laboratory value is recorded yet." in over_time


def test_values_over_time(cast: Cast, clinician_client: Client) -> None:
    """The latest first, each with its change from the one before."""
    for days, value in ((90, "14"), (1, "31")):
        day = datetime.date.today() - datetime.timedelta(days=days)
        factories.laboratory_report(cast.patient, sampled_on=day, ferritin=Decimal(value))

    page = clinician_client.get(reverse("assessments:laboratory", args=[cast.patient.pk])).content.decode()

    assert page.index("31 µg/L") < page.index("14 µg/L")
    assert "+17 µg/L (+121 %)" in page and "first value" in page


def test_clinic_lists_its_own_tests(cast: Cast, clinician_client: Client) -> None:
    """A test is listed once, corrected, and offered no more; what was measured stays."""
    address = reverse("assessments:laboratory-test-add")
    typed = {"name": "Zinc", "unit": "µmol/L"}
    posted = filled(clinician_client.get(address).content.decode(), **typed)
    assert clinician_client.post(address, posted).status_code == 302
    twice = clinician_client.post(
        address, filled(clinician_client.get(address).content.decode(), **{**typed, "name": "ZINC"})
    )
    assert twice.status_code == 422 and "already listed" in twice.content.decode()
    test = LaboratoryTest.objects.get()
    add(cast, clinician_client, **{f"{test.pk}-value": "12"})

    correct = reverse("assessments:laboratory-test-correct", args=[test.pk])
    page = clinician_client.get(correct).content.decode()
    unit = clinician_client.post(correct, filled(page, **{"unit": "mg/L", "correction_reason": "New method"}))
    clinician_client.post(reverse("assessments:laboratory-test-offer", args=[test.pk]), {})

    assert unit.status_code == 422 and "Add a second test for the other unit" in unit.content.decode()
    form = clinician_client.get(reverse("assessments:laboratory-add", args=[cast.patient.pk])).content.decode()
    assert f"{test.pk}-value" not in form
    assert (
        "12 µmol/L" in clinician_client.get(reverse("assessments:laboratory", args=[cast.patient.pk])).content.decode()
    )


def test_test_of_another_clinic(cast: Cast, clinician_client: Client) -> None:
    """Another clinic's tests have no row here."""
    LaboratoryTest.objects.create(clinic=cast.other_clinic, name="Selenium", unit="µg/L", created_by=cast.stranger)

    page = clinician_client.get(reverse("assessments:laboratory-add", args=[cast.patient.pk])).content.decode()

    assert "Selenium" not in page


def add_values(cast: Cast, client: Client, report: LaboratoryReport, **typed: str) -> Any:
    address = reverse("assessments:laboratory-values-add", args=[cast.patient.pk, report.pk])
    changes = {name.replace("__", "-"): text for name, text in typed.items()}
    return client.post(address, filled(client.get(address).content.decode(), **changes))


def test_value_that_arrives_later(cast: Cast, clinician_client: Client) -> None:
    """It is added to the saved report with its own day of entry; nothing is corrected, and no test has two values."""
    add(cast, clinician_client, when="3 May 2026", laboratory="North Laboratory", ferritin__value="18")
    report = LaboratoryReport.objects.get()
    address = reverse("assessments:laboratory-values-add", args=[cast.patient.pk, report.pk])
    page = clinician_client.get(address).content.decode()
    assert 'name="tsh-value"' in page and 'name="ferritin-value"' not in page

    posted = filled(page, **{"tsh-value": "2.1", "vitamin_d-value": "60"})
    assert clinician_client.post(address, posted)["Location"] == report.get_absolute_url()
    assert clinician_client.post(address, posted).status_code == 302  # sent again, answered as the first time

    assert sorted(map(str, report.results.all())) == [
        "Ferritin 18 µg/L",
        "TSH (thyroid-stimulating hormone) 2.1 mIU/L",
        "Vitamin D (25-hydroxy) 60 nmol/L",
    ]
    report.refresh_from_db()
    assert report.version == 1 and not Correction.objects.exists()
    assert AuditEvent.objects.get(action="added_laboratory_values").detail["values"] == 2
    shown = clinician_client.get(report.get_absolute_url()).content.decode()
    assert shown.count("by " + str(cast.clinician) + "</span>") == 2

    again = clinician_client.post(address, posted | {"id": str(new_id()), "tsh-value": "2.2"})
    assert again.status_code == 422 and "is on this report already" in again.content.decode()
    assert report.results.count() == 3


def test_no_value_on_a_struck_out_report(cast: Cast, clinician_client: Client) -> None:
    """Neither by a link of yesterday nor by a form that was open when it was struck out."""
    add(cast, clinician_client, when="3 May 2026", ferritin__value="18")
    report = LaboratoryReport.objects.get()
    address = reverse("assessments:laboratory-values-add", args=[cast.patient.pk, report.pk])
    posted = filled(clinician_client.get(address).content.decode(), **{"tsh-value": "2.1"})
    actions.strike_out_report(report, reason="Another patient", expected_version=1, by=cast.clinician)
    assert clinician_client.get(address).status_code == 302
    refused = clinician_client.post(address, posted)
    assert refused.status_code == 422 and "struck out or moved" in refused.content.decode()
    assert LaboratoryResult.objects.count() == 1


def test_figure_beside_the_wrong_unit(cast: Cast, clinician_client: Client) -> None:
    """250 ng/mL of vitamin D asks whether it was nmol/L, and says how the two stand to each other; a reason passes."""
    told = {"when": "3 May 2026", "vitamin_d__value": "250", "vitamin_d__unit": "ng/mL"}
    response = add(cast, clinician_client, **told)
    [asked] = response.context["form"].unpassed
    assert (asked.rule, asked.field) == ("10", "vitamin_d-value")
    assert "It would be usual in nmol/L." in asked.sentence and "about 2.5 nmol/L" in asked.sentence
    page = response.content.decode()
    saved = clinician_client.post(
        reverse("assessments:laboratory-add", args=[cast.patient.pk]),
        filled(page, **{asked.input_name: "Read again on the report"}),
    )
    assert saved.status_code == 302 and PassedWarning.objects.get().reason == "Read again on the report"
