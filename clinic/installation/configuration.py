"""The text of every file that an installation has outside its own folder: units of systemd, settings, the proxy's."""

import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Final
from urllib.parse import parse_qs, urlsplit

from clinic.installation import environment_file
from clinic.installation.addresses import is_internal
from clinic.installation.paths import Paths

_FILES: Final = Path(__file__).parent / "files"


@dataclass(frozen=True)
class Task:
    """What a timer starts: the words of the command, and when (systemd.time)."""

    words: str
    description: str
    calendar: str


TASKS: Final = {
    "sweep": Task("sweep", "clear away what is over", "*-*-* 02:17"),
    "backup": Task("backup", "copy database and photos", "*-*-* 02:27"),
    "audit-verify": Task("audit verify", "compare the audit trail with its seals", "*-*-* 03:47"),
    "photos-verify": Task("photos verify", "read every photo", "Sun 04:07"),
}


@dataclass(frozen=True)
class Answers:
    """What the files depend on. `certificate` is "internal", "public", or, for nginx, the folder that has
    fullchain.pem and privkey.pem; the recipient is age's, or empty."""

    host: str
    time_zone: str
    copies: str
    certificate: str
    database: str
    recipient: str = ""
    store: str = ""

    @property
    def proxy(self) -> str:
        return "nginx" if self.certificate.startswith("/") else "caddy"


def certificate_for(host: str) -> str:
    return "internal" if is_internal(host) else "public"


def settings(paths: Paths, answers: Answers) -> str:
    """The environment file, with new random keys. Raises ValueError for what it cannot hold."""
    # A browser that was told to insist on HTTPS lets nobody in when the certificate is not trusted. The clinic's own
    # authority may be lost with its machine, so its devices are never told so; a public name can keep the promise.
    is_lost_with_us = answers.certificate == "internal" or is_internal(answers.host)
    hsts = "0" if is_lost_with_us else "31536000"
    values = {
        "ANAGEN_MODE": "production",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "AUDIT_KEY": secrets.token_urlsafe(60),
        "ALLOWED_HOSTS": answers.host,
        "TRUSTED_PROXY": "1",
        "HSTS_SECONDS": hsts,
        "DATABASE_URL": answers.database or f"sqlite:///{paths.data / 'anagen.sqlite3'}",
        "VAR_DIR": str(paths.data),
        "MEDIA_ROOT": str(paths.data / "photos"),
        "TIME_ZONE": answers.time_zone,
        "BACKUP_TO": answers.copies,
        "BACKUP_RECIPIENT": answers.recipient,
    }
    head = (
        "# Written by `anagen setup`, read by the service and by the command; docs/operations.md explains each line.\n"
        "# Keep a copy of this file in a safe place, not beside the copies of the records. After a change:\n"
        "#   systemctl restart anagen\n"
    )
    return head + "".join(environment_file.line(name, value) + "\n" for name, value in values.items())


def units(paths: Paths, answers: Answers) -> dict[str, str]:
    """The text of each unit by its name."""
    places = {
        "data": str(paths.data),
        "environment": str(paths.environment),
        "current": str(paths.current),
        "sandbox": _sandbox(paths, answers),
        "network": _network(answers),
    }
    found = {"anagen.service": _filled("anagen.service", **places)}
    for name, task in TASKS.items():
        told = {"words": task.words, "description": task.description, "calendar": task.calendar}
        found[f"anagen-{name}.service"] = _filled("task.service", **places, **told)
        found[f"anagen-{name}.timer"] = _filled("task.timer", **told)
    return found


def _sandbox(paths: Paths, answers: Answers) -> str:
    is_usual = paths.data == Path("/var/lib/anagen")
    state = (
        "StateDirectory=anagen\nStateDirectoryMode=0700" if is_usual else f"ReadWritePaths={_as_word(str(paths.data))}"
    )
    # With "-" a disk that is not there stops no service; the copy itself says that it is missing.
    copies = answers.copies.removeprefix("file://")
    writable = f"ReadWritePaths={_as_word(f'-{copies}')}" if copies.startswith("/") else ""
    return _filled("sandbox.conf", environment=str(paths.environment), state=state, writable=writable)


def _as_word(text: str) -> str:
    """One word of a unit, with spaces in it or not (systemd.syntax)."""
    literal = text.replace("%", "%%").replace("\\", "\\\\").replace('"', '\\"')
    return literal if re.fullmatch(r"\S+", literal) and "'" not in literal else f'"{literal}"'


def _network(answers: Answers) -> str:
    """With everything on this machine the service has no reason to speak to any other."""
    if answers.database and not all(map(_is_here, _hosts(answers.database))):
        return ""
    if answers.store.startswith("s3:") or answers.copies.startswith("s3:"):  # its first page restores from there
        return ""
    return "IPAddressDeny=any\nIPAddressAllow=localhost"


def _hosts(database: str) -> list[str]:
    """Of a DATABASE_URL, wherever in it they stand; "" for the socket of this machine."""
    parts = urlsplit(database)
    named = parse_qs(parts.query).get("host", [parts.hostname or ""])
    return named[-1].split(",")


def _is_here(host: str) -> bool:
    return host in {"", "localhost", "127.0.0.1", "::1"} or host.startswith("/")


def caddyfile(paths: Paths, answers: Answers, *, release_of_caddy: tuple[int, ...]) -> str:
    is_new = release_of_caddy >= (2, 7)  # each spelling is an error to the other releases
    return _filled(
        f"Caddyfile.{answers.certificate}",
        host=answers.host,
        authority=str(paths.authority),
        page=str(paths.certificate_page),
        buffer="request_buffers 45MB" if is_new else "buffer_requests\n\t\tmax_buffer_size 45MB",
    )


def nginx_site(paths: Paths, answers: Answers) -> str:
    places = {"host": answers.host, "certificates": answers.certificate, "page": str(paths.certificate_page)}
    return _filled("nginx.conf", **places)


def _filled(name: str, **places: str) -> str:
    return Template((_FILES / name).read_text()).substitute(places)
