"""The application's own settings, its middleware and all, with one address more."""

from pathlib import Path

from clinic.settings import *  # noqa: F403 -- everything, as it is
from clinic.settings import TEMPLATES

ROOT_URLCONF = "scripts.benching.idiomatic.urls"
TEMPLATES[0]["DIRS"] = [*TEMPLATES[0]["DIRS"], Path(__file__).parent / "templates"]
