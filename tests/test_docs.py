"""What the documents show and point to is there, and nothing lies about unused."""

import ast
import html
import re
import subprocess
from functools import cache
from pathlib import Path

from clinic.staff.access import ROLE_CAN, Can
from clinic.staff.models import Role
from scripts import access_matrix
from tests.test_clinical_rules import LEVELS

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]


def test_document_links_lead_somewhere() -> None:
    """Every link between documents leads to a file that exists."""
    broken = []
    for document in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#]+)", document.read_text()):
            if not target.startswith(("http:", "https:", "mailto:")) and not (document.parent / target).exists():
                broken.append(f"{document.name}: {target}")

    assert broken == []


def test_files_named_in_documents_exist() -> None:
    """A file named between back-ticks is in the project, under that path or the end of one."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    missing = [
        f"{document.name}: {name}"
        for document in DOCUMENTS
        for name in re.findall(r"`([\w./-]+\.(?:py|html|js|css|md|sh|toml|json|svg))`", document.read_text())
        if not any(path == name or path.endswith(f"/{name}") for path in listed)
    ]

    assert missing == []


def test_every_screenshot_is_shown() -> None:
    """Every screenshot is shown in some document."""
    text = "\n".join(document.read_text() for document in DOCUMENTS)
    unused = [p.name for p in (ROOT / "docs/screenshots").glob("*.png") if p.name not in text]

    assert unused == []


def test_decisions_are_numbered_once() -> None:
    numbers = [path.name[:4] for path in sorted((ROOT / "docs/adr").glob("*.md"))]

    assert numbers == [f"{n:04d}" for n in range(1, len(numbers) + 1)]


def test_every_setting_is_documented() -> None:
    """Every variable that the settings read stands in docs/operations.md and in .env.example, and no other does."""
    code = "".join((ROOT / "clinic" / name).read_text() for name in ("settings.py", "environment.py"))
    read = set(re.findall(r'(?:environment\.(?:text|names|whole_number|switch)|environ\.get)\(\s*"([A-Z_]+)"', code))
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs/operations.md").read_text(), re.M))
    example = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))

    assert read == documented == example


# ── The guide ──────────────────────────────────────────────────────────────────────────────────


GUIDE = sorted((ROOT / "docs/guide").glob("*.md"))


@cache
def sources() -> str:
    """Every sentence and name that a person can read on a page, one after the other."""
    texts = [
        re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", " ", path.read_text(), flags=re.S)
        for path in TEMPLATES
    ]
    handed_on = [
        said for text in texts for tag in re.findall(r"\{%.*?%\}", text, re.S) for said in re.findall(r'"([^"]+)"', tag)
    ]
    texts = [re.sub(r"\{%.*?%\}", "", text, flags=re.S) for text in texts]
    texts = [re.sub(r"<[^>]*>", "\n", text, flags=re.S) for text in texts]
    texts += handed_on
    for path in (each for folder in ("treatments", "clinic") for each in (ROOT / folder).rglob("*.py")):
        if "migrations" not in path.parts and "demonstration" not in path.parts:
            texts += strings(path.read_text())
    texts += [
        re.sub(r"^\s*(\*|//|/\*).*$", "", path.read_text(), flags=re.M) for path in (ROOT / "static/js").rglob("*.js")
    ]
    return "\n".join(" ".join(html.unescape(line).split()) for text in texts for line in text.splitlines())


TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def strings(code: str) -> list[str]:
    """The strings of a module, without its docstrings; of one with figures in it, what stands between them."""
    tree = ast.parse(code)
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said
    ]


def table(path: Path, heading: str) -> list[list[str]]:
    """The rows of the table whose first line of names begins with this one."""
    lines = path.read_text().splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip().strip("|").split("|")])
    return [rows[0], *rows[2:]]


def test_guide_names_what_the_pages_name() -> None:
    """What the guide prints in bold is written on some page; words that lead a paragraph end in a point or colon."""
    bold = [(path.name, name) for path in GUIDE for name in re.findall(r"\*\*(.+?)\*\*", path.read_text(), re.S)]
    named = {(page, " ".join(name.split())) for page, name in bold if not name.endswith((".", ":"))}
    unknown = [(page, name) for page, name in sorted(named) if name not in sources()]

    assert unknown == []
    assert len(named) > 60


def test_guide_quotes_what_the_pages_say() -> None:
    """What the guide sets between quotation marks is written on some page; one with figures is its own example."""
    quoted = {
        (path.name, " ".join(words.split()).rstrip(".:"))
        for path in GUIDE
        for words in re.findall("“([^0-9+−”][^”]+)”", path.read_text())
    }
    unknown = [(page, words) for page, words in sorted(quoted) if words not in sources()]

    assert unknown == []
    assert len(quoted) > 30


def test_every_page_of_the_guide_is_listed() -> None:
    listed = (ROOT / "docs/guide/README.md").read_text()

    assert [path.name for path in GUIDE if path.name != "README.md" and f"({path.name})" not in listed] == []


def test_guide_tells_what_roles_may() -> None:
    """The table of roles is that of the code."""
    head, *rows = table(ROOT / "docs/guide/roles.md", "may")
    labels = {str(role.label).lower(): role for role in Role}

    told = {
        (row[0], labels[name]) for row in rows for name, cell in zip(head[1:], row[1:], strict=True) if cell == "yes"
    }

    assert [row[0] for row in rows] == [str(can) for can in Can]
    assert told == {(str(can), role) for role in Role for can in ROLE_CAN[role]}


def test_access_matrix_is_current() -> None:
    """docs/security.md has the addresses and rights of the code: if not, run scripts/access_matrix.py"""
    document = access_matrix.DOCUMENT.read_text()

    assert access_matrix.put_in(document, access_matrix.table()) == document, "run scripts/access_matrix.py"


def test_guide_tells_what_rules_ask() -> None:
    """Each of the 25 rules has its line, which says as the code does whether it refuses and whether it asks."""
    _, *rows = table(ROOT / "docs/guide/warnings.md", "rule")

    told = {
        int(number): {level for level, cell in (("error", refused), ("warning", asked)) if cell == "yes"}
        for number, _, refused, asked in rows
    }

    assert told == LEVELS


def test_retired_words_do_not_come_back() -> None:
    """No page, message or document for the clinic says in other words what the word list has one word for."""
    _, *rows = table(ROOT / "CONTRIBUTING.md", "not")
    guide = "\n".join(path.read_text() for path in GUIDE)
    readable = f"{sources()}\n{guide}\n{(ROOT / 'README.md').read_text()}".lower()

    found = [retired for retired, _ in rows if re.search(rf"\b{re.escape(retired)}\b", readable)]

    assert len(rows) > 15
    assert found == []
