"""What was given in one session, product by product, in words for the patient: the clinic's own notes are left out."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import prefetch_related_objects

from treatments.courses.models import Application, ExosomeSession
from treatments.records.formatting import listed, ml, uncapitalised
from treatments.timeline.facts import with_further

NOT_RECORDED = "not recorded"
FROM_OWN_BLOOD = "prepared from your own blood"
TECHNIQUE = "a technique"


@dataclass(frozen=True)
class Given:
    """One product of a session, or a technique without one: then `product`, `lot` and `volume` are ""."""

    product: str
    lot: str
    volume: str
    where: str
    how: str

    @property
    def name(self) -> str:
        """ "PRP"; of a technique that it is one, since `how` names it."""
        return self.product or TECHNIQUE

    @property
    def is_how_known(self) -> bool:
        return self.how != NOT_RECORDED

    @property
    def text(self) -> str:
        """ "PRP, prepared from your own blood, 3 mL, vertex; injection into the skin (intradermal)"."""
        lot = self.lot if self.lot in ("", FROM_OWN_BLOOD) else f"lot {self.lot}"
        what = self.product if self.product != NOT_RECORDED else f"product {NOT_RECORDED}"
        how = uncapitalised(self.how) if self.product and self.is_how_known else ""
        told = ", ".join(filter(None, [what or self.how, lot, self.volume, self.where]))
        return "; ".join(filter(None, [told, how]))


def with_products(sessions: Sequence[ExosomeSession]) -> None:
    """Read what `products_given` asks of sessions, in at most five queries whatever their number."""
    prefetch_related_objects(with_further(list(sessions)), "product", "lot__product", "region_volumes")


def products_given(session: ExosomeSession) -> list[Given]:
    """The first product first, then whatever was given beside it, in order."""
    regions = [f"{row.name} {ml(row.ml)}" for row in session.region_volumes.all()]
    first = Given(
        product=str(session.given_product or NOT_RECORDED),
        lot=_lot(session),
        volume=ml(session.first_ml),
        where=listed(regions) or NOT_RECORDED,
        how=_how(session),
    )
    return [first, *map(_beside, session.applications.all())]


def _beside(application: Application) -> Given:
    if application.total_ml is None:
        return Given("", "", "", application.where_text, application.technique or NOT_RECORDED)
    product = str(application.given_product or NOT_RECORDED)
    volume = ml(application.total_ml)
    return Given(product, _lot(application), volume, application.where_text, _how(application))


def _lot(given: ExosomeSession | Application) -> str:
    if given.lot is None and given.product is not None and given.product.is_own_blood:
        return FROM_OWN_BLOOD
    return str(given.lot or NOT_RECORDED)


def _how(given: ExosomeSession | Application) -> str:
    return str(given.get_route_display()) if given.route else NOT_RECORDED
