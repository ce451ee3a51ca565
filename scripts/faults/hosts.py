"""The hosts of Anagen, each with HAProxy and gunicorn, and nginx in front."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

from scripts.faults import recipe
from scripts.faults.processes import TOP, Program, end_all, send, wait_until

NUMBERS = (1, 2)
SECRETS = {
    name: f"{name.lower()} of a run that is thrown away with everything else" for name in ("SECRET_KEY", "AUDIT_KEY")
}
NGINX = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
events {{ worker_connections 512; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {server}
}}
"""


class AnagenHost:
    """app1 or app2: gunicorn with 2 workers of 16 threads, in production mode, and its own HAProxy."""

    def __init__(self, number: int, folder: Path, store: dict[str, str]) -> None:
        self.name, self.address = f"app{number}", recipe.address(f"10.0.0.2{number}")
        self.code = TOP
        self.folder, self.balancer_folder = folder / self.name, folder / f"{self.name}-haproxy"
        for each in (self.folder, self.balancer_folder):
            each.mkdir()
        self.balancer_file = self.balancer_folder / "haproxy.cfg"
        self.balancer_file.write_text(recipe.haproxy_file(self.address))
        self.balancer = Program(self.balancer_folder, ["haproxy", "-db", "-f", str(self.balancer_file)])
        self.variables = {
            "PYTHONPATH": str(TOP),
            "VAR_DIR": str(self.folder / "var"),
            "MEDIA_ROOT": str(self.folder / "photos"),
            "CSRF_TRUSTED_ORIGINS": f"https://{recipe.HOST}:8443",
            "PYTHONDONTWRITEBYTECODE": "1",
            **SECRETS,
            **recipe.anagen_variables(self.address),
            **store,
        }
        command = recipe.anagen_command(self.address, sys.executable)
        self.anagen = Program(self.folder, command, self.variables)

    def install(self, code: Path) -> None:
        """Run the Anagen of another folder: commands from now on, the server from its next start."""
        self.code = code
        self.variables["PYTHONPATH"] = str(code)

    def command(self, *words: str, as_owner: bool = False, module: str = "") -> str:
        """Run a command of Anagen on this host, and return what it printed. Raises CalledProcessError."""
        told = {**os.environ, **self.variables, "HOME": str(self.folder)}
        if as_owner:
            told["DATABASE_URL"] = told["DATABASE_URL"].replace("anagen:", "anagen_owner:", 1)
        start = ["-m", module] if module else [str(self.code / "manage.py")]
        done = subprocess.run([sys.executable, *start, *words], env=told, cwd=self.code, capture_output=True, text=True)
        if done.returncode:
            print(done.stdout[-2000:], done.stderr[-4000:], file=sys.stderr)
            done.check_returncode()
        return done.stdout

    def start(self, seconds: float = 60) -> None:
        """Start Anagen and wait until it answers. Raises TimeoutError."""
        self.anagen.start()
        wait_until(lambda: answers(self.address, 8000), f"{self.name} answers", seconds)

    def start_and_wait(self, seconds: float = 90) -> None:
        """Start Anagen and wait until it takes people, as group.md says of a new version. Raises TimeoutError."""
        self.start()
        wait_until(self._is_ready, f"{self.name} is ready", seconds)

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self.address}:8000/health/ready", timeout=5) as answer:  # noqa: S310 -- ours
                return bool(answer.status == 200)
        except OSError:
            return False

    @property
    def is_running(self) -> bool:
        return self.anagen.process is not None and self.anagen.process.poll() is None

    def kill(self) -> None:
        """Kill the server and all its workers with -9."""
        end_all(self.folder)
        self.anagen.kill()

    def freeze(self) -> None:
        """Let the server stand still: it takes connections and never answers."""
        send(self.folder, signal.SIGSTOP)

    def thaw(self) -> None:
        send(self.folder, signal.SIGCONT)


class FrontDoor:
    """nginx with TLS, as it stands on each host; people come through this one."""

    def __init__(self, folder: Path, host: AnagenHost) -> None:
        self.folder, self.address, self.port = folder / "nginx", host.address, 8443
        self.folder.mkdir()
        self.authority = make_certificate(self.folder, recipe.HOST)
        server = recipe.nginx_server(host.address, self.folder)
        (self.folder / "nginx.conf").write_text(NGINX.format(folder=self.folder, server=server))
        words = ["-e", str(self.folder / "error.log"), "-c", str(self.folder / "nginx.conf")]
        self.nginx = Program(self.folder, ["nginx", *words])

    def start(self) -> None:
        self.nginx.start()
        wait_until(lambda: answers(self.address, self.port), "nginx answers", 10)


def make_certificate(folder: Path, name: str) -> Path:
    """A certificate of its own for a host, fullchain.pem and privkey.pem; returns the first."""
    kind = "IP" if name[0].isdigit() else "DNS"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}"]
    make += ["-addext", f"subjectAltName={kind}:{name}"]
    make += ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    subprocess.run(make, check=True, capture_output=True)
    return folder / "fullchain.pem"


def answers(address: str, port: int) -> bool:
    """Whether a port takes connections."""
    with socket.socket() as line:
        line.settimeout(1)
        return line.connect_ex((address, port)) == 0


def prepare(hosts: list[AnagenHost]) -> None:
    """Make the tables as their owner, give the service its rights, collect static files and the folder of photos."""
    first = hosts[0]
    first.command("migrate", "--verbosity", "0", as_owner=True)
    first.command("audit", "rights", "anagen", as_owner=True)
    first.command("collectstatic", "--no-input", "--verbosity", "0")
    for host in hosts[1:]:
        shutil.copytree(first.folder / "var/static", host.folder / "var/static")
    for host in hosts:
        host.command("photos", "folder")
