"""A reason passes only the sentence that was read: over every form, and every pair of warnings on one field."""

import ast
import importlib
import inspect
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

import treatments
from tests import factories
from tests.html_forms import fields_of, filled
from tests.people import Cast
from treatments.courses.vocabulary import Phase
from treatments.models import HairHistory, Lot, PassedWarning, RecordMove
from treatments.records.forms.composite_form import CompositeForm
from treatments.records.forms.record_form import FormWarning, RecordForm
from treatments.records.problems import Problem, warning
from treatments.sessions.log.prefill import prefill

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
REASON = "talked over with the patient"
ROOT = Path(treatments.__file__).parent
for _module in pkgutil.walk_packages(treatments.__path__, "treatments."):
    if ".migrations" not in _module.name:
        importlib.import_module(_module.name)


def subclasses(of: type[RecordForm]) -> Iterator[type[RecordForm]]:
    for each in of.__subclasses__():
        yield each
        yield from subclasses(each)


FORMS = sorted({each for each in subclasses(RecordForm) if hasattr(each, "_meta") and each._meta.model}, key=str)
"""Every form of a record that the project has, those that others are made from with them."""


def made(form_class: type[RecordForm], cast: Cast) -> RecordForm:
    """The form as one of its pages makes it, empty. A new argument of a form is named here."""
    course = factories.course(cast.patient)
    arguments = {
        "patient": lambda: cast.patient,
        "clinic": lambda: cast.clinic,
        "course": lambda: course,
        "by": lambda: cast.clinician,
        "may_override": lambda: True,
        "suspects": list,
        "photos": lambda: [factories.photo(cast.patient)],
        "labelled": lambda: [(factories.photo(cast.patient), "Crown, Month 0")],
        "problems": list,
        "event": lambda: factories.adverse_event(cast.patient),
        "prefill": lambda: prefill(course),
        "record": lambda: factories.exosome_session(course),
        "to": lambda: factories.patient(cast.clinic),
        "one": lambda: cast.patient,
        "other": lambda: factories.patient(cast.clinic),
        "courses": lambda: [course],
        "sees_record": lambda: True,
        "after": lambda: factories.consent_text(cast.clinic),
        "updates": list,
        "rows_before": list,
        "report": lambda: factories.laboratory_report(cast.patient),
        "phase": lambda: Phase.INDUCTION,
        "merge": lambda: RecordMove(patient=cast.patient, from_patient=factories.patient(cast.clinic)),
    }
    rows: dict[str, Any] = {
        "HistoryAgainForm": lambda: HairHistory.objects.create(
            clinic=cast.clinic, patient=cast.patient, created_by=cast.clinician
        ),
        "ResolveForm": lambda: factories.adverse_event(cast.patient),
        "DecisionForm": lambda: factories.adverse_event(cast.patient),
        "ConsentCorrectionForm": lambda: factories.consent(cast.patient),
        "treatments.sessions.log.forms.CorrectionForm": lambda: factories.exosome_session(course),
        "treatments.photos.forms.CorrectionForm": lambda: factories.photo(cast.patient),
    }
    wanted = {
        name: parameter
        for each in form_class.__mro__
        for name, parameter in inspect.signature(vars(each).get("__init__", lambda: None)).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }
    told = {name: arguments[name]() for name in wanted if name in arguments}
    row = rows.get(form_class.__name__) or rows.get(f"{form_class.__module__}.{form_class.__name__}")
    if row is not None:
        told["instance"] = row()
    return form_class(**told)


def fields_to_warn_at(form: RecordForm) -> list[str]:
    parts = form.parts if isinstance(form, CompositeForm) else []
    of_parts = [part.add_prefix(name) for part in parts for name in part.fields]
    return ["", *form.fields, *of_parts]


def asked_for(form: RecordForm, problems: list[Problem], data: dict[str, str]) -> list[FormWarning]:
    """The warnings that the form shows for problems, once `data` was sent."""
    form._warnings.clear()
    form.data = data
    form.judge(problems)
    return form.warnings


def all_on(field: str) -> list[Problem]:
    """Warnings that differ in their rule, in the part of it, or in the sentence alone: any two of them make a pair."""
    rules = [*range(1, 26), "same-again"]
    told = [("1 day.", "part"), ("2 days.", "part"), ("1 day.", "other-part")]
    return [warning(rule, field, sentence, code) for rule in rules for sentence, code in told]


def test_every_form_is_found() -> None:
    names = {form.__name__ for form in FORMS}
    assert {"PatientForm", "HistoryForm", "LogForm", "EventForm", "LotForm", "AssessmentForm", "CourseForm"} <= names
    assert len(FORMS) >= 20


@pytest.mark.parametrize("form_class", FORMS, ids=lambda each: f"{each.__module__.split('.', 1)[1]}.{each.__name__}")
def test_reason_for_one_passes_no_other(form_class: type[RecordForm], cast: Cast) -> None:
    """On every field of every form, every pair of warnings: what was typed for one does not pass the other."""
    form = made(form_class, cast)
    for field in fields_to_warn_at(form):
        problems = all_on(field)
        names = [each.input_name for each in asked_for(form, problems, {})]
        assert len(set(names)) == len(problems), f"two warnings on {field!r} are passed by one reason"
        typed = dict.fromkeys(names[::2], REASON)
        assert [each.is_passed for each in asked_for(form, problems, typed)] == [name in typed for name in names]


def test_reason_for_another_is_in_sight(cast: Cast) -> None:
    """What was typed for a sentence that is not shown now stands beside the warning of its rule, else of the first."""
    form = made(next(form for form in FORMS if form.__name__ == "TherapyForm"), cast)
    gone, now, of_another_rule = all_on("started")[0], all_on("started")[1], all_on("started")[3]
    (asked,) = asked_for(form, [gone], {})
    data = {asked.input_name: REASON, asked.sentence_input_name: gone.sentence}
    first, second = asked_for(form, [of_another_rule, now], data)
    assert first.others == ()
    assert [(each.reason, each.sentence) for each in second.others] == [(REASON, "1 day.")]
    (only,) = asked_for(form, [of_another_rule], data)
    assert [each.reason for each in only.others] == [REASON]
    assert asked_for(form, [gone], data)[0].is_passed


def test_one_sentence_on_two_fields(cast: Cast) -> None:
    form = made(next(form for form in FORMS if form.__name__ == "TherapyForm"), cast)
    form.judge([warning(3, "started", "Sure?", "part"), warning(3, "ended", "Sure?", "part")])
    assert len({each.input_name for each in form.warnings}) == 2


def test_there_is_one_way_to_warn() -> None:
    """No form has a way of its own to know a warning by, and nothing warns but through a problem."""
    ours = {"judge", "_warn", "warnings", "warnings_of", "other_reasons", "passed_before", "is_valid"}
    own = {each: sorted(ours & set(vars(each))) for each in subclasses(RecordForm)}
    # A correction of several photos has no warnings of one record that were passed before.
    assert {each.__name__: names for each, names in own.items() if names} == {"SeveralForm": ["passed_before"]}
    for path in ROOT.rglob("*.py"):
        if path.name != "record_form.py":
            assert not re.search(r"\bFormWarning\(|\.warn\(|\._warn\(|pass-", path.read_text()), path


def calls(name: str) -> Iterator[tuple[Path, ast.Call]]:
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield path, node


def test_a_code_is_used_once_in_a_rule() -> None:
    """Each place that warns names its own code: two objections of one rule never share one."""
    places = defaultdict(list)
    for path, call in calls("warning"):
        assert len(call.args) == 4, f"{path}:{call.lineno} gives no code"
        rule, code = call.args[0], call.args[3]
        if isinstance(rule, ast.Constant) and isinstance(code, ast.Constant):
            places[rule.value, code.value].append(f"{path.relative_to(ROOT)}:{call.lineno}")
    assert len(places) > 25
    assert {key: found for key, found in places.items() if len(found) > 1} == {}


# ── On the page ────────────────────────────────────────────────────────────────────────────────


def reasons(html: str) -> list[str]:
    shown = fields_of(html) or {}
    return [name for name in shown if name.startswith("pass-") and f"_sentence-{name.removeprefix('pass-')}" in shown]


def test_expired_is_not_passed_by_unknown(cast: Cast) -> None:
    """A lot without an expiry, a reason typed for that, then an expiry in the past: asked again, and what was typed
    stands beside the new question."""
    client, url = cast.client(cast.manager), reverse("products:lot-receive")
    product = factories.product(cast.clinic)
    page = client.get(url).content.decode()
    told = {"number": "LOT-1", "product": product.pk, "expires": "", "received_ml": "50", "received_on": "2026-01-10"}
    asked = client.post(url, filled(page, **told))
    (unknown,) = reasons(asked.content.decode())
    assert unknown.startswith("pass-15-expiry_unknown-")

    again = client.post(url, filled(asked.content.decode(), **{unknown: REASON, "expires": "1 May 2024"}))

    html = again.content.decode()
    assert again.status_code == 422
    assert not Lot.objects.exists()
    expired = next(name for name in reasons(html) if name != unknown)
    assert expired.startswith("pass-15-expired-drug-")
    assert "For “The expiry date of this lot is not known. Read it from the vial.” you had written" in html
    assert f"<q>{REASON}</q>" in html

    back = client.post(url, filled(html, expires=""))
    assert back.status_code == 302, "the sentence that was read came back, and finds its reason"
    assert PassedWarning.objects.get().sentence.startswith("The expiry date of this lot is not known")


def test_passed_before_is_not_asked_again(cast: Cast) -> None:
    """A correction asks no more for what was passed with the very same sentence; another sentence it asks for."""
    client, url = cast.client(cast.clinician), reverse("patients:history", args=[cast.patient.pk])
    page = client.get(url).content.decode()
    asked = client.post(url, filled(page, onset="1970", story="Since childhood"))
    (name,) = reasons(asked.content.decode())
    assert client.post(url, filled(asked.content.decode(), **{name: REASON})).status_code == 302

    page = client.get(url).content.decode()
    same = client.post(url, filled(page, story="Since school", correction_reason="the mother says"))
    assert same.status_code == 302
    assert HairHistory.objects.get().story == "Since school"
    assert PassedWarning.objects.count() == 1

    other = factories.lot(factories.product(cast.clinic), expires_on=None)
    PassedWarning.objects.create(
        clinic=cast.clinic, record_type="lot", record_id=other.pk, rule="15", reason=REASON, by=cast.manager,
        sentence="The expiry date of this lot is not known. Read it from the vial.",
    )  # fmt: skip
    url = reverse("recall:lot-edit", args=[other.pk])
    page = cast.client(cast.manager).get(url).content.decode()
    answer = cast.client(cast.manager).post(url, filled(page, expires="1 May 2024", correction_reason="read anew"))
    assert answer.status_code == 422
    assert "This lot expired on 1 May 2024" in answer.content.decode()
