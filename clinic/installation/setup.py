"""`anagen setup`: six questions, then everything that an installation needs on its machine.

Whatever is there already stays as it is: started again it goes on where it stopped, and makes no second key.
"""

import argparse
import contextlib
import grp
import os
import pwd
import shutil
import socket
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pyrage

from clinic.installation import (
    authority,
    configuration,
    environment_file,
    installed_files,
    machine,
    questions,
    server_certificate,
)
from clinic.installation.configuration import Answers
from clinic.installation.environment_file import BadLine
from clinic.installation.machine import ProgramFailed
from clinic.installation.paths import SERVICE_USER, Paths, installed_below
from clinic.installation.questions import NoAnswer, put
from clinic.installation.releases import Release, running

_OF_THE_CLINIC = ("name", "manager", "email")
# By this line the file that Debian's package brings is known; it shows a welcome page and nothing of anybody's.
_OF_THE_PACKAGE = "# The Caddyfile is an easy way to configure your Caddy web server."


class SetupStopped(Exception):
    """Something has to be done first; the text says what."""


def main(words: list[str]) -> int:
    try:
        Setup(_parser().parse_args(words)).run()
    except (SetupStopped, NoAnswer) as reason:
        print(f"\n{reason}", file=sys.stderr)
        return 1
    except (ProgramFailed, BadLine) as fault:
        print(f"\n{fault}\nWhat is done is kept; mend it, and start again.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. What is done is kept: start `anagen setup` again, and it goes on.", file=sys.stderr)
        return 1
    except OSError as fault:
        print(f"\n{fault.filename}: {fault.strerror}. What is done is kept; mend it, and start again.", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="anagen setup",
        description="Set up Anagen on this machine. Asks at most six questions; each can be answered by its flag. "
        "What is there already stays as it is. With PostgreSQL, OWNER_DATABASE_URL in the environment is the role "
        "that owns the tables, for the migrations alone.",
    )
    for question in questions.catalogue(socket.gethostname()).values():
        parser.add_argument(question.flag, help=question.asks)
    parser.add_argument("--yes", action="store_true", help="ask nothing; defaults where no flag says otherwise")
    parser.add_argument(
        "--certificate",
        choices=["internal", "public"],
        help="internal: the clinic's own authority; public: Caddy gets one, for a name that the internet knows",
    )
    parser.add_argument(
        "--proxy", choices=["caddy", "nginx"], help="caddy, which makes its certificates itself; or nginx"
    )
    parser.add_argument(
        "--certificate-folder",
        type=Path,
        help="for nginx: where fullchain.pem and privkey.pem lie that you renew; without it /etc/ssl/anagen",
    )
    parser.add_argument(
        "--database",
        default=os.environ.get("DATABASE_URL", ""),
        help="postgres://…; without it SQLite. With a password set DATABASE_URL in the environment instead: every user "
        "of the machine sees what is written here",
    )
    parser.add_argument("--recovery-key", type=Path, help="write the key of the copies to this new file, too")
    parser.add_argument("--empty", action="store_true", help="open no clinic, because a copy will be restored")
    parser.add_argument("--renew", action="store_true", help="write units, the proxy's file and the page anew")
    parser.add_argument("--root", type=Path, default=installed_below(), help="put everything below this folder")
    return parser


@dataclass
class Setup:
    """One run. Raises SetupStopped, NoAnswer and OSError, with what was done before them kept."""

    flags: argparse.Namespace

    def __post_init__(self) -> None:
        self.paths = Paths(self.flags.root.resolve())
        self.is_asked = not self.flags.yes
        self.given: dict[str, str] = {}
        self.written: list[Path] = []

    def run(self) -> None:
        self._refuse_what_cannot_work()
        answers = self._answers()
        clinic = self._clinic_answers()
        print()
        self._make_user()
        self._make_folders(answers)
        self._write_settings(answers)
        self._link()
        self._write_files(answers, clinic["name"] if clinic else self._name_of_clinic() or answers.host)
        self.release.migrate()
        self._told("anagen migrate", "done")
        self._run_command("collectstatic", "--no-input", "--verbosity", "0")
        link = self._open(clinic, answers) if clinic else self._begin()
        try:
            self._start(answers)
        except BaseException:
            print(f"\n{link.strip()}")  # it is made once, and the next run would not show it
            raise
        self._tell(answers, link)

    def _refuse_what_cannot_work(self) -> None:
        if self.paths.is_this_machine and os.geteuid() != 0:
            raise SetupStopped("Setting up writes to /etc and /var, so the administrator does it: sudo anagen setup")
        if Path(sys.prefix) == Path(sys.base_prefix):
            raise SetupStopped("Install Anagen into a virtual environment of its own: docs/operations.md, A PC.")

    # What is known, and what is asked

    def _answers(self) -> Answers:
        """Of an installation that is there, what its settings say; else what is answered."""
        catalogue = questions.catalogue(socket.gethostname())
        try:
            return self._answers_of(environment_file.read(self.paths.environment))
        except FileNotFoundError:
            pass
        skipped = _OF_THE_CLINIC if self.flags.empty else ()
        self.given = {name: self._put(catalogue[name]) for name in catalogue if name not in skipped}
        host = self.given["address"]
        return Answers(
            host=host,
            time_zone=self.given["time-zone"],
            copies=self.paths.below(self.given["copies"]),
            certificate=self._certificate(host),
            database=self.flags.database,
        )

    def _answers_of(self, settings: dict[str, str]) -> Answers:
        """Raises SetupStopped for settings that nobody could have set up."""
        try:
            found = installed_files.answers_of(settings, self.paths)
            return replace(found, certificate=self._certificate(found.host, found.certificate))
        except ValueError as fault:
            raise SetupStopped(str(fault)) from None

    def _certificate(self, host: str, before: str = "") -> str:
        """As Answers has it. Raises SetupStopped where nginx has none that it can show."""
        is_nginx = (self.flags.proxy == "nginx") if self.flags.proxy else before.startswith("/")
        if not is_nginx:
            kept = "" if before.startswith("/") else before
            return str(self.flags.certificate or kept or configuration.certificate_for(host))
        folder = self.flags.certificate_folder or Path(before or self.paths.below("/etc/ssl/anagen"))
        try:
            server_certificate.check(folder, host)
        except ValueError as fault:
            raise SetupStopped(f"{fault}\n{_FOR_NGINX}") from None
        return str(folder.absolute())

    def _put(self, question: questions.Question) -> str:
        return put(question, given=getattr(self.flags, question.name.replace("-", "_")), is_asked=self.is_asked)

    def _clinic_answers(self) -> dict[str, str]:
        """Name, manager and e-mail; nothing where a clinic is open already."""
        if self.flags.empty:
            return {}
        if self.given:
            return {name: self.given[name] for name in _OF_THE_CLINIC}
        if self._name_of_clinic():
            return {}
        catalogue = questions.catalogue(socket.gethostname())
        return {name: self._put(catalogue[name]) for name in _OF_THE_CLINIC}

    def _name_of_clinic(self) -> str:
        """Empty where no clinic is open, or the database has no tables yet."""
        ask = (
            "from clinic.staff.models import Clinic; print(Clinic.objects.values_list('name', flat=True).first() or '')"
        )
        done = self.release.command("shell", "--no-imports", "-c", ask)
        return "" if done.returncode else done.stdout.strip()

    # What is written

    def _make_user(self) -> None:
        if not self.paths.is_this_machine:
            return
        with contextlib.suppress(KeyError):
            pwd.getpwnam(SERVICE_USER)
            return
        home = str(self.paths.data)
        shell = "/usr/sbin/nologin"
        machine.run(
            "useradd",
            "--system",
            "--user-group",
            "--home-dir",
            home,
            "--no-create-home",
            "--shell",
            shell,
            SERVICE_USER,
        )
        self._told(f"user {SERVICE_USER}", "made")

    def _make_folders(self, answers: Answers) -> None:
        """Raises OSError."""
        self._folder(self.paths.data)
        if answers.copies.startswith("/"):
            self._folder(Path(answers.copies))
            self._refuse_what_the_service_cannot_write(Path(answers.copies))

    def _refuse_what_the_service_cannot_write(self, folder: Path) -> None:
        """The administrator may write anywhere, so the service's own user tries. Raises SetupStopped."""
        if self.paths.is_this_machine and not machine.can_write(folder, SERVICE_USER):
            raise SetupStopped(
                f"The service, which runs as the user {SERVICE_USER}, may not write to {folder}. Let it:\n"
                f"  chown {SERVICE_USER}: {folder}\n"
                f"A disk with FAT, exFAT or NTFS has no owners: mount it with the option uid={SERVICE_USER}. Is it\n"
                "mounted read-only? Then start again."
            )

    def _folder(self, path: Path) -> None:
        if path.is_dir():
            self._told(path, "kept")
            return
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        path.mkdir(mode=0o700)
        self._own(path)
        self._told(path, "made")

    def _own(self, path: Path, *, user: str = SERVICE_USER, group: str = SERVICE_USER) -> None:
        if self.paths.is_this_machine:
            # Not what a link leads to: the folder above may be anybody's, as that of a disk is.
            os.chown(path, pwd.getpwnam(user).pw_uid, grp.getgrnam(group).gr_gid, follow_symlinks=False)

    def _write_settings(self, answers: Answers) -> None:
        """The key of the copies is shown before its public half is written: it stands nowhere else."""
        path = self.paths.environment
        if path.exists():
            self._own(path, user="root")  # one that was brought from another machine has that one's group
            path.chmod(0o640)
            self._told(path, "kept, with its keys")
            return
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        identity = pyrage.x25519.Identity.generate()
        self._show_recovery_key(str(identity))
        text = configuration.settings(self.paths, replace(answers, recipient=str(identity.to_public())))
        # The service's own commands read it; nobody but the administrator changes it.
        machine.write(path, text.encode(), 0o640)
        self._own(path, user="root")
        self._told(path, "written")

    def _show_recovery_key(self, identity: str) -> None:
        print(
            "THE KEY OF THE COPIES. Copies are encrypted; without this key nobody can read them, you neither. It is\n"
            "shown now and never again.\n\n"
            f"    {identity}\n\n"
            "Write it on two sheets of paper, print it, or both, and keep them in two safe places: not on this\n"
            "PC, and no photograph, which a telephone sends elsewhere. To write it by hand, in groups of four:\n\n"
            f"{in_groups(identity)}\n\n"
            "Capital or small, with spaces or without: so it is understood again, and a wrong letter is noticed.\n"
        )
        if self.flags.recovery_key:
            with self.flags.recovery_key.open("x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
                file.write(f"{identity}\n")
        if self.is_asked and sys.stdin.isatty():
            questions.forget_what_was_pasted()
            try:
                input("Press Enter when you have it. ")
            except (EOFError, KeyboardInterrupt):
                raise SetupStopped(
                    "The key that was just shown is not used: cross it out. Start `anagen setup` again for another one."
                ) from None

    def _link(self) -> None:
        """`current` leads to the release that runs; a later one is put in its place by `anagen upgrade`."""
        release = running()
        for link, to in ((self.paths.current, release), (self.paths.command, self.paths.current / "bin/anagen")):
            if link.is_symlink() or link.exists():
                self._told(link, "kept")
                continue
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(to)
            self._told(link, "made")

    def _write_files(self, answers: Answers, clinic: str) -> None:
        if answers.certificate == "internal":
            self._write_authority(answers.host, clinic)
        for files in (installed_files.units(self.paths, answers), installed_files.page(self.paths, answers, clinic)):
            for path, content in files.items():
                self._file(path, content)
        self._write_proxy(answers)

    def _write_authority(self, host: str, clinic: str) -> None:
        folder = self.paths.authority
        is_there = (folder / "root.key").exists()
        if not is_there:
            authority.make(folder, host=host, clinic=clinic)
        if self.paths.is_this_machine:
            # Caddy may be installed later; then the key stays the administrator's.
            with contextlib.suppress(LookupError):
                shutil.chown(folder / "root.key", "root", "caddy")
            (folder / "root.key").chmod(0o640)
            folder.chmod(0o755)
        self._told(folder, "kept" if is_there else "made")

    def _write_proxy(self, answers: Answers) -> None:
        path, content = installed_files.proxy_file(self.paths, answers)
        old = path.read_text(errors="replace") if path.exists() else ""
        if old.startswith(_OF_THE_PACKAGE) and "file_server" in old:
            path.rename(path.with_name("Caddyfile.before-anagen"))
        elif old and not old.startswith(installed_files.OWN_FIRST_LINE):
            own = self.paths.environment.with_name(path.name)
            self._file(own, content)
            self._told(path, f"kept: it is not Anagen's. Take over what you need from {own}")
            return
        self._file(path, content)
        enabled = self.paths.nginx_site.parent.with_name("sites-enabled") / self.paths.nginx_site.name
        other = self.paths.caddyfile
        if answers.proxy == "nginx" and not enabled.is_symlink():
            enabled.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            enabled.symlink_to(path)
        elif answers.proxy == "caddy":
            enabled.unlink(missing_ok=True)
            other = self.paths.nginx_site
        if other.exists() and other.read_text().startswith(installed_files.OWN_FIRST_LINE):
            other.replace(other.with_name(f"{other.name}.before"))

    def _file(self, path: Path, content: bytes) -> None:
        if path.exists():
            if path.read_bytes() == content or not self.flags.renew:
                self._told(path, "kept")
                return
            path.replace(path.with_name(f"{path.name}.before"))
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        machine.write(path, content, 0o644)
        self.written.append(path)
        self._told(path, "written")

    # What is started

    def _open(self, clinic: dict[str, str], answers: Answers) -> str:
        """Open the clinic; gives what the command printed, with the one-time link in it."""
        words = [f"--name={clinic['name']}", f"--person={clinic['manager']}", f"--email={clinic['email']}"]
        return self._run_command("open_clinic", *words, "--time-zone", answers.time_zone)

    def _begin(self) -> str:
        """The address of the first page, where a copy can be restored; nothing where a clinic is open."""
        is_there = not self.flags.empty or self._name_of_clinic()
        return "" if is_there else self.release.run("first_page")

    @property
    def release(self) -> Release:
        return Release(self.paths.current, self.paths.environment)

    def _run_command(self, *words: str) -> str:
        said = self.release.run(*words)
        self._told(f"anagen {words[0]}", "done")
        return said

    def _start(self, answers: Answers) -> None:
        if not (self.paths.is_this_machine and Path("/run/systemd/system").is_dir()):
            self._told("systemd", "not running here: start anagen.service and the timers yourself")
            return
        timers = [f"anagen-{name}.timer" for name in configuration.TASKS]
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "enable", "--quiet", "--now", "anagen.service", *timers)
        if self.flags.renew and self.paths.units / "anagen.service" in self.written:
            machine.run("systemctl", "restart", "anagen.service")
        self._told("anagen.service and its timers", "started")
        if not self.flags.empty and not self._lacks_key(answers):
            machine.run("systemctl", "start", "--no-block", "anagen-backup.service", "anagen-audit-verify.service")
            self._told("the first copy", "begun")
        self._start_proxy(answers.proxy)

    def _start_proxy(self, proxy: str) -> None:
        if not shutil.which(proxy):
            self._told(proxy, f"not installed: apt install {proxy}, then anagen setup again")
            return
        other = "caddy" if proxy == "nginx" else "nginx"
        if machine.is_active(other):
            self._told(other, f"has the ports of {proxy}: systemctl disable --now {other}, then anagen setup again")
            return
        if proxy == "nginx":
            machine.run("nginx", "-t", "-q")
        machine.run("systemctl", "enable", "--quiet", proxy)
        machine.run("systemctl", "restart", proxy)
        self._told(proxy, "started")

    def _tell(self, answers: Answers, link: str) -> None:
        print(f"\nAnagen is at https://{answers.host}")
        if answers.certificate == "internal":
            print(
                f"Each device needs the clinic's certificate first: open http://{answers.host} on it and follow the\n"
                "steps. Its fingerprint, to be compared there:\n  "
                + authority.fingerprint(authority.load(self.paths.authority))
            )
        self._tell_of_the_name(answers.host)
        if answers.copies.startswith("/") and machine.is_one_disk(self.paths.data, Path(answers.copies)):
            print(
                f"{answers.copies} is on the disk of the records, and dies with it. Is another one not mounted? Mount\n"
                f"it, write its folder as BACKUP_TO into {self.paths.environment}, then: anagen setup --renew"
            )
        if self._lacks_key(answers):
            print(
                f"Write BACKUP_KEY_ID and BACKUP_SECRET, the key of that store, into {self.paths.environment}, then:\n"
                "systemctl restart anagen; anagen backup. Without them no copy is made."
            )
        print(f"Keep a copy of {self.paths.environment} in a safe place. `anagen doctor` says whether all is well.")
        if link:
            print(f"\n{link.strip()}")

    def _tell_of_the_name(self, host: str) -> None:
        """avahi lets the network know the PC under its own name, and under no other."""
        name = socket.gethostname().split(".")[0].lower()
        if self.paths.is_this_machine and host.endswith(".local") and host != f"{name}.local":
            print(
                f"This PC is called {name}, so devices find {name}.local, and not {host}. Give it that name:\n"
                f"hostnamectl set-hostname {host.removesuffix('.local')}; systemctl restart avahi-daemon"
            )
        if self.paths.is_this_machine and host.endswith(".local") and not shutil.which("avahi-daemon"):
            print("Nothing tells the devices of the network this PC's name: apt install avahi-daemon")

    def _lacks_key(self, answers: Answers) -> bool:
        """Whether copies go to a store whose key nobody has written down yet; no question asks for a secret."""
        found = environment_file.read(self.paths.environment)
        return answers.copies.startswith("s3:") and not (found.get("BACKUP_KEY_ID") and found.get("BACKUP_SECRET"))

    def _told(self, what: Path | str, happened: str) -> None:
        print(f"  {what}: {happened}")


_FOR_NGINX = (
    "nginx makes no certificate. Lay yours and its key there, or name their folder by --certificate-folder.\n"
    "Whoever has none uses Caddy (--proxy caddy), which makes and renews its own."
)


def in_groups(identity: str) -> str:
    """A key of age in lines that can be copied by hand."""
    head, letters = identity[:16], identity[16:]
    groups = [letters[at : at + 4] for at in range(0, len(letters), 4)]
    lines = [" ".join(groups[at : at + 5]) for at in range(0, len(groups), 5)]
    return "\n".join(f"    {line}" for line in (head, *lines))
