import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from clinic.audit.models import AuditEvent
from tests import factories
from tests.people import Cast
from treatments.models import Correction, Lot, Product
from treatments.products import actions
from treatments.records.actions import Conflict

pytestmark = pytest.mark.django_db
TODAY = datetime.date.today()


@pytest.fixture
def product(cast: Cast) -> Product:
    return factories.product(cast.clinic)


@pytest.fixture
def lot(product: Product) -> Lot:
    return factories.lot(product, number="EX-2503", received_ml=Decimal("100"))


def fresh(product: Product, **fields: object) -> Lot:
    values = {"number": "EX 25-03", "received_on": TODAY, "received_ml": Decimal("50"), **fields}
    return Lot(clinic=product.clinic, product=product, **values)


def moved(lot: Lot) -> list[tuple[object, ...]]:
    """The ledger of a lot but its opening: kind, received, in stock, given, discarded."""
    parts = ("kind", "received_ml", "stock_ml", "given_ml", "discarded_ml")
    return list(lot.movements.exclude(kind="carried_over").order_by("at", "id").values_list(*parts))


def test_lot_is_received_with_audit_event(cast: Cast, product: Product) -> None:
    """A lot is received whole, with its audit event."""
    new = actions.receive(fresh(product), by=cast.nurse)

    new.refresh_from_db()
    assert (new.stock_ml, new.number, new.number_folded, new.state) == (50, "EX 25-03", "EX2503", "received")
    assert moved(new) == [("received", 50, 50, 0, 0)]
    assert AuditEvent.objects.get(action="received_lot").object_id == str(new.pk)


@pytest.mark.parametrize("spelling", ["ex-2503", "ＥＸ-2503", "EX–2503", " EX-25\u200b03 "])
def test_one_lot_in_any_spelling(cast: Cast, lot: Lot, spelling: str) -> None:
    """One lot, whatever the keyboard, is received once."""
    with pytest.raises(ValidationError, match="second delivery"):
        actions.receive(fresh(lot.product, number=spelling), by=cast.nurse)

    assert Lot.objects.get() == lot


def test_lots_12_34_and_1_234_are_two(cast: Cast, product: Product) -> None:
    """A lot number is what is printed: where the hyphen stands tells two lots apart."""
    for number in ("12-34", "1-234", "1234"):
        actions.receive(fresh(product, number=number), by=cast.nurse)

    assert sorted(Lot.objects.values_list("number", flat=True)) == ["1-234", "12-34", "1234"]


def test_leading_zeros_make_another_lot(cast: Cast, lot: Lot) -> None:
    actions.receive(fresh(lot.product, number="0EX2503"), by=cast.nurse)

    assert Lot.objects.count() == 2


def test_a_product_is_listed_once(cast: Cast, product: Product) -> None:
    with pytest.raises(ValidationError, match="already listed"):
        actions.list_product(Product(clinic=cast.clinic, name=product.name), by=cast.nurse)
    other = actions.list_product(Product(clinic=cast.clinic, name="Another"), by=cast.nurse)
    with pytest.raises(ValidationError, match="already listed"):
        actions.correct_product(
            other, changes={"name": product.name}, reason="label read again", expected_version=1, by=cast.nurse
        )

    assert sorted(Product.objects.values_list("name", flat=True)) == sorted([product.name, "Another"])


def test_rest_follows_what_was_received(cast: Cast, lot: Lot) -> None:
    """What is left follows what was received."""
    factories.draw(lot, Decimal("20"))

    corrected = actions.correct_lot(
        lot, changes={"received_ml": Decimal("150")}, reason="second delivery", expected_version=1, by=cast.nurse
    )

    corrected.refresh_from_db()
    assert (corrected.received_ml, corrected.stock_ml) == (150, 130)
    assert {c["label"]: (c["before"], c["after"]) for c in Correction.objects.get().changes} == {
        "Volume received, mL": ("100", "150"),
        "In stock, mL": ("80", "130"),
    }


def test_received_is_no_less_than_used(cast: Cast, lot: Lot) -> None:
    """No less can have been received than was used."""
    factories.draw(lot, Decimal("20"))

    with pytest.raises(ValidationError, match="20 mL of it has been given"):
        actions.correct_lot(
            lot, changes={"received_ml": Decimal("10")}, reason="misread", expected_version=1, by=cast.nurse
        )

    lot.refresh_from_db()
    assert (lot.received_ml, lot.stock_ml, lot.version) == (100, 80, 1)


def test_corrected_number_is_found(cast: Cast, lot: Lot) -> None:
    """A corrected number is found as it is now written."""
    other = factories.lot(lot.product, number="EX-9")

    actions.correct_lot(lot, changes={"number": "EX-2504"}, reason="misread", expected_version=1, by=cast.nurse)
    lot.refresh_from_db()
    assert (lot.number_key, lot.number_folded) == ("EX-2504", "EX2504")

    with pytest.raises(ValidationError, match="second delivery"):
        actions.correct_lot(other, changes={"number": "ex-2504"}, reason="misread", expected_version=1, by=cast.nurse)


def test_a_lot_is_opened_once(cast: Cast, lot: Lot) -> None:
    first = actions.open_lot(lot, on=TODAY, expected_version=1, by=cast.nurse)
    again = actions.open_lot(lot, on=TODAY, expected_version=1, by=cast.nurse)

    assert first == again
    assert (again.state, again.opened_on, again.version) == ("open", TODAY, 2)
    assert AuditEvent.objects.filter(action="opened_lot").count() == 1
    with pytest.raises(ValidationError, match="only a lot that is in stock can be opened"):
        actions.open_lot(again, on=TODAY, expected_version=2, by=cast.clinician)


def test_finishing_discards_the_rest(cast: Cast, lot: Lot) -> None:
    """Finishing discards what is left and says how much."""
    finished = actions.finish(lot, on=TODAY, note="expired", expected_version=1, by=cast.nurse)

    assert (finished.state, finished.stock_ml, finished.finished_on) == ("finished", 0, TODAY)
    assert Correction.objects.get().reason == "Finished; 100 mL discarded. expired"
    assert moved(lot) == [("finished", 0, -100, 0, 100)]
    with pytest.raises(ValidationError, match="finished already"):
        actions.finish(finished, on=TODAY, note="", expected_version=2, by=cast.clinician)


def test_finishing_counts_the_rest_now(cast: Cast, lot: Lot) -> None:
    """Finishing counts what is left now, not when the page was opened."""
    factories.draw(lot, Decimal("97.5"))

    actions.finish(lot, on=TODAY, note="", expected_version=1, by=cast.nurse)

    assert "2.5 mL discarded" in Correction.objects.get().reason


@pytest.mark.parametrize("state", ["received", "open", "finished"])
def test_recall_from_any_state(cast: Cast, lot: Lot, state: str) -> None:
    """A lot is recalled from any state, and no session can choose it."""
    Lot.objects.filter(pk=lot.pk).update(state=state)
    lot.refresh_from_db()

    recalled = actions.recall(lot, reason="maker's notice", expected_version=1, by=cast.nurse)

    assert (recalled.state, recalled.recall_reason, recalled.recalled_by) == ("recalled", "maker's notice", cast.nurse)
    assert not Lot.objects.of(cast.clinic).usable(TODAY).exists()
    assert AuditEvent.objects.get(action="recalled_lot").actor == cast.nurse


def test_recall_of_an_older_version(cast: Cast, lot: Lot) -> None:
    """A recall against an older version is refused."""
    actions.open_lot(lot, on=TODAY, expected_version=1, by=cast.clinician)

    with pytest.raises(Conflict):
        actions.recall(lot, reason="maker's notice", expected_version=1, by=cast.nurse)

    assert Lot.objects.get().state == "open"


def test_recall_by_mistake_is_undone(cast: Cast, lot: Lot) -> None:
    """A lot recalled by mistake comes back with what was counted."""
    actions.open_lot(lot, on=TODAY, expected_version=1, by=cast.nurse)
    recalled = actions.recall(lot, reason="wrong lot", expected_version=2, by=cast.nurse)

    with pytest.raises(ValidationError, match="at most 100 mL can be left"):
        actions.put_back(recalled, stock_ml=Decimal("101"), reason="mistake", expected_version=3, by=cast.nurse)
    in_stock = actions.put_back(recalled, stock_ml=Decimal("70"), reason="mistake", expected_version=3, by=cast.nurse)

    assert (in_stock.state, in_stock.stock_ml, in_stock.recalled_at, in_stock.recall_reason) == ("open", 70, None, "")
    with pytest.raises(ValidationError, match="in use"):
        actions.put_back(in_stock, stock_ml=Decimal("70"), reason="mistake", expected_version=4, by=cast.nurse)
    assert moved(in_stock) == [("put_back", 0, -30, 0, 30)]


def test_correction_sent_twice_moves_once(cast: Cast, lot: Lot) -> None:
    """Both requests read the lot before either of them writes."""
    twin = Lot.objects.get(pk=lot.pk)

    for same in (lot, twin):
        actions.correct_lot(
            same, changes={"received_ml": Decimal("150")}, reason="second delivery", expected_version=1, by=cast.nurse
        )

    corrected = Lot.objects.get()
    assert (corrected.stock_ml, corrected.version, Correction.objects.count()) == (150, 2, 1)
