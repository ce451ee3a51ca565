"""Before the needle: who this is, what speaks against it, and that nothing is proposed that carries a warning."""

import datetime
import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.html_forms import filled, reasons_asked_for
from tests.people import Cast
from tests.sessions.log.post_data import TODAY, log_url, lot_of, planned, session_post
from treatments.models import AdverseEvent, Course, ExosomeSession, FollowUp, HairHistory, Lot, PassedWarning, Therapy
from treatments.records.months import add_months
from treatments.records.partial_dates import PartialDate
from treatments.sessions.log.patient_summary import that_matter

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def told(cast: Cast, **fields: Any) -> HairHistory:
    return HairHistory.objects.create(clinic=cast.clinic, patient=cast.patient, created_by=cast.nurse, **fields)


def lines(answer: Any) -> dict[str, str]:
    return {line.term: line.text for line in answer.context["who"].lines}


def codes(answer: Any) -> set[str]:
    return {re.sub(r"^\d+-|-[0-9a-f]{8}$", "", warning.key) for warning in answer.context["form"].unpassed}


def reacted(cast: Cast, course: Course, lot: Lot | None, **fields: Any) -> AdverseEvent:
    """An event after a session of two months ago with this lot."""
    day = add_months(TODAY(), -2)
    session = factories.exosome_session(course, performed_on=day, lot=lot, product=lot.product if lot else None)
    when = {"happened": day, "onset": PartialDate(day.isoformat()), "exosome_session": session}
    return factories.adverse_event(cast.patient, **when, **fields)


# ── Who this is ────────────────────────────────────────────────────────────────────────────────


def test_page_opens_with_who_this_is(cast: Cast) -> None:
    """Name, age, year of birth, sex and number stand before the heading, with allergies, cautions and medicines."""
    told(
        cast, allergies="yes", allergies_text="Eggs, lidocaine: anaphylaxis", cautions_asked="yes",
        cautions=["bleeding_risk"], medicines="yes", medicines_text="Apixaban 5 mg",
    )  # fmt: skip
    Therapy.objects.create(
        clinic=cast.clinic, patient=cast.patient, created_by=cast.nurse, kind="minoxidil_oral", is_ongoing=True
    )
    course = planned(cast)
    page = cast.client(cast.nurse).get(log_url(course))
    before = text(page).partition("<h1")[0]
    for each in (cast.patient.name, "about 61 years", "born 1965", "male", cast.patient.record_number):
        assert each in before
    assert lines(page)["Allergies"] == "Eggs, lidocaine: anaphylaxis"
    assert lines(page)["Cautions"] == "Platelet or bleeding disorder, or an anticoagulant"
    assert lines(page)["Medicines"] == "Blood thinner: apixaban; Apixaban 5 mg; Minoxidil, oral"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (None, "not asked"),
        ({}, "not asked"),
        ({"allergies": "none"}, "No known allergies"),
        ({"allergies": "yes", "allergies_text": "latex"}, "latex"),
    ],
)
def test_not_asked_is_not_none(cast: Cast, fields: dict[str, Any] | None, said: str) -> None:
    if fields is not None:
        told(cast, **fields)
    assert lines(cast.client(cast.nurse).get(log_url(planned(cast))))["Allergies"] == said


def test_picture_is_the_newest_face(cast: Cast) -> None:
    """The newest standing photo of the face, not one to take again, not of the crown; without one, initials."""
    course, client = planned(cast), cast.client(cast.nurse)
    assert client.get(log_url(course)).context["who"].picture is None
    factories.photo(cast.patient, view="vertex")
    old = factories.photo(cast.patient, view="frontal", taken_on=TODAY() - datetime.timedelta(days=90))
    factories.photo(cast.patient, view="frontal", quality="retake")
    assert client.get(log_url(course)).context["who"].picture == old
    assert old.small_url in text(client.get(log_url(course)))


def test_medicines_that_matter_are_named() -> None:
    assert that_matter("Takes Warfarin and prednisolone 5 mg; metformin") == [
        "Blood thinner: warfarin", "Immunosuppressant: prednisolone",
    ]  # fmt: skip
    assert that_matter("metformin") == []


def test_earlier_anaphylaxis_is_in_sight(cast: Cast) -> None:
    """A recovered anaphylaxis after the same lot stands on top, speaks against the lot, and asks for a reason."""
    course, lot = planned(cast, baseline_on=add_months(TODAY(), -2)), lot_of(cast, number="EX-1")
    reacted(cast, course, lot, kind="anaphylaxis", grade=3, outcome="1", seriousness=["medically_important"],
            is_serious=True)  # fmt: skip
    client = cast.client(cast.nurse)
    page = client.get(log_url(course))
    assert "Anaphylaxis, grade 3, serious" in lines(page)["Earlier reaction"]
    assert f"after lot EX-1 of {lot.product}: recovered" in lines(page)["Earlier reaction"]
    assert page.context["form"].suggested is None
    assert "anaphylaxis after this lot" in page.context["page"].lots.rows[0].doubt

    asked = client.post(log_url(course), session_post(course, lot=lot))
    assert codes(asked) >= {"reaction_before"}
    other = factories.lot(lot.product, number="EX-2")
    again = client.post(log_url(course), session_post(course, lot=other))
    assert "Write why you give the same product again" in text(again)
    unrelated = lot_of(cast, number="EX-3")
    assert "reaction_before" not in codes(client.post(log_url(course), session_post(course, lot=unrelated, points="x")))


def test_later_events_do_not_warn_earlier(cast: Cast) -> None:
    """A session entered from paper is not asked about what happened after it."""
    course, lot = planned(cast, baseline_on=add_months(TODAY(), -6)), lot_of(cast)
    reacted(cast, course, lot, kind="anaphylaxis", grade=3, outcome="3")
    day = f"{add_months(TODAY(), -4):%-d %b %Y}"
    answer = cast.client(cast.nurse).post(log_url(course), session_post(course, lot=lot, when=day))
    assert not codes(answer) & {"reaction_before", "open_grade_3"}


# ── Nothing is proposed that carries a warning ─────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("of_lot", "of_product", "doubt"),
    [
        ({"expires_on": None}, {}, "expiry not recorded"),
        ({"expires_on": datetime.date.today() + datetime.timedelta(days=9)}, {}, "expires in 9 days"),
        ({"cold_chain_ok": False}, {}, "cold chain broken"),
        ({}, {"excipients": "mannitol, ovalbumin"}, "allergy to eggs: ovalbumin"),
        ({}, {"labelled_route": "topical_only"}, "label: topical use only"),
        ({}, {"regulatory_basis": "cosmetic_used_by_injection"}, "legal basis in question"),
    ],
)
def test_no_lot_in_doubt_is_suggested(
    cast: Cast, of_lot: dict[str, Any], of_product: dict[str, Any], doubt: str
) -> None:
    told(cast, allergies="yes", allergies_text="eggs")
    lot = lot_of(cast, product=factories.product(cast.clinic, **of_product), **of_lot)
    page = cast.client(cast.nurse).get(log_url(planned(cast, product=lot.product)))
    (row,) = page.context["page"].lots.rows
    assert doubt in row.doubt
    assert page.context["form"].suggested is None
    assert "suggested" not in row.mark


def test_lot_with_a_serious_event_is_not(cast: Cast) -> None:
    """A lot with an open serious event of anybody is not suggested, and asks for a reason; so do three events' signs
    stand beside it."""
    course, lot = planned(cast), lot_of(cast)
    other = factories.course(factories.patient(cast.clinic))
    session = factories.exosome_session(other, lot=lot, product=lot.product)
    event = factories.adverse_event(other.patient, exosome_session=session, is_serious=True,
                                    seriousness=["hospitalisation"], kind="infection")  # fmt: skip
    client = cast.client(cast.nurse)
    page = client.get(log_url(course))
    assert page.context["form"].suggested is None
    assert page.context["page"].lots.rows[0].doubt == "serious event not resolved"
    assert codes(client.post(log_url(course), session_post(course, lot=lot))) == {"lot_open_serious"}

    AdverseEvent.objects.filter(pk=event.pk).update(is_serious=False, seriousness=[])
    for _ in range(2):
        factories.adverse_event(other.patient, exosome_session=session)
    page = client.get(log_url(course))
    assert page.context["form"].suggested is None
    assert page.context["page"].lots.rows[0].doubt == "3 events"


def test_no_lot_is_recorded_untouched(cast: Cast) -> None:
    """Nothing is chosen before somebody touches it: the page as it opens cannot be saved with a lot."""
    course, lot = planned(cast), lot_of(cast)
    client = cast.client(cast.nurse)
    page = client.get(log_url(course))
    assert page.context["form"].suggested == lot
    answer = client.post(log_url(course), filled(page.content.decode(), **{"volume-vertex": 3, "reaction": "none"}))
    assert answer.status_code == 422
    assert "Choose the lot" in text(answer)
    assert not ExosomeSession.objects.exists()


@pytest.mark.parametrize(
    ("sent", "how"),
    [
        ({}, "tapped"),
        ({"lot_number": "ex 25-03", "lot": ""}, "typed"),
        ({"lot_number": "(10)EX-2503", "lot": ""}, "scanned"),
        ({"lot_how": "scanned"}, "scanned"),
        ({"lot_how": "scanned:another"}, "tapped"),
        ({"lot_how": "invented"}, "tapped"),
    ],
)
def test_record_says_how_the_lot_was_chosen(cast: Cast, sent: dict[str, str], how: str) -> None:
    course, lot = planned(cast), lot_of(cast, number="EX-2503")
    if sent.get("lot_how") in {"scanned", "invented"}:
        sent = {"lot_how": f"{sent['lot_how']}:{lot.pk}"}
    client = cast.client(cast.nurse)
    assert client.post(log_url(course), session_post(course, **{"lot": lot, **sent})).status_code == 302
    session = ExosomeSession.objects.get()
    assert (session.lot, session.lot_confirmed) == (lot, how)
    assert str(session.get_lot_confirmed_display()) in text(client.get(session.get_absolute_url()))


def test_older_sessions_say_nothing_of_it(cast: Cast) -> None:
    """A session from before it was recorded says so; correcting its note claims nothing, another lot does."""
    course, lot = planned(cast), lot_of(cast)
    client = cast.client(cast.nurse)
    assert client.post(log_url(course), session_post(course, lot=lot)).status_code == 302
    ExosomeSession.objects.update(lot_confirmed="")
    session = ExosomeSession.objects.get()
    assert "It is not recorded if anybody checked it" in text(client.get(session.get_absolute_url()))
    url = reverse("sessions:correct", args=[cast.patient.pk, session.pk])
    day = f"{session.performed_on:%-d %b %Y}"
    sent = session_post(course, lot=lot, when=day, note="more", reactions="none", correction_reason="why", version="1")
    assert client.post(url, sent).status_code == 302
    session.refresh_from_db()
    assert session.lot_confirmed == ""
    other = factories.lot(lot.product)
    assert client.post(url, sent | {"lot": str(other.pk), "version": "2"}).status_code == 302
    session.refresh_from_db()
    assert (session.lot, session.lot_confirmed) == (other, "tapped")


def test_doubtful_settings_are_left_open(cast: Cast) -> None:
    """What was given last time and meets an allergy, or is too deep, is not filled in again; the page says why."""
    told(cast, allergies="yes", allergies_text="lidocaine, iodine")
    lot = lot_of(cast)
    course = planned(cast, product=lot.product)
    factories.exosome_session(
        course, lot=lot, product=lot.product, anaesthesia="topical_lidocaine_prilocaine", skin_prep="povidone_iodine",
        depth_mm=Decimal("6"), needle_gauge=30,
    )  # fmt: skip
    page = cast.client(cast.nurse).get(log_url(course))
    values = page.context["form"].prefill.values
    assert not {"anaesthesia", "skin_prep", "depth_mm"} & set(values)
    assert values["needle_gauge"] == 30
    assert "Allergy to “lidocaine”: Lidocaine and prilocaine cream has “lidocaine”." in text(page)
    assert text(page).count("Left empty.") == 3


def test_route_against_label_is_left_open(cast: Cast) -> None:
    lot = lot_of(cast, product=factories.product(cast.clinic, labelled_route="topical_only"))
    page = cast.client(cast.nurse).get(log_url(planned(cast, product=lot.product)))
    assert "route" not in page.context["form"].prefill.values
    assert "Left empty.</b> The label allows topical use only" in text(page)


def test_unusual_volume_is_left_open(cast: Cast) -> None:
    page = cast.client(cast.nurse).get(log_url(planned(cast, volumes={"vertex": "12.00"})))
    assert page.context["form"].prefill.volumes == {}
    assert "12 mL" in text(page).partition("Left empty.")[2]


# ── Allergies ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("allergies", "sent", "field"),
    [
        ("eggs", {}, "lot"),
        ("milk", {}, "lot"),
        ("lidocaine", {"anaesthesia": "topical_BLT"}, "anaesthesia"),
        ("EMLA", {"anaesthesia": "topical_lidocaine_prilocaine"}, "anaesthesia"),
        ("lignocaine", {"anaesthesia": "ring_block", "anaesthesia_detail": "bupivacaine"}, "anaesthesia"),
        ("iodine", {"skin_prep": "povidone_iodine"}, "skin_prep"),
        ("chlorhexidine", {"skin_prep": "chlorhexidine"}, "skin_prep"),
    ],
)
def test_allergy_asks_beside_what_meets_it(cast: Cast, allergies: str, sent: dict[str, str], field: str) -> None:
    told(cast, allergies="yes", allergies_text=allergies)
    lot = lot_of(cast, product=factories.product(cast.clinic, excipients="egg white, casein"))
    course, client = planned(cast), cast.client(cast.nurse)
    answer = client.post(log_url(course), session_post(course, lot=lot, **sent))
    assert [(w.rule, w.field) for w in answer.context["form"].unpassed] == [("9", field)]
    reasons = reasons_asked_for(answer.content.decode(), "talked over")
    page = filled(answer.content.decode(), **reasons)
    assert client.post(log_url(course), page).status_code == 302
    assert allergies.lower() in PassedWarning.objects.get().sentence


def test_allergy_to_the_product_itself(cast: Cast) -> None:
    """A product whose name holds no substance is met by its name."""
    told(cast, allergies="yes", allergies_text="Vesicle solution N: rash")
    lot = lot_of(cast, product=factories.product(cast.clinic, name="Vesicle solution N"))
    course = planned(cast)
    answer = cast.client(cast.nurse).post(log_url(course), session_post(course, lot=lot))
    assert codes(answer) == {"allergy"}


def test_page_says_what_was_compared(cast: Cast) -> None:
    told(cast, allergies="yes", allergies_text="Eggs (hives); no allergy to latex")
    serum = {"name": "Vesicle N", "excipients": "mannitol", "source_type": "msc_wharton_jelly"}
    lot = lot_of(cast, product=factories.product(cast.clinic, **serum))
    course, client = planned(cast, product=lot.product), cast.client(cast.nurse)
    page = text(client.get(log_url(course)))
    assert "Compared: egg with Vesicle N (source stromal cells, Wharton’s jelly; ingredients: mannitol)." in page


def test_choice_is_told_at_once(cast: Cast) -> None:
    """What Save would ask of a lot and of the anaesthesia is told when they are chosen, by the same rules."""
    told(cast, allergies="yes", allergies_text="eggs, lidocaine")
    lot = lot_of(cast, product=factories.product(cast.clinic, excipients="ovalbumin"), expires_on=None)
    course, client = planned(cast), cast.client(cast.nurse)
    url = reverse("sessions:log-check", args=[cast.patient.pk])
    sent = {"course": str(course.pk), "lot": str(lot.pk), "anaesthesia": "topical_BLT"}
    answer = client.get(url, sent).json()
    assert {each["field"] for each in answer["warnings"]} == {"lot", "anaesthesia"}
    assert len(answer["warnings"]) == 3
    saved = client.post(log_url(course), session_post(course, lot=lot, anaesthesia="topical_BLT"))
    asked = {warning.sentence for warning in saved.context["form"].unpassed}
    assert asked == {each["sentence"] for each in answer["warnings"]}
    assert "egg, lidocaine" in answer["compared"]
    stranger = cast.client(cast.stranger).get(url, sent)
    assert stranger.status_code == 404


# ── What is told while logging ─────────────────────────────────────────────────────────────────


def tell(cast: Cast, course: Course, client: Client, **fields: Any) -> Any:
    return client.post(log_url(course), session_post(course, lot=lot_of(cast), **fields))


def test_anaphylaxis_is_asked_about(cast: Cast) -> None:
    """An anaphylaxis told while logging is asked the same as in a report; with its criterion it is saved as serious."""
    course = planned(cast)
    factories.exosome_session(course, performed_on=add_months(TODAY(), -1))
    client = cast.client(cast.nurse)
    sent = {"since_last": "yes", "event_kind": "anaphylaxis", "event_grade": "3", "event_now": "0"}
    assert codes(tell(cast, course, client, **sent)) == {"anaphylaxis_not_serious"}
    assert tell(cast, course, client, **sent, event_criteria=["medically_important"]).status_code == 302
    event = AdverseEvent.objects.get()
    assert (event.is_serious, event.seriousness) == (True, ["medically_important"])
    assert event.report_due_on is not None


@pytest.mark.parametrize(
    "sent",
    [
        {"since_last": "yes", "event_kind": "infection", "event_grade": "4", "event_now": "3"},
        {"reaction": ["vasovagal"], "grade-vasovagal": "4"},
    ],
)
def test_grade_4_must_be_serious(cast: Cast, sent: dict[str, Any]) -> None:
    course = planned(cast)
    factories.exosome_session(course, performed_on=add_months(TODAY(), -1))
    client = cast.client(cast.nurse)
    answer = tell(cast, course, client, **sent)
    assert answer.status_code == 422
    assert "An event of grade 4 is serious. Say why it is serious." in text(answer)
    name = "event_criteria" if "event_kind" in sent else "serious-vasovagal"
    assert tell(cast, course, client, **sent, **{name: ["life_threatening"]}).status_code == 302
    assert AdverseEvent.objects.get().seriousness == ["life_threatening"]


def test_no_beside_an_open_event_asks(cast: Cast) -> None:
    """ "No, nothing to report" while a headache is open names it; how it is now is asked in place, and kept."""
    course, lot = planned(cast, baseline_on=add_months(TODAY(), -2)), lot_of(cast)
    event = reacted(cast, course, None, kind="headache", outcome="3")
    client = cast.client(cast.nurse)
    assert "Headache" in lines(client.get(log_url(course)))["Event not resolved"]
    sent = session_post(course, lot=lot, phase="maintenance")
    asked = client.post(log_url(course), sent)
    assert codes(asked) == {"open_event_not_asked"}
    assert "Headache of" in text(asked)

    over = {f"now-{event.pk}": "1", f"over-{event.pk}": f"{TODAY() - datetime.timedelta(days=9):%-d %b %Y}"}
    early = {f"over-{event.pk}": f"{add_months(TODAY(), -3):%-d %b %Y}"}
    assert client.post(log_url(course), sent | over | early).status_code == 422, "over before it began"
    assert client.post(log_url(course), sent | over).status_code == 302
    event.refresh_from_db()
    assert (event.outcome, event.is_open) == ("1", False)
    look = FollowUp.objects.get()
    assert (look.seen_on, look.seen_by) == (timezone.localdate(), cast.nurse)
    assert look.note == "Asked before the session of that day: gone."


def test_no_may_stand_with_a_reason(cast: Cast) -> None:
    course = planned(cast, baseline_on=add_months(TODAY(), -2))
    reacted(cast, course, None, kind="headache", outcome="3")
    client = cast.client(cast.nurse)
    asked = tell(cast, course, client, phase="maintenance")
    reasons = reasons_asked_for(asked.content.decode(), "the patient does not want to talk about it")
    assert client.post(log_url(course), filled(asked.content.decode(), **reasons)).status_code == 302
    assert not FollowUp.objects.exists()


# ── The history ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("sex", "is_offered"), [("male", False), ("female", True), ("other", True), ("unknown", True)])
def test_pregnancy_is_not_asked_of_a_man(cast: Cast, sex: str, is_offered: bool) -> None:
    cast.patient.sex = sex
    cast.patient.save()
    url, client = reverse("patients:history", args=[cast.patient.pk]), cast.client(cast.nurse)
    assert ("Pregnant or breast-feeding" in text(client.get(url))) == is_offered
    sent = {"cautions_asked": "yes", "cautions": ["pregnancy_breastfeeding"]}
    answer = client.post(url, filled(client.get(url).content.decode(), **sent))
    assert (answer.status_code == 302) == is_offered
