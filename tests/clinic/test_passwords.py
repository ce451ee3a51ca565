"""Which passwords are taken: long ones that nobody guesses, in any script; and which are not, each with its reason."""

import time

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from clinic.staff.models import User
from tests import factories
from tests.people import Cast

GOOD = [
    "correct horse battery staple",
    "nine blue kettles under the stairs",
    "我今天早上喝了两杯很热的茶然后出门",
    "äöü ist nicht ßchön genug",
    "🐢🍋🚲🌧️🎻🧊🪁🥨🦉🧭🕯️🪴🧵🫖🪑",
    "7f3Kq9zPw2Lx8Vn",
    "x" * 8 + "the quick otter likes tea, and so do I",
    "the otters of the long river " * 2 + "are out today",
]
WEAK = [
    ("fourteen chars", "15 characters"),
    ("aaaaaaaaaaaaaaaa", "repeats itself"),
    ("abcabcabcabcabcabc", "repeats itself"),
    ("passwordpassword", "repeats itself"),
    ("PasswordPasswordPass", "repeats itself"),
    ("abcdefghijklmnopqrst", "counts on"),
    ("zyxwvutsrqponmlkj", "counts on"),
    ("123456789012345678", "counts on"),
    ("qwertyuiopasdfghjkl", "counts on"),
    ("1111111111222222", "counts on"),
    ("aaaaaaaaaaaaaaab", "repeats itself"),
    ("................", "repeats itself"),
    ("  " * 12, "repeats itself"),
    ("anagen-anagen-2026", "names of the clinic"),
    ("lime tree hair clinic", "names of the clinic"),
    ("LimeTreeHair2026!", "names of the clinic"),
    ("Meiling Tanaka 2026", "names of the clinic"),
    ("..1977 starwars 1983!!", "first that are tried"),
]


@pytest.mark.parametrize("password", GOOD)
def test_a_good_password_is_taken(password: str) -> None:
    validate_password(password, User(email="mei@example.test", name="Mei Tan"))


@pytest.mark.django_db
@pytest.mark.parametrize(("password", "said"), WEAK)
def test_a_weak_password_is_refused(password: str, said: str, cast: Cast) -> None:
    cast.nurse.name = "Meiling Tanaka"

    with pytest.raises(ValidationError) as refused:
        validate_password(password, cast.nurse)

    assert said in " ".join(refused.value.messages)


def test_length_is_bounded_and_soon_checked() -> None:
    """64 characters and many more are taken; more than 1,024 are not, and no text takes long to look at."""
    words = " ".join(f"kettle{n * 7919 % 1000}" for n in range(90))
    validate_password(words[:64])
    validate_password(words[:1000])
    begun = time.monotonic()
    for endless in ("n" * 4096, "ab" * 2048, words * 5):
        with pytest.raises(ValidationError, match="longer than 1024|repeats itself"):
            validate_password(endless)
    assert time.monotonic() - begun < 2


def test_the_password_of_the_tests_is_taken() -> None:
    validate_password(factories.PASSWORD)
