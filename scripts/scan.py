"""Lets a web scanner loose on a demonstration clinic, served as a clinic would: production's settings, over https.

    python scripts/scan.py                     signed out, then signed in as the manager: up to an hour
    python scripts/scan.py --only signed-in    one half of it
    python scripts/scan.py --minutes 3         so long it looks for addresses, and an eighth of it attacks in each way

Needs wapiti (`apt install wapiti`) and openssl, writes two reports to the folder `scan` and prints what they found.
Nothing leaves the machine: the modules that would ask an outside server are left out (docs/security.md).
"""

import argparse
import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
# All but: nikto, wapp and ssrf (they ask outside servers), brute_login_form (the throttle answers it: see its tests).
MODULES = (
    "backup,blindsql,buster,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,methods,permanentxss,redirect,"
    "shellshock,sql,xss,xxe"
)
# What ends the session, or the scan would go on signed out; files that never differ; languages do not matter here.
LEFT_OUT = ("sign-out/", "static/", "sign-in/again/")
# Debian 12's wapiti, with an -x that its Python 3.11 can read, and with the name that Django gives its CSRF token.
WAPITI = """
import re
from wapitiCore.attack.mod_csrf import mod_csrf
from wapitiCore.main.wapiti import wapiti_main
from wapitiCore.net import crawler
crawler.wildcard_translate = lambda pattern: re.compile(re.escape(pattern).replace(r"\\*", ".*") + r"\\Z")
mod_csrf.TOKEN_FORM_STRINGS.append("csrfmiddlewaretoken")
wapiti_main()
"""
SIGN_IN = """
from django.test import Client
from clinic.staff.models import Membership
client = Client()
client.force_login(Membership.objects.filter(role="manager").order_by("pk")[0].user)
print(client.session.session_key)
"""


def main(minutes: float, only: str) -> None:
    TOP.joinpath("scan").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, installation(Path(folder)) as (address, session):
        for name, cookies in (("signed-out", {}), ("signed-in", {"__Host-session": session})):
            if only not in {name, ""}:
                continue
            jar = Path(folder) / f"{name}.json"
            jar.write_text(json.dumps(as_wapiti_keeps_them(cookies)))
            report = TOP / "scan" / f"{name}.json"
            begun = time.monotonic()
            subprocess.run(command(address, jar, report, Path(folder) / name, minutes), check=True)
            tell(name, json.loads(report.read_text()), time.monotonic() - begun)


def command(address: str, jar: Path, report: Path, folder: Path, minutes: float) -> list[str | Path]:
    left_out = [word for path in LEFT_OUT for word in ("-x", f"{address}{path}*")]
    times = ["--max-scan-time", str(int(minutes * 60)), "--max-attack-time", str(int(minutes * 60 / 8))]
    limits = [*times, "--max-links-per-page", "60"]
    kept = ["--store-session", folder, "--flush-session", "--no-bugreport", "-v", "0", "-f", "json", "-o", report]
    return [
        "/usr/bin/python3",
        "-c",
        WAPITI,
        "-u",
        address,
        "-c",
        jar,
        "-m",
        MODULES,
        "-S",
        "normal",
        *limits,
        *left_out,
        *kept,
    ]


def as_wapiti_keeps_them(cookies: dict[str, str]) -> dict[str, object]:
    kept = {"version": 0, "expires": None, "secure": True, "port": None}
    return {"127.0.0.1": {"/": {name: {"value": value, **kept} for name, value in cookies.items()}}}


def tell(name: str, report: dict[str, object], seconds: float) -> None:
    print(f"\n{name}, {seconds:.0f} s:")
    found = {**report["vulnerabilities"], **report["anomalies"]}  # type: ignore[dict-item]
    for kind, cases in found.items():
        for case in cases:
            print(f"  {kind}: {case['method']} {case['path']} {case['parameter'] or ''} {case['info']}")
    if not any(found.values()):
        print("  nothing")


@contextlib.contextmanager
def installation(folder: Path) -> Iterator[tuple[str, str]]:
    """Yields the address of a demonstration clinic, and the key of a session of its manager."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port = line.getsockname()[1]
    told = {
        **os.environ,
        "SECRET_KEY": secrets.token_urlsafe(60),
        "ALLOWED_HOSTS": "127.0.0.1",
        "TRUSTED_PROXY": "0",
        "VAR_DIR": str(folder / "var"),
        "DATABASE_URL": f"sqlite:///{folder / 'var/anagen.sqlite3'}",
    }

    def manage(*words: str, mode: str = "production") -> str:
        done = subprocess.run(
            [PYTHON, "manage.py", *words], cwd=TOP, env=told | {"ANAGEN_MODE": mode}, check=True, stdout=subprocess.PIPE
        )
        return done.stdout.decode()

    manage("migrate", "--verbosity", "0")
    manage("demo", mode="test")  # which production refuses
    manage("collectstatic", "--no-input", "--verbosity", "0")
    session = manage("shell", "--no-imports", "-c", SIGN_IN).strip()
    serve = [PYTHON, "-m", "gunicorn", "clinic.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4"]
    tls = ["--certfile", certificate, "--keyfile", key, "--log-level", "error"]
    server = subprocess.Popen([*serve, *tls], cwd=TOP, env=told | {"ANAGEN_MODE": "production"})
    try:
        while socket.socket().connect_ex(("127.0.0.1", port)):
            if server.poll() is not None:
                sys.exit("The server did not start.")
            time.sleep(0.2)
        yield f"https://127.0.0.1:{port}/", session
    finally:
        server.terminate()
        server.wait(timeout=20)


if __name__ == "__main__":
    words = argparse.ArgumentParser(description="A web scanner on a demonstration clinic")
    words.add_argument("--minutes", type=float, default=8, help="to look for addresses, in each half")
    words.add_argument("--only", choices=["signed-out", "signed-in"], default="")
    told = words.parse_args()
    main(told.minutes, told.only)
