"""What happened to each invented patient, in days and months before today; one function a patient."""

import datetime
from decimal import Decimal
from typing import Any

from treatments.courses.models import Application, Course
from treatments.demonstration.builder import RecordBuilder
from treatments.patients.actions import update_details
from treatments.patients.models import Patient, Therapy
from treatments.records.actions import Passed, update
from treatments.records.months import add_months
from treatments.records.partial_dates import PartialDate, of_day, parse
from treatments.registry.actions import archive_patient, record_therapy
from treatments.safety.actions import follow_up
from treatments.safety.models import FollowUp
from treatments.sessions.log.actions import correct_session
from treatments.sessions.plan.actions import stop_course

# The views that were rendered; a course that plans others would miss them for ever.
TAKEN = ["vertex", "superior_midline", "frontal", "occipital"]
FROM_THE_REPORT = "As in the published report, which does not state it"


def published_case(build: RecordBuilder) -> None:
    """Chieh and Lee 2025: five sessions a month apart. What the report does not state stays unknown."""
    first = build.months_ago(6, 12)
    month = [add_months(first, number) for number in range(6)]
    patient = build.register("case", first)
    build.history(patient, "case", first, earlier_treatment="none", story="Progressive hair loss localized at vertex.")
    build.consent(patient, first)
    build.consent(patient, first, "photography", "record", "publication")
    build.assess(
        patient,
        first,
        scale="norwood_1975",
        stage="III-vertex",
        reported_label="Month 0, baseline",
        diagnosis="male_pattern",
        diagnosis_note="Clinical; no laboratory test or histopathology needed. No scarring pattern.",
        regions=["vertex", "temporal_left", "temporal_right"],
        examination="Thinning at the crown and vertex, recession at the temples. Scalp visible through the crown.",
        lighting="bright_overhead",
        fitzpatrick="III",
        findings={"erythema": 0},
        pull_result="negative",
    )
    unknown = [Passed("15", "The lot and the product are not recorded.", FROM_THE_REPORT)]
    course = build.plan(
        patient, first, product=None, views=TAKEN, note="Yearly refresh session in the long term.",
        maintenance_from_month=None, maintenance_to_month=None, follow_up_from_month=6, follow_up_to_month=9,
    )  # fmt: skip
    build.photographs(patient, "case", 0, first, lighting="bright_overhead")
    for number in range(5):
        build.session(
            course,
            month[number],
            lot=None,
            region_labels={"vertex": "crown and vertex"},
            route_confirmed=False,
            passed=unknown,
            since_last="not_asked",
            reactions="not_asked",
            operator=None,
        )
    build.assess(
        patient,
        month[3],
        reported_label="Month 3, after 3rd session",
        change_seen="Noticeable thickening at the crown and vertex.",
    )
    build.photographs(patient, "case", 3, month[3])
    estimate = build.measure(
        patient,
        month[5],
        kind="density_change_pct",
        low=Decimal(20),
        high=Decimal(25),
        method="clinician_visual_estimate",
    )
    build.assess(
        patient,
        month[5],
        measurement=estimate,
        reported_label="Month 5, after 5th session",
        change_seen="Scalp less visible under standard lighting than at baseline.",
        lighting="standard_room",
        patient_words="I have more hair. I am happy with the improvement.",
        safety_negatives=["allergic_reaction", "severe_systemic", "long_term_effect", "infection", "immunogenic"],
        plan="Follow-up between Month 6 and Month 9, then one refresh session a year.",
    )
    build.photographs(patient, "case", 5, month[5])
    undated = [Passed("22", "Recovered, without a date.", FROM_THE_REPORT)]
    for kind, description in (
        ("injection_site_pain", "Mild pain during treatment."),
        ("injection_site_irritation", "Local scalp irritation."),
        ("injection_site_erythema", "Redness."),
        ("injection_site_oedema", "Swelling."),
        ("pruritus", "Itching; named in the conclusion only."),
        ("headache", "Sporadic headaches; named in the conclusion only."),
    ):
        event = build.event(patient, None, kind, description=description, causality="", action_taken="4")
        event.reported_on, event.duration_note = month[5], "transient, went away on its own"
        build.report(event, undated)


def whole_year(build: RecordBuilder) -> None:
    """Induction, maintenance and a yearly refresh, with counts at one spot."""
    first = build.months_ago(20)
    day = [add_months(first, number) for number in range(20)]
    patient = build.register("year", first)
    build.history(
        patient,
        "year",
        first,
        earlier_treatment="yes",
        allergies="none",
        family="yes",
        relatives={"father": "affected"},
    )
    _other_treatments(build, patient, first)
    build.consent(patient, first)
    build.consent(patient, first, "photography", "record", "teaching")
    course = build.plan(patient, first, views=TAKEN[:2], note="Refresh once a year while it lasts.")

    def count(number: int, hairs: int) -> dict[str, Any]:
        return {
            "measurement": build.measure(
                patient, day[number], kind="hair_density", value=Decimal(hairs), method="manual_trichoscopy_count",
                area_cm2=Decimal("1.000"), site_detail="2 cm left of the whorl", is_same_spot=number > 0,
                device="Handheld, x20",
            )
        }  # fmt: skip

    for number, total in ((0, "15.2"), (12, "14.1")):
        values = {"testosterone": (total, "nmol/L", "8.6", "29"), "tsh": ("1.8", "m[IU]/L", "0.4", "4.2")}
        build.laboratory(patient, day[number], values)
    common: dict[str, Any] = {"scale": "norwood_1975", "fitzpatrick": "II"}
    build.assess(patient, first, **count(0, 118), **common, stage="IV", diagnosis="male_pattern")
    baseline = build.photographs(patient, "year", 0, first, is_card_full=True)
    for number in range(5):
        redness = [build.event(patient, day[number], "injection_site_erythema", duration_note="gone the next day")]
        build.session(course, day[number], events=redness if number in {1, 3} else (), lot="LT-2588")
    build.assess(patient, day[3], **count(3, 127), **common, change_seen="Slightly denser at the vertex.")
    build.photographs(patient, "year", 3, day[3], is_card_full=True)
    build.assess(patient, day[6], **count(6, 143), **common, stage="IV", global_change=1, patient_change=1)
    # Taken under another lamp, between two cuts: the one month that cannot be compared with the others.
    other = {"lighting": "bright_overhead", "hair_length_mm": 32}
    build.photographs(patient, "year", 6, day[6], is_card_full=True, **other)
    build.session(course, day[7], phase="maintenance", lot="LT-2588")
    build.assess(patient, day[9], **count(9, 149), **common, stage="III-vertex", global_change=2, satisfaction=4)
    build.photographs(patient, "year", 9, day[9], is_card_full=True)
    build.assess(
        patient, day[12], **count(12, 151), **common, stage="III-vertex", global_change=2,
        patient_words="My barber noticed it first.",
    )  # fmt: skip
    latest = build.photographs(patient, "year", 12, day[12], is_card_full=True)
    build.align(baseline["vertex"], latest["vertex"])
    build.assess(patient, day[18], **count(18, 150), **common, stage="III-vertex", global_change=2)
    build.session(course, day[19], phase="annual_refresh")


def _other_treatments(build: RecordBuilder, patient: Patient, first: datetime.date) -> None:
    """A transplant years before; minoxidil that was stopped and finasteride that was begun in the course, on another
    dose since; an allergy that was found later; a new telephone number."""
    clinician, reception = build.staff["clinician"], build.staff["reception"]

    def taken(kind: str, since: str, **fields: Any) -> Therapy:
        therapy = Therapy(
            clinic=build.clinic, patient=patient, kind=kind, started=parse(since, today=first),
            created_at=build.at(first, 9, 25), **fields,
        )  # fmt: skip
        return record_therapy(therapy, by=clinician)

    def since(months: int) -> PartialDate:
        return of_day(add_months(first, months))

    taken(
        "hair_transplant_fue", "2018", grafts=1800, grafted_regions=["frontal"], place="an example clinic abroad",
        response="improved",
    )  # fmt: skip
    minoxidil = taken(
        "minoxidil_topical", "March 2023", dose=Decimal(5), dose_unit="percent", detail="once a day", is_ongoing=True
    )
    finasteride = taken(
        "finasteride_oral", add_months(first, 1).isoformat(), dose=Decimal(1), dose_unit="mg", detail="once a day",
        is_ongoing=True,
    )  # fmt: skip
    stopped = {"ended": since(3), "is_ongoing": False, "response": "no_change", "note": "Stopped for itching"}
    update(minoxidil, changes=stopped, since=since(3), expected_version=1, by=clinician)
    update(finasteride, changes={"dose": Decimal("0.5")}, since=since(10), expected_version=1, by=clinician)
    found = {"allergies": "yes", "allergies_text": "Penicillin: rash"}
    update(patient.history, changes=found, since=since(14), expected_version=1, by=clinician)
    number = {"phone": "+65 5550 0192"}
    update_details(patient, changes=number, since=since(16), expected_version=1, by=reception)


def begun(
    build: RecordBuilder, key: str, done: int, since_last: int, **plan: Any
) -> tuple[Patient, Course, list[datetime.date]]:
    """A patient in the opening run: `done` monthly sessions, the last of them `since_last` days ago."""
    last = build.today - datetime.timedelta(days=since_last)
    days = [add_months(last, number - done + 1) for number in range(done)]
    first = days[0] if days else build.today
    patient = build.register(key, first)
    build.history(patient, key, first, allergies="none", earlier_treatment="none", family="none")
    course = build.plan(patient, first, **plan)
    return patient, course, days


def overdue(build: RecordBuilder) -> None:
    patient, course, days = begun(build, "overdue", 3, 50)
    build.consent(patient, days[0])
    build.assess(patient, days[0], scale="norwood_1975", stage="IIIa", pull_result="negative")
    for day in days:
        build.session(course, day)


def serious_event(build: RecordBuilder) -> None:
    patient, course, days = begun(build, "serious", 2, 12, volumes={"mid_scalp": "2.00", "frontal": "1.00"})
    build.consent(patient, days[0])
    build.assess(patient, days[0], scale="ludwig_1977", stage="II")
    sessions = [build.session(course, day, lot="LT-2601") for day in days]
    onset = days[-1] + datetime.timedelta(days=1)
    build.report(
        build.event(
            patient, onset, "facial_oedema", exosome_session=sessions[-1], grade=3, outcome="2",
            seriousness=["medically_important"], action_taken="0", causality="probable_likely",
            local_actions=["antihistamine", "oral_steroid"], reported_by="The patient, by telephone",
            description="Swelling of the forehead and both eyelids the morning after; seen the same day.",
            report_decision="required",
        )
    )  # fmt: skip


def headache(build: RecordBuilder) -> None:
    """One event that is over, with its follow-up, and one that is still open."""
    patient, course, days = begun(build, "headache", 4, 24)
    build.consent(patient, days[0])
    build.consent(patient, days[0], "photography", "record")
    build.assess(patient, days[0], scale="norwood_1975", stage="V", fitzpatrick="IV")
    sessions = [build.session(course, day, lot="LT-2601") for day in days]
    itching = build.event(
        patient, days[1], "pruritus", exosome_session=sessions[1], outcome="1", duration_note="two days"
    )
    build.report(itching)
    event = build.event(
        patient, days[3], "headache", exosome_session=sessions[3], grade=2, outcome="3", causality="possible",
        local_actions=["analgesic"], description="From the evening of the session, every day since.",
    )  # fmt: skip
    build.report(event)

    look = FollowUp(
        clinic=build.clinic, patient=patient, event=event, seen_on=build.today - datetime.timedelta(days=9), grade=1,
        outcome="2", note="Less, only in the evening. No fever, neck supple.", seen_by=build.staff["clinician"],
    )  # fmt: skip
    follow_up(look, by=build.staff["clinician"])


def woman(build: RecordBuilder) -> None:
    patient, course, days = begun(build, "woman", 3, 18, volumes={"mid_scalp": "2.50", "frontal": "0.50"})
    build.consent(patient, days[0])
    build.consent(patient, days[0], "photography", "record", "teaching")
    build.assess(patient, days[0], scale="sinclair_2004", stage="3", diagnosis="female_pattern", pull_result="negative")
    before, after = days[0] - datetime.timedelta(days=9), days[-1] + datetime.timedelta(days=2)
    build.laboratory(
        patient, before, {"ferritin": ("14", "ug/L", "15", "150"), "tsh": ("2.1", "m[IU]/L", "0.4", "4.2"),
        "vitamin_d": ("38", "nmol/L", "50", ""), "Zinc": ("12.4", "µmol/L", "10.7", "18.4")},
        note="Fasting, in the morning.",
    )  # fmt: skip
    for day in days[:-1]:
        build.session(course, day)
    # The last one with a second vial, plasma of her own blood and a roller: four things in one visit.
    needling = Application(route="microneedling_topical", regions=["frontal"], depth_mm=Decimal("1.5"), device="Roller")
    further = [build.vial("LT-2603", "1.00", "mid_scalp"), build.own_blood("2.00", "frontal"), needling]
    build.session(course, days[-1], applications=further)
    build.laboratory(
        patient, after, {"ferritin": ("31", "ug/L", "15", "150"), "vitamin_d": ("71", "nmol/L", "50", "")},
        note="After two months of iron by mouth.",
    )  # fmt: skip
    later = days[-1] + datetime.timedelta(days=7)
    build.assess(patient, later, scale="sinclair_2004", stage="3", change_seen="Less shedding.", patient_change=1)


def brand_new(build: RecordBuilder) -> None:
    build.register("new", build.today)


def archived(build: RecordBuilder) -> None:
    patient = build.register("archived", build.months_ago(20))
    archive_patient(patient, reason="Moved abroad", by=build.staff["manager"])


def little_response(build: RecordBuilder) -> None:
    first = build.months_ago(6, 4)
    day = [add_months(first, number) for number in range(7)]
    patient = build.register("little", first)
    build.history(patient, "little", first, allergies="yes", allergies_text="Lidocaine", earlier_treatment="none")
    build.consent(patient, first)
    build.consent(patient, first, "photography", "record")
    course = build.plan(patient, first, sessions_planned=6, checkpoints=[0, 3, 6], views=TAKEN[:3])
    common: dict[str, Any] = {"scale": "norwood_1975", "fitzpatrick": "V"}
    build.assess(
        patient,
        first,
        **common,
        stage="VI",
        pull_result="negative",
        pull_site="vertex",
        pull_grasped=60,
        pull_extracted=2,
    )
    build.photographs(patient, "little", 0, first)
    for number in range(6):
        build.session(course, day[number], anaesthesia="cooling")
    build.assess(patient, day[3], **common, change_seen="No difference to be seen.", global_change=0)
    build.photographs(patient, "little", 3, day[3])
    build.assess(patient, day[6], **common, stage="VI", global_change=0, patient_change=0, satisfaction=2)
    build.photographs(patient, "little", 6, day[6], lighting="fixed_flash")


def getting_worse(build: RecordBuilder) -> None:
    first = build.months_ago(4, 6)
    day = [add_months(first, number) for number in range(5)]
    patient = build.register("worse", first)
    build.history(patient, "worse", first, earlier_treatment="none", allergies="none")
    build.consent(patient, first)
    build.consent(patient, first, "photography", "record")
    course = build.plan(patient, first, checkpoints=[0, 4], views=TAKEN[:2])
    build.assess(patient, first, scale="norwood_1975", stage="V", fitzpatrick="II")
    build.photographs(patient, "worse", 0, first)
    for number in range(4):
        build.session(course, day[number])
    build.assess(
        patient, day[4], scale="norwood_1975", stage="VI", global_change=-1, patient_change=-1,
        patient_words="I would rather stop.",
    )  # fmt: skip
    build.photographs(patient, "worse", 4, day[4])

    course.refresh_from_db()
    stop_course(
        course, on=day[4], reason="No response after four sessions; patient's wish", expected_version=course.version,
        by=build.staff["clinician"],
    )  # fmt: skip


def due_today(build: RecordBuilder) -> None:
    last = add_months(build.today, -1)
    patient, course, days = begun(build, "today", 2, (build.today - last).days)
    build.consent(patient, days[0])
    build.consent(patient, days[0], "photography", "record")
    build.assess(patient, days[0], scale="sinclair_2004", stage="2", fitzpatrick="III")
    for day in days:
        build.session(course, day)


def first_session(build: RecordBuilder) -> None:
    """Planned for today, and the treatment consent is not signed yet."""
    patient, _, _ = begun(build, "first", 0, 0)
    build.assess(patient, build.today, scale="norwood_1975", stage="II", pull_result="negative")


def final_photos_missing(build: RecordBuilder) -> None:
    patient, course, days = begun(build, "unfinished", 5, 40)
    build.consent(patient, days[0])
    build.consent(patient, days[0], "photography", "record")
    build.assess(patient, days[0], scale="sinclair_2004", stage="4")
    for day in days:
        build.session(course, day)


def corrected(build: RecordBuilder) -> None:
    """A volume that was entered wrongly, and put right with its reason."""
    patient, course, days = begun(build, "corrected", 4, 27)
    build.consent(patient, days[0])
    build.assess(patient, days[0], scale="norwood_1975", stage="III-vertex")
    sessions = [build.session(course, day, volumes={"vertex": "3.50"} if day == days[1] else None) for day in days]
    wrong = sessions[1]
    wrong.refresh_from_db()
    correct_session(
        wrong, changes={}, volumes={"vertex": Decimal("3.00")}, reason="Syringe misread",
        expected_version=wrong.version, by=build.staff["nurse"],
    )  # fmt: skip


def namesake(build: RecordBuilder) -> None:
    """Bears the name of another patient, and is told apart by year and photograph; treated this morning."""
    patient, course, days = begun(build, "namesake", 1, 27)
    build.consent(patient, days[0])
    build.consent(patient, days[0], "photography", "record")
    build.photographs(patient, "namesake", 0, days[0])
    build.assess(patient, days[0], scale="norwood_1975", stage="IVa")
    build.session(course, days[0], lot="LT-2601")
    build.session(course, build.today, lot="LT-2601")


def day_at_the_desk(build: RecordBuilder) -> None:
    """Who is booked for today and the days to come, with what came of the calls of the last days."""
    booked = (
        ("serious", 0, "09:00", "follow_up", "Room 1", "Asks whether she may wash her hair"),
        ("new", 0, "11:30", "consultation", "Room 2", "First visit, brings earlier papers"),
        ("little", 0, "14:00", "assessment", "Room 1", ""),
        ("woman", 0, "15:15", "other", "Room 1", ""),
        ("corrected", 3, "10:30", "session", "Room 2", ""),
    )
    for key, days, time, kind, room, note in booked:
        build.booking(key, days, time, kind=kind, room=room, note=note)
    build.call("overdue", "not_reached", hours_ago=20, note="Mailbox full")


SCENARIOS = (
    published_case, whole_year, overdue, serious_event, headache, woman, brand_new, archived, little_response,
    getting_worse, due_today, first_session, final_photos_missing, corrected, namesake, day_at_the_desk,
)  # fmt: skip
