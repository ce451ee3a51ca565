"""The files outside the clinic's own folder as this release writes them: what `anagen setup` lays, and with what
`anagen doctor` compares what lies there."""

import re
from contextlib import suppress
from pathlib import Path

from clinic.installation import certificate_page, configuration, machine
from clinic.installation.configuration import Answers
from clinic.installation.paths import Paths

OWN_FIRST_LINE = "# Written by `anagen setup`"


def answers_of(settings: dict[str, str], paths: Paths, *, certificate: str = "") -> Answers:
    """What an installation was set up with, as its settings and its proxy say. `certificate` goes before theirs.

    Raises ValueError where no host is named.
    """
    host = settings.get("ALLOWED_HOSTS", "").split(",")[0].strip()
    if not host:
        raise ValueError("The settings are there, but ALLOWED_HOSTS is empty: write the clinic's name in it.")
    url = settings.get("DATABASE_URL", "")
    return Answers(
        host=host,
        time_zone=settings.get("TIME_ZONE", "Asia/Singapore"),
        copies=settings.get("BACKUP_TO", "").removeprefix("file://"),
        certificate=certificate or certificate_folder_of_nginx(paths) or _certificate_of_caddy(host, paths),
        database="" if url.startswith("sqlite:") else url,
        store=settings.get("PHOTO_STORE", ""),
    )


def certificate_folder_of_nginx(paths: Paths) -> str:
    """Empty where nginx was not set up by us."""
    site = _text(paths.nginx_site)
    named = re.search(r"^\s*ssl_certificate\s+(/.*)/fullchain\.pem;", site, re.M)
    return named[1] if named and site.startswith(OWN_FIRST_LINE) else ""


def _certificate_of_caddy(host: str, paths: Paths) -> str:
    told = _text(paths.caddyfile)
    if told.startswith(OWN_FIRST_LINE):
        return "internal" if "tls internal" in told else "public"
    return "internal" if (paths.authority / "root.key").exists() else configuration.certificate_for(host)


def host_of_proxy(paths: Paths) -> str | None:
    """The name that Caddy or nginx answers to; None where neither was set up by us."""
    for file in (paths.nginx_site, paths.caddyfile):
        told = re.match(OWN_FIRST_LINE + r" for https://([^,\s]+)", _text(file))
        if told:
            return told[1]
    return None


def proxy_file(paths: Paths, answers: Answers) -> tuple[Path, bytes]:
    if answers.proxy == "nginx":
        return paths.nginx_site, configuration.nginx_site(paths, answers).encode()
    text = configuration.caddyfile(paths, answers, release_of_caddy=machine.release_of_caddy())
    return paths.caddyfile, text.encode()


def units(paths: Paths, answers: Answers) -> dict[Path, bytes]:
    return {paths.units / name: text.encode() for name, text in configuration.units(paths, answers).items()}


def page(paths: Paths, answers: Answers, clinic: str) -> dict[Path, bytes]:
    """Raises OSError and ValueError where the authority cannot be read."""
    if answers.certificate == "internal":
        files = certificate_page.files(paths.authority, host=answers.host, clinic=clinic)
    else:
        files = certificate_page.away()
    return {paths.certificate_page / name: content for name, content in files.items()}


def outdated(paths: Paths, settings: dict[str, str]) -> list[Path]:
    """Those of `anagen setup` that this release, with these settings, would write otherwise. Raises OSError.

    What was written by somebody else is theirs, and so is what `systemctl edit` keeps beside a unit. A clinic that
    has another name since keeps its page.
    """
    with suppress(ValueError):
        answers = answers_of(settings, paths)
        wanted = units(paths, answers)
        if not any(_is_ours(path) for path in wanted):
            return []
        wanted |= dict([proxy_file(paths, answers)])
        differing = [path for path, content in wanted.items() if _is_ours(path) and path.read_bytes() != content]
        missing = [path for path in wanted if path.parent == paths.units and not path.exists()]
        clinic = certificate_page.clinic_of(_text(paths.certificate_page / "index.html"))
        pages = page(paths, answers, clinic)
        return differing + missing + [path for path, content in pages.items() if _bytes(path) != content]
    return []


def _is_ours(path: Path) -> bool:
    return _text(path).startswith(OWN_FIRST_LINE)


def _text(path: Path) -> str:
    return _bytes(path).decode(errors="replace")


def _bytes(path: Path) -> bytes:
    """Empty where there is no such file. Raises OSError."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return b""
