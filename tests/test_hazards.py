"""docs/hazards.md: each hazard has its cause, its control, and tests that are there and are run."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINES = re.findall(r"^\| (\d+) \|(.*)\|$", (ROOT / "docs/hazards.md").read_text(), re.M)
NOT_RUN = {"skip", "skipif", "xfail"}


@cache
def marks_by_test(path: Path) -> dict[str, set[str]]:
    """The marks of each test of a module, those of its class and of the module with them."""
    module = ast.parse(path.read_text())
    of_all = [
        node.value
        for node in module.body
        if isinstance(node, ast.Assign) and any(getattr(target, "id", "") == "pytestmark" for target in node.targets)
    ]
    classes = [node for node in module.body if isinstance(node, ast.ClassDef)]
    found = {}
    for body, above in [(module.body, []), *((each.body, each.decorator_list) for each in classes)]:
        for node in body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found[node.name] = marks([*of_all, *above, *node.decorator_list])
    return found


def marks(expressions: list[ast.expr]) -> set[str]:
    """The names of all marks in these expressions: "browser" of `pytest.mark.browser`."""
    inside = (node for expression in expressions for node in ast.walk(expression))
    return {node.attr for node in inside if isinstance(node, ast.Attribute) and ast.unparse(node).startswith("pytest.")}


def test_every_hazard_is_held_by_a_test() -> None:
    """Every line has a cause, a control and at least one test; every test named is there, and none is skipped."""
    wrong = []
    for number, line in LINES:
        hazard, cause, control, tests = (cell.strip() for cell in line.split(" | "))
        named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", tests)
        if not (hazard and cause and control and named) or re.sub(r"`[^`]+`", "", tests).strip():
            wrong.append(f"{number}: incomplete")
        for file, name in named:
            known = marks_by_test(ROOT / file) if (ROOT / file).is_file() else {}
            if name not in known or known[name] & NOT_RUN:
                wrong.append(f"{number}: {file}::{name} is {'skipped' if name in known else 'not there'}")

    assert wrong == []


def test_hazards_are_numbered_and_enough() -> None:
    assert [int(number) for number, _ in LINES] == list(range(1, len(LINES) + 1))
    assert len(LINES) >= 16
