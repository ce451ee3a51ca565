"""What the documents show and point to is there, and nothing lies about unused."""

import re
import subprocess
from pathlib import Path

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
