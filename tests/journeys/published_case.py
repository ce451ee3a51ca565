"""The published case as a person enters it by hand, page by page, and what must then be told of it, and no more.

Chieh and Lee, J Clin Pract Med Case Rep 2(1):30, 2025. What the paper does not say stays visibly unknown.
"""

import re
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from clinic.staff.actions import open_clinic
from tests.factories import PASSWORD
from tests.journeys.form_driver import FormDriver
from treatments.models import AdverseEvent, Assessment, ExosomeSession, HairHistory, Measurement, Patient, Photo

PHOTOS = Path(__file__).resolve().parents[2] / "treatments/demonstration/photos"
NOT_STATED = "Entered from the published report, which does not state it"
TIMELINE = re.compile(r"/patients/[0-9a-f-]{36}/(\?.*)?(#.*)?$")
SAVED = re.compile(r"/patients/[0-9a-f-]{36}/((assessments|courses|events)/[0-9a-f-]{36}/)?(\?.*)?(#.*)?$")
MONTHS = ("February", "March", "April", "May", "June")


def open_an_empty_clinic() -> None:
    open_clinic(
        name="Dr Example Clinic",
        time_zone="Asia/Singapore",
        email="doctor@example.test",
        person="Dr Example",
        password=PASSWORD,
    )


def sign_in_and_find_an_empty_clinic(page: Page) -> None:
    page.goto("/")
    page.get_by_label("E-mail").fill("doctor@example.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("main")).to_contain_text("Go to First start")


def register_the_patient(page: Page, form: FormDriver) -> str:
    page.goto("/patients/")
    page.get_by_role("link", name="Register a patient").first.click()
    form.type(name="Case Report Patient", birth="60 years old in January 2025", ethnicity="Chinese").select(
        sex="male"
    ).save()
    page.wait_for_url(TIMELINE)
    expect(page.locator("h1")).to_have_text("Case Report Patient")
    return page.url.split("?")[0].split("#")[0]


def take_the_history(page: Page, form: FormDriver, home: str) -> None:
    page.goto(f"{home}history/")
    form.type(onset="about 2020", story="Progressive hair loss localized at the vertex. Onset 5 years ago.")
    form.select(course="slow_progressive", complaint="thinning").tick("regions", "vertex")
    form.tick("earlier_treatment", "none").save()
    page.wait_for_url(TIMELINE)


def grade_the_baseline(page: Page, form: FormDriver, home: str) -> None:
    page.goto(f"{home}assess/")
    form.type(when="January 2025", reported_label="Month 0, baseline")
    form.tick("grade", "norwood_1975:III-vertex")
    form.tick("regions", "vertex", "temporal_left", "temporal_right")
    form.type(
        examination="Thinning at the crown and vertex, recession at the temples. Scalp visible through the crown."
    )
    form.select(lighting="bright_overhead").tick("finding_erythema", "0").tick("pull_result", "negative")
    form.tick("fitzpatrick", "III").select(diagnosis="male_pattern")
    form.type(diagnosis_note="Clinical; no laboratory test or histopathology. No scarring pattern.").save()
    page.wait_for_url(SAVED)


def plan_five_monthly_sessions(page: Page, form: FormDriver, home: str) -> None:
    page.goto(f"{home}courses/plan/")
    form.type(name="Exosome course", baseline="January 2025", sessions_planned="5", interval_months="1")
    form.type(volume__vertex="3", checkpoints="0, 3, 5", follow_up_from_month="6", follow_up_to_month="9")
    form.type(refresh_months="12", note="Maintenance; follow-up at 6 to 9 months; yearly refresh session.").save()
    page.wait_for_url(SAVED)


def log_a_session(page: Page, form: FormDriver, home: str, when: str) -> None:
    page.goto(f"{home}sessions/log/")
    form.tick("lot", "unknown").type(volume__vertex="3", as_told="crown and vertex", when=when)
    form.select(route="intradermal_injection", product="", needle_gauge="", operator="")
    # "Manually injection": into the skin is a guess, said once; the later sessions carry it over as a guess.
    if when.startswith("February"):
        page.locator('main [name="route_confirmed"]').uncheck(force=True)
    form.save_with_reason(NOT_STATED, leads_to=TIMELINE)


def look_at_month_3(page: Page, form: FormDriver, home: str) -> None:
    page.goto(f"{home}assess/")
    form.type(when="April 2025", reported_label="Month 3, after 3rd session").tick("grade", "none")
    form.type(change_seen="Noticeable thickening at the crown and vertex of the scalp.").save()
    page.wait_for_url(SAVED)


def look_at_month_5(page: Page, form: FormDriver, home: str) -> None:
    page.goto(f"{home}assess/")
    form.type(when="June 2025", reported_label="Month 5, after 5th sessions").tick("grade", "none")
    form.type(change_seen="Scalp less visible under standard lighting compared to baseline.")
    form.select(lighting="standard_room")
    form.select(m__kind="density_change_pct", m__method="clinician_visual_estimate", m__site="vertex")
    form.type(m__low="20", m__high="25", patient_words="He has more hair, and is happy with the improvements.")
    form.tick(
        "safety_negatives", "allergic_reaction", "severe_systemic", "long_term_effect", "infection", "immunogenic"
    )
    form.type(plan="Continues exosome treatment for maintenance. Follow-up at 6 to 9 months, then a yearly refresh.")
    form.save()
    page.wait_for_url(SAVED)


EVENTS = {
    "injection_site_pain": "Mild pain during treatment.",
    "injection_site_irritation": "Local scalp irritation.",
    "injection_site_erythema": "Redness.",
    "injection_site_oedema": "Swelling.",
    "pruritus": "Itching; named in the conclusion only.",
    "headache": "Sporadic headaches; named in the conclusion only.",
}


def report_the_adverse_events(page: Page, form: FormDriver, home: str) -> None:
    for kind, words in EVENTS.items():
        page.goto(f"{home}events/report/")
        form.tick("kind", kind) if page.locator('[name="kind"][type="radio"]').count() else form.select(kind=kind)
        form.select(exosome_session="")
        form.type(onset="", description=words, duration_note="transient, went away on its own")
        form.tick("grade", "1").tick("outcome", "1").select(action_taken="4")
        form.save_with_reason(NOT_STATED, leads_to=SAVED)


def upload_the_photographs(page: Page, form: FormDriver, home: str) -> None:
    """Two figures, each a view before and after: the baseline in bright light, Month 5 in standard light."""
    for month, when, light in (("00", "January 2025", "bright_overhead"), ("05", "June 2025", "standard_room")):
        page.goto(f"{home}photos/")
        page.locator("[data-consent-reason]").fill(NOT_STATED)
        form.type(when=when).select(lighting=light)
        files = {"vertex": f"a-vertex-month{month}.jpg", "superior_midline": f"a-midline-month{month}.jpg"}
        page.locator("[data-choose]").set_input_files([str(PHOTOS / name) for name in files.values()])
        rows = page.locator("[data-queue] > li")
        expect(rows).to_have_count(2)
        for row, view in zip(rows.all(), files, strict=True):
            row.locator("select").first.select_option(view)
        page.locator("[data-send]").click()
        expect(page.locator("[data-send-state]")).to_contain_text("2 of 2 sent", timeout=60_000)


def the_timeline_tells_every_fact(page: Page) -> None:
    main = page.locator("main")
    header = page.locator("header.patient, .glance")
    # Sixty at the baseline; the header tells the age of today.
    age = timezone.localdate().year - 1965
    for fact in (f"male, about {age}", "Chinese", "Fitzpatrick III", "since about 2020", "no earlier treatment"):
        expect(header.first).to_contain_text(fact)
    glance = page.locator(".glance")
    for fact in ("III vertex", "not regraded", "+20–25 %", "visual estimate: not a measurement", "5 of 5", "15 mL"):
        expect(glance).to_contain_text(fact)
    for fact in ("follow-up", "6 reported, all grade 1", "treatment consent not on file"):
        expect(glance).to_contain_text(fact)
    month = {number: page.locator(f"#month-{number}") for number in range(6)}
    expect(month[0]).to_contain_text("Jan 2025, day not recorded")
    expect(month[0]).to_contain_text("baseline; aged about 60")
    for fact in ("Hair loss since about 2020", "slowly progressive", "Progressive hair loss localized at the vertex"):
        expect(month[0]).to_contain_text(fact)
    expect(month[0]).to_contain_text("Complaint: thinning. Where: vertex. Earlier treatment: asked, none.")
    expect(month[0]).to_contain_text("Family: not asked. Allergies: not asked. Other illness: not asked.")
    expect(month[0]).to_contain_text("Medicines: not asked. Reasons not to inject: not asked.")
    expect(month[0]).to_contain_text("5 sessions, 1 month apart, vertex 3 mL. Follow-up visit Month 6 to 9.")
    expect(month[0]).to_contain_text("Refresh every 12 months. Product: not decided.")
    for fact in ("Norwood III vertex", "Thinning at the crown and vertex, recession at the temples"):
        expect(month[0]).to_contain_text(fact)
    for fact in (
        "No redness",
        "Pull test negative",
        "Fitzpatrick III",
        "Scalp visible through the crown",
        "bright overhead light",
        "Thin at left temple, right temple and vertex",
        "Male pattern hair loss",
        "Clinical; no laboratory test or histopathology. No scarring pattern.",
        "Maintenance; follow-up at 6 to 9 months; yearly refresh session.",
    ):
        expect(month[0]).to_contain_text(fact)
    for number in range(1, 6):
        expect(month[number]).to_contain_text(f"Session {number} of 5")
        expect(month[number]).to_contain_text("3 mL, crown and vertex")
        for term, words in (("Lot", "not recorded"), ("Product", "not recorded"), ("Route", "needle not recorded")):
            expect(pair(month[number], term)).to_contain_text(words)
        expect(pair(month[number], "Route")).to_contain_text("injection into the skin (intradermal) (not confirmed)")
        expect(pair(month[number], "So far")).to_have_text(f"{3 * number} mL")
        expect(month[number]).to_contain_text("Reactions: not asked.")
    expect(month[3]).to_contain_text("after session 3")
    expect(month[3]).to_contain_text("Noticeable thickening at the crown and vertex")
    expect(month[5]).to_contain_text("after session 5")
    for fact in ("Density +20–25 % against Month 0", "Scalp less visible under standard lighting", "He has more hair"):
        expect(month[5]).to_contain_text(fact)
    for fact in ("no allergic reaction", "no severe systemic complication", "no long-term effect", "no infection"):
        expect(month[5]).to_contain_text(fact)
    expect(month[5]).to_contain_text("no immune reaction to the product")
    expect(month[5]).to_contain_text("Seen in standard room light")
    expect(month[5]).to_contain_text("happy with the improvements")
    expect(month[5]).to_contain_text("Plan: Continues exosome treatment for maintenance. Follow-up at 6 to 9 months")
    expect(month[5]).to_contain_text("then a yearly refresh")
    for words, told in zip(
        ("Pain", "Irritation", "Redness", "Swelling", "Itching", "Headache"), EVENTS.values(), strict=True
    ):
        ended = "Recovered: transient, went away on its own. Session not stated."
        expect(main).to_contain_text(f", grade 1. {told} Beginning not recorded. {ended}")
        expect(main.get_by_role("link", name=re.compile(f"^{words} ?, filed under "))).to_be_visible()
    expect(main.get_by_text("Dose not changed")).to_have_count(len(EVENTS))
    for number, light in ((0, "bright overhead light"), (5, "standard room light")):
        expect(month[number].locator(".plate .shot-name")).to_have_text(["Vertex", "Midline"])
        expect(month[number].locator(".plate")).to_contain_text(light, ignore_case=True)
    assert page.locator("svg.chart").count() == 3
    drawn = page.locator("svg.chart-wide title").first.text_content() or ""
    assert "Month 0 is Jan 2025. Stage, Norwood: III vertex at Month 0; not regraded since Month 0" in drawn
    page.get_by_role("link", name="Exosome course").first.click()
    expect(page.locator("main .log-line")).to_contain_text("follow-up due Jul to Oct 2025")
    assert not re.search(r"\b1 [A-Z][a-z]{2} 2025", page.locator("main").inner_text())
    page.go_back()
    # No day that the paper does not give stands anywhere on the page.
    assert not re.search(r"\b1 (Jan|Feb|Mar|Apr|May|Jun) 2025", page.content())


def pair(entry: Locator, term: str) -> Locator:
    """What stands beside a term in an entry's list of facts."""
    return entry.locator(".pairs > div", has=entry.page.get_by_text(term, exact=True)).locator("dd")


def a_session_says_what_nobody_recorded(page: Page) -> None:
    page.get_by_role("link", name="Session 5 of 5").click()
    unknown = "Product, Lot, Needle, Depth, Points, Skin preparation, Anaesthesia, Given by, Pain during"
    for fact in unknown.split(", "):
        row = page.locator("main dl > div", has=page.get_by_text(fact, exact=True))
        expect(row.locator("dd.unknown")).to_have_text("not recorded")


def the_record_holds_every_fact_and_no_other() -> None:
    patient = Patient.objects.get()
    assert (patient.sex, patient.birth.text, patient.latest_stage) == ("male", "1965~", "Norwood III vertex")
    history = HairHistory.objects.get()
    assert (history.onset.text, history.earlier_treatment) == ("2020~", "none")
    assert {history.family, history.allergies, history.conditions, history.medicines} == {"not_asked"}
    sessions = ExosomeSession.objects.order_by("performed_on")
    assert [f"{s.performed_on:%Y-%m} {s.performed_precision} {s.total_ml}" for s in sessions] == [
        f"2025-{month:02d} month 3.00" for month in range(2, 7)
    ]
    unknown = {(s.product_id, s.lot_id, s.lot_is_unknown, s.needle_gauge, s.operator_id) for s in sessions}
    assert unknown == {(None, None, True, None, None)}
    assert {(s.route_confirmed, s.pain_during, s.anaesthesia) for s in sessions} == {(False, None, "")}
    stages = Assessment.objects.order_by("assessed_on").values_list("stage", flat=True)
    assert list(stages) == ["III-vertex", "", ""]
    measured = Measurement.objects.get()
    assert (measured.low, measured.high, measured.value, measured.method) == (20, 25, None, "clinician_visual_estimate")
    events = AdverseEvent.objects.all()
    assert {event.kind for event in events} == set(EVENTS)
    told = {(e.grade, e.outcome, e.onset, e.ended, e.exosome_session_id, e.is_serious) for e in events}
    assert told == {(1, "1", None, None, None, False)}
    assert sorted(Photo.objects.values_list("view", flat=True)) == ["superior_midline"] * 2 + ["vertex"] * 2
