"""The clinic's repeat counts: entered, found in the record, struck out, and taken over as its limit."""

import datetime
import re
from decimal import Decimal

import pytest
from django.http import HttpResponse, QueryDict
from django.urls import reverse

from clinic.audit.models import AuditEvent
from clinic.staff.models import Clinic
from tests import factories
from tests.accessibility import page_checks
from tests.browser import sign_in
from tests.people import Cast
from treatments.assessments.thresholds.clinic_thresholds import reset_thresholds, thresholds_of
from treatments.evidence.outcomes.cohort import Cohort
from treatments.evidence.outcomes.figures import figures
from treatments.evidence.repeats.pairs import found_in_record
from treatments.models import Measurement, RepeatPair
from treatments.records.ids import new_id

pytestmark = pytest.mark.django_db
PAGE = "/clinic/repeat-counts/"
TODAY = datetime.date.today()


def typed(pairs: list[tuple[str, str]], **more: str) -> dict[str, str]:
    rows = {
        f"pair{n}-{name}": count
        for n, pair in enumerate(pairs, 1)
        for name, count in zip(("first", "second"), pair, strict=True)
    }
    head = {"id": str(new_id()), "counted_on": TODAY.isoformat(), "readers": "same", "counted_by": "Nurse A", "how": ""}
    return head | rows | {"_sentinel": "1", "csrfmiddlewaretoken": "x"} | more


def add(cast: Cast, data: dict[str, str], person: str = "nurse") -> HttpResponse:
    return cast.client(getattr(cast, person)).post(f"{PAGE}add/", data)


def ten(clinic: Clinic, number: int = 10) -> None:
    for n in range(number):
        second = Decimal("1.1") if n % 2 else Decimal("0.92")
        first = Decimal(100 + 3 * n)
        factories.repeat_pair(clinic, first=first, second=first * second, readers="same" if n % 3 else "other")


def use(cast: Cast, person: str = "manager", **more: str) -> HttpResponse:
    client = cast.client(getattr(cast, person))
    form = client.get(f"{PAGE}use/").context["form"]
    told = {name: form[name].value() for name in ("was", "seen")} | {"reason": "Two nurses counted ten spots"}
    return client.post(f"{PAGE}use/", told | more)


def words(response: HttpResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_a_series_is_entered_once(cast: Cast) -> None:
    """A series is kept as rows with who entered them; sent twice it is one."""
    data = typed([("120", "126"), ("98.5", "101"), ("", "")])

    assert [add(cast, data).status_code for _ in range(2)] == [302, 302]

    rows = RepeatPair.objects.of(cast.clinic).order_by("id")
    assert [(row.first, row.second, row.created_by) for row in rows] == [
        (Decimal(120), Decimal(126), cast.nurse),
        (Decimal("98.5"), Decimal(101), cast.nurse),
    ]
    assert AuditEvent.objects.get(action="recorded_repeats").detail["pairs"] == 2
    assert not RepeatPair.objects.of(cast.other_clinic).exists()


def test_every_row_has_its_inputs(cast: Cast) -> None:
    page = cast.client(cast.nurse).get(f"{PAGE}add/").content.decode()

    assert all(f'name="pair{n}-{count}"' in page for n in range(1, 13) for count in ("first", "second"))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"pair1-second": ""}, "Write both counts of this spot, or neither."),
        ({"pair1-first": "0"}, "at least 0.001"),
        ({"pair1-first": "", "pair1-second": ""}, "Write at least one pair"),
        ({"readers": ""}, "Choose who counted."),
        ({"counted_on": (TODAY + datetime.timedelta(days=1)).isoformat()}, "This date is in the future."),
    ],
    ids=("half", "nothing", "none", "readers", "future"),
)
def test_a_wrong_series_says_what_to_do(cast: Cast, change: dict[str, str], sentence: str) -> None:
    response = add(cast, typed([("120", "126")]) | change)

    assert response.status_code == 422
    assert sentence in words(response)
    assert "Nurse A" in response.content.decode()
    assert not RepeatPair.objects.exists()


def test_fewer_than_ten_give_no_error(cast: Cast) -> None:
    """Nine pairs are refused with words, on the page and where the limit would be taken over; no figure is shown."""
    ten(cast.clinic, 9)

    page = words(cast.client(cast.manager).get(PAGE))

    assert "There are 9 pairs. At least 10 are needed" in page
    assert "The limit in use is 16.6 %: the published one." in page
    assert "Use this error" not in page and "nan" not in page.lower()
    assert cast.client(cast.manager).get(f"{PAGE}use/").status_code == 302


def test_ten_pairs_give_an_error(cast: Cast) -> None:
    """With interval, rise and fall, correlation and limits of agreement; another clinic has none of it."""
    ten(cast.clinic)

    page = words(cast.client(cast.reader).get(PAGE))

    assert re.search(r"\d+ % from 10 pairs: the true one is likely to lie between \d+ and \d+ %\.", page)
    for part in ("As a rise +", "As a fall −", "ICC(A,1)", "Limits of agreement", "fewer than 10: no error"):
        assert part in page
    assert "Use this error" not in page and "Strike out" not in page
    assert "There is no pair yet" in words(cast.client(cast.stranger).get(PAGE))


def test_a_struck_out_pair_does_not_count(cast: Cast) -> None:
    ten(cast.clinic)
    pair = RepeatPair.objects.first()
    client = cast.client(cast.nurse)

    sent = {"version": str(pair.version), "reason": "Entered twice"}
    assert [client.post(f"{PAGE}{pair.pk}/strike-out/", sent).status_code for _ in range(2)] == [302, 409]

    page = words(client.get(PAGE))
    assert "There are 9 pairs." in page and "Entered in error" in page and "Entered twice" in page
    assert AuditEvent.objects.filter(action="struck_out").count() == 1
    assert cast.client(cast.stranger).get(f"{PAGE}{pair.pk}/strike-out/").status_code == 404
    assert cast.client(cast.reader).post(f"{PAGE}{pair.pk}/strike-out/", sent).status_code == 403


def counted(cast: Cast, *values: str, **fields: object) -> list[Measurement]:
    told = {"site_detail": "2 cm left of the whorl", "device": "Handheld", "method": "phototrichogram"} | fields
    return [factories.measurement(cast.patient, value=Decimal(value), **told) for value in values]


def test_two_counts_of_a_spot_are_found(cast: Cast) -> None:
    """Two counts of one spot on one day in one way are a pair; three, another way, an estimate are not."""
    counted(cast, "120", "126", operator=cast.nurse)
    counted(cast, "90", "95", "99", site_detail="The hairline")
    counted(cast, "90", site_detail="Crown", device="Handheld")
    counted(cast, "95", site_detail="Crown", device="Another")
    counted(cast, "90", "95", site_detail="")
    counted(cast, "90", "95", site_detail="Left temple", method="clinician_visual_estimate")
    struck, _ = counted(cast, "90", "95", site_detail="Right temple")
    Measurement.objects.filter(pk=struck.pk).update(
        struck_out_at=struck.created_at, struck_out_by=cast.nurse, struck_out_reason="Entered twice"
    )

    [pair] = found_in_record(cast.clinic)

    assert pair.counts == ("120", "126") and pair.readers == str(cast.nurse)
    assert found_in_record(cast.other_clinic) == []
    response = cast.client(cast.reader).get(PAGE)
    assert "There is 1 pair." in words(response) and cast.patient.name not in response.content.decode()
    assert AuditEvent.objects.get(action="viewed_list").detail["rows"] == 1


def test_second_count_of_a_visit_is_a_pair(cast: Cast) -> None:
    """Two rows of the form for measurements: the same spot again, counted by somebody else."""
    told = {"id": str(new_id()), "when": "14 Jan 2025", "kind": "hair_density", "value": "146", "site": "vertex"}
    told |= {"method": "manual_trichoscopy_count", "operator": str(cast.nurse.pk), "site_detail": "3 cm back"}
    told |= {"m1-kind": "hair_density", "m1-value": "150", "m1-operator": str(cast.clinician.pk), "_sentinel": "1"}
    url = reverse("assessments:measure", args=[cast.patient.pk])

    answer = cast.client(cast.nurse).post(url, told)

    assert answer.status_code == 302, answer.context["form"].errors
    [pair] = found_in_record(cast.clinic)
    assert pair.counts == ("146", "150") and pair.readers == f"{cast.nurse} and {cast.clinician}"
    assert pair.pair.is_same_reader is False


def test_own_error_is_taken_over(cast: Cast) -> None:
    """With reason, source and trail; every place that names the error says so, and going back ends it."""
    ten(cast.clinic, 24)

    assert use(cast).status_code == 302

    limits = thresholds_of(Clinic.objects.get(pk=cast.clinic.pk))
    source = limits.repeats
    assert source and (source.pairs, source.day) == (24, TODAY)
    assert source.sdc_pct == limits.sdc_matched_pct < limits.sdc_unmatched_pct
    event = AuditEvent.objects.get(action="set_thresholds")
    assert event.detail["reason"] == "Two nurses counted ten spots" and event.detail["repeats"]["pairs"] == 24
    told = f"the clinic’s own, from 24 repeat pairs ({source.low_pct:.0f} to {source.high_pct:.0f} %)"
    page = words(cast.client(cast.reader).get("/clinic/thresholds/"))
    assert told in page and "From 24 repeat pairs" in page
    assert "The clinic’s limit comes from these pairs" in words(cast.client(cast.reader).get(PAGE))
    baseline, later = (TODAY - datetime.timedelta(days=days) for days in (300, 10))
    course = factories.course(cast.patient, baseline_on=baseline)
    for day, value in ((baseline, "100"), (later, "150")):
        counted(cast, value, measured_on=day, is_same_spot=True, course=course)
    count = Measurement.objects.order_by("measured_on").last()
    assert told in words(cast.client(cast.reader).get(count.get_absolute_url()))
    assert "from 24 repeat pairs" in words(cast.client(cast.reader).get(cast.patient.get_absolute_url()))
    clinic = Clinic.objects.get(pk=cast.clinic.pk)
    assert figures(Cohort.read(clinic, QueryDict())).error.endswith(told)

    reset_thresholds(cast.clinic, by=cast.manager)

    assert thresholds_of(Clinic.objects.get(pk=cast.clinic.pk)).repeats is None
    assert "the published one" in words(cast.client(cast.reader).get("/clinic/thresholds/"))


def test_another_error_is_not_taken_unseen(cast: Cast) -> None:
    """A pair that came meanwhile, and limits that somebody else set, are shown first."""
    ten(cast.clinic)
    refused = use(cast, seen="10 1 1 1")
    assert refused.status_code == 422 and "The pairs have changed" in words(refused)
    form = refused.context["form"]
    assert use(cast, seen=form["seen"].value(), was="1 2 3 4 5").status_code == 422
    assert Clinic.objects.get(pk=cast.clinic.pk).thresholds is None
    assert use(cast, reason="x").status_code == 422
    assert cast.client(cast.clinician).get(f"{PAGE}use/").status_code == 403


def test_typed_limits_part_from_the_repeats(cast: Cast) -> None:
    """Another limit keeps the repeat counts behind the error; another error does not."""
    ten(cast.clinic)
    use(cast)
    client = cast.client(cast.manager)
    change = "/clinic/thresholds/change/"
    names = ("sdc_matched_pct", "sdc_unmatched_pct", "visible_pct", "visible_per_cm2", "early_before_month", "was")

    def save(**typed: str) -> None:
        form = client.get(change).context["form"]
        assert (
            client.post(change, {n: form[n].value() for n in names} | {"reason": "By our own"} | typed).status_code
            == 302
        )

    save(visible_pct="30")
    assert thresholds_of(Clinic.objects.get(pk=cast.clinic.pk)).repeats
    save(sdc_matched_pct="9")
    assert thresholds_of(Clinic.objects.get(pk=cast.clinic.pk)).error_source == "the clinic’s own, as it was typed"


def test_questions_do_not_grow(cast: Cast, django_assert_num_queries) -> None:
    ten(cast.clinic, 30)
    for place in range(6):
        counted(cast, "120", "126", site_detail=f"Spot {place}")
    with django_assert_num_queries(1):
        assert len(found_in_record(cast.clinic)) == 6


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_repeat_counts_are_accessible(cast: Cast, new_page, live_server, axe) -> None:
    ten(cast.clinic, 12)
    page = new_page(width=390)
    sign_in(page.context, cast.manager, live_server.url)
    for address in (PAGE, f"{PAGE}add/", f"{PAGE}use/"):
        page.goto(address)
        axe(page)
        assert list(page_checks.too_wide(page)) == []
    page.goto(PAGE)
    # A label of two lines makes its row as high as it is, and does not lie over the next.
    label = page.locator("[data-label='Smallest detectable change']").first
    assert label.bounding_box()["height"] >= 48
