"""What can be wrong around Anagen: the file of settings, systemd, the clock, the certificate. Needs no Django."""

import json
import shutil
import socket
import ssl
import stat
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509

from clinic.installation import authority, configuration, installed_files, server_certificate
from clinic.installation.addresses import is_internal
from clinic.installation.doctor.findings import Finding
from clinic.installation.machine import has_systemd
from clinic.installation.paths import Paths

FEW_CHARACTERS: Final = 16
"""A key that was drawn has more different ones among its 50; one that was typed to fill the line has fewer."""
LONG_LIVED: Final = timedelta(days=14)
CLOCK_SECONDS: Final = 2.0
Settings = dict[str, str]


def about_file(path: Path) -> Iterator[Finding]:
    """Of a file that can be read."""
    if path.stat().st_mode & stat.S_IRWXO:
        yield Finding("settings_open", f"Every user of this machine can read {path}, which holds the keys.")


def about_settings(settings: Settings, host: str | None) -> Iterator[Finding]:
    """`host` is what people type, where it is known."""
    mode = settings.get("ANAGEN_MODE", "production")
    if mode != "production":
        yield Finding(
            "not_production", f"ANAGEN_MODE is {mode}: errors show what is stored, and HTTPS is not asked for."
        )
    key = settings.get("SECRET_KEY", "")
    if len(key) < 50 or len(set(key)) < FEW_CHARACTERS:
        yield Finding("secret_key_weak", "SECRET_KEY is short or can be guessed: whoever has it signs in as anybody.")
    if not settings.get("AUDIT_KEY"):
        yield Finding("audit_key_missing", "AUDIT_KEY is not set: the audit trail is sealed with SECRET_KEY.")
    if settings.get("TRUSTED_PROXY", "") not in {"0", "1"}:
        yield Finding("proxy_not_told", "TRUSTED_PROXY is not set: everybody counts as one address, and waits as one.")
    names = [name.strip() for name in settings.get("ALLOWED_HOSTS", "").split(",") if name.strip()]
    if "*" in names:
        yield Finding("any_address_allowed", "ALLOWED_HOSTS allows every name, so links can be forged.")
    elif host and not any(host == name or (name.startswith(".") and host.endswith(name)) for name in names):
        yield Finding("address_not_allowed", f"People type {host}, which is not in ALLOWED_HOSTS: they get an error.")
    yield from _about_hsts(settings, names)


def _about_hsts(settings: Settings, names: list[str]) -> Iterator[Finding]:
    internal = [name for name in names if is_internal(name.lstrip("."))]
    if settings.get("HSTS_SECONDS", "") != "0" and internal:
        yield Finding(
            "hsts_not_keepable",
            f"Browsers are told to open {internal[0]} by HTTPS only, and no public authority vouches for it: "
            "if the clinic's own is lost, nobody gets in.",
        )


# What anagen setup wrote


def about_files(settings: Settings, paths: Paths) -> Iterator[Finding]:
    """Units, the proxy's file and the certificate page, as this release writes them with these settings."""
    try:
        outdated = installed_files.outdated(paths, settings)
    except (OSError, ValueError) as fault:
        yield Finding("units_outdated", f"What `anagen setup` wrote cannot be read: {fault}")
        return
    if outdated:
        told = ", ".join(str(path) for path in outdated[:3]) + (f" and {len(outdated) - 3} more" * (len(outdated) > 3))
        yield Finding("units_outdated", f"Not as this release writes it with these settings: {told}.")


# The clock


def about_clock() -> Iterator[Finding]:
    """What the machine itself knows of its clock. Asks nobody outside."""
    told = _said("chronyc", "-c", "tracking")
    if told:
        yield from about_chrony(told)
    elif has_systemd() and _said("timedatectl", "show", "--property=NTPSynchronized", "--value") == "no":
        yield Finding("clock_off", "The clock is not compared with any other, so times in the record may be wrong.")


def about_chrony(tracking: str) -> Iterator[Finding]:
    """`tracking` as `chronyc -c tracking` prints it: the fifth field is by how many seconds the clock is behind."""
    fields = tracking.split(",")
    with suppress(IndexError, ValueError):
        behind = float(fields[4])
        if fields[-1] == "Not synchronised":
            yield Finding("clock_off", "chrony reaches no other clock, so times in the record may be wrong.")
        elif abs(behind) > CLOCK_SECONDS:
            way = "behind" if behind > 0 else "ahead"
            yield Finding("clock_off", f"The clock is {abs(behind):.0f} seconds {way}, says chrony.")


# Service and timers


def about_services() -> Iterator[Finding]:
    if not has_systemd():
        return
    if _said("systemctl", "is-enabled", "anagen.service") != "enabled" or not _is_active("anagen.service"):
        yield Finding("service_off", "anagen.service does not run, or does not start with the machine.")
    for name in configuration.TASKS:
        timer = f"anagen-{name}.timer"
        if _said("systemctl", "is-enabled", timer) != "enabled" or not _is_active(timer):
            yield Finding("timer_off", f"{timer} is switched off: nobody does its work at night.")


def _is_active(unit: str) -> bool:
    return _said("systemctl", "is-active", unit) == "active"


def _said(*words: str) -> str:
    """What a program of the system prints; empty where it is not there or fails without a word."""
    if not shutil.which(words[0]):
        return ""
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=20)  # noqa: S603
    return done.stdout.strip()


# The certificate


def about_certificate(host: str | None, at: tuple[str, int], paths: Paths) -> Iterator[Finding]:
    """The certificate that whoever opens the address is shown, asked for on this machine."""
    if host is None:
        return
    try:
        certificate = _shown(host, at)
    except (OSError, ValueError) as fault:
        yield Finding("https_away", f"Nothing answers by HTTPS for {host}: {fault}")
        return
    left, life = certificate.not_valid_after_utc - datetime.now(UTC), _life(certificate)
    # Caddy's own last 12 hours and are renewed after two thirds of them.
    least = LONG_LIVED if life > 2 * LONG_LIVED else life / 6
    if left < least:
        yield Finding(
            "certificate_ends",
            f"The certificate of {host} ends at {certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC.",
        )
    if not server_certificate.is_for(certificate, host):
        yield Finding("certificate_of_another_name", f"The certificate shown for {host} is not for this name.")
    with suppress(OSError, ValueError):
        root = authority.load(paths.authority)
        if root.not_valid_after_utc - datetime.now(UTC) < timedelta(days=90):
            yield Finding("authority_ends", f"The clinic's own authority ends on {root.not_valid_after_utc:%-d %B %Y}.")


def _shown(host: str, at: tuple[str, int]) -> x509.Certificate:
    """Raises OSError and ValueError. Whether a device trusts it is not known here, so it is not asked."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection(at, timeout=5) as line, context.wrap_socket(line, server_hostname=host) as talk:
        return x509.load_der_x509_certificate(talk.getpeercert(binary_form=True) or b"")


def _life(certificate: x509.Certificate) -> timedelta:
    return certificate.not_valid_after_utc - certificate.not_valid_before_utc


def as_json(findings: list[Finding]) -> str:
    told = [{"name": each.name, "truth": each.truth, "remedy": each.remedy} for each in findings]
    return json.dumps({"ok": not findings, "findings": told}, indent=2)
