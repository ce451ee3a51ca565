"""Messages are written here and sent by a person, from a program of their own."""

import datetime
import html
import re
from email.message import EmailMessage
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf.locale import LANG_INFO
from django.urls import reverse

from tests import factories, html_forms
from tests.people import Cast
from treatments.appointments.messages import day_words, message_text
from treatments.appointments.models import Call, MessageTemplate
from treatments.records.text.telephones import telephone_in
from treatments.registry.actions import archive_patient

pytestmark = pytest.mark.any_database


def test_mail_link_is_read_as_it_was_written() -> None:
    """By another reader of addresses: every sign, with lines broken by CR LF, and a plus that is no blank."""
    text = "Dear Zoë & Łukasz,\n100 % + more? = yes #1\n\n王"
    link = message_text.mail_link("ida+hair@example.test", "Your appointment & more", text)

    assert link.isascii() and " " not in link and "%0D%0A" in link
    parts = urlsplit(link)
    assert (parts.scheme, parts.path) == ("mailto", "ida%2Bhair@example.test")
    read = parse_qs(parts.query, strict_parsing=True)
    assert read == {"subject": ["Your appointment & more"], "body": [text.replace("\n", "\r\n")]}
    EmailMessage()["Subject"] = read["subject"][0]  # no line breaks in it


def test_sms_link_has_the_number_alone() -> None:
    assert message_text.sms_link("+44 (0)20 5550-0101", "Hi & bye") == "sms:+442055500101?body=Hi%20%26%20bye"
    assert message_text.sms_link("", "Hi") == message_text.mail_link("", "", "") == ""


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+65 5550 0101 ext. 12", "+6555500101"),
        ("+65 5550 0101, mother +65 5550 0202", "+6555500101"),
        ("5550 0101 / 5550 0202", "55500101"),
        ("030/555 01-01", "0305550101"),
        ("(030) 5550101", "0305550101"),
        ("mobile: 5550 0101", "55500101"),
        ("none", ""),
    ],
)
def test_text_message_goes_to_one_number(written: str, number: str) -> None:
    link = message_text.sms_link(written, "Hi")

    assert link == (f"sms:{number}?body=Hi" if number else "")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Dear {nmae}", "{nmae} cannot be filled in"),
        ("Dear {name", "A brace"),
        ("Come on {day}", "known of a booking alone"),
    ],
)
def test_placeholder_nobody_fills_is_told(text: str, words: str) -> None:
    (sentence,) = message_text.faults(text, has_booking=False)

    assert words in sentence


def test_what_comes_with_anagen_has_no_fault() -> None:
    for kind, words in message_text.DEFAULTS.items():
        assert [message_text.faults(text, has_booking=kind in {"reminder", "confirmation"}) for text in words] == [
            [],
            [],
        ]


def test_value_is_not_filled_in_again() -> None:
    """A patient who is called {clinic} is called so."""
    assert message_text.fill("Dear {name}, {odd}", {"name": "{clinic}", "clinic": "X"}) == "Dear {clinic}, {odd}"


def test_number_is_kept_in_order_in_arabic() -> None:
    """Blanks between figures part them: from right to left the groups would be read in the other order."""
    values = {"telephone": "+65 6000 0000", "name": "Eva Example"}

    assert (
        message_text.fill("{name}، اتصلوا بنا: {telephone}.", values) == "Eva Example، اتصلوا بنا: \u200e+65 6000 0000."
    )
    assert message_text.fill("{name}, call us: {telephone}.", values) == "Eva Example, call us: +65 6000 0000."


@pytest.mark.parametrize(
    ("letterhead", "number"),
    [
        ("1 Road 02-03\nSingapore 000001\nTelephone +65 6000 0000", "+65 6000 0000"),
        ("1 Road 02-03\nSingapore 000001", ""),
        ("1 Invented Road\n+65 6000 0000", "+65 6000 0000"),
        ("Company No. 01234567\nT 020 7946 0123", "020 7946 0123"),
        ("Registered in England 01234567", ""),
        ("Fax 020 7946 0124, Tél. 020 7946 0123", "020 7946 0123"),
        ("Telefax 030 000124\n030 000 1230", "030 000 1230"),
        ("电话 010-0000-0000", "010-0000-0000"),
    ],
)
def test_telephone_stands_in_the_letterhead(letterhead: str, number: str) -> None:
    """The same on papers and in messages: what is called a telephone, never what is called something else."""
    assert telephone_in(letterhead) == number


@pytest.mark.django_db
def test_message_is_offered_and_noted(cast: Cast) -> None:
    patient = factories.patient(cast.clinic, name="Ida Invented", phone="+65 5550 0101", email="ida@example.test")
    appointment = factories.appointment(patient, day=datetime.date(2031, 5, 6))
    client = cast.client(cast.reception)
    address = f"{reverse('appointments:write', args=[patient.pk])}?appointment={appointment.pk}"

    page = client.get(address).content.decode()

    assert "Your appointment on Tuesday 6 May 2031" in page
    assert "mailto:ida@example.test?subject=Your%20appointment%20on%20Tuesday%206%20May%202031&amp;body=" in page
    assert "sms:+6555500101?body=Dear%20Ida%20Invented" in page
    told = {"outcome": "written_to", "note": "Reminder of a booking, English", "appointment": str(appointment.pk)}
    assert client.post(reverse("appointments:call", args=[patient.pk]), told).status_code == 302
    assert (Call.objects.get().outcome, Call.objects.get().appointment) == ("written_to", appointment)


@pytest.mark.django_db
def test_nobody_writes_to_the_dead(cast: Cast) -> None:
    """Their booking is cancelled, and its page offers no message that asks them to call."""
    patient, client = cast.patient, cast.client(cast.reception)
    appointment = factories.appointment(patient)
    archive_patient(patient, reason="Told by the family", has_died=True, by=cast.clinician)
    address = reverse("appointments:write", args=[patient.pk])

    assert address not in client.get(appointment.get_absolute_url()).content.decode()
    page = client.get(f"{address}?appointment={appointment.pk}", follow=True).content.decode()
    assert f"{patient.name} has died, so no message is written." in page and "Please call us" not in page


def test_clinic_writes_its_own_texts(cast: Cast) -> None:
    factories.product(cast.clinic, name="Rose vesicles")
    client, url = cast.client(cast.manager), reverse("appointments:messages")
    told = {"kind": "reminder", "language": "Deutsch", "subject": "Ihr Termin", "text": "{name}: {day}, {time}"}

    def send(**changes: str) -> int:
        return client.post(url, html_forms.filled(client.get(url).content.decode(), **told, **changes)).status_code

    assert send() == 302
    assert client.post(url, html_forms.filled(client.get(url).content.decode(), **told)).status_code == 422
    changed = told | {"language": "English", "subject": "Your rose VESICLES"}
    answer = client.post(url, html_forms.filled(client.get(url).content.decode(), **changed))
    assert "names a product (Rose vesicles)" in answer.content.decode()
    assert MessageTemplate.objects.count() == 1
    page = client.get(url).content.decode()
    assert "Eva Example: Mittwoch, 3. Dezember 2025, 10:00" in page
    assert cast.client(cast.clinician).get(url).status_code == 403


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("English", "Wednesday 3 Dec 2025"),
        ("english (UK)", "Wednesday 3 Dec 2025"),
        ("Deutsch", "Mittwoch, 3. Dezember 2025"),
        ("German", "Mittwoch, 3. Dezember 2025"),
        ("FRANÇAIS", "mercredi, 3 décembre 2025"),
        ("pl", "Środa, 3 grudnia 2025"),
        ("Greek", "Τετάρτη, 3 Δεκεμβρίου 2025"),
        ("العربية", "الأربعاء، 3 ديسمبر، 2025"),
        ("日本語", "2025年12月3日 水曜日"),
        ("Chinese, traditional", "2025年12月3日 星期三"),
        ("Burmese", "2025-12-03"),
        ("Schwyzerdütsch", "2025-12-03"),
    ],
)
def test_day_is_named_in_the_language(language: str, shown: str) -> None:
    """By any name of the language; where the days have none, in figures that say nothing else anywhere."""
    on, at = datetime.date(2025, 12, 3), datetime.time(14, 30)

    assert day_words.day_and_time(on, at, language) == (shown, "14:30")
    assert day_words.day_and_time(None, None, language) == ("", "")


def test_no_language_writes_two_days_alike() -> None:
    """Of every language that Django has, the day is in words, or as year, month and day: never 3/12."""
    for code, told in LANG_INFO.items():
        if "name" in told:
            shown, time = day_words.day_and_time(datetime.date(2025, 12, 3), datetime.time(14, 30), code)
            assert shown == "2025-12-03" or any(sign.isalpha() for sign in shown.split(" ", 1)[1]), (code, shown)
            assert time == "14:30"


@pytest.mark.django_db
def test_message_in_arabic_is_long(cast: Cast) -> None:
    """A text of 1,200 letters is more than some mail programs take from a link: the page says so, the link has all."""
    text = ("مرحبا {name}، " + "موعدكم يوم {day}. " * 80)[:1200]
    template = {"kind": "reminder", "language": "Arabic", "subject": "موعدكم", "text": text}
    MessageTemplate.objects.create(clinic=cast.clinic, created_by=cast.manager, **template)
    patient = factories.patient(cast.clinic, name="Ida & Ölaf Invented", email="ida@example.test")
    appointment = factories.appointment(patient, day=datetime.date(2031, 5, 6))
    address = f"{reverse('appointments:write', args=[patient.pk])}?appointment={appointment.pk}"

    page = cast.client(cast.reception).get(address).content.decode()

    assert page.count("This text is long.") == 1
    links = [html.unescape(link) for link in re.findall(r'href="(mailto:[^"]*)"', page)]
    (arabic,) = [link for link in links if "%D9%85" in link]
    body = parse_qs(urlsplit(arabic).query, strict_parsing=True)["body"][0]
    assert body.startswith("مرحبا Ida & Ölaf Invented، ") and "الثلاثاء" in body and len(body) > 1200


@pytest.mark.django_db
def test_language_without_days_is_told(cast: Cast) -> None:
    """When the text is written: a manager reads in the preview how the day will stand."""
    template = {"kind": "reminder", "language": "Wolof", "subject": "Rendez-vous", "text": "{name}: {day}"}
    MessageTemplate.objects.create(clinic=cast.clinic, created_by=cast.manager, **template)

    page = cast.client(cast.manager).get(reverse("appointments:messages")).content.decode()

    assert "Anagen has no names of days and months in Wolof: the day stands in figures." in page
    assert "Eva Example: 2025-12-03" in page
