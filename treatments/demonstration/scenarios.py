"""What happened to each invented patient, in days and months before today."""

import datetime
from decimal import Decimal
from typing import Any

from treatments.courses.models import Course
from treatments.demonstration.builder import Scribe
from treatments.patients import actions as patients
from treatments.patients.models import Patient, Therapy
from treatments.records.actions import Passed
from treatments.records.months import add_months
from treatments.registry.actions import archive_patient
from treatments.safety.actions import follow_up
from treatments.safety.models import FollowUp
from treatments.sessions.log.actions import correct_session
from treatments.sessions.plan.actions import stop_course

# The views that were rendered; a course that plans others would miss them for ever.
TAKEN = ["vertex", "superior_midline", "frontal", "occipital"]
FROM_THE_REPORT = "As in the published report, which does not state it"


def published_case(write: Scribe) -> None:
    """Chieh and Lee 2025: five sessions a month apart. What the report does not state stays unknown."""
    first = write.months_ago(6, 12)
    month = [add_months(first, number) for number in range(6)]
    patient = write.register("case", first)
    write.history(patient, "case", first, earlier_treatment="none", story="Progressive hair loss localized at vertex.")
    write.consent(patient, first)
    write.consent(patient, first, "photography", "record", "publication")
    write.assess(
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
    course = write.plan(patient, first, product=None, views=TAKEN, note="Yearly refresh session in the long term.")
    write.photographs(patient, "case", 0, first, lighting="bright_overhead")
    for number in range(5):
        write.session(
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
    write.assess(
        patient,
        month[3],
        reported_label="Month 3, after 3rd session",
        change_seen="Noticeable thickening at the crown and vertex.",
    )
    write.photographs(patient, "case", 3, month[3])
    estimate = write.measure(
        patient,
        month[5],
        kind="density_change_pct",
        low=Decimal(20),
        high=Decimal(25),
        method="clinician_visual_estimate",
    )
    write.assess(
        patient,
        month[5],
        measurement=estimate,
        reported_label="Month 5, after 5th session",
        change_seen="Scalp less visible under standard lighting than at baseline.",
        lighting="standard_room",
        patient_words="I have more hair. I am happy with the improvement.",
        safety_negatives=["allergic_reaction", "severe_systemic", "long_term_effect", "infection", "immunogenic"],
        plan="Maintenance between Month 6 and Month 9, then one refresh session a year.",
    )
    write.photographs(patient, "case", 5, month[5])
    undated = [Passed("22", "Recovered, without a date.", FROM_THE_REPORT)]
    for kind, words in (
        ("injection_site_pain", "Mild pain during treatment."),
        ("injection_site_irritation", "Local scalp irritation."),
        ("injection_site_erythema", "Redness."),
        ("injection_site_oedema", "Swelling."),
        ("pruritus", "Itching; named in the conclusion only."),
        ("headache", "Sporadic headaches; named in the conclusion only."),
    ):
        event = write.event(patient, None, kind, description=words, causality="", action_taken="4")
        event.reported_on, event.duration_note = month[5], "transient, went away on its own"
        write.report(event, undated)


def whole_year(write: Scribe) -> None:
    """Induction, maintenance and a yearly refresh, with counts at one spot."""
    first = write.months_ago(20)
    day = [add_months(first, number) for number in range(20)]
    patient = write.register("year", first)
    write.history(
        patient,
        "year",
        first,
        earlier_treatment="yes",
        allergies="none",
        family="yes",
        relatives={"father": "affected"},
    )
    minoxidil = Therapy(
        clinic=write.clinic, patient=patient, kind="minoxidil_topical", detail="5 %, once a day", is_ongoing=False,
        response="no_change", note="Stopped for itching", created_at=write.at(first, 9, 25),
    )  # fmt: skip
    patients.record_therapy(minoxidil, by=write.staff["clinician"])
    write.consent(patient, first)
    write.consent(patient, first, "photography", "record", "teaching")
    course = write.plan(patient, first, views=TAKEN[:2], note="Refresh once a year while it lasts.")

    def count(number: int, hairs: int) -> dict[str, Any]:
        return {
            "measurement": write.measure(
                patient, day[number], kind="hair_density", value=Decimal(hairs), method="manual_trichoscopy_count",
                area_cm2=Decimal("1.000"), site_detail="2 cm left of the whorl", is_same_spot=number > 0,
                device="Handheld, x20",
            )
        }  # fmt: skip

    common: dict[str, Any] = {"scale": "norwood_1975", "fitzpatrick": "II"}
    write.assess(patient, first, **count(0, 118), **common, stage="IV", diagnosis="male_pattern")
    baseline = write.photographs(patient, "year", 0, first, is_card_full=True)
    for number in range(5):
        redness = [write.event(patient, day[number], "injection_site_erythema", duration_note="gone the next day")]
        write.session(course, day[number], events=redness if number in {1, 3} else (), lot="LT-2588")
    write.assess(patient, day[3], **count(3, 127), **common, change_seen="Slightly denser at the vertex.")
    write.photographs(patient, "year", 3, day[3], is_card_full=True)
    write.assess(patient, day[6], **count(6, 143), **common, stage="IV", global_change=1, patient_change=1)
    # Taken under another lamp, between two cuts: the one month that cannot be compared with the others.
    other = {"lighting": "bright_overhead", "hair_length_mm": 32}
    write.photographs(patient, "year", 6, day[6], is_card_full=True, **other)
    write.session(course, day[7], phase="maintenance", lot="LT-2588")
    write.assess(patient, day[9], **count(9, 149), **common, stage="III-vertex", global_change=2, satisfaction=4)
    write.photographs(patient, "year", 9, day[9], is_card_full=True)
    write.assess(
        patient, day[12], **count(12, 151), **common, stage="III-vertex", global_change=2,
        patient_words="My barber noticed it first.",
    )  # fmt: skip
    latest = write.photographs(patient, "year", 12, day[12], is_card_full=True)
    write.align(baseline["vertex"], latest["vertex"])
    write.assess(patient, day[18], **count(18, 150), **common, stage="III-vertex", global_change=2)
    write.session(course, day[19], phase="annual_refresh")


def begun(
    write: Scribe, key: str, done: int, since_last: int, **plan: Any
) -> tuple[Patient, Course, list[datetime.date]]:
    """A patient in the opening run: `done` monthly sessions, the last of them `since_last` days ago."""
    last = write.today - datetime.timedelta(days=since_last)
    days = [add_months(last, number - done + 1) for number in range(done)]
    first = days[0] if days else write.today
    patient = write.register(key, first)
    write.history(patient, key, first, allergies="none", earlier_treatment="none", family="none")
    course = write.plan(patient, first, **plan)
    return patient, course, days


def overdue(write: Scribe) -> None:
    patient, course, days = begun(write, "overdue", 3, 50)
    write.consent(patient, days[0])
    write.assess(patient, days[0], scale="norwood_1975", stage="IIIa", pull_result="negative")
    for day in days:
        write.session(course, day)


def serious_event(write: Scribe) -> None:
    patient, course, days = begun(write, "serious", 2, 12, volumes={"mid_scalp": "2.00", "frontal": "1.00"})
    write.consent(patient, days[0])
    write.assess(patient, days[0], scale="ludwig_1977", stage="II")
    sessions = [write.session(course, day, lot="LT-2601") for day in days]
    onset = days[-1] + datetime.timedelta(days=1)
    write.report(
        write.event(
            patient, onset, "facial_oedema", exosome_session=sessions[-1], grade=3, outcome="2",
            seriousness=["medically_important"], action_taken="0", causality="probable_likely",
            local_actions=["antihistamine", "oral_steroid"], reported_by="The patient, by telephone",
            description="Swelling of the forehead and both eyelids the morning after; seen the same day.",
            report_decision="required",
        )
    )  # fmt: skip


def headache(write: Scribe) -> None:
    """One event that is over, with its follow-up, and one that is still open."""
    patient, course, days = begun(write, "headache", 4, 24)
    write.consent(patient, days[0])
    write.consent(patient, days[0], "photography", "record")
    write.assess(patient, days[0], scale="norwood_1975", stage="V", fitzpatrick="IV")
    sessions = [write.session(course, day, lot="LT-2601") for day in days]
    itching = write.event(
        patient, days[1], "pruritus", exosome_session=sessions[1], outcome="1", duration_note="two days"
    )
    write.report(itching)
    event = write.event(
        patient, days[3], "headache", exosome_session=sessions[3], grade=2, outcome="3", causality="possible",
        local_actions=["analgesic"], description="From the evening of the session, every day since.",
    )  # fmt: skip
    write.report(event)

    look = FollowUp(
        clinic=write.clinic, patient=patient, event=event, seen_on=write.today - datetime.timedelta(days=9), grade=1,
        outcome="2", note="Less, only in the evening. No fever, neck supple.", seen_by=write.staff["clinician"],
    )  # fmt: skip
    follow_up(look, by=write.staff["clinician"])


def woman(write: Scribe) -> None:
    patient, course, days = begun(write, "woman", 3, 18, volumes={"mid_scalp": "2.50", "frontal": "0.50"})
    write.consent(patient, days[0])
    write.consent(patient, days[0], "photography", "record", "teaching")
    write.assess(patient, days[0], scale="sinclair_2004", stage="3", diagnosis="female_pattern", pull_result="negative")
    for day in days:
        write.session(course, day)
    later = days[-1] + datetime.timedelta(days=7)
    write.assess(patient, later, scale="sinclair_2004", stage="3", change_seen="Less shedding.", patient_change=1)


def brand_new(write: Scribe) -> None:
    write.register("new", write.today)


def archived(write: Scribe) -> None:
    patient = write.register("archived", write.months_ago(20))
    archive_patient(patient, reason="Moved abroad", by=write.staff["manager"])


def little_response(write: Scribe) -> None:
    first = write.months_ago(6, 4)
    day = [add_months(first, number) for number in range(7)]
    patient = write.register("little", first)
    write.history(patient, "little", first, allergies="yes", allergies_text="Lidocaine", earlier_treatment="none")
    write.consent(patient, first)
    write.consent(patient, first, "photography", "record")
    course = write.plan(patient, first, sessions_planned=6, checkpoints=[0, 3, 6], views=TAKEN[:3])
    common: dict[str, Any] = {"scale": "norwood_1975", "fitzpatrick": "V"}
    write.assess(
        patient,
        first,
        **common,
        stage="VI",
        pull_result="negative",
        pull_site="vertex",
        pull_grasped=60,
        pull_extracted=2,
    )
    write.photographs(patient, "little", 0, first)
    for number in range(6):
        write.session(course, day[number], anaesthesia="cooling")
    write.assess(patient, day[3], **common, change_seen="No difference to be seen.", global_change=0)
    write.photographs(patient, "little", 3, day[3])
    write.assess(patient, day[6], **common, stage="VI", global_change=0, patient_change=0, satisfaction=2)
    write.photographs(patient, "little", 6, day[6], lighting="fixed_flash")


def getting_worse(write: Scribe) -> None:
    first = write.months_ago(4, 6)
    day = [add_months(first, number) for number in range(5)]
    patient = write.register("worse", first)
    write.history(patient, "worse", first, earlier_treatment="none", allergies="none")
    write.consent(patient, first)
    write.consent(patient, first, "photography", "record")
    course = write.plan(patient, first, checkpoints=[0, 4], views=TAKEN[:2])
    write.assess(patient, first, scale="norwood_1975", stage="V", fitzpatrick="II")
    write.photographs(patient, "worse", 0, first)
    for number in range(4):
        write.session(course, day[number])
    write.assess(
        patient, day[4], scale="norwood_1975", stage="VI", global_change=-1, patient_change=-1,
        patient_words="I would rather stop.",
    )  # fmt: skip
    write.photographs(patient, "worse", 4, day[4])

    course.refresh_from_db()
    stop_course(
        course, on=day[4], reason="No response after four sessions; patient's wish", expected_version=course.version,
        by=write.staff["clinician"],
    )  # fmt: skip


def due_today(write: Scribe) -> None:
    last = add_months(write.today, -1)
    patient, course, days = begun(write, "today", 2, (write.today - last).days)
    write.consent(patient, days[0])
    write.consent(patient, days[0], "photography", "record")
    write.assess(patient, days[0], scale="sinclair_2004", stage="2", fitzpatrick="III")
    for day in days:
        write.session(course, day)


def first_session(write: Scribe) -> None:
    """Planned for today, and the treatment consent is not signed yet."""
    patient, _, _ = begun(write, "first", 0, 0)
    write.assess(patient, write.today, scale="norwood_1975", stage="II", pull_result="negative")


def final_photos_missing(write: Scribe) -> None:
    patient, course, days = begun(write, "unfinished", 5, 40)
    write.consent(patient, days[0])
    write.consent(patient, days[0], "photography", "record")
    write.assess(patient, days[0], scale="sinclair_2004", stage="4")
    for day in days:
        write.session(course, day)


def corrected(write: Scribe) -> None:
    """A volume that was entered wrongly, and put right with its reason."""
    patient, course, days = begun(write, "corrected", 4, 27)
    write.consent(patient, days[0])
    write.assess(patient, days[0], scale="norwood_1975", stage="III-vertex")
    sessions = [write.session(course, day, volumes={"vertex": "3.50"} if day == days[1] else None) for day in days]
    wrong = sessions[1]
    wrong.refresh_from_db()
    correct_session(
        wrong, changes={}, volumes={"vertex": Decimal("3.00")}, reason="Syringe misread",
        expected_version=wrong.version, by=write.staff["nurse"],
    )  # fmt: skip


def namesake(write: Scribe) -> None:
    """Bears the name of another patient, and is told apart by year and photograph; treated this morning."""
    patient, course, days = begun(write, "namesake", 1, 27)
    write.consent(patient, days[0])
    write.consent(patient, days[0], "photography", "record")
    write.photographs(patient, "namesake", 0, days[0])
    write.assess(patient, days[0], scale="norwood_1975", stage="IVa")
    write.session(course, days[0], lot="LT-2601")
    write.session(course, write.today, lot="LT-2601")


STORIES = (
    published_case, whole_year, overdue, serious_event, headache, woman, brand_new, archived, little_response,
    getting_worse, due_today, first_session, final_photos_missing, corrected, namesake,
)  # fmt: skip
