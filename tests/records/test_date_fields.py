"""Every date that a form asks for passes one field, with a first year and a sentence."""

import datetime
import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse

import clinic
import treatments
from tests import factories
from tests.faults.create_forms import CREATE_FORMS
from tests.html_forms import filled
from tests.people import Cast
from treatments.models import HairHistory, Therapy
from treatments.records.fields import PartialDateField
from treatments.records.forms.fields import DayFormField, PartialDateFormField

pytestmark = pytest.mark.any_database
PACKAGES = (clinic, treatments)
DATES = (forms.DateField, forms.DateTimeField, forms.SplitDateTimeField)


def _form_classes() -> list[type[forms.BaseForm]]:
    """Every form class of the project."""
    for package in PACKAGES:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations." not in module.name and not module.name.endswith("wsgi"):
                importlib.import_module(module.name)
    return sorted(set(_below(forms.BaseForm)), key=lambda each: f"{each.__module__}.{each.__name__}")


def _below(form: type) -> Iterator[Any]:
    for each in form.__subclasses__():
        if each.__module__.startswith(("clinic.", "treatments.")):
            yield each
        yield from _below(each)


FORMS = _form_classes()


def _dates_of(form: Any) -> Iterator[tuple[str, forms.Field]]:
    """What a form asks that is a date: by its field, by its widget, or by the column that it fills."""
    model = getattr(getattr(form, "_meta", None), "model", None)
    columns = {column.name: column for column in model._meta.fields} if model else {}
    for name, field in getattr(form, "base_fields", {}).items():
        is_column = isinstance(columns.get(name), models.DateField | PartialDateField)
        if isinstance(field, (*DATES, PartialDateFormField)) or is_column:
            yield name, field
        elif field.widget.attrs.get("type") == "date" or isinstance(field.widget, forms.DateInput):
            yield name, field


def test_every_date_is_asked_by_one_field() -> None:
    asked = [(form.__name__, name, field) for form in FORMS for name, field in _dates_of(form)]

    others = [(form, name) for form, name, field in asked if not isinstance(field, PartialDateFormField)]

    assert others == []
    assert len(asked) > 20


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("0025-05-14", "The year 25 lies before 1900"),
        ("14/05/0025", "The year 25 lies before 1900"),
        ("1899", "The year 1899 lies before 1900"),
        ("about 0999", "The year 999 lies before 1900"),
        ("9999-12-31", "The year 9999 lies too far in the future"),
        ("14/05/25", "is not a date we can read"),
        ("31 Feb 2025", "there is no day 31"),
    ],
)
@pytest.mark.parametrize("field", [PartialDateFormField(), PartialDateFormField(is_birth=True), DayFormField()])
def test_a_year_must_be_meant(field: forms.Field, text: str, sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        field.clean(text)


def test_a_day_is_asked_for_as_a_day() -> None:
    assert DayFormField().clean("2025-05-14") == datetime.date(2025, 5, 14)
    assert DayFormField().clean("14 May 2025") == datetime.date(2025, 5, 14)
    assert DayFormField(required=False).clean("") is None
    for text in ("May 2025", "about 14 May 2025", "2 weeks ago"):
        with pytest.raises(ValidationError, match="Write the day itself"):
            DayFormField().clean(text)


@pytest.mark.parametrize("name", CREATE_FORMS)
@pytest.mark.parametrize("text", ["0025-05-14", "9999-12-31"])
def test_two_figures_of_a_year_break_no_page(cast: Cast, name: str, text: str) -> None:
    """A browser makes 0025 of a two-figure year: each page says what is wrong, and breaks nowhere."""
    filling = CREATE_FORMS[name](cast, 1)
    client = cast.client(cast.manager)
    page = client.get(filling.url)
    form = page.context["form"]
    dates = [field.html_name for field in form if isinstance(field.field, PartialDateFormField)]
    # A date that is asked only after a certain answer is not read after another.
    asks = [condition for name in dates if (condition := form.condition_of(name)) is not None]
    answers = {each.question: each.answers[0] for each in asks if each.answers}
    changes = filling.changes | answers | dict.fromkeys(dates, text)

    answer = client.post(filling.url, filled(page.content.decode(), **changes))

    assert answer.status_code == (422 if dates else 302)
    assert not dates or "Write the year with its four figures" in answer.content.decode()


@pytest.mark.parametrize("when", ["0025-05-14", "9999-12", "9999-12-31", "nonsense"])
def test_odd_day_in_an_address_is_answered(cast: Cast, when: str) -> None:
    factories.course(cast.patient)

    answer = cast.client(cast.nurse).get(reverse("sessions:log-heading", args=[cast.patient.pk]), {"when": when})

    assert (answer.status_code, answer.json()["day"]) == (200, "Day to be checked")


# ── Words that count from the day on which they were said ──────────────────────────────────────


def _saved(cast: Cast, url: str, **changes: Any) -> None:
    client = cast.client(cast.clinician)
    answer = client.post(url, filled(client.get(url).content.decode(), **changes))
    assert answer.status_code == 302, answer.context["form"].errors


def test_years_ago_count_from_the_history(cast: Cast) -> None:
    """ "5 years ago" in a history of March 2018 is 2013, whenever it is entered; and so of a treatment told with it."""
    _saved(cast, reverse("patients:history", args=[cast.patient.pk]), taken_on="March 2018", onset="5 years ago")
    history = HairHistory.objects.get()
    assert (history.taken_on.text, history.onset.text, history.when.text) == ("2018-03", "2013~", "2018-03")

    _saved(
        cast,
        reverse("patients:therapy-add", args=[cast.patient.pk]),
        kind="minoxidil_topical",
        started="2 years ago",
        ended="3 months ago",
    )
    therapy = Therapy.objects.get()
    assert (therapy.started.text, therapy.ended.text) == ("2016~", "2017-12~")


def test_an_old_history_keeps_its_day_open(cast: Cast) -> None:
    """When a history was taken that was recorded before this was asked is not guessed."""
    HairHistory.objects.create(clinic=cast.clinic, patient=cast.patient, created_by=cast.clinician)
    client = cast.client(cast.clinician)

    page = client.get(cast.patient.get_absolute_url()).content.decode()
    assert "The day it was taken is not recorded. Entered " in page

    url = reverse("patients:history", args=[cast.patient.pk])
    _saved(cast, url, story="Thinner since school", correction_reason="told more")
    assert HairHistory.objects.get().taken_on is None


def test_an_event_counts_from_its_report(cast: Cast) -> None:
    url = reverse("safety:report", args=[cast.patient.pk])
    told = {"kind": "headache", "onset": "3 days ago", "reported_on": "2025-05-14", "description": "Dull"}
    _saved(cast, url, **told)
    assert cast.patient.adverse_events.get().onset.text == "2025-05-11~"


def test_about_stays_about(cast: Cast) -> None:
    """ "2 weeks ago" typed for what was found stays about that day, in the row, on the page and in a correction."""
    url = reverse("assessments:measure", args=[cast.patient.pk])
    told = {"kind": "hair_density", "site": "vertex", "value": 120, "method": "manual_trichoscopy_count"}
    _saved(cast, url, **told, area_cm2="1", when="2 weeks ago")
    row = cast.patient.measurements.get()
    assert (row.measured_precision, row.when.approximate) == ("day~", True)
    assert row.when.label().startswith("about ")
