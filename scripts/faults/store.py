"""Ceph's radosgw as the store of the photos: one monitor, one disk in a file, one gateway.

One copy of each object: right for a run, wrong for photos of patients. As a command it runs another beside a store of
its own, with Anagen's settings for it and those of the tests:

    python -m scripts.faults.store python manage.py store probe
    python -m scripts.faults.store pytest -n 0 --no-migrations tests/clinic/store
"""

import json
import os
import signal
import subprocess
import sys
import urllib.request
import uuid
from pathlib import Path
from typing import Final

from scripts.faults import recipe
from scripts.faults.hosts import answers, make_certificate
from scripts.faults.processes import Program, end_all, send, throw_away_folder, wait_until

BUCKET: Final = "anagen-photos"
COPIES_BUCKET: Final = "anagen-copies"
KEY_ID: Final = "AKFAULTRUNS000000000"
SECRET: Final = "secret-of-a-run-that-is-thrown-away-0000"  # noqa: S105
CONFIGURATION = """
[global]
fsid = {fsid}
mon host = [v2:{address}:3300,v1:{address}:6789]
mon initial members = a
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
mon allow pool size one = true
osd crush chooseleaf type = 0
public network = 127.0.0.0/8
ms bind ipv4 = true
run dir = {folder}
admin socket = {folder}/$name.$pid.asok
log file = {folder}/$name.log
pid file = {folder}/$name.pid
keyring = {folder}/keyring
mon data = {folder}/mon
osd data = {folder}/osd/disk
osd objectstore = bluestore
bluestore block size = 4294967296
osd memory target = 939524096
mon warn on pool no redundancy = false
mon data avail warn = 1
mon data avail crit = 1
[client.rgw.a]
rgw frontends = beast endpoint={address}:7480
keyring = {folder}/keyring.rgw
rgw dns name = localhost
rgw crypt require ssl = false
"""


TLS = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
events {{}}
http {{
    access_log off;
    client_max_body_size 0;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen {address}:{port} ssl;
        ssl_certificate {folder}/fullchain.pem;
        ssl_certificate_key {folder}/privkey.pem;
        location / {{
            proxy_pass http://{address}:7480;
            proxy_set_header Host $http_host;
            proxy_request_buffering off;
        }}
    }}
}}
"""


class Store:
    """`variables` are Anagen's settings for it. HTTPS, which pgbackrest asks for, is spoken at `tls_port`."""

    tls_port = 7443

    def __init__(self, folder: Path) -> None:
        self.address = recipe.address("10.0.0.31")
        self.folder, self.disk_folder, self.gateway_folder = (
            folder / "store",
            folder / "store/osd",
            folder / "store/rgw",
        )
        for each in (
            self.folder,
            self.folder / "mon",
            self.disk_folder,
            self.disk_folder / "disk",
            self.gateway_folder,
        ):
            each.mkdir()
        self.configuration = self.folder / "ceph.conf"
        self.fsid = str(uuid.uuid4())
        told = {"folder": self.folder, "address": self.address, "fsid": self.fsid}
        self.configuration.write_text(CONFIGURATION.format(**told))
        common = ["-c", str(self.configuration), "-f"]
        self.monitor = Program(self.folder / "mon", ["ceph-mon", "-i", "a", *common])
        self.keyring = str(self.disk_folder / "disk/keyring")
        self.disk = Program(self.disk_folder, ["ceph-osd", "-i", "0", *common, "--keyring", self.keyring])
        self.gateway = Program(self.gateway_folder, ["radosgw", "-n", "client.rgw.a", *common])

    @property
    def url(self) -> str:
        return f"http://{self.address}:7480"

    @property
    def variables_of_tests(self) -> dict[str, str]:
        """For tests/s3_server.py."""
        names = ("ANAGEN_TEST_S3", "ANAGEN_TEST_S3_KEY_ID", "ANAGEN_TEST_S3_SECRET")
        return dict(zip(names, self.variables.values(), strict=True))

    @property
    def variables(self) -> dict[str, str]:
        return {
            "PHOTO_STORE": f"s3://{BUCKET}?endpoint={self.url}",
            "PHOTO_STORE_KEY_ID": KEY_ID,
            "PHOTO_STORE_SECRET": SECRET,
        }

    def start(self) -> None:
        """Make it and wait until it answers; about 40 s. Raises TimeoutError and CalledProcessError."""
        self._start_monitor()
        self._start_disk()
        self._run("ceph-authtool", "--create-keyring", "keyring.rgw", "--gen-key", "-n", "client.rgw.a",
                  "--cap", "mon", "allow rw", "--cap", "osd", "allow rwx")  # fmt: skip
        self._ceph("auth", "import", "-i", "keyring.rgw")
        self.gateway.start()
        wait_until(self._answers, "radosgw answers", 120)
        self._run("radosgw-admin", "-c", str(self.configuration), "user", "create", "--uid", "anagen",
                  "--display-name", "Anagen", "--access-key", KEY_ID, "--secret-key", SECRET)  # fmt: skip
        for bucket in (BUCKET, COPIES_BUCKET):
            self._make_bucket(bucket)
        self._start_tls()

    def _start_tls(self) -> None:
        folder = self.folder / "nginx"
        folder.mkdir()
        make_certificate(folder, self.address)
        told = {"folder": folder, "address": self.address, "port": self.tls_port}
        (folder / "nginx.conf").write_text(TLS.format(**told))
        Program(folder, ["nginx", "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]).start()
        wait_until(lambda: answers(self.address, self.tls_port), "the store speaks HTTPS", 10)

    def _start_monitor(self) -> None:
        self._run("ceph-authtool", "--create-keyring", "keyring", "--gen-key", "-n", "mon.", "--cap", "mon", "allow *")
        admin = [word for part in ("mon", "osd", "mds", "mgr") for word in ("--cap", part, "allow *")]
        self._run("ceph-authtool", "keyring", "--gen-key", "-n", "client.admin", *admin)
        at = f"[v2:{self.address}:3300,v1:{self.address}:6789]"
        self._run("monmaptool", "--create", "--addv", "a", at, "--fsid", self.fsid, "monmap")
        self._run("ceph-mon", "-c", "ceph.conf", "--mkfs", "-i", "a", "--monmap", "monmap", "--keyring", "keyring")
        self.monitor.start()
        wait_until(lambda: answers(self.address, 3300), "ceph-mon answers", 30)

    def _start_disk(self) -> None:
        disk, secret = str(uuid.uuid4()), self._run("ceph-authtool", "--gen-print-key").strip()
        (self.folder / "osd.json").write_text(json.dumps({"cephx_secret": secret}))
        self._ceph("osd", "new", disk, "-i", "osd.json")
        self._run("ceph-authtool", "--create-keyring", self.keyring, "--name", "osd.0", "--add-key", secret)
        self._run("ceph-osd", "-c", "ceph.conf", "-i", "0", "--mkfs", "--osd-uuid", disk, "--keyring", self.keyring)
        self.disk.start()
        wait_until(lambda: "1 up" in self._ceph("osd", "stat"), "the disk of the store is up", 60)

    def _ceph(self, *words: str) -> str:
        return self._run("ceph", "-c", str(self.configuration), "-n", "client.admin", *words)

    def _run(self, *command: str) -> str:
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=90)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()[-1000:]}")
        return done.stdout

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url, timeout=2) as answer:  # noqa: S310 -- an address of our own
                return bool(answer.status == 200)
        except OSError:
            return False

    def _make_bucket(self, bucket: str) -> None:
        """By rclone, which is there for the tests: our own client makes no buckets."""
        import rclone_api  # one of the development requirements, which the bench of notes does without

        program = Path(rclone_api.__file__).parent / "bin/rclone"
        remote = f":s3,provider=Ceph,access_key_id={KEY_ID},secret_access_key={SECRET},endpoint='{self.url}':{bucket}"
        told = {name: value for name, value in os.environ.items() if name != "AWS_CA_BUNDLE"}
        subprocess.run([program, "mkdir", remote], check=True, capture_output=True, env=told, cwd=self.folder)

    def kill(self) -> None:
        """Kill the gateway and the disk behind it with -9; the monitor stays."""
        for program in (self.gateway, self.disk):
            end_all(program.folder)
            program.kill()

    def start_again(self) -> None:
        self.disk.start()
        self.gateway.start()
        wait_until(self._answers, "radosgw answers again", 120)

    def freeze(self) -> None:
        """Let gateway and disk stand still: they take connections and never answer."""
        for program in (self.gateway, self.disk):
            send(program.folder, signal.SIGSTOP)

    def thaw(self) -> None:
        for program in (self.gateway, self.disk):
            send(program.folder, signal.SIGCONT)


def main(command: list[str]) -> int:
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    with throw_away_folder() as folder:
        store = Store(folder)
        store.start()
        told = {**os.environ, **store.variables, **store.variables_of_tests}
        return subprocess.run(command, env=told).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
