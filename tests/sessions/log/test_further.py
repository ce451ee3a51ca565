"""What a visit gives beside its first product: a second lot, another product, a technique."""

import datetime
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db.utils import IntegrityError
from django.urls import reverse

from tests import factories
from tests.people import Cast
from tests.sessions.log.post_data import log_url, lot_of, planned, session_post
from treatments.models import AdverseEvent, Application, Correction, Course, ExosomeSession, HairHistory, Lot, Product
from treatments.products.vocabulary import Donor, SourceType
from treatments.recall import tracing
from treatments.safety.suspected_sessions import suspects
from treatments.sessions.log import actions
from treatments.sessions.log.pre_session_checks import load

pytestmark = pytest.mark.django_db
TODAY = datetime.date.today()


def prp(cast: Cast) -> Product:
    return factories.product(
        cast.clinic, name="PRP", source_type=SourceType.PLATELET_RICH_PLASMA, donor=Donor.AUTOLOGOUS
    )


def also(place: int, **fields: Any) -> dict[str, Any]:
    """What is posted of one further application: `ml` of the vertex, the rest under its own name."""
    volume = {f"also{place}-volume-vertex": fields.pop("ml")} if "ml" in fields else {}
    return volume | {f"also{place}-{name}": value for name, value in fields.items()}


def log(cast: Cast, course: Course, lot: Any, **fields: Any) -> ExosomeSession:
    answer = cast.client(cast.nurse).post(log_url(course), session_post(course, lot=lot, **fields))
    assert answer.status_code == 302, answer.context["form"].errors or [
        warning.sentence for warning in answer.context["form"].warnings
    ]
    return ExosomeSession.objects.get()


def left(*lots: Lot) -> list[Decimal]:
    return [Lot.objects.get(pk=lot.pk).stock_ml for lot in lots]


def books_agree() -> None:
    """`./anagen stock` finds every lot to be the sum of its ledger and of its sessions."""
    call_command("stock", stdout=StringIO())


def test_combined_visit_is_one_session(cast: Cast) -> None:
    """A second vial from a second lot, PRP and microneedling: one session, each with its own, one pain."""
    course, one, two, own = planned(cast), lot_of(cast), lot_of(cast), prp(cast)
    parts = also(1, what=str(two.pk), ml="1.5", route="intradermal_injection") | also(
        2, what=f"own:{own.pk}", ml="2", route="intradermal_injection"
    )
    parts |= also(3, what="technique", route="microneedling_topical", regions=["frontal", "beard"], depth_mm="1.5")
    session = log(cast, course, one, **parts)

    assert (session.first_ml, session.total_ml) == (Decimal("3.00"), Decimal("6.50"))
    second, blood, needling = session.applications.all()
    assert (second.place, second.lot, second.product, second.lot_confirmed) == (2, two, two.product, "tapped")
    assert (blood.product, blood.lot, blood.lot_is_unknown, blood.lot_text) == (
        own,
        None,
        False,
        "prepared from the patient’s own blood",
    )
    assert (needling.total_ml, needling.regions, needling.where_text) == (None, ["frontal", "beard"], "frontal, beard")
    assert left(one, two) == [Decimal("97.00"), Decimal("98.50")]
    books_agree()
    page = cast.client(cast.reader).get(session.get_absolute_url()).content.decode()
    timeline = cast.client(cast.reader).get(cast.patient.get_absolute_url()).content.decode()
    for words in (two.number, "prepared from the patient’s own blood", "Microneedling"):
        assert words in page and words in timeline


def test_prp_alone_asks_for_no_lot(cast: Cast) -> None:
    """What was prepared from the patient's own blood has no lot; none is asked, and none is called unknown."""
    course, own = planned(cast), prp(cast)
    session = log(cast, course, f"own:{own.pk}")
    assert (session.product, session.lot, session.lot_is_unknown) == (own, None, False)
    assert (
        "prepared from the patient’s own blood"
        in cast.client(cast.reader).get(session.get_absolute_url()).content.decode()
    )


def test_two_draws_from_one_lot(cast: Cast) -> None:
    """The same lot twice in a visit leaves stock once, by the sum, and is given back as one."""
    course, lot = planned(cast), lot_of(cast)
    session = log(cast, course, lot, **also(1, what=str(lot.pk), ml="1"))
    assert left(lot) == [Decimal("96.00")]
    assert tracing.trace_of(lot).ml == Decimal("4.00")
    actions.strike_out_session(session, reason="Wrong patient", expected_version=1, by=cast.nurse)
    assert left(lot) == [Decimal("100.00")]
    books_agree()


def test_correction_exchanges_each_lot(cast: Cast) -> None:
    """A corrected application gives back to its old lot and takes from the new, and both texts are kept."""
    course, one, two, three = planned(cast), lot_of(cast), lot_of(cast), lot_of(cast)
    session = log(cast, course, one, **also(1, what=str(two.pk), ml="2"))
    address = reverse("sessions:correct", args=[session.patient_id, session.pk])
    client = cast.client(cast.nurse)
    begins = client.get(address).context["form"]
    assert begins["also1-what"].value() == str(two.pk)
    posted = session_post(course, lot=one, **also(1, what=str(three.pk), ml="1"), version="1")
    posted |= {"correction_reason": "Other vial", "reactions": "none", "id": None}
    answer = client.post(address, {name: value for name, value in posted.items() if value is not None})
    assert answer.status_code == 302, answer.context["form"].errors
    assert left(one, two, three) == [Decimal("97.00"), Decimal("100.00"), Decimal("99.00")]
    books_agree()
    session.refresh_from_db()
    assert (session.first_ml, session.total_ml) == (Decimal("3.00"), Decimal("4.00"))
    change = next(row for row in Correction.objects.get().shown_changes if row["field"] == "applications")
    assert two.number in change["before"] and three.number in change["after"]

    untouched = actions.correct_session(
        session, changes={"note": "No change beside it"}, volumes={"vertex": Decimal("3.00")}, reason="Note",
        expected_version=session.version, by=cast.nurse,
    )  # fmt: skip
    assert untouched.applications.count() == 1 and left(three) == [Decimal("99.00")]


def test_second_lot_is_traced(cast: Cast) -> None:
    """A lot given beside another is found from it: session, patient, event, call list, list of suspects, checks."""
    course, one, two = planned(cast), lot_of(cast), lot_of(cast)
    session = log(cast, course, one, **also(1, what=str(two.pk), ml="2"))
    factories.adverse_event(cast.patient, exosome_session=session, kind="anaphylaxis", is_serious=True, grade=3)
    trace = tracing.trace_of(two)
    assert (trace.sessions, trace.asked, trace.patients, trace.ml) == (1, 1, 1, Decimal("2.00"))
    assert (trace.events, trace.event_patients, trace.serious_events) == (1, 1, 1)
    assert list(tracing.sessions_of(two)) == [session]
    called = tracing.patients_of(two).get()
    assert (called, called.times, called.given_ml) == (cast.patient, 1, Decimal("2.00"))
    assert list(AdverseEvent.objects.of_lot(two)) == list(AdverseEvent.objects.all())
    assert f"{one.number} and {two.number}" in suspects(cast.patient)[0].label
    assert list(ExosomeSession.objects.of_product(two.product_id)) == [session]
    [earlier] = load(cast.patient).events
    assert earlier.is_of(two, None) == "lot" and earlier.is_of(None, two.product) == "product"
    assert two.number in cast.client(cast.reader).get(reverse("safety:index")).content.decode()


def test_patient_counts_once_for_a_lot(cast: Cast) -> None:
    """A patient who got a lot first in one session and beside another in the next is one patient of it."""
    course, one, two = planned(cast), lot_of(cast), lot_of(cast)
    factories.exosome_session(course, performed_on=TODAY - datetime.timedelta(days=30), lot=two, product=two.product)
    answer = cast.client(cast.nurse).post(
        log_url(course), session_post(course, lot=one, **also(1, what=str(two.pk), ml="2"))
    )
    assert answer.status_code == 302
    trace = tracing.trace_of(two)
    assert (trace.sessions, trace.patients, trace.ml) == (2, 1, Decimal("5.00"))
    called = tracing.patients_of(two).get()
    assert (called.times, called.given_ml) == (2, Decimal("5.00"))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"what": "lot", "ml": "18"}, "more than one session may have (20 mL)"),
        ({"what": "lot"}, "Write how many mL of it"),
        ({"what": "technique", "ml": "1", "route": "other"}, "A technique without a product has no volume"),
        ({"what": "technique"}, "Choose the technique."),
        ({"ml": "1"}, "Choose what was given here."),
    ],
)
def test_each_application_is_judged(cast: Cast, fields: dict[str, Any], sentence: str) -> None:
    course, one, two = planned(cast), lot_of(cast), lot_of(cast)
    fields = fields | ({"what": str(two.pk)} if fields.get("what") == "lot" else {})
    page = cast.client(cast.nurse).post(log_url(course), session_post(course, lot=one, **also(1, **fields)))
    assert sentence in page.content.decode()
    assert not ExosomeSession.objects.exists()


def test_its_lot_asks_what_the_first_would(cast: Cast) -> None:
    """Rules 15, 17 and 9 speak for a product that is given beside the first."""
    history = {"clinic": cast.clinic, "patient": cast.patient, "created_by": cast.clinician}
    HairHistory.objects.create(**history, allergies="yes", allergies_text="egg")
    course, one = planned(cast), lot_of(cast)
    topical = factories.product(cast.clinic, name="Serum", labelled_route="topical_only", excipients="egg lecithin")
    old = lot_of(cast, product=topical, expires_on=TODAY - datetime.timedelta(days=3))
    fields = also(1, what=str(old.pk), ml="1", route="intradermal_injection")
    page = cast.client(cast.nurse).post(log_url(course), session_post(course, lot=one, **fields))
    asked = {(each.rule, each.field) for each in page.context["form"].warnings}
    assert {("15", "also1-what"), ("17", "also1-route"), ("9", "also1-what")} <= asked


def test_next_time_begins_with_it(cast: Cast) -> None:
    """What was given beside the first product is proposed next time, without its lot; "not given today" clears it."""
    course, one, two = planned(cast), lot_of(cast), lot_of(cast)
    earlier = factories.exosome_session(course, performed_on=TODAY - datetime.timedelta(days=30), lot=one)
    Application.objects.create(
        exosome_session=earlier, place=2, lot=two, product=two.product, total_ml=Decimal(1), volumes={"vertex": "1.00"}
    )
    form = cast.client(cast.nurse).get(log_url(course)).context["form"]
    assert (form["also1-what"].value(), form["also1-volume-vertex"].value()) == (None, "1")
    answer = cast.client(cast.nurse).post(
        log_url(course), session_post(course, lot=one, **also(1, what="none", ml="1"))
    )
    assert answer.status_code == 302
    assert Application.objects.count() == 1


def test_a_lot_has_its_volume(cast: Cast) -> None:
    """The database refuses a lot that gave nothing, and an application that is neither volume nor technique."""
    session = factories.exosome_session(factories.course(cast.patient))
    lot = lot_of(cast)
    with pytest.raises(IntegrityError):
        Application.objects.create(exosome_session=session, place=2, lot=lot, product=lot.product, route="other")
