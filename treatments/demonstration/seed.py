"""Fill a database with the demonstration clinic, through the same actions that the pages use."""

import datetime
from decimal import Decimal

from django.utils import timezone

from clinic.staff.actions import add_member, change_clinic, open_clinic
from clinic.staff.models import Clinic, Membership, Role, User
from treatments.assessments.laboratory.actions import list_test
from treatments.assessments.laboratory.models import LaboratoryTest
from treatments.assessments.thresholds.clinic_thresholds import thresholds_of
from treatments.courses.models import Protocol
from treatments.demonstration.builder import VIEWS, RecordBuilder
from treatments.demonstration.people import (
    CLINIC,
    LETTERHEAD,
    LOTS,
    OWN_BLOOD,
    PASSWORD,
    PRODUCT,
    SECOND_PRODUCT,
    SECOND_READER,
    STAFF,
)
from treatments.demonstration.scenarios import SCENARIOS
from treatments.evidence.reading.actions import answer, close_round, open_round
from treatments.evidence.series.actions import begin
from treatments.evidence.series.models import CaseSeries
from treatments.handouts.actions import draft_letter, give_aftercare, sheet_for, sign_letter
from treatments.handouts.languages import OWN
from treatments.handouts.models import Letter
from treatments.papers.letters import draft_text
from treatments.patients.models import Patient
from treatments.photos.readings.models import ReadingRound
from treatments.photos.vocabulary import View
from treatments.products.actions import list_product, open_lot, receive
from treatments.products.models import Lot, Product
from treatments.sessions.plan.actions import add_protocol
from treatments.timeline import density, facts


def fill() -> Clinic:
    """Open the clinic with its staff, stock and protocols, and act out every patient's scenario."""
    membership = open_clinic(
        name=CLINIC, time_zone="Asia/Singapore", email=STAFF[0][1], person=STAFF[0][2], password=PASSWORD
    )
    with timezone.override(membership.clinic.time_zone):
        change_clinic(membership.clinic, changes={"letterhead": LETTERHEAD}, expected={}, by=membership.user)
        _fill(membership)
    return membership.clinic


def _fill(membership: Membership) -> None:
    clinic, manager = membership.clinic, membership.user
    for role, email, person in STAFF[1:]:
        add_member(clinic=clinic, email=email, person=person, role=role, password=PASSWORD, by=manager)
    staff = {m.role: m.user for m in Membership.objects.filter(clinic=clinic).select_related("user")}
    products = _products(clinic, manager)
    build = RecordBuilder(clinic, staff, products, _lots(clinic, staff["nurse"], products))
    _protocols(clinic, staff["clinician"], products)
    build.write_consent_forms()
    list_test(LaboratoryTest(clinic=clinic, name="Zinc", unit="µmol/L"), by=staff["clinician"])
    for scenario in SCENARIOS:
        scenario(build)
    build.waiting_photos()
    _papers(build, staff)
    _blind_readings(build, staff)
    _case_series(clinic, staff["clinician"])


def _case_series(clinic: Clinic, by: User) -> None:
    """One that is begun: its flow and figures come from the record, most of its words are to be written."""
    today = timezone.localdate()
    series = CaseSeries(
        clinic=clinic,
        title="Vesicle solution injected into the scalp for pattern hair loss",
        month=3,
        from_on=today.replace(year=today.year - 3, day=1),
        until_on=today,
        setting="A clinic for hair loss, to which patients come by themselves.",
    )
    begin(series, by=by)


def _papers(build: RecordBuilder, staff: dict[str, User]) -> None:
    """What went home with one patient: the aftercare sheet of the last session, and a letter that is signed."""
    patient = build.known("little")
    session = patient.exosome_sessions.standing().in_order().last()
    sheet = sheet_for(patient.clinic, session.course.protocol, OWN) if session else None
    if session is None or sheet is None:
        return
    give_aftercare(session, sheet=sheet, by=staff["nurse"])
    record = facts.load(patient)
    today = timezone.localdate()
    letter = Letter(
        clinic=patient.clinic,
        patient=patient,
        recipient="Dr Noor Example\n2 Invented Street\nSingapore 000002",
        subject=draft_text.subject(record),
        body=draft_text.body(record, density.changes(record, thresholds_of(patient.clinic)), today),
    )
    clinician = staff["clinician"]
    draft_letter(letter, by=clinician)
    sign_letter(letter, signed_as=clinician.name, expected_version=letter.version, by=clinician)


def _blind_readings(build: RecordBuilder, staff: dict[str, User]) -> None:
    """A small round that two readers have read and that is closed, and one that waits to be read."""
    email, person = SECOND_READER
    second = add_member(
        clinic=build.clinic, email=email, person=person, role=Role.BLIND_READER, password=PASSWORD, by=staff["manager"]
    )
    readers = [staff["blind_reader"], second.user]
    for patient in Patient.objects.of(build.clinic).filter(photos__isnull=False).distinct():
        build.consent(patient, build.today, "photography", "research")
    told = {"clinic": build.clinic, "months": [3, 4, 5, 6, 9, 12]}
    closed = ReadingRound(name="Vertex, first year", view=View.VERTEX, comparable_only=True, **told)
    closed = open_round(closed, readers=readers, by=staff["manager"])
    for place in closed.places.select_related("reader").order_by("added_at"):
        for shown in place.shown.select_related("pair__later", "place__round", "place__reader").order_by("position"):
            # What two readers may well say of a course on which little changes: not always the same.
            change = (shown.pair.later.taken_on.month + (place.reader == second.user)) % 2
            score = change if shown.later_is_right else -change
            answer(shown, score=score, cannot_judge="", note="", by=place.reader)
    close_round(closed, reason="", by=staff["manager"])
    waiting = ReadingRound(name="Midline, first year", view=View.SUPERIOR_MIDLINE, comparable_only=False, **told)
    open_round(waiting, readers=readers, by=staff["manager"])


def _products(clinic: Clinic, by: User) -> list[Product]:
    return [
        list_product(Product(clinic=clinic, **fields | _unit(fields)), by=by)
        for fields in (PRODUCT, SECOND_PRODUCT, OWN_BLOOD)
    ]


def _unit(fields: dict[str, str]) -> dict[str, Decimal]:
    return {"unit_ml": Decimal(fields["unit_ml"])} if "unit_ml" in fields else {}


def _lots(clinic: Clinic, by: User, products: list[Product]) -> dict[str, Lot]:
    today = timezone.localdate()
    lots = {}
    for number, product, ml, expires, received in LOTS:
        lot = Lot(
            clinic=clinic,
            product=products[product],
            number=number,
            expires_on=today + datetime.timedelta(days=expires),
            received_on=today - datetime.timedelta(days=received),
            received_ml=Decimal(ml),
            cold_chain_ok=True,
        )
        lots[number] = receive(lot, by=by)
    opened = lots["LT-2601"]
    opened.refresh_from_db()
    open_lot(opened, on=today - datetime.timedelta(days=60), expected_version=opened.version, by=by)
    return lots


def _protocols(clinic: Clinic, by: User, products: list[Product]) -> None:
    common = {"clinic": clinic, "product": products[0], "route": "intradermal_injection", "views": VIEWS}
    five = {"sessions_planned": 5, "checkpoints": [0, 3, 5]}
    men = Protocol(
        name="Five monthly sessions, vertex",
        volumes={"vertex": "3.00"},
        takes_walk_ins=True,
        follow_up_from_month=6,
        follow_up_to_month=9,
        refresh_months=12,
        **five,
        **common,
    )
    women = Protocol(
        name="Five monthly sessions, midline",
        volumes={"mid_scalp": "2.50", "frontal": "0.50"},
        maintenance_from_month=6,
        maintenance_to_month=9,
        refresh_months=12,
        **five,
        **common,
    )
    for protocol in (men, women):
        add_protocol(protocol, by=by)
