"""Installs the built package on a fresh Debian 12 and a fresh Debian 13, as docs/operations.md has it, and counts.

    sudo .venv/bin/python scripts/installation/trial.py --work /var/tmp/trial            both recipes on both
    sudo .venv/bin/python scripts/installation/trial.py --work /var/tmp/trial trixie --recipe server --proxy nginx

Needs root, debootstrap, systemd-container and the network (Debian and PyPI); about ten minutes for each, and 4 GB. The
roots are kept in the folder of --work and used again. In them a real systemd is booted (systemd-nspawn), without
network: what the recipe installs was brought before. Ends with status 1 when anything failed.
"""

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP))

from scripts import package  # noqa: E402 -- only after the line above
from tests.installation import machine  # noqa: E402

HERE = Path(__file__).resolve().parent
PYTHONS = {"bookworm": "3.11", "trixie": "3.13"}
# What a PC with Debian has, and the packages of the recipe's first line, which needs no network then.
PACKAGES = "systemd,systemd-sysv,dbus,curl,openssl,ca-certificates,passwd,procps"
MIGRATION = """
from django.db import migrations
class Migration(migrations.Migration):
    dependencies = [("clinic", "{after}")]
    operations = [migrations.RunSQL("CREATE TABLE trial_{name} (id integer)"){more}]
"""
# The installation itself is not asked about, has no network, and takes what was brought.
APT = """
APT::Get::Assume-Yes "true";
APT::Install-Recommends "false";
Binary::apt::APT::Keep-Downloaded-Packages "true";
APT::Keep-Downloaded-Packages "true";
"""
RECIPES = {"pc": "A PC", "server": "One server"}
UNIT = """
[Unit]
After=multi-user.target dbus.service
[Service]
Type=oneshot
ExecStart=/bin/bash /packages/{name}.sh
StandardOutput=file:/trial.log
StandardError=file:/trial.log
ExecStopPost=/bin/systemctl poweroff --no-block
[Install]
WantedBy=default.target
"""


def recipe(name: str, proxy: str = "caddy") -> str:
    """The lines of a recipe, as they are printed; with nginx its first and last lines are those printed after it."""
    text = (TOP / "docs/operations.md").read_text().split(f"\n## {RECIPES[name]}\n", 1)[1].split("\n## ", 1)[0]
    printed = re.findall(r"^```console\n(.*?)^```", text, re.M | re.S)
    if proxy == "caddy":
        return printed[0]
    first, last = next(block for block in printed[1:] if "--proxy nginx" in block).splitlines(keepends=True)
    return "".join([first, *printed[0].splitlines(keepends=True)[1:-1], last])


def build(folder: Path) -> None:
    """The package, and four builds that follow it: one good, one whose migration fails, one that does not start, one
    good again."""
    package.build(folder)
    last = sorted(path.stem for path in (TOP / "clinic/migrations").glob("0*.py"))[-1]
    good = {"clinic/migrations/9997_good.py": MIGRATION.format(after=last, name="good", more="")}
    failing = ", migrations.RunSQL('SELECT * FROM nothing')"
    fails = {"clinic/migrations/9998_fails.py": MIGRATION.format(after="9997_good", name="fails", more=failing)}
    next_one = {"clinic/migrations/9998_next.py": MIGRATION.format(after="9997_good", name="next", more="")}
    dead = {"clinic/wsgi.py": "raise RuntimeError('this build does not start')\n"}
    builds = {"99.1": good, "99.2": good | fails, "99.3": good | next_one | dead, "99.4": good | next_one}
    for number, changes in builds.items():
        machine.build_other(folder, number, changes)
        shutil.rmtree(folder / f"source-{number}")


def download(folder: Path, python: str) -> None:
    """Every package that the list names, for this Python."""
    platforms = [f"--platform=manylinux_{glibc}_x86_64" for glibc in ("2_34", "2_28", "2_17")]
    abis = [f"--abi=cp{python.replace('.', '')}", "--abi=abi3", "--abi=none"]
    wanted = [*platforms, "--platform=manylinux2014_x86_64", "--platform=any", *abis, "--implementation=cp"]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:"]
    pins = ["--requirement", TOP / "requirements/run.txt", "--dest", folder]
    subprocess.run([*pip, f"--python-version={python}", *wanted, *pins], check=True)


def photos(folder: Path) -> None:
    import pillow_heif
    from PIL import Image

    pillow_heif.register_heif_opener()
    source = TOP / "treatments/demonstration/photos/a-vertex-month00.jpg"
    shutil.copy(source, folder / "photo.jpg")
    Image.open(source).resize((3000, 2250)).save(folder / "photo.heic")


def root(work: Path, suite: str) -> Path:
    """A fresh Debian with the packages of the recipe."""
    made, ready = work / suite, work / f"{suite}.ready"
    if not ready.exists():
        shutil.rmtree(made, ignore_errors=True)
        subprocess.run(["debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite, made], check=True)
        shutil.copy("/etc/resolv.conf", made / "etc/resolv.conf")
        lines = [recipe(name).splitlines()[0] for name in RECIPES]
        # Brought, and installed by the recipe itself: only one of Caddy and nginx can have the ports.
        lines.append("apt install --download-only nginx")
        (made / "etc/apt/apt.conf.d/trial").write_text(APT)
        installs = [line.replace("apt install", "apt-get install -y -qq --no-install-recommends") for line in lines]
        for command in ("apt-get update -qq", *installs):
            subprocess.run(["chroot", made, "env", "DEBIAN_FRONTEND=noninteractive", "sh", "-c", command], check=True)
        for config in made.glob("etc/postgresql/*/main/postgresql.conf"):
            # Its installation looked at the ports of this machine, which may have a PostgreSQL too.
            config.write_text(re.sub(r"^port = .*", "port = 5432", config.read_text(), flags=re.M))
        ready.touch()
    copy = work / f"{suite}-run"
    shutil.rmtree(copy, ignore_errors=True)
    subprocess.run(["cp", "-a", made, copy], check=True)
    return copy


def bring_certificate(copy: Path) -> None:
    """What somebody with nginx has already: a certificate for the name, and its key."""
    folder = copy / "etc/ssl/anagen"
    folder.mkdir()
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-days", "90", "-subj", "/CN=hospital", "-addext", "subjectAltName=DNS:anagen.local"]
    files = ["-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"]
    subprocess.run([*command, *files], check=True, stderr=subprocess.DEVNULL)


def run(work: Path, suite: str, name: str, proxy: str) -> str:
    """What the trial of a recipe printed inside the root."""
    copy, packages = root(work, suite), work / "packages"
    (packages / "recipe").write_text(recipe(name, proxy))
    if proxy == "nginx":
        subprocess.run(["chroot", copy, "apt-get", "purge", "-qq", "caddy"], check=True, stdout=subprocess.DEVNULL)
        bring_certificate(copy)
    (copy / "etc/systemd/system/trial.service").write_text(UNIT.format(name=name))
    subprocess.run(["chroot", copy, "systemctl", "enable", "--quiet", "trial.service"], check=True)
    boot = ["systemd-nspawn", "--register=no", "--keep-unit", "--private-network", f"--bind-ro={packages}:/packages"]
    with (work / f"{suite}-{name}.boot").open("w") as log:
        subprocess.run([*boot, "-D", copy, "-b"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=3000)
    said = (copy / "trial.log").read_text(errors="replace")
    (work / f"{suite}-{name}.log").write_text(said)
    return said


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="a folder for roots, packages and logs")
    parser.add_argument("suites", nargs="*", default=list(PYTHONS), help="bookworm, trixie")
    parser.add_argument("--recipe", choices=RECIPES, help="one recipe only")
    parser.add_argument("--proxy", choices=["caddy", "nginx"], default="caddy", help="nginx is for --recipe server")
    flags = parser.parse_args()
    if flags.proxy == "nginx" and flags.recipe != "server":
        parser.error("--proxy nginx goes with --recipe server")
    packages = flags.work.resolve() / "packages"
    packages.mkdir(parents=True, exist_ok=True)
    build(packages)
    photos(packages)
    for name in ("pc.sh", "server.sh", "checks.sh", "decode.py", "browse.py"):
        shutil.copy(HERE / name, packages)
    failed = 0
    for suite in flags.suites:
        download(packages, PYTHONS[suite])
        for name in [flags.recipe] if flags.recipe else RECIPES:
            said = run(flags.work.resolve(), suite, name, flags.proxy)
            told = [line for line in said.splitlines() if line.startswith(("PASSED", "FAILED", "FIGURE"))]
            print(f"=== {suite}, {RECIPES[name]}, {flags.proxy}", *told, sep="\n", flush=True)
            failed += sum(line.startswith("FAILED") for line in told) or ("everything " not in said)
    print(f"{failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
