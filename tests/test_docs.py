"""What the documents show and point to is there, and nothing lies about unused."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_document_links_lead_somewhere() -> None:
    """Every link between documents leads to a file that exists."""
    broken = []
    for document in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#]+)", document.read_text()):
            if not target.startswith(("http:", "https:", "mailto:")) and not (document.parent / target).exists():
                broken.append(f"{document.name}: {target}")

    assert broken == []


def test_every_screenshot_is_shown() -> None:
    """Every screenshot is shown in some document."""
    text = "\n".join(document.read_text() for document in DOCUMENTS)
    unused = [p.name for p in (ROOT / "docs/screenshots").glob("*.png") if p.name not in text]

    assert unused == []


def test_decisions_are_numbered_once() -> None:
    numbers = [path.name[:4] for path in sorted((ROOT / "docs/adr").glob("*.md"))]

    assert numbers == [f"{n:04d}" for n in range(1, len(numbers) + 1)]


def test_every_setting_is_documented() -> None:
    settings = (ROOT / "clinic/settings.py").read_text()
    named = set(re.findall(r'environment\.(?:text|names|whole_number)\(\s*"([A-Z_]+)"', settings))

    assert named <= set(re.findall(r"`([A-Z_]+)`", (ROOT / "docs/operations.md").read_text()))
