"""What an empty clinic does first, in the order that works. Each step is ticked off by the rows that it makes."""

from dataclasses import dataclass

from django.urls import reverse

from clinic.staff.models import Clinic, Membership
from treatments.courses.models import Protocol
from treatments.patients.models import Patient
from treatments.products.models import Lot, Product


@dataclass(frozen=True)
class Step:
    """One thing to do: `act` is what the button says that leads to `url`; `can_wait` where the day goes on without."""

    title: str
    why: str
    act: str
    url: str
    is_done: bool
    can_wait: bool = False


def first_steps(clinic: Clinic) -> list[Step]:
    has_product = Product.objects.of(clinic).exists()
    stock = ("Receive a lot", "products:lot-receive") if has_product else ("Add a product", "products:product-add")
    return [
        Step(
            "Clinic",
            "Look through the clinic’s page and save it: name, letterhead, time zone, and how record numbers begin.",
            "Open the clinic’s page",
            reverse("clinic-settings"),
            clinic.settings_saved_at is not None,
        ),
        Step(
            "People",
            "Add everybody who works here. Each gets a link, and chooses a password. Nobody shares an account.",
            "Add a person",
            reverse("person-add"),
            Membership.objects.active().filter(clinic=clinic)[1:2].exists(),
            can_wait=True,
        ),
        Step(
            "Product and lot",
            "Add the product that is injected, and then receive the first lot of it: each session names its lot.",
            stock[0],
            reverse(stock[1]),
            Lot.objects.of(clinic).exists(),
        ),
        Step(
            "Protocol",
            "Write the clinic’s usual course once. Each patient’s course is then filled in from it.",
            "Add a protocol",
            reverse("sessions:protocol-add"),
            Protocol.objects.of(clinic).exists(),
            can_wait=True,
        ),
        Step(
            "First patient",
            "Register a patient. The patient’s page then says what comes next.",
            "Register a patient",
            reverse("patients:register"),
            Patient.objects.of(clinic).exists(),
        ),
    ]


def is_begun(steps: list[Step]) -> bool:
    """Whether nothing that the day needs is missing any more."""
    return all(step.is_done or step.can_wait for step in steps)
