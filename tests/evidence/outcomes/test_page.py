"""The page of outcomes, its rows and its files, from records as a clinic has them."""

import csv
import datetime
import io
import random
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from statistics import fmean, stdev
from typing import Any

import pytest
from defusedxml import ElementTree
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from clinic.audit.models import AuditEvent
from tests import factories
from tests.people import Cast
from treatments.assessments.outcomes.computing import store
from treatments.evidence.outcomes.cohort import Cohort
from treatments.evidence.outcomes.figures import FEWEST, MOST_POINTS, figures
from treatments.evidence.outcomes.ladder import ladder
from treatments.evidence.outcomes.models import ResponderDefinition
from treatments.evidence.statistics.results import Estimate, Interval, NoAnswer
from treatments.models import CourseOutcome, Patient, Therapy
from treatments.records.months import add_months
from treatments.records.partial_dates import PartialDate

PAGE = "/outcomes/"
BEGUN = add_months(timezone.localdate(), -14).replace(day=10)


def treated(
    cast: Cast, *, before: float | None = None, after: float | None = None, month: int = 12, **more: Any
) -> Any:
    """A course with a session; counted before it, and at a Month."""
    patient = more.pop("patient", None) or factories.patient(cast.clinic)
    course = factories.course(patient, baseline_on=more.pop("begun", BEGUN), **more)
    factories.exosome_session(course, reactions="none")
    told = {"course": course, "area_cm2": Decimal(1), "is_same_spot": True}
    if before is not None:
        factories.measurement(patient, measured_on=course.baseline_on, value=Decimal(str(round(before, 3))), **told)
    if after is not None:
        day = add_months(course.baseline_on, month)
        factories.measurement(patient, measured_on=day, value=Decimal(str(round(after, 3))), **told)
    return course


def with_moments(n: int, mean: float, spread: float) -> list[float]:
    """Numbers by chance with just this mean and standard deviation."""
    chance = random.Random(n)
    drawn = [chance.gauss(0, 1) for _ in range(n)]
    middle, width = fmean(drawn), stdev(drawn)
    return [mean + spread * (each - middle) / width for each in drawn]


def computed(cast: Cast) -> None:
    store(list(Patient.objects.of(cast.clinic).values_list("pk", flat=True)))


def cohort_of(cast: Cast, changes: Iterable[float], **more: Any) -> None:
    for change in changes:
        treated(cast, before=150, after=150 + change, **more)
    computed(cast)


def page(cast: Cast, query: str = "", person: Any = None) -> str:
    response = cast.client(person or cast.clinician).get(f"{PAGE}{query}")
    assert response.status_code == 200
    return " ".join(response.content.decode().replace("\u00a0", " ").split())


def seen(html: str) -> str:
    """The words that a person sees, without marks and without what is only heard."""
    return " ".join(re.sub(r"<[^>]*>", "", re.sub(r'<span class="vh">.*?</span>', "", html)).split())


@pytest.mark.parametrize(
    ("n", "mean", "spread", "interval"),
    [(139, 18.6, 25.4, "+14.3 to +22.9"), (78, 3.9, 21.7, "−1.0 to +8.8"), (50, 31.9, 19.9, "+26.2 to +37.6")],
)
def test_a_published_cohort_comes_back(cast: Cast, n: int, mean: float, spread: float, interval: str) -> None:
    """Minoxidil 5 % and placebo, Olsen 2002; foam, Blume-Peytavi 2011: entered as counts, told as published."""
    cohort_of(cast, with_moments(n, mean, spread))

    html = page(cast)

    assert f"+{mean}" in html
    assert interval in html
    assert str(spread) in html
    assert f"Mean of {n} patients" in html


def test_the_ladder_says_who_is_missing(cast: Cast) -> None:
    for change in (10, 20):
        treated(cast, before=100, after=100 + change, month=6)
    treated(cast, before=100)
    treated(cast, begun=add_months(timezone.localdate(), -2))
    treated(cast, begun=add_months(timezone.localdate(), -6))  # its window is not over
    factories.course(factories.patient(cast.clinic))  # planned, not begun
    course = treated(cast, after=120, month=6)
    told = {"struck_out_at": timezone.now(), "struck_out_by": cast.manager, "struck_out_reason": "Twice"}
    wrong = treated(cast)
    type(wrong).objects.filter(pk=wrong.pk).update(**told)
    computed(cast)

    found = ladder(Cohort(cast.clinic), 6)

    assert (found.begun, found.not_due, found.due) == (6, 2, 4)
    assert (found.analysed, found.not_comparable, found.not_seen, found.missing) == (2, 1, 1, 2)
    html = page(cast)
    assert "<b>2</b> missing" in html
    assert "no count before the first session" in html
    assert "1 course entered in error is in none" in seen(html)
    assert course.patient.name not in html


def test_few_are_listed_without_a_mean(cast: Cast) -> None:
    cohort_of(cast, [15, 30, -15])

    html = page(cast)

    assert "<b>3 patients</b>, too few for a mean" in html
    assert "+10 %" in html
    assert "−10 %" in html
    assert "o-mean" not in html


def test_one_course_of_each_patient(cast: Cast) -> None:
    first = treated(cast, before=150, after=165)
    treated(cast, before=150, after=300, patient=first.patient, begun=add_months(BEGUN, 1), name="Another")
    cohort_of(cast, [1, 2, 3, 4])

    assert ladder(Cohort(cast.clinic), 12).analysed == 5
    assert "1 later course of the same patients" in seen(page(cast))


def test_a_later_course_counts_where_chosen(cast: Cast) -> None:
    """Of a cohort by protocol the patient's first course is the first within that protocol."""
    protocol = factories.protocol(cast.clinic)
    first = treated(cast, before=150, after=165)
    patient = first.patient
    treated(cast, before=150, after=180, patient=patient, begun=add_months(BEGUN, 1), protocol=protocol)
    computed(cast)

    assert ladder(Cohort(cast.clinic, protocol=protocol.pk), 12).analysed == 1
    assert ladder(Cohort(cast.clinic), 12).begun == 1


def test_archived_patients_stay_and_are_told(cast: Cast) -> None:
    cohort_of(cast, [1, 2, 3, 4, 5])
    Patient.objects.filter(pk=CourseOutcome.objects.values("patient")[:1]).update(archived_at=timezone.now())

    assert ladder(Cohort(cast.clinic), 12).analysed == 5
    assert "1 patient was archived since and is in all figures" in seen(page(cast))


def test_without_other_treatments(cast: Cast) -> None:
    cohort_of(cast, [1, 2, 3, 4, 5])
    patient = Patient.objects.filter(pk__in=CourseOutcome.objects.values("patient")).order_by("pk").first()
    base = {"clinic": cast.clinic, "created_by": cast.clinician, "patient": patient}
    Therapy.objects.create(kind="finasteride_oral", started=PartialDate(BEGUN.isoformat()), **base)
    computed(cast)

    assert "<b>1 of 5</b>" in page(cast)
    assert "Without them" in page(cast)
    assert ladder(Cohort.read(cast.clinic, {"others": "without"}), 12).analysed == 4
    assert "Show them too" in page(cast, "?others=without")


def test_plots_stand_on_one_scale(cast: Cast) -> None:
    """What was seen at Month 3 and 12 can be compared by eye: 0 stands in one place, however far the points reach."""
    for month, after in ((3, 155), (3, 148), (12, 420), (12, 160)):
        treated(cast, before=150, after=after, month=month)
    computed(cast)

    html = page(cast)

    zeros = re.findall(r'<path d="M([\d.]+) 4V[\d.]+" class="o-zero"/>', html)
    assert len(zeros) == 4
    assert len(set(zeros)) == 2  # of the wide and of the narrow drawing
    assert html.count("Each mark is a patient.") == 1


def test_stages_move_in_a_table(cast: Cast) -> None:
    for later in ("III", "IV", "V"):
        course = treated(cast)
        factories.assessment(course.patient, course=course, assessed_on=course.baseline_on, stage="IV")
        day = add_months(course.baseline_on, 12)
        factories.assessment(course.patient, course=course, assessed_on=day, stage=later)
    other = treated(cast)
    factories.assessment(other.patient, course=other, assessed_on=other.baseline_on, stage="IV")
    told = {"scale": "ludwig_1977", "stage": "I", "assessed_on": add_months(other.baseline_on, 12)}
    factories.assessment(other.patient, course=other, **told)
    computed(cast)

    html = page(cast)

    assert "Month 12, Norwood <span>1 better, 1 the same, 1 worse" in html
    assert "1 graded on another scale" in seen(html)
    assert ladder(Cohort.read(cast.clinic, {"stage": "norwood_1975|IV"}), 12).due == 4
    assert ladder(Cohort.read(cast.clinic, {"stage": "norwood_1975|III"}), 12).due == 0


def test_responders_with_both_bounds(cast: Cast) -> None:
    """Above the error of 16.6 %: 180 of 150 is, 160 is not; an estimate and who is missing count as neither."""
    for after in (180, 190, 160, None, None):
        treated(cast, before=150, after=after, month=6)
    computed(cast)

    html = page(cast)

    assert "<b>2 of 3</b>" in html
    assert "67 %, too few for an interval" in html
    assert "of the 2 missing responded" in seen(html)
    assert "<b>40 %</b>" in html
    assert "<b>80 %</b>" in html
    assert "A share of responders without a control group says little" in html


def test_responders_as_a_patient_is_judged(cast: Cast) -> None:
    """The sum in SQL and the verdict on a patient's page draw the line at the same count."""
    from treatments.assessments.measurements.visibility import Change, Counted, judge

    after = [round(150 * (1 + share / 100), 3) for share in (10, 17, 18, 18.05, 18.07, 19, 25)]
    cohort_of(cast, [each - 150 for each in after], month=6)

    changes = [100 * (each / 150 - 1) for each in after]
    verdicts = [judge(Change(c, c, 6, True, "phototrichogram", counted=Counted(150, 150))) for c in changes]
    above = sum(1 for each in verdicts if each.interval is not None and not each.interval.holds_no_change)
    assert 0 < above < len(after)
    assert figures(Cohort(cast.clinic)).responders.responders == above


def test_a_definition_keeps_the_one_before(cast: Cast) -> None:
    for after in (180, 160):
        treated(cast, before=150, after=after, month=6)
    computed(cast)
    client = cast.client(cast.manager)
    told = [("Count", "count", ""), ("Own view", "patient", "1")]
    for name, measure, least in told:
        form = client.get("/outcomes/responder/").context["form"]
        posted = {"id": str(form["id"].value()), "name": name, "measure": measure, "month": "6", "least": least}
        response = client.post("/outcomes/responder/", {**posted, "reason": "Chosen beforehand", "_sentinel": "1"})
        assert response.status_code == 302

    newest, first = ResponderDefinition.objects.order_by("-number")
    assert (first.number, first.least, newest.number, newest.least) == (1, None, 2, 1)
    assert newest.result_before["responders"] == 1
    html = page(cast)
    assert "Own view, version 2" in html
    assert "Count, version 1</b>, replaced by version 2" in html
    assert AuditEvent.objects.filter(action="defined_responder").count() == 2


def test_only_a_manager_defines(cast: Cast) -> None:
    assert cast.client(cast.clinician).get("/outcomes/responder/").status_code == 403
    assert "/outcomes/responder/" not in page(cast)


def test_events_of_sessions_asked(cast: Cast) -> None:
    for _ in range(3):
        course = treated(cast)
        factories.exosome_session(course, performed_on=add_months(BEGUN, 1))  # nobody asked
    session = course.exosome_sessions.order_by("performed_on").first()
    factories.adverse_event(course.patient, exosome_session=session)
    factories.adverse_event(course.patient)
    computed(cast)

    rate = figures(Cohort(cast.clinic)).rate

    assert (rate.sums.n, rate.sums.events, rate.sums.sessions, rate.not_asked, rate.elsewhere) == (3, 1, 3, 3, 1)
    assert isinstance(rate.result, Estimate)
    assert "In 3 sessions nobody asked" in seen(page(cast))


def test_no_event_is_not_none(cast: Cast) -> None:
    for _ in range(4):
        treated(cast)
    computed(cast)

    assert "None was seen. As many as 92.2 for every 100 sessions could still be there" in page(cast)


def test_nobody_asked_has_no_rate(cast: Cast) -> None:
    course = factories.course(factories.patient(cast.clinic), baseline_on=BEGUN)
    factories.exosome_session(course)
    computed(cast)

    assert "Nobody asked at any session: there is no rate." in page(cast)


def test_rows_behind_a_figure(cast: Cast) -> None:
    missing = treated(cast, patient=factories.patient(cast.clinic, name="Mira Missing"))
    treated(cast, before=150, after=165, patient=factories.patient(cast.clinic, name="Ana Analysed"))
    computed(cast)
    client = cast.client(cast.clinician)

    html = client.get("/outcomes/rows/?month=12&step=missing").content.decode()

    assert "Mira Missing" in html
    assert "Ana Analysed" not in html
    assert missing.patient.record_number in html
    assert "Ana Analysed" in client.get("/outcomes/rows/?month=12&step=analysed").content.decode()
    assert AuditEvent.objects.filter(action="viewed_list").count() == 2
    assert cast.client(cast.reception).get("/outcomes/rows/").status_code == 403


def test_another_clinic_sees_nothing(cast: Cast) -> None:
    cohort_of(cast, [1, 2, 3, 4, 5])

    assert "No course has begun" in page(cast, person=cast.stranger)
    query = f"?protocol={factories.protocol(cast.clinic).pk}"
    assert "No course that has begun matches" in page(cast, query, person=cast.stranger)


@pytest.mark.parametrize(
    "query",
    [
        "?protocol=x",
        "?begun_from=tomorrow",
        "?stage=|",
        "?stage=a|b",
        "?sex=none",
        "?lot=1",
        "?month=x&step=x",
        "?page=x",
    ],
)
def test_addresses_that_mean_nothing(cast: Cast, query: str) -> None:
    cohort_of(cast, [1])
    client = cast.client(cast.clinician)

    assert [client.get(f"{address}{query}").status_code for address in (PAGE, "/outcomes/rows/")] == [200, 200]


def test_as_many_queries_for_any_number(cast: Cast) -> None:
    client = cast.client(cast.clinician)
    counts = []
    for changes in ([5.0], with_moments(40, 10, 20)):
        cohort_of(cast, changes)
        client.get(PAGE)
        with CaptureQueriesContext(connection) as captured:
            client.get(PAGE)
        counts.append(len(captured))

    assert counts[0] == counts[1]
    assert counts[0] <= 26


def test_a_plot_of_many_draws_a_part(cast: Cast) -> None:
    course = treated(cast, before=150, after=165)
    computed(cast)
    row = CourseOutcome.objects.get(course=course, month=12)
    others = []
    for place in range(3 * MOST_POINTS):
        patient = factories.patient(cast.clinic)
        told = {f.attname: getattr(row, f.attname) for f in CourseOutcome._meta.concrete_fields if f.attname != "id"}
        own = factories.course(patient, baseline_on=BEGUN)
        others.append(CourseOutcome(**told | {"course_id": own.pk, "patient_id": patient.pk, "draw": place * 11}))
    CourseOutcome.objects.bulk_create(others)

    month = figures(Cohort(cast.clinic)).months[-1]

    assert month.ladder.analysed == 3 * MOST_POINTS + 1
    assert 0.8 * MOST_POINTS < len(month.points) < 1.2 * MOST_POINTS
    assert isinstance(month.median, NoAnswer)
    assert "patients are drawn, chosen by lot" in page(cast)


# ── Files ──────────────────────────────────────────────────────────────────────────────────────


def rows_of(cast: Cast, query: str = "") -> list[list[str]]:
    response = cast.client(cast.clinician).get(f"/outcomes/outcomes.csv{query}")
    assert response.content.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in response.content
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def figure(rows: Sequence[list[str]], part: str, month: str, name: str) -> list[str]:
    return next(row for row in rows if row[:2] == [part, month] and row[2].startswith(name))


def test_a_file_hides_small_counts(cast: Cast) -> None:
    cohort_of(cast, [15.0] * 3)

    rows = rows_of(cast)

    assert figure(rows, "ladder", "12", "Analysed")[3] == "fewer than 5"
    assert figure(rows, "ladder", "12", "Missing")[3] == "0"
    assert figure(rows, "change", "12", "Mean change")[4:9] == ["", "", "", "per cent", "withheld"]
    meaning = dict(row for row in rows if len(row) == 2)["n"]
    assert "“fewer than 5” stands for 1 to 4; 0 is 0" in meaning
    assert "still follow from the sums beside it" in meaning


def test_a_file_has_its_figures(cast: Cast) -> None:
    cohort_of(cast, with_moments(20, -12, 10))

    row = figure(rows_of(cast), "change", "12", "Mean change")
    assert row[3] == "20"
    assert float(row[4]) < 0
    assert float(row[5]) < float(row[4]) < float(row[6])
    facts = dict(each[:2] for each in rows_of(cast, "?sex=male") if len(each) > 1)
    assert facts["Which courses"] == "sex male"
    assert facts["Clinic"] == "Lime Tree Hair Clinic"
    assert AuditEvent.objects.filter(action="exported_outcomes").count() == 2


def test_rows_name_the_scale_of_a_stage(cast: Cast) -> None:
    """ "4" alone may be a stage of Sinclair or of Ludwig; a stage is told with its scale."""
    course = treated(cast)
    factories.assessment(course.patient, assessed_on=course.baseline_on, course=course, stage="III-vertex")
    after = add_months(course.baseline_on, 12)
    factories.assessment(course.patient, assessed_on=after, course=course, stage="II")
    computed(cast)

    assert "Norwood III vertex" in seen(page(cast, "rows/?step=courses"))
    assert "Norwood III vertex to II" in seen(page(cast, "rows/?month=12&step=due"))


def test_a_workbook_has_text_and_numbers(cast: Cast) -> None:
    cohort_of(cast, with_moments(20, 12, 10))
    cast.clinic.name = "=1+1"
    cast.clinic.save()

    response = cast.client(cast.clinician).get("/outcomes/outcomes.xlsx")
    book = load_workbook(io.BytesIO(response.content))

    assert book.sheetnames == ["Outcomes", "Columns", "About"]
    assert book.properties.creator == "Anagen"
    clinic = book["About"]["B1"]
    assert (clinic.value, clinic.data_type) == ("=1+1", "s")
    assert any(row[4].data_type == "n" and row[2].value == "Mean change" for row in book["Outcomes"].iter_rows())


def test_published_results_leave_too(cast: Cast) -> None:
    """In the file, placebo first and with why they are not comparable; and as a picture with the clinic's own mean."""
    cohort_of(cast, with_moments(FEWEST, 12, 10))

    published = [row for row in rows_of(cast) if row and row[0] == "published"]
    olsen = next(row for row in published if row[2] == "Placebo, Olsen 2002, week 48")
    picture = cast.client(cast.clinician).get("/outcomes/plot.svg?figure=published")
    drawn = ElementTree.fromstring(picture.content)

    assert all(row[2].startswith("Placebo") for row in published[:3])
    assert [olsen[3], *map(float, olsen[4:7])] == [
        "78",
        3.9,
        pytest.approx(-1.0, abs=0.05),
        pytest.approx(8.8, abs=0.05),
    ]
    assert all(row[8].startswith("not comparable: ") for row in published)
    assert picture["Content-Type"] == "image/svg+xml"
    assert len([each for each in drawn.iter() if each.get("class") == "p-square"]) == 1
    assert b"not comparable" in picture.content


@pytest.mark.parametrize("address", ["?stage=norwood|I\x00V", "rows/?step=reason:\x00", "rows/?step=stage:\x00|II|III"])
def test_a_nul_finds_nothing(cast: Cast, address: str) -> None:
    assert cast.client(cast.clinician).get(f"{PAGE}{address}").status_code == 200


def test_who_may_not_export(cast: Cast) -> None:
    for name in ("outcomes-csv", "outcomes-xlsx", "outcomes-picture"):
        assert cast.client(cast.nurse).get(reverse(f"evidence:{name}")).status_code == 403
    assert ".xlsx" not in page(cast, person=cast.nurse)


def test_the_page_names_no_p_value(cast: Cast) -> None:
    cohort_of(cast, with_moments(12, 12, 10))

    html = page(cast).lower()

    assert "<b>no p-values.</b>" in html
    assert "p =" not in html
    assert "p <" not in html.replace("<p ", "").replace("<p>", "")


def test_medians_have_their_level(cast: Cast) -> None:
    cohort_of(cast, [10, 12, 14, 16, 18, 20, 22])

    median = figures(Cohort(cast.clinic)).months[-1].median

    assert isinstance(median, Estimate)
    assert isinstance(median.interval, Interval)
    assert median.interval.level == pytest.approx(0.953125)
    assert "(level 95.3 %)" in page(cast)


def test_a_window_is_over_the_day_after(cast: Cast) -> None:
    begun = add_months(timezone.localdate() - datetime.timedelta(days=10), -3)
    treated(cast, begun=begun)
    computed(cast)
    end = CourseOutcome.objects.get(month=3).window_until
    assert end is not None

    expected = 1 if end < timezone.localdate() else 0
    assert ladder(Cohort(cast.clinic), 3).due == expected


def test_a_lot_chooses_its_courses(cast: Cast) -> None:
    lot = factories.lot(factories.product(cast.clinic))
    course = treated(cast, before=150, after=165)
    treated(cast, before=150, after=165)
    course.exosome_sessions.update(lot=lot)
    computed(cast)

    assert ladder(Cohort.read(cast.clinic, {"lot": str(lot.pk)}), 12).analysed == 1


def test_nothing_is_said_of_nobody(cast: Cast) -> None:
    """Of an empty clinic no filters, of a Month that nobody has reached no steps, of few no table, no switch without
    anybody to switch off, and no bounds of the missing where nobody is missing."""
    empty = page(cast)
    assert "No course has begun" in empty and "outcome-filters" not in empty and "All courses" not in empty
    assert "outcome-filters" in page(cast, "?sex=male")

    treated(cast, begun=add_months(timezone.localdate(), -1))
    computed(cast)
    early = page(cast)
    assert early.count("Nobody due") == 3 and "Not yet due" in early and "Not seen" not in early
    assert "Without them" not in early and "o-table" not in early
    assert "Show them too" in page(cast, "?others=without")

    cohort_of(cast, [15, 30, -15])
    few = page(cast, f"?begun_until={BEGUN.isoformat()}")
    assert "too few for a mean" in few and "o-table" not in few
    assert "Of nobody who is analysed another treatment is recorded" in few and "Without them" not in few
    definition = ResponderDefinition.objects.create(
        clinic=cast.clinic,
        created_by=cast.manager,
        number=1,
        name="Better at Month 12",
        measure="count",
        month=12,
    )
    whole = page(cast, f"?begun_until={BEGUN.isoformat()}")
    assert definition.name in whole and "Of all who are due" in whole and "If nobody of" not in whole


def test_the_way_back_from_rows_has_its_name(cast: Cast) -> None:
    """Back to the same courses is another place than the menu’s Outcomes, and is called another name."""
    assert ">Outcomes of these courses</a>" in page(cast, "rows/?step=begun&month=6&sex=male")
    assert "Outcomes of these courses" not in page(cast, "rows/?step=begun&month=6")


def test_a_cohort_names_its_product_once(cast: Cast) -> None:
    lot = factories.lot(factories.product(cast.clinic, name="Vesicles"), number="EX-1")
    assert "Lot EX-1, Vesicles" in seen(page(cast, f"?lot={lot.pk}"))
    both = seen(page(cast, f"?lot={lot.pk}&product={lot.product_id}"))
    assert "Product Vesicles; lot EX-1 " in both
