"""Habits of the house that neither the type checker nor the import linter can hold."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from treatments.records.models import ClinicalRecord

ROOT = Path(__file__).resolve().parent.parent
ACTIONS = sorted(ROOT.glob("treatments/*/actions.py")) + sorted(ROOT.glob("treatments/*/actions/*.py"))
SOURCES = [p for p in [*ROOT.glob("clinic/**/*.py"), *ROOT.glob("treatments/**/*.py")] if "migrations" not in p.parts]


def test_every_model_is_listed_in_the_registry() -> None:
    from treatments import models as registry

    listed = {getattr(registry, name) for name in registry.__all__}
    concrete = {model.__name__ for model in apps.get_app_config("treatments").get_models()}

    assert {model.__name__ for model in listed} == concrete


@pytest.mark.parametrize("path", ACTIONS, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_an_action_takes_keywords_and_says_who_acts(path: Path) -> None:
    """The first argument may be the record itself; everything else is named, and `by` is among it. A correction
    takes it with the four other arguments that it passes on."""
    for node in ast.parse(path.read_text()).body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        arguments = node.args
        if path.parent.name == "records" or not _writes(node):
            continue
        assert len(arguments.args) <= 1, f"{path}:{node.lineno} {node.name}"
        passed_on = ast.unparse(arguments.kwarg) if arguments.kwarg else ""
        names_who_acts = "by" in {a.arg for a in arguments.kwonlyargs} or passed_on.endswith("[CorrectionArguments]")
        assert names_who_acts, f"{path}:{node.lineno} {node.name}"


def _writes(node: ast.FunctionDef) -> bool:
    words = {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
    names = {n.func.id for n in ast.walk(node) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    return bool(names & {"insert", "correct", "strike_out"} or "record" in words)


def test_views_ask_nobody_for_every_row() -> None:
    """A view reaches rows through the clinic or the patient, never through a bare `.objects.all()` or `.get()`."""
    bare = []
    for path in ROOT.glob("treatments/*/views*.py"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if ".objects.all()" in line or ".objects.get(" in line:
                bare.append(f"{path.relative_to(ROOT)}:{number}")

    assert bare == []


def test_models_and_actions_know_nothing_of_requests() -> None:
    forbidden = {"django.http", "django.shortcuts", "django.contrib.messages"}
    guilty = []
    for path in SOURCES:
        if path.name not in {"models.py", "actions.py"}:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module in forbidden:
                guilty.append(str(path.relative_to(ROOT)))

    assert guilty == []


def test_every_clinical_record_is_protected_and_can_be_struck_out() -> None:
    for model in apps.get_app_config("treatments").get_models():
        if not issubclass(model, ClinicalRecord):
            continue
        for field in model._meta.get_fields():
            if isinstance(field, models.ForeignKey) and not field.auto_created:
                assert field.remote_field.on_delete is models.PROTECT, f"{model.__name__}.{field.name}"
        names = {constraint.name for constraint in model._meta.constraints}
        assert any("struck_out" in name for name in names), model.__name__


def test_no_style_or_script_stands_in_a_template() -> None:
    guilty = []
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text()
        if " style=" in text or "<style" in text or " onclick=" in text or "<script>" in text:
            guilty.append(str(path.relative_to(ROOT)))

    assert guilty == []


def test_nothing_is_loaded_from_elsewhere() -> None:
    guilty = []
    for path in [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static/js").rglob("*.js")]:
        for word in ('src="http', 'href="http', "import('http", 'from "http', "//cdn"):
            if word in path.read_text():
                guilty.append(str(path.relative_to(ROOT)))

    assert guilty == []
