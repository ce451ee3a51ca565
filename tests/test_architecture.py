"""What neither the type checker nor the import linter can hold; and that the plan of imports refuses what it must."""

import ast
import configparser
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from treatments.records.models import ClinicalRecord

ROOT = Path(__file__).resolve().parent.parent
LINT_IMPORTS = Path(sys.executable).parent / "lint-imports"
ANY_IS_NO_TYPE_FOR = {"by", "clinic", "patient", "request"}
LONGEST_TEST_NAME = 40
MOST_FILES_IN_A_FOLDER = 15


def sources(root: Path) -> list[Path]:
    found = [*root.glob("clinic/**/*.py"), *root.glob("treatments/**/*.py")]
    return sorted(path for path in found if "migrations" not in path.parts)


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def functions(root: Path) -> Iterator[tuple[Path, ast.FunctionDef]]:
    for path in sources(root):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef):
                yield path, node


def is_a_view(function: ast.FunctionDef) -> bool:
    """A function that says who may open it, wherever it stands and whatever its file is called."""
    names = {
        getattr(each.func, "id", "") if isinstance(each, ast.Call) else getattr(each, "id", "")
        for each in function.decorator_list
    }
    return bool(names & {"requires", "open_to_anyone"})


def writes(function: ast.FunctionDef) -> bool:
    """Whether a public function inserts, corrects or strikes out a record, or writes to the audit trail itself."""
    called = {ast.unparse(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)}
    return bool(called & {"insert", "correct", "strike_out", "records.correct", "records.strike_out", "log.record"})


def place(root: Path, path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(root)}:{getattr(node, 'lineno', 0)}"


# ── Rules over every module ────────────────────────────────────────────────────────────────────


def views_outside_their_module(root: Path) -> list[str]:
    """The import contracts know views by the name of their module, so no view may stand elsewhere."""
    exempt = {"record_views.py"}  # makes views, for the modules called views
    return [
        place(root, path, node)
        for path, node in functions(root)
        if is_a_view(node) and path.name != "views.py" and path.name not in exempt and "errors" not in path.name
    ]


def bare_rows(root: Path) -> list[str]:
    """A module with views reaches rows of patients through the clinic or the patient, never through all there are."""
    modules = {path for path, node in functions(root) if is_a_view(node) and "treatments" in path.parts}
    return [
        place(root, path, calls[0])
        for path in sorted(modules)
        for calls in query_chains(tree_of(path))
        if re.search(r"\.(objects|_default_manager)\.(all|get)$", ast.unparse(calls[-1].func)) or not narrows(calls)
    ]


def query_chains(tree: ast.Module) -> list[list[ast.Call]]:
    """For each query that begins at a model, the calls of its chain, the last of them first."""
    chains, inner = [], set()
    for node in ast.walk(tree):
        calls, at = [], node
        while isinstance(at, ast.Call) and isinstance(at.func, ast.Attribute):
            calls.append(at)
            at = at.func.value
        begins = isinstance(at, ast.Attribute) and at.attr in {"objects", "_default_manager"}
        if begins and calls and id(node) not in inner:
            chains.append(calls)
            inner |= {id(call) for call in calls}
    return chains


def narrows(calls: list[ast.Call]) -> bool:
    """Whether a call of the chain is given a row or a condition: anything but names of columns."""
    return any(call.keywords or any(not isinstance(each, ast.Constant) for each in call.args) for call in calls)


def writers_without_keywords(root: Path) -> list[str]:
    """The first argument of a writer may be the record itself; everything else is named, and `by` is among it."""
    guilty = []
    for path, node in functions(root):
        is_public_function = not node.name.startswith("_") and node.col_offset == 0
        if not is_public_function or is_a_view(node) or "records" in path.parts or path.parts[-2] in {"audit", "staff"}:
            continue
        if not writes(node) or any(argument.arg == "request" for argument in node.args.args):
            continue
        keywords = {argument.arg for argument in node.args.kwonlyargs}
        typed = ast.unparse(node.args.kwarg.annotation) if node.args.kwarg and node.args.kwarg.annotation else ""
        if len(node.args.args) > 1 or ("by" not in keywords and not typed.endswith("Arguments]")):
            guilty.append(f"{place(root, path, node)} {node.name}")
    return guilty


def writes_outside_actions(root: Path) -> list[str]:
    """Rows are written by actions, and by the few modules of WRITERS, which actions call or which hold no fact."""
    many = r"(objects|_default_manager)\b.*\.((bulk_|get_or_|update_or_)?create|bulk_update|update|delete)$"
    chained = r"\.(filter|exclude|standing|of)\(.*\)\.(update|delete)$"
    guilty = []
    for path in sources(root):
        if path.name == "actions.py" or str(path.relative_to(root)) in WRITERS:
            continue
        for node in ast.walk(tree_of(path)):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func).replace("\n", "")
            saves = (
                called.endswith(".save") and not node.args and not called.startswith(("super()", "canvas.", "drafts."))
            )
            if saves or re.search(many, called) or re.search(chained, called):
                guilty.append(f"{place(root, path, node)} {called}")
    return guilty


def actions_without_docstring(root: Path) -> list[str]:
    """What an action does, raises and by which unit it counts is read by whoever calls it."""
    return [
        f"{place(root, path, node)} {node.name}"
        for path, node in functions(root)
        if path.name == "actions.py" and node.col_offset == 0 and not node.name.startswith("_")
        if not ast.get_docstring(node)
    ]


def requests_where_none_belong(root: Path) -> list[str]:
    """Models and writers know nothing of requests, whatever their module is called."""
    forbidden = {"django.http", "django.shortcuts", "django.contrib.messages"}
    guilty = []
    for path in sources(root):
        tree = tree_of(path)
        has_models = any(
            isinstance(node, ast.ClassDef) and "models.Model" in map(ast.unparse, node.bases) for node in tree.body
        )
        if path.name not in {"models.py", "actions.py"} and "models" not in path.parts and not has_models:
            continue
        guilty += [
            place(root, path, node)
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module in forbidden
        ]
    return guilty


def untyped_people(root: Path) -> list[str]:
    """`by`, `clinic`, `patient` and `request` have types of their own: Any checks nothing."""
    guilty = []
    for path, node in functions(root):
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        guilty += [
            f"{place(root, path, node)} {argument.arg}"
            for argument in arguments
            if argument.arg in ANY_IS_NO_TYPE_FOR
            and argument.annotation
            and re.search(r"\bAny\b", ast.unparse(argument.annotation))
        ]
    return guilty


# ── Upward use: what a lower domain knows of a higher one without importing it ─────────────────


def domain_ranks() -> dict[str, int]:
    """Each domain's height in the layers of .importlinter, 0 for the lowest."""
    config = configparser.ConfigParser()
    config.read(ROOT / ".importlinter")
    layers = config["importlinter:contract:domains"]["layers"].split()
    lines = config["importlinter:contract:domains"]["layers"].strip().splitlines()
    ranks = {name: height for height, line in enumerate(reversed(lines)) for name in re.findall(r"\w+", line)}
    assert set(re.findall(r"\w+", " ".join(layers))) == set(ranks)
    return ranks


def domain_of(model: type[models.Model]) -> str:
    return model.__module__.split(".")[1]


def relations() -> Iterator[tuple[type[models.Model], models.ForeignKey]]:
    for model in apps.get_app_config("treatments").get_models():
        for field in model._meta.get_fields():
            if isinstance(field, models.ForeignKey) and field.related_model._meta.app_label == "treatments":
                yield model, field


def reverse_names() -> dict[str, set[str]]:
    """The names by which a row is asked for its rows of other domains, with the domains that give the name."""
    names: dict[str, set[str]] = {}
    for model, field in relations():
        name = field.remote_field.related_name
        if name and name != "+" and domain_of(model) != domain_of(field.related_model):
            names.setdefault(name, set()).add(domain_of(model))
    return names


def own_fields(domain: str) -> set[str]:
    app = apps.get_app_config("treatments").get_models()
    return {
        field.name
        for model in app
        if domain_of(model) == domain
        for field in model._meta.get_fields()
        if field.concrete
    }


def names_used(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Attributes, keywords of look-ups and parts of strings, any of which can lead along a relation."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node, node.attr
        elif isinstance(node, ast.keyword) and node.arg:
            yield from ((node.value, part) for part in node.arg.split("__")[:-1])
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "__" in node.value:
            yield from ((node, part) for part in node.value.lstrip("-").split("__"))


def upward_uses(root: Path) -> list[str]:
    """Names that lead up a relation, and what finds a module by a string. What finds a model by asking for one leads
    upwards only where a domain above has models: the whole record stands above every one, and reads them so."""
    ranks, names = domain_ranks(), reverse_names()
    highest = max(ranks[domain_of(model)] for model in apps.get_app_config("treatments").get_models())
    guilty = []
    for path in sources(root):
        parts = path.relative_to(root).parts
        if parts[0] != "treatments" or parts[1].removesuffix(".py") not in ranks or len(parts) < 3:
            continue
        domain = parts[1]
        higher = {
            name
            for name, domains in names.items()
            if all(ranks[each] > ranks[domain] for each in domains) and name not in own_fields(domain)
        }
        by_asking = {"import_string", "import_module"}
        if ranks[domain] <= highest:
            by_asking |= {"get_model", "related_model"}
        for node, name in names_used(tree_of(path)):
            if name in higher | by_asking:
                guilty.append(f"{place(root, path, node)} {name}")
    return guilty


def test_no_relation_leads_upwards() -> None:
    ranks = domain_ranks()
    guilty = [
        f"{model.__name__}.{field.name}"
        for model, field in relations()
        if ranks[domain_of(field.related_model)] > ranks[domain_of(model)]
    ]

    assert guilty == []


def test_no_template_reads_upwards() -> None:
    ranks, names = domain_ranks(), reverse_names()
    guilty = []
    for path in sorted((ROOT / "templates/treatments").rglob("*.html")):
        domain = path.relative_to(ROOT / "templates/treatments").parts[0]
        if domain not in ranks:
            continue
        for name, domains in names.items():
            if all(ranks[each] > ranks[domain] for each in domains) and name not in own_fields(domain):
                if re.search(rf"{{[{{%][^}}]*\.{name}\b", path.read_text()):
                    guilty.append(f"{path.relative_to(ROOT)} {name}")

    assert guilty == []


# Modules besides the actions that write, and what.
WRITERS = {
    "clinic/audit/sealing.py",  # the seals of the trail
    "clinic/audit/log.py",  # the trail itself
    "clinic/operations/health.py",  # the moment that /health/ has seen, no fact of the record
    "clinic/monitoring/error_reports.py",  # where the program broke, no fact of the record
    "clinic/operations/models.py",  # when a task of upkeep was done
    "treatments/copies/moving/move.py",  # that a clinic is closed while it is moved
    "treatments/photos/upload/store_photo.py",  # the fingerprint of a photo, with its row
    "clinic/staff/links.py",  # one-time links, part of the acts on people
    "clinic/staff/models.py",  # the manager of accounts, as Django asks for it
    "clinic/sign_in/cover/pins.py",  # the PIN of a person on a device, and its tries
    "clinic/sign_in/factors/passkeys.py",  # when a passkey was used
    "clinic/sign_in/factors/second_factors.py",  # that a code was used
    "clinic/sign_in/own_page/devices.py",  # where somebody is signed in
    "clinic/sign_in/sessions.py",  # when a sign-in began and ended
    "clinic/sign_in/throttle.py",  # tries to sign in
    "treatments/appointments/calling.py",  # worked out from bookings and calls, part of their acts
    "treatments/assessments/thresholds/clinic_thresholds.py",  # a clinic's own thresholds
    "treatments/assessments/outcomes/computing.py",  # worked out from the record, part of every act that changes it
    "treatments/assessments/next_visit.py",  # worked out from visits, part of their acts
    "treatments/photos/final_photos.py",  # worked out from photos, part of their acts
    "treatments/products/stock.py",  # the ledger of a lot, part of every act that moves stock
    "treatments/records/drafts/store.py",  # drafts are no facts yet
    "treatments/sessions/course_state.py",  # worked out from sessions, part of their acts
    "treatments/sessions/plan/filed_facts.py",  # the course of older facts, part of planning it
}
RULES: list[Callable[[Path], list[str]]] = [
    views_outside_their_module,
    bare_rows,
    writers_without_keywords,
    writes_outside_actions,
    actions_without_docstring,
    requests_where_none_belong,
    untyped_people,
    upward_uses,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_module_keeps_the_rule(rule: Callable[[Path], list[str]]) -> None:
    assert rule(ROOT) == []


# ── Violations, planted to see that they are found ─────────────────────────────────────────────

IMPORTS = "imports"
PLANTED: list[tuple[str, str, str, str | Callable[[Path], list[str]]]] = [
    (
        "view asks a view of photos",
        "sessions/plan/views.py",
        "from treatments.photos.upload.views import upload",
        IMPORTS,
    ),
    (
        "store of files asks a form",
        "photos/store/originals.py",
        "from treatments.photos.export.forms import *",
        IMPORTS,
    ),
    ("view asks for every course", "sessions/plan/views.py", "EVERY = Course.objects.all()", bare_rows),
    ("module without a layer", "safety/helpers.py", "NOTHING = 0", IMPORTS),
    (
        "events ask the log of sessions",
        "safety/actions.py",
        "from treatments.sessions.course_state import recompute",
        IMPORTS,
    ),
    (
        "quality asks the upload above it",
        "photos/quality/checks.py",
        "import treatments.photos.upload.store_photo",
        IMPORTS,
    ),
    (
        "relation by its reverse name",
        "assessments/actions.py",
        "def taken(patient):\n    return patient.photos.count()",
        upward_uses,
    ),
    ("look-up by a string", "patients/actions.py", "LEAD = {'exosome_sessions__lot': 1}", upward_uses),
    ("model by asking for it", "photos/rules.py", "ROWS = apps.get_model('treatments', 'Letter')", upward_uses),
    (
        "view in a helper's clothes",
        "safety/grading.py",
        "@requires(1)\ndef page(request):\n    return None",
        views_outside_their_module,
    ),
    (
        "writer without its person",
        "safety/grading.py",
        "def close(event):\n    return correct(event)",
        writers_without_keywords,
    ),
    (
        "model that knows of pages",
        "photos/vocabulary.py",
        "class Row(models.Model):\n    from django.http import Http404",
        requests_where_none_belong,
    ),
    (
        "view that writes a row itself",
        "sessions/plan/views.py",
        "def end(course):\n    Course.objects.filter(pk=course.pk).update(state='stopped')",
        writes_outside_actions,
    ),
    ("form that saves its row", "photos/forms.py", "def keep(form):\n    form.instance.save()", writes_outside_actions),
    ("action that says nothing", "safety/actions.py", "def close(event):\n    return event", actions_without_docstring),
    (
        "every course, with what belongs to it",
        "sessions/plan/views.py",
        "EVERY = Course.objects.select_related('patient')",
        bare_rows,
    ),
    ("a person without a type", "safety/grading.py", "def told(by: Any) -> None:\n    return None", untyped_people),
]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in ("clinic", "treatments"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.jpg", "*.png"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


@pytest.mark.parametrize(("where", "what", "rule"), [each[1:] for each in PLANTED], ids=[each[0] for each in PLANTED])
def test_planted_violation_is_found(copy: Path, where: str, what: str, rule: str | Callable[[Path], list[str]]) -> None:
    path = copy / "treatments" / where
    path.write_text(f"{path.read_text() if path.exists() else ''}\n\n{what}\n")

    if callable(rule):
        assert [line for line in rule(copy) if where in line], f"{rule.__name__} does not see it"
        return
    answer = subprocess.run([LINT_IMPORTS, "--no-cache"], cwd=copy, capture_output=True, text=True)
    assert answer.returncode == 1
    assert "BROKEN" in answer.stdout or "exhaustive" in answer.stdout


# ── Size and names ─────────────────────────────────────────────────────────────────────────────


def test_no_folder_is_too_full_to_know() -> None:
    full = {}
    for folder in [ROOT / "clinic", *(ROOT / "treatments").rglob("*"), *(ROOT / "clinic").rglob("*")]:
        if folder.is_dir() and folder.name not in {"migrations", "__pycache__"}:
            count = len(list(folder.glob("*.py")))
            if count > MOST_FILES_IN_A_FOLDER:
                full[str(folder.relative_to(ROOT))] = count

    assert full == {}


def test_no_link_is_kept() -> None:
    """A symbolic link in the project leads to a place that only one machine has."""
    lines = subprocess.run(["git", "ls-files", "-s"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    links = [line for line in lines.splitlines() if line.startswith("120000")]

    assert links == []


def test_test_names_can_be_typed() -> None:
    names = re.compile(r"^\s*(?:async )?def (test_\w+)", re.MULTILINE)
    long = [
        name
        for path in (ROOT / "tests").rglob("*.py")
        for name in names.findall(path.read_text())
        if len(name) > LONGEST_TEST_NAME
    ]

    assert long == []


# ── Models, templates, scripts ─────────────────────────────────────────────────────────────────


def test_every_model_is_in_the_registry() -> None:
    from treatments import models as registry

    listed = {getattr(registry, name) for name in registry.__all__}
    concrete = {model.__name__ for model in apps.get_app_config("treatments").get_models()}

    assert {model.__name__ for model in listed} == concrete


def test_clinical_records_are_protected() -> None:
    """Nothing that a record points to can be deleted under it, and every record can be struck out."""
    for model in apps.get_app_config("treatments").get_models():
        if not issubclass(model, ClinicalRecord):
            continue
        for field in model._meta.get_fields():
            if isinstance(field, models.ForeignKey) and not field.auto_created:
                assert field.remote_field.on_delete is models.PROTECT, f"{model.__name__}.{field.name}"
        names = {constraint.name for constraint in model._meta.constraints}
        assert any("struck_out" in name for name in names), model.__name__


def test_no_style_or_script_in_a_template() -> None:
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
