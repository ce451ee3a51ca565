"""Guessing is slowed by the address of whoever guesses, through nginx as docs/operations.md sets it up.

The attacker, the clinic and a person at home come from three addresses of this machine; nginx, its certificate,
gunicorn and the settings of production are real.
"""

import contextlib
import http.client
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from clinic.sign_in.models import SignInTries
from clinic.sign_in.throttle import FREE_TRIES_OF_AN_ADDRESS
from clinic.staff.models import Membership, Role, User
from tests import factories
from tests.faults.servers import environment, gunicorn
from tests.missing_tools import skip_or_fail
from tests.people import Cast

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.any_database]
TOP = Path(__file__).resolve().parents[2]
HOST = "records.example.org"
GUESSED = "winter in the mountains 2026"
ATTACKER, CLINIC, HOME = "127.0.0.2", "127.0.0.3", "127.0.0.4"
CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {servers}
}}
"""


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


def documented(*, https: int, http: int, behind: int, folder: Path) -> str:
    """The server blocks of docs/operations.md, with the ports and the certificate of this test."""
    [servers] = re.findall(r"^```nginx\n(.*?)^```", (TOP / "docs/operations.md").read_text(), re.M | re.S)
    for printed, ours in {
        "listen 443 ssl": f"listen {https} ssl",
        "listen 80": f"listen {http}",
        "127.0.0.1:8000": f"127.0.0.1:{behind}",
        "/etc/ssl/anagen": str(folder),
        "/var/log/nginx": str(folder),
    }.items():
        assert printed in servers
        servers = servers.replace(printed, ours)
    return servers


@contextlib.contextmanager
def nginx(behind: int, folder: Path) -> Iterator[tuple[int, int]]:
    """Yields the ports for https and http of nginx in front of the port `behind`."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        skip_or_fail("nginx", "apt install nginx openssl")
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={HOST}"]
    keys = [
        "-addext",
        f"subjectAltName=DNS:{HOST}",
        "-keyout",
        folder / "privkey.pem",
        "-out",
        folder / "fullchain.pem",
    ]
    subprocess.run([*make, *keys], check=True, capture_output=True)
    https, http = free_port(), free_port()
    servers = documented(https=https, http=http, behind=behind, folder=folder)
    (folder / "nginx.conf").write_text(CONFIGURATION.format(folder=folder, servers=servers))
    process = subprocess.Popen([program, "-e", folder / "error.log", "-c", folder / "nginx.conf"])
    try:
        until = time.monotonic() + 10
        while socket.socket().connect_ex(("127.0.0.1", https)):
            assert process.poll() is None and time.monotonic() < until, (folder / "error.log").read_text()
            time.sleep(0.05)
        yield https, http
    finally:
        process.terminate()
        process.wait(timeout=10)


class Browser:
    """Keeps cookies, checks the certificate, and asks from an address of its own. `forged` goes as X-Forwarded-For."""

    def __init__(self, address: str, port: int, authority: Path, *, forged: str = "") -> None:
        self.address, self.port = address, port
        self.cookies: dict[str, str] = {}
        self.forged = {"X-Forwarded-For": forged} if forged else {}
        self.context = ssl.create_default_context(cafile=str(authority))
        self.context.check_hostname = False  # it is asked by its number

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
        line = http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=30, source_address=(self.address, 0), context=self.context
        )
        headers = {
            "Host": HOST,
            "Referer": f"https://{HOST}/sign-in/",
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            **self.forged,
        }
        try:
            line.request(method, path, urlencode(fields or {}), headers)
            answer = line.getresponse()
            text = answer.read().decode()
            for told in answer.headers.get_all("Set-Cookie") or []:
                name, _, value = told.partition(";")[0].partition("=")
                assert name.startswith("__Host-") and "Secure" in told
                self.cookies[name] = value
            assert answer.headers["Strict-Transport-Security"]
        finally:
            line.close()
        return answer.status, text

    def enters(self, email: str, password: str) -> int:
        """The status of an answer to a try to sign in: 302 right, 422 wrong, 429 not looked at."""
        if "__Host-csrf" not in self.cookies:
            assert self.ask("GET", "/sign-in/")[0] == 200
        fields = {"username": email, "password": password, "csrfmiddlewaretoken": self.cookies["__Host-csrf"]}
        return self.ask("POST", "/sign-in/", fields)[0]


@contextlib.contextmanager
def clinic_behind_nginx(folder: Path) -> Iterator[tuple[int, int]]:
    """Yields the ports for https and http of an installation as the document has it."""
    told = {
        "ANAGEN_MODE": "production",
        "SECRET_KEY": "k" * 60,
        "ALLOWED_HOSTS": HOST,
        "TRUSTED_PROXY": "1",
        "VAR_DIR": str(folder / "var"),
        "DJANGO_SETTINGS_MODULE": "clinic.settings",
    }
    static = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
    subprocess.run(static, cwd=TOP, env=environment() | told, check=True)
    with gunicorn(workers=2, threads=4, variables=told) as (_, behind), nginx(behind, folder) as ports:
        yield ports


def hashed(password: str) -> str:
    """As production does it, which the settings of the tests do not."""
    return PBKDF2PasswordHasher().encode(password, "s" * 22)


@pytest.fixture
def staff(cast: Cast) -> list[User]:
    """People of the clinic, passwords hashed as in production; and 40 accounts, the last with what is guessed."""
    slowly = hashed(factories.PASSWORD)
    people = [cast.nurse, cast.reception, cast.reader]
    User.objects.filter(pk__in=[each.pk for each in people]).update(password=slowly)
    accounts = [User(email=f"account{number}@example.test", name=f"Account {number}") for number in range(40)]
    accounts[-1].password = hashed(GUESSED)
    for account in accounts:
        account.password = account.password or slowly
    User.objects.bulk_create(accounts)
    Membership.objects.create(user=User.objects.get(email=accounts[-1].email), clinic=cast.clinic, role=Role.NURSE)
    return people


def test_40_accounts_of_one_address_slowed(staff: list[User], tmp_path: Path) -> None:
    """One password for 40 accounts from one address, a header forged: slowed. The clinic's people sign in meanwhile, on
    devices that know them and at the clinic's own address."""
    with clinic_behind_nginx(tmp_path) as (https, plain):
        authority = tmp_path / "fullchain.pem"

        def browser(address: str, forged: str = "") -> Browser:
            return Browser(address, https, authority, forged=forged)

        line = http.client.HTTPConnection("127.0.0.1", plain, timeout=10)
        line.request("GET", "/sign-in/", headers={"Host": HOST})
        assert line.getresponse().getheader("Location") == f"https://{HOST}/sign-in/"
        line.close()

        known = browser(ATTACKER)  # even where the attacker's own network is the clinic's
        assert known.enters(staff[0].email, factories.PASSWORD) == 302
        assert known.ask("GET", "/patients/?q=Ida+Invented")[0] == 200
        assert "Ida" not in (tmp_path / "access.log").read_text(), "who is searched for stands in no log"
        known.cookies.pop("__Host-session")

        def tries(number: int) -> int:
            email = f"account{number}@example.test"
            return browser(ATTACKER, forged=f"198.51.100.{number}, 203.0.113.9").enters(email, GUESSED)

        begun = time.monotonic()
        with ThreadPoolExecutor(max_workers=4) as pool:
            answers = list(pool.map(tries, range(40)))
        seconds = time.monotonic() - begun

        checked = len(answers) - answers.count(429)
        pauses_over = int(seconds + 1).bit_length()  # after 1, 2, 4 … seconds one more is looked at
        print(
            f"\nfigure: guesses_looked_at_of_40_through_nginx {checked} (<= {FREE_TRIES_OF_AN_ADDRESS + pauses_over})"
        )
        assert FREE_TRIES_OF_AN_ADDRESS <= checked <= FREE_TRIES_OF_AN_ADDRESS + pauses_over
        assert answers[-1] == 429, "the one account with that password was not reached"

        begun = time.monotonic()
        assert known.enters(staff[0].email, factories.PASSWORD) == 302, "a device that knows the person"
        assert browser(CLINIC).enters(staff[1].email, factories.PASSWORD) == 302, "the clinic's own address"
        assert browser(HOME).enters(staff[2].email, factories.PASSWORD) == 302
        seconds = (time.monotonic() - begun) / 3
        print(f"\nfigure: own_people_sign_in_meanwhile {seconds:.2f} s (<= 3)")
        assert seconds < 3
        assert browser(CLINIC).enters("account39@example.test", GUESSED) == 302, "the password was right all along"
    addresses = SignInTries.objects.exclude(tries=0).order_by("-tries").values_list("tries", flat=True)
    assert addresses[0] == checked, "counted against the attacker's own address, not against those that it claimed"
