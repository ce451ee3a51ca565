"""Products, the stock, and receiving, opening, finishing and recalling a lot."""

import datetime
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.audit.models import AuditEvent
from tests import factories
from tests.concurrency import at_once
from tests.html_forms import reasons_asked_for
from tests.people import Cast
from treatments.models import Lot, Product
from treatments.records.models import PassedWarning

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
TODAY = datetime.date.today()
GTIN = "09506000134352"
SCAN = f"]d201{GTIN}17301130\x1d10EX-2503"


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def product(cast: Cast) -> Product:
    return factories.product(cast.clinic, name="Vesicle solution", gtin=GTIN, unit_ml=Decimal("5"))


def delivery(product: Product | None = None, **fields: Any) -> dict[str, Any]:
    data = {
        "id": str(uuid.uuid4()),
        "number": "EX-2503",
        "product": str(product.pk) if product else "",
        "expires": "Nov 2030",
        "vials": "20",
        "received_ml": "",
        "received_on": TODAY.isoformat(),
        "cold_chain_ok": "true",
        "_sentinel": "1",
    }
    return data | fields


def receive(cast: Cast, data: dict[str, Any]) -> Any:
    return cast.client(cast.nurse).post(reverse("products:lot-receive"), data)


# ── Receiving ──────────────────────────────────────────────────────────────────────────────────


def test_month_of_expiry_to_its_last_day(cast: Cast, product: Product) -> None:
    """A month of expiry is valid through its last day."""
    response = receive(cast, delivery(product))

    lot = Lot.objects.get()
    assert response.status_code == 302 and response["Location"] == lot.get_absolute_url()
    assert (lot.expires_on, lot.expires_precision) == (datetime.date(2030, 11, 30), "month")
    assert (lot.received_ml, lot.stock_ml, lot.cold_chain_ok) == (100, 100, True)
    assert not lot.is_expired(datetime.date(2030, 11, 30)) and lot.is_expired(datetime.date(2030, 12, 1))


@pytest.mark.parametrize(
    "typed",
    [
        GTIN,
        f"01{GTIN}",
        f"]d1{GTIN}",
        f"{GTIN[1:]}\u200f",
        "9506-0001-3435-2",
        "９５０６０００１３４３５２",
        "٩٥٠٦٠٠٠١٣٤٣٥٢",
    ],
)
def test_one_gtin_in_every_spelling(cast: Cast, typed: str) -> None:
    """As it is typed, pasted, printed, or sent by a scanner of any setting."""
    response = cast.client(cast.nurse).post(reverse("products:product-add"), described(gtin=typed))

    assert response.status_code == 302
    assert Product.objects.get().gtin == GTIN


@pytest.mark.parametrize("bar_code", [GTIN, GTIN[1:], "]d1" + GTIN, f" {GTIN[1:7]} {GTIN[7:]} "])
def test_the_number_of_a_product_is_no_lot(cast: Cast, product: Product, bar_code: str) -> None:
    """A plain bar code carries no lot: it is neither kept as one nor said to be a lot that is not listed."""
    response = receive(cast, delivery(product, number=bar_code))
    found = cast.client(cast.nurse).get(reverse("sessions:lot-find"), {"text": bar_code})

    said = "This is the number of Vesicle solution, not of a lot."
    assert response.status_code == 422 and said in text(response) and not Lot.objects.exists()
    assert said in found.json()["error"]


@pytest.mark.parametrize("scan", [SCAN, f"(01){GTIN}(17)301130(10)EX-2503"])
def test_scan_fills_number_expiry_product(cast: Cast, product: Product, scan: str) -> None:
    """A scan brings number, expiry and product."""
    response = receive(cast, delivery(number=scan, expires=""))

    lot = Lot.objects.get()
    assert response.status_code == 302
    assert (lot.number, lot.product, lot.expires_on) == ("EX-2503", product, datetime.date(2030, 11, 30))


def test_number_is_stored_as_printed(cast: Cast, product: Product) -> None:
    """A number is stored exactly as it is printed."""
    receive(cast, delivery(product, number="  00ab-12/3 "))

    assert Lot.objects.get().number == "00ab-12/3"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"number": ""}, "Type the lot number"),
        ({"number": "---"}, "That is no lot number"),
        ({"number": f"]d201{GTIN}17301130"}, "carries no lot number"),
        ({"number": "]d20109506000134359"}, "misread"),
        ({"number": SCAN, "expires": "Dec 2031"}, "The scanned label says 30 Nov 2030"),
        ({"expires": "about 2030-11"}, "without “about”"),
        ({"expires": "2030"}, "at least the month"),
        ({"vials": "", "received_ml": ""}, "how much arrived"),
        ({"vials": "20", "received_ml": "90"}, "make 100 mL"),
        ({"vials": "", "received_ml": "-3"}, "Remove the minus sign"),
        ({"vials": "", "received_ml": "abc"}, "Write this in plain figures"),
        ({"received_on": (TODAY + datetime.timedelta(days=1)).isoformat()}, "in the future"),
    ],
)
def test_impossible_delivery_is_refused(cast: Cast, product: Product, fields: dict[str, Any], sentence: str) -> None:
    """A delivery that cannot be is refused."""
    response = receive(cast, delivery(product, note="kept as typed") | fields)

    assert response.status_code == 422
    assert sentence in text(response) and "kept as typed" in text(response)
    assert not Lot.objects.exists()


def test_vial_of_another_product_is_noticed(cast: Cast, product: Product) -> None:
    """The vial of another product is noticed."""
    other = factories.product(cast.clinic, name="Serum", gtin="")
    unlike = factories.product(cast.clinic, name="Gel", gtin="00614141999996")

    assert "The scanned vial is Vesicle solution, not Serum" in text(receive(cast, delivery(other, number=SCAN)))
    Product.objects.filter(pk=product.pk).update(gtin="")
    assert "not that of Gel" in text(receive(cast, delivery(unlike, number=SCAN)))
    assert "does not name one that is listed" in text(receive(cast, delivery(number=SCAN)))
    assert not Lot.objects.exists()


@pytest.mark.parametrize(
    ("fields", "key", "sentence"),
    [
        ({"expires": ""}, "pass-15-expiry_unknown", "expiry date of this lot is not known"),
        ({"expires": "1 May 2024"}, "pass-15-expired-drug", "This lot expired on 1 May 2024"),
        ({"cold_chain_ok": "false"}, "pass-16-cold_chain_on_arrival", "cold chain was broken"),
    ],
)
def test_doubtful_lot_is_taken_with_a_reason(
    cast: Cast, product: Product, fields: dict[str, Any], key: str, sentence: str
) -> None:
    data = delivery(product) | fields

    asked = receive(cast, data)
    reasons = reasons_asked_for(text(asked), "for returns only")
    assert [name.rsplit("-", 1)[0] for name in reasons] == [key]
    saved = receive(cast, data | reasons)

    assert asked.status_code == 422 and sentence in text(asked)
    assert saved.status_code == 302 and Lot.objects.count() == 1
    assert PassedWarning.objects.get().reason == "for returns only"


def test_existing_lot_is_named(cast: Cast, product: Product) -> None:
    """A lot that is there already is named."""
    factories.lot(product, number="ex-2503")

    response = receive(cast, delivery(product))

    assert response.status_code == 422 and "Lot ex-2503 of Vesicle solution was received on" in text(response)
    assert "For a second delivery" in text(response)


@pytest.mark.parametrize("listed", ["ex 2503", "EX-25O3", "E-X2503"])
def test_look_alike_number_is_asked_about(cast: Cast, product: Product, listed: str) -> None:
    """Of two numbers that an eye takes for one another, the second is received with what tells them apart."""
    factories.lot(product, number=listed, expires_on=datetime.date(2030, 5, 31))
    data = delivery(product)

    asked = receive(cast, data)

    assert asked.status_code == 422 and Lot.objects.count() == 1
    assert f"Lot {listed} of Vesicle solution was received on" in text(asked)
    assert "(expires 31 May 2030) and looks like EX-2503. Is it the same delivery?" in text(asked)
    saved = receive(cast, data | reasons_asked_for(text(asked), "another carton, another expiry"))
    assert saved.status_code == 302 and Lot.objects.count() == 2


def test_unlike_numbers_are_not_asked_about(cast: Cast, product: Product) -> None:
    """Nothing is asked about a number that looks like none, nor about a lot of another product."""
    factories.lot(product, number="EX-2504")
    factories.lot(factories.product(cast.clinic), number="EX 2503")

    assert receive(cast, delivery(product)).status_code == 302


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same_form", [True, False])
def test_lot_received_twice_is_one_lot(cast: Cast, product: Product, same_form: bool) -> None:
    """A double click gets the same answer twice; two people at two counters get one lot and one refusal."""
    data = delivery(product)
    client = cast.client(cast.nurse)

    def click() -> Any:
        again = type(client)()
        again.cookies = client.cookies
        mine = data if same_form else data | {"id": str(uuid.uuid4()), "note": str(uuid.uuid4())}
        return again.post(reverse("products:lot-receive"), mine)

    answers = sorted(response.status_code for response in at_once(click))

    assert Lot.objects.count() == 1
    assert answers == ([302, 302] if same_form else [302, 422])
    assert AuditEvent.objects.filter(action="received_lot").count() == 1


def test_two_correcting_a_lot_see_both(cast: Cast, product: Product) -> None:
    """Two people who correct a lot both see what the other wrote."""
    lot = factories.lot(product, number="EX-1", received_ml=Decimal("100"))
    url = reverse("recall:lot-edit", args=[lot.pk])
    data = delivery(product, number="EX-1", received_ml="120", version="1", correction_reason="counted again")
    cast.client(cast.clinician).post(url, data | {"received_ml": "110"})

    response = cast.client(cast.nurse).post(url, data)

    assert response.status_code == 409
    assert f"{cast.clinician} changed this while you were editing" in text(response)
    assert Lot.objects.get().received_ml == 110


# ── What is done with a lot ────────────────────────────────────────────────────────────────────


def test_lot_is_opened_finished_and_put_back(cast: Cast, product: Product) -> None:
    """A lot is opened, finished and put back from its page."""
    lot = factories.lot(product)
    client = cast.client(cast.nurse)

    client.post(reverse("products:lot-open", args=[lot.pk]), {"version": "1"})
    lot.refresh_from_db()
    assert lot.state == "open"
    client.post(
        reverse("recall:lot-finish", args=[lot.pk]), {"version": "2", "on": TODAY.isoformat(), "note": "dropped"}
    )
    lot.refresh_from_db()
    assert (lot.state, lot.stock_ml) == ("finished", 0)
    page = text(client.get(lot.get_absolute_url()))
    assert "100 mL discarded. dropped" in page and "Put back in stock" in page
    client.post(
        reverse("products:lot-put-back", args=[lot.pk]), {"version": "3", "stock_ml": "95", "reason": "found again"}
    )
    lot.refresh_from_db()
    assert (lot.state, lot.stock_ml) == ("open", 95)


def test_recall_leads_to_the_call_list(cast: Cast, product: Product) -> None:
    """A recall shows how many had the lot and leads to the call list."""
    lot = factories.lot(product)
    factories.exosome_session(factories.course(cast.patient), lot=lot)
    url = reverse("recall:lot-recall", args=[lot.pk])
    client = cast.client(cast.nurse)

    asked = text(client.get(url))
    refused = client.post(url, {"version": "1", "reason": ""})
    done = client.post(url, {"version": "1", "reason": "maker's notice"})

    assert "1 patient" in asked and "3 mL" in asked
    assert refused.status_code == 422 and "Write why it is recalled" in text(refused)
    assert done["Location"] == reverse("recall:lot-calls", args=[lot.pk])
    page = text(client.get(lot.get_absolute_url()))
    assert "notice-serious" in page and "maker&#x27;s notice" in page and "Open it" not in page


def test_recall_of_a_changed_lot_asks_again(cast: Cast, product: Product) -> None:
    """A recall of a lot that changed meanwhile is asked again."""
    lot = factories.lot(product)
    url = reverse("recall:lot-recall", args=[lot.pk])
    cast.client(cast.clinician).post(reverse("products:lot-open", args=[lot.pk]), {"version": "1"})

    response = cast.client(cast.nurse).post(url, {"version": "1", "reason": "maker's notice"})

    page = text(response)
    assert response.status_code == 409 and "it is open now" in page and "maker&#x27;s notice" in page
    assert 'name="version" value="2"' in page
    assert Lot.objects.get().state == "open"


@pytest.mark.parametrize("name", ["recall:lot-edit", "recall:lot-finish", "recall:lot-recall", "products:lot-put-back"])
def test_only_stock_managers_act_on_lots(cast: Cast, product: Product, name: str) -> None:
    """Only those who manage stock act on lots, and only on their own."""
    lot = factories.lot(product)
    url = reverse(name, args=[lot.pk])

    assert cast.client(cast.reception).post(url, {}).status_code == 403
    assert cast.client(cast.reader).post(url, {}).status_code == 403
    assert cast.client(cast.stranger).post(url, {"version": "1", "reason": "mischief"}).status_code == 404
    assert Lot.objects.get().version == 1


# ── Lists ──────────────────────────────────────────────────────────────────────────────────────


def grouped(cast: Cast) -> list[tuple[str, list[str]]]:
    context = cast.client(cast.reader).get(reverse("recall:index")).context
    return [(group.heading, [lot.number for lot in group.lots]) for group in context["groups"]]


def test_list_order_of_lots(cast: Cast, product: Product) -> None:
    """The list shows open lots first, then stock by expiry, then what is out of use."""

    def on(days: int) -> datetime.date:
        return TODAY + datetime.timedelta(days=days)

    factories.lot(product, number="late", expires_on=on(300))
    factories.lot(product, number="undated", expires_on=None)
    factories.lot(product, number="near", expires_on=on(10))
    factories.lot(product, number="over", expires_on=on(-1))
    factories.lot(product, number="in use", state="open", expires_on=on(100))
    factories.lot(product, number="gone", state="finished", finished_on=on(-9))
    factories.lot(product, number="gone lately", state="finished", finished_on=on(-2))

    assert grouped(cast) == [
        ("Open", ["in use"]),
        ("In stock", ["over", "near", "late", "undated"]),
        ("Finished", ["gone lately", "gone"]),
    ]
    page = text(cast.client(cast.reader).get(reverse("recall:index")))
    assert "expires in 10 days" in page and "expired " in page


def test_stock_is_shown_in_ml_and_vials(cast: Cast, product: Product) -> None:
    """Stock is shown in mL and in vials, and never rounded to one that is not there."""
    lots = [factories.lot(product, stock_ml=Decimal(ml)) for ml in ("46.5", "4.8", "5")]
    client = cast.client(cast.reader)

    for page in [text(client.get(reverse("recall:index"))), text(client.get(product.get_absolute_url()))]:
        assert "46.5 mL" in page and "9 vials and 1.5 mL" in page
        assert "4.8 mL" in page and "less than one vial" in page
        assert page.count("1 vial<") == 1
    assert "4.8 mL</b><span" in text(client.get(lots[1].get_absolute_url()))
    assert "less than one vial, of 100 mL received" in text(client.get(lots[1].get_absolute_url()))


def test_empty_list_leads_to_the_first_step(cast: Cast) -> None:
    client = cast.client(cast.nurse)
    url = reverse("recall:index")

    assert "First add the product" in text(client.get(url))
    factories.product(cast.clinic)
    assert "No lot has been received yet" in text(client.get(url))


def test_lot_list_queries_do_not_grow(cast: Cast, product: Product) -> None:
    """The list of lots costs the same number of queries for one as for thirty."""
    client = cast.client(cast.reader)
    url = reverse("recall:index")

    def used_lot() -> None:
        patient = factories.patient(cast.clinic)
        session = factories.exosome_session(factories.course(patient), lot=factories.lot(product))
        factories.adverse_event(patient, exosome_session=session)

    used_lot()
    client.get(url)
    with CaptureQueriesContext(connection) as one:
        client.get(url)
    for _ in range(29):
        used_lot()
    with CaptureQueriesContext(connection) as thirty:
        response = client.get(url)

    assert len(response.context["groups"][0].lots) == 30
    assert len(thirty) == len(one) <= 12


# ── Products ───────────────────────────────────────────────────────────────────────────────────


def described(**fields: Any) -> dict[str, Any]:
    data = {
        "id": str(uuid.uuid4()),
        "name": "Vesicle solution",
        "source_type": "unknown",
        "donor": "unknown",
        "labelled_route": "topical_only",
        "regulatory_basis": "authorised_product",
        "_sentinel": "1",
    }
    return data | fields


def test_product_is_listed_and_receivable(cast: Cast) -> None:
    """A product is listed and can be received."""
    response = cast.client(cast.nurse).post(reverse("products:product-add"), described(gtin="9506000134352"))

    product = Product.objects.get()
    assert response["Location"] == product.get_absolute_url()
    assert product.gtin == GTIN, "13 figures are the same number with a leading nought"


@pytest.mark.parametrize(
    ("basis", "sentence"),
    [
        ("unknown", "The legal basis for using this product is not known"),
        ("unregistered_other", "Neither approved nor notified to the authority"),
        ("cosmetic_used_by_injection", "A cosmetic, given by needle"),
        ("authorised_product", None),
    ],
)
def test_product_without_a_basis_says_so(cast: Cast, basis: str, sentence: str | None) -> None:
    """A product without a regulatory basis says so on its page and on its lots."""
    product = factories.product(cast.clinic, regulatory_basis=basis)
    lot = factories.lot(product)
    client = cast.client(cast.reader)

    pages = [text(client.get(row.get_absolute_url())) for row in (product, lot)]

    for page in pages:
        assert (sentence in page) if sentence else "consent must say" not in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": ""}, "Write the name that is printed"),
        ({"name": "VESICLE  solution"}, "already listed"),
        ({"unit_ml": "0"}, "above zero"),
        ({"particles_per_ml": "12"}, "how the particles were counted"),
        ({"gtin": "9506000134353"}, "misread"),
        ({"source_type": "conditioned_medium_secretome", "marketed_as": "exosome"}, "not a vesicle preparation"),
    ],
)
def test_contradictory_product_is_questioned(
    cast: Cast, product: Product, fields: dict[str, Any], sentence: str
) -> None:
    """A product that contradicts itself is questioned."""
    response = cast.client(cast.nurse).post(reverse("products:product-add"), described(name="Another") | fields)

    assert response.status_code == 422 and sentence in text(response)
    assert Product.objects.get() == product


def test_corrected_product_shows_the_former(cast: Cast, product: Product) -> None:
    """A corrected product keeps what was there before."""
    url = reverse("products:product-edit", args=[product.pk])
    data = described(version="1", correction_reason="authority asked", regulatory_basis="unknown")

    cast.client(cast.nurse).post(url, data)

    page = text(cast.client(cast.reader).get(reverse("products:product-corrections", args=[product.pk])))
    assert "Authorised product" in page and "Not known" in page and "authority asked" in page


def test_other_clinics_products_do_not_exist(cast: Cast, product: Product) -> None:
    """Products and lots of another clinic do not exist."""
    lot = factories.lot(product)
    stranger = cast.client(cast.stranger)

    for row in (product, lot):
        assert stranger.get(row.get_absolute_url()).status_code == 404
    assert stranger.get(reverse("recall:index")).context["groups"] == []
    response = stranger.post(reverse("products:lot-receive"), delivery(product))
    assert response.status_code == 422 and Lot.objects.count() == 1
