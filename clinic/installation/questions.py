"""The questions of `anagen setup`: each with why it is asked, and asked again until its answer can be used."""

import re
import sys
import termios
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from clinic.installation import environment_file
from clinic.installation.addresses import host_of
from clinic.object_store import addresses


class NoAnswer(Exception):
    """An answer is needed and nobody gives it; the text says which, and how to give it."""


@dataclass(frozen=True)
class Question:
    """`check` gives the answer as it is used, and raises ValueError with a sentence for one that cannot be."""

    name: str
    asks: str
    why: str
    check: Callable[[str], str]
    default: str = ""

    @property
    def flag(self) -> str:
        return f"--{self.name}"


def put(question: Question, *, given: str | None, is_asked: bool) -> str:
    """The answer: what a flag gave, else what somebody types, else the default where nobody is asked.

    Raises NoAnswer where none of these can be used.
    """
    if given is not None:
        try:
            return question.check(given)
        except ValueError as fault:
            raise NoAnswer(f"{question.flag} {given}: {fault}") from None
    if not is_asked:
        if not question.default:
            raise NoAnswer(f"{question.flag} is needed. {question.asks}")
        return question.check(question.default)
    print(f"\n{question.asks}\n  {question.why}")
    while True:
        try:
            return question.check(_typed(question.default))
        except ValueError as fault:
            print(f"  {fault}")


def _typed(default: str) -> str:
    forget_what_was_pasted()
    try:
        typed = input(f"  [{default}] " if default else "  > ").strip()
    except UnicodeDecodeError:
        raise ValueError("This terminal does not send UTF-8. Set it to UTF-8, or leave accents away for now.") from None
    except EOFError:
        raise NoAnswer("The answers end here. Start `anagen setup` again; what is done is kept.") from None
    return typed or default


def forget_what_was_pasted() -> None:
    """Of several lines that were pasted the first is the answer; the others must not answer what is asked next."""
    if sys.stdin.isatty():
        termios.tcflush(sys.stdin, termios.TCIFLUSH)


def short_text(answer: str) -> str:
    if not answer.strip():
        raise ValueError("Write something.")
    if len(answer.strip()) > 100 or re.search(r"[\x00-\x1f\x7f]", answer):
        raise ValueError("Write at most 100 characters, in one line.")
    if re.search("[\ud800-\udfff]", answer):  # a byte that is no UTF-8, as Python reads it in the locale C
        raise ValueError("This terminal does not send UTF-8. Set it to UTF-8, or leave accents away for now.")
    return answer.strip()


def email(answer: str) -> str:
    try:
        validate_email(answer.strip())  # as the account does, whose column holds 254 letters
        if len(answer.strip()) > 254:
            raise ValidationError("long")
    except ValidationError:
        raise ValueError(
            "Write an e-mail address, for example manager@your-clinic.example. No mail is sent to it."
        ) from None
    return answer.strip()


def time_zone(answer: str) -> str:
    try:
        ZoneInfo(answer.strip())
    except (ValueError, OSError, KeyError):
        raise ValueError("Write it as Continent/City, for example Asia/Singapore or Europe/London.") from None
    if "/" not in answer:
        raise ValueError("Write it as Continent/City, for example Asia/Singapore or Europe/London.")
    return answer.strip()


def destination(answer: str) -> str:
    """A folder or a store to which copies go."""
    to = answer.strip()
    environment_file.line("BACKUP_TO", to)  # raises ValueError for what the file of settings cannot hold
    if to.startswith("s3://"):
        addresses.open_store(to, key_id="asked for later", secret="asked for later")  # raises WrongAddress  # noqa: S106
        return to
    folder = to.removeprefix("file://")
    if not folder.startswith("/") or re.search(r"[\x00-\x1f\x7f]", folder):
        raise ValueError("Write the whole path of a folder, for example /media/disk/anagen, or s3://bucket?endpoint=…")
    if re.match(r"/(home|root|run/user|tmp|var/tmp)(/|$)", folder):
        raise ValueError(
            "The service cannot reach personal or temporary folders. Write for example /media/disk/anagen."
        )
    if ".." in Path(folder).parts or Path(folder) == Path("/"):
        raise ValueError("Write the folder itself, for example /media/disk/anagen.")
    if Path(folder).exists() and not Path(folder).is_dir():
        raise ValueError(f"{folder} is there and is no folder. Write another one.")
    return str(Path("/" + folder.lstrip("/")))


def _name_in_the_network(host_name: str) -> str:
    """As avahi announces it; a name that no browser could open is not proposed."""
    try:
        return host_of(f"{host_name.split('.')[0]}.local")
    except ValueError:
        return "anagen.local"


def zone_of_this_machine() -> str:
    try:
        name = str(Path("/etc/localtime").resolve()).partition("/zoneinfo/")[2]
        return "Asia/Singapore" if name.startswith("Etc/") else time_zone(name)
    except (ValueError, OSError):
        return "Asia/Singapore"


def catalogue(host_name: str) -> dict[str, Question]:
    """All six, in the order in which they are asked."""
    all_of_them = (
        Question("name", "What is the clinic called?", "It stands on every page and every paper.", short_text),
        Question("manager", "Who manages the clinic?", "First and last name; this person adds the others.", short_text),
        Question("email", "With which e-mail address does this person sign in?", "No mail is ever sent.", email),
        Question(
            "address",
            "What do people type to reach Anagen?",
            "A name that every device of the clinic knows, for ever: passkeys are bound to it. An IP address works,\n"
            "  but has no passkeys, and your router may change it.",
            host_of,
            _name_in_the_network(host_name),
        ),
        Question(
            "time-zone",
            "In which time zone is the clinic?",
            "Its days begin there at midnight.",
            time_zone,
            zone_of_this_machine(),
        ),
        Question(
            "copies",
            "Where do the nightly copies go?",
            "A folder on another disk than the records: a USB disk or a NAS that is mounted; or s3://bucket?endpoint=…",
            destination,
            "/var/backups/anagen",
        ),
    )
    return {question.name: question for question in all_of_them}
