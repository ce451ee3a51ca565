"""What a session of a file was given beside its first product: the rows it would become, by the rules of the page."""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from treatments.courses.models import Application, ExosomeSession
from treatments.courses.protocol import depth_problems, route_problems
from treatments.courses.volumes import in_order, total, volume_problems
from treatments.products.models import Lot, Product
from treatments.products.rules import handling_problems, lot_problems, untraceable_problems
from treatments.records.partial_dates import PartialDate
from treatments.records.problems import Problem
from treatments.sessions.log import lot_choice
from treatments.sessions.log.pre_session_checks import PreSessionChecks
from treatments.transfer.reading.drafts import GivenBeside

MAX_NOTE = 300


def application(told: GivenBeside, lot: Lot | None, product: Product | None, notes: Sequence[str]) -> Application:
    """The row of it, not saved. `notes` are names of the file that the clinic does not have."""
    is_own_blood = product is not None and product.is_own_blood
    return Application(
        product=product,
        lot=lot,
        lot_is_unknown=bool(told.volumes) and lot is None and not is_own_blood,
        route=told.values.get("route", ""),
        total_ml=total(told.volumes) if told.volumes else None,
        volumes={region: f"{ml:.2f}" for region, ml in in_order(told.volumes)},
        regions=list(told.regions),
        depth_mm=told.values.get("depth_mm"),
        device=told.values.get("device", ""),
        mixed_hours=told.values.get("mixed_hours"),
        note="\n".join(filter(None, (told.values.get("note", ""), *notes))),
    )


def as_text(given: Iterable[Application]) -> str:
    return " / ".join(each.text for each in given) or "nothing"


def differences(existing: ExosomeSession, told: Sequence[Application]) -> list[tuple[str, str, str]]:
    """What the file says otherwise of it: label, as recorded, as in the file. An empty cell says nothing."""
    recorded = list(existing.applications.all())
    pairs = zip(recorded, told, strict=False)
    if len(told) <= len(recorded) and all(_agree(theirs, mine) for theirs, mine in pairs):
        return []
    return [("Also given", as_text(recorded), as_text(told))]


def _agree(theirs: Application, mine: Application) -> bool:
    """How the lot was chosen, and whether it became known since, is no difference."""
    said = (
        (theirs.given_product_id, mine.given_product_id),
        (theirs.lot_id, mine.lot_id),
        (theirs.route, mine.route),
        (theirs.total_ml, mine.total_ml),
        (theirs.volumes_ml, mine.volumes_ml),
        (sorted(theirs.regions), sorted(mine.regions)),
        (theirs.depth_mm, mine.depth_mm),
        (theirs.device, mine.device),
        (theirs.mixed_hours, mine.mixed_hours),
        (" ".join(theirs.note.split()), " ".join(mine.note.split())),
    )
    return all(not mine_says or mine_says == recorded for recorded, mine_says in said)


def problems(given: Application, when: PartialDate, on: datetime.date, checks: PreSessionChecks) -> Iterator[Problem]:
    """Rules 9, 14 to 18, 21 and 24 as far as they are about this alone. What its lot did to others, and the volume of
    the session as a whole, is asked by whoever knows them. `on` is the last day that the session may have been on."""
    product, lot = given.given_product, given.lot
    volumes = given.volumes_ml
    if len(given.note) > MAX_NOTE:
        sentence = f"The note on what was given beside the first product has more than {MAX_NOTE} letters. Shorten it."
        yield Problem("note", "error", "note", sentence, "note_long")
    if given.total_ml is not None:
        yield from volume_problems(volumes, sum(volumes.values(), Decimal(0)))
    if lot is not None:
        yield from lot_choice.lot_use_problems(lot, when)
    elif given.lot_is_unknown and product is not None:
        yield from lot_problems(lot_known=False, expiry=None, used_on=when)
    elif given.lot_is_unknown:
        yield from untraceable_problems()
    if product is not None:
        yield from handling_problems(mixed_hours=given.mixed_hours, in_use_hours=product.in_use_hours)
    if given.route:
        yield from depth_problems(given.route, depth_mm=given.depth_mm)
        if product is not None:
            basis = product.regulatory_basis
            yield from route_problems(given.route, labelled_route=product.labelled_route, regulatory_basis=basis)
    if product is not None:
        yield from checks.consent_problems(on=on, product=product)
        yield from checks.as_of(on).allergy_problems(product=product)
        yield from checks.reaction_problems(on, lot=lot, product=product)
