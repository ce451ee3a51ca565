"""The statistics import the standard library and each other, and can be read and tried without Anagen."""

import ast
import sys
from pathlib import Path

import treatments.evidence.statistics as package


def test_imports() -> None:
    files = sorted(Path(package.__path__[0]).glob("*.py"))
    assert len(files) > 5
    imported = set()
    for node in (node for file in files for node in ast.walk(ast.parse(file.read_text()))):
        if isinstance(node, ast.Import):
            imported |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
    others = {name for name in imported if name.partition(".")[0] not in sys.stdlib_module_names}
    assert others and all(name.startswith(package.__name__ + ".") for name in others), others
