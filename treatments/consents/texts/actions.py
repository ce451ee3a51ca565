"""Writes a consent form, a new version of one, and retires it. Nothing changes a version that is written."""

import uuid
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic.audit import log
from clinic.staff.models import Clinic, User
from treatments.consents.languages import LANGUAGES
from treatments.consents.models import ConsentText
from treatments.consents.texts.samples import LANGUAGE, SAMPLES, Sample
from treatments.records.actions import Conflict, IdInUse, Passed, insert
from treatments.records.text.text_folding import fold

TITLE_TAKEN = "The clinic has a form with this title in this language. Open it, and write a new version of it."


def write_text(text: ConsentText, *, passed: Iterable[Passed] = (), by: User) -> ConsentText:
    """Write the first version of a form. Raises AlreadySaved for a used id, ValidationError for a title in use."""
    text.number = 1
    return _insert(text, passed=passed, by=by)


def write_version(text: ConsentText, *, after: ConsentText, passed: Iterable[Passed] = (), by: User) -> ConsentText:
    """Write the next version of the form of which `after` is the last version that the person saw.

    A retired form is offered again with it. Raises AlreadySaved for a used id, and Conflict, with the last version,
    when somebody else has written one since.
    """
    last = last_version(after)
    if last.pk != after.pk and not ConsentText.objects.filter(pk=text.pk).exists():
        raise Conflict(last)
    text.number = after.number + 1
    try:
        return _insert(text, passed=passed, by=by)
    except IdInUse:
        raise
    except ValidationError:
        raise Conflict(last_version(after)) from None


def last_version(text: ConsentText) -> ConsentText:
    """The newest version of the form of which `text` is any version, retired or not."""
    return ConsentText.objects.versions_of(text).select_related("created_by").latest("number")


def _insert(text: ConsentText, *, passed: Iterable[Passed], by: User) -> ConsentText:
    detail = {"kind": text.kind, "language": text.language, "number": text.number, "sha256": text.digest}
    try:
        return insert(text, event="wrote_consent_text", passed=passed, by=by, detail=detail)
    except IdInUse:
        raise
    except (IntegrityError, ValidationError):
        raise ValidationError({"title": TITLE_TAKEN}) from None


def is_title_taken(clinic: Clinic, *, kind: str, title: str, language: str, but: uuid.UUID) -> bool:
    """Whether another form of this kind and language has the title, in any spelling."""
    others = ConsentText.objects.of(clinic).filter(kind=kind, language=language).exclude(pk=but)
    return fold(title) in map(fold, others.values_list("title", flat=True))


def retire_text(text: ConsentText, *, by: User) -> ConsentText:
    """Take a form off the list of what patients are asked to sign; `text` is its last version.

    Whoever signed it stays bound and can read it. Raises Conflict when a newer version is there, or when it was retired
    already.
    """
    with transaction.atomic():
        rows = ConsentText.objects.filter(pk=text.pk, retired_at__isnull=True)
        if last_version(text).pk != text.pk or not rows.update(retired_at=timezone.now(), retired_by=by):
            raise Conflict(last_version(text))
        text.refresh_from_db()
        log.record("retired_consent_text", by=by, clinic=text.clinic, target=text)
    return text


def adopt_samples(keys: Iterable[str], *, clinic: Clinic, by: User) -> list[ConsentText]:
    """Take over the samples named; one that the clinic has already is left out."""
    wanted = set(keys)
    with transaction.atomic():
        return [_adopt(sample, clinic=clinic, by=by) for sample in samples_left(clinic) if sample.key in wanted]


def samples_left(clinic: Clinic) -> list[Sample]:
    """The samples that the clinic has not taken over."""
    taken = set(ConsentText.objects.of(clinic).filter(language=LANGUAGE).values_list("kind", "title"))
    return [sample for sample in SAMPLES if (sample.kind, sample.title) not in taken]


def _adopt(sample: Sample, *, clinic: Clinic, by: User) -> ConsentText:
    text = ConsentText(
        clinic=clinic,
        kind=sample.kind,
        title=sample.title,
        language=LANGUAGE,
        language_name=LANGUAGES[LANGUAGE],
        body=sample.body.strip(),
        uses=dict(sample.uses),
        covers_unapproved=sample.covers_unapproved,
        is_sample=True,
    )
    return write_text(text, by=by)
