"""Where an installed Anagen lies on its machine. `root` puts all of it below another folder, for trials and tests."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

SERVICE_USER = "anagen"


@dataclass(frozen=True)
class Paths:
    root: Path = Path("/")

    @property
    def environment(self) -> Path:
        return self.root / "etc/anagen/anagen.env"

    @property
    def authority(self) -> Path:
        """Folder of the clinic's own certificate authority."""
        return self.root / "etc/anagen/authority"

    @property
    def caddyfile(self) -> Path:
        return self.root / "etc/caddy/Caddyfile"

    @property
    def nginx_site(self) -> Path:
        return self.root / "etc/nginx/sites-available/anagen"

    @property
    def units(self) -> Path:
        return self.root / "etc/systemd/system"

    @property
    def data(self) -> Path:
        """VAR_DIR of an installation: database, photos, collected static files."""
        return self.root / "var/lib/anagen"

    @property
    def certificate_page(self) -> Path:
        return self.root / "var/lib/anagen-certificate"

    @property
    def releases(self) -> Path:
        """A virtual environment for each release, and `current`, which leads to the one that runs."""
        return self.root / "opt/anagen"

    @property
    def current(self) -> Path:
        return self.releases / "current"

    @property
    def command(self) -> Path:
        return self.root / "usr/local/bin/anagen"

    def below(self, path: str) -> str:
        """An absolute path below the root; anything else, such as the address of a store, as it is."""
        return str(self.root / path.lstrip("/")) if path.startswith("/") else path

    @property
    def is_this_machine(self) -> bool:
        return self.root == Path("/")


def installed_below() -> Path:
    """The root of the installation that this program belongs to: what stands before opt/anagen/<release>."""
    here = Path(sys.prefix).resolve()
    is_release = here.parent.name == "anagen" and here.parent.parent.name == "opt"
    return here.parent.parent.parent if is_release else Path("/")


def environment_file() -> Path:
    """Where the settings of this installation lie: ANAGEN_ENV, or /etc/anagen/anagen.env."""
    named = os.environ.get("ANAGEN_ENV")
    return Path(named) if named else Paths(installed_below()).environment
