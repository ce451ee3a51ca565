"""Writes the records of the demonstration's scenarios, with usual values, through the actions that the pages use."""

import datetime
import json
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils import timezone

from clinic.staff.models import Clinic, User
from treatments.appointments.actions import book, note_call, say_what_became
from treatments.appointments.clock_field import parse_time
from treatments.appointments.models import Appointment, Call
from treatments.appointments.vocabulary import AppointmentState
from treatments.assessments.actions import record_assessment
from treatments.assessments.laboratory.actions import record_report
from treatments.assessments.laboratory.models import LaboratoryReport, LaboratoryResult, LaboratoryTest
from treatments.assessments.models import Assessment, Measurement
from treatments.consents.actions import record_consent
from treatments.consents.languages import LANGUAGES
from treatments.consents.models import Consent, ConsentText
from treatments.consents.texts import actions as consent_texts
from treatments.consents.texts.samples import LANGUAGE, SAMPLES
from treatments.courses.models import Application, Course, ExosomeSession
from treatments.courses.vocabulary import LotConfirmed
from treatments.demonstration import consent_forms
from treatments.demonstration.people import PEOPLE
from treatments.patients.actions import next_record_number, record_history, register_patient
from treatments.patients.models import HairHistory, Patient
from treatments.photos.batches.actions import receive
from treatments.photos.compare.actions import save_alignment
from treatments.photos.compare.alignment import Landmarks
from treatments.photos.compare.geometry import Point
from treatments.photos.models import Photo, PhotoPair
from treatments.photos.upload.store_photo import store_photo
from treatments.photos.vocabulary import STANDARD_VIEWS, USUAL_PARTING, View
from treatments.products.models import Lot, Product
from treatments.records.actions import Passed
from treatments.records.ids import new_id
from treatments.records.months import add_months
from treatments.records.partial_dates import of_day, parse, parse_birth
from treatments.safety.actions import report
from treatments.safety.models import AdverseEvent
from treatments.sessions.log.actions import log_session
from treatments.sessions.plan.actions import plan_course

PICTURES = Path(__file__).parent / "photos"
VIEW_FILES = {"vertex": "vertex", "superior_midline": "midline", "frontal": "frontal", "occipital": "occipital"}
FULL_CARD = {
    "hair_length_mm": 24,
    "is_dyed": False,
    "distance_cm": 60,
    "device": "Clinic camera on its stand",
    "lens_mm": Decimal(50),
}
VIEWS = [view.value for view in STANDARD_VIEWS]
# A line that goes up and down, and an underline: nobody's name.
SIGNATURE = [
    [[80 + 9 * step, 190 + round(70 * math.sin(step / 2.1) * (0.4 + step % 7 / 8))] for step in range(80)],
    [[90 + 22 * step, 270 - step // 2] for step in range(30)],
]


class RecordBuilder:
    """Records of one clinic, entered by its staff. `today` is the day that every date is counted from."""

    def __init__(self, clinic: Clinic, staff: dict[str, User], products: list[Product], lots: dict[str, Lot]) -> None:
        self.clinic, self.staff, self.products, self.lots = clinic, staff, products, lots
        self.today = timezone.localdate()

    def months_ago(self, months: int, days: int = 0) -> datetime.date:
        return add_months(self.today, -months) - datetime.timedelta(days=days)

    def at(self, day: datetime.date, hour: int, minute: int) -> datetime.datetime:
        """When it was entered: that day at that time, or a moment ago where that is still to come."""
        moment = timezone.make_aware(datetime.datetime.combine(day, datetime.time(hour, minute)))
        return min(moment, timezone.now())

    def register(self, key: str, first_visit: datetime.date) -> Patient:
        person = PEOPLE[key]
        patient = Patient(
            clinic=self.clinic,
            name=person.name,
            record_number=next_record_number(self.clinic),
            sex=person.sex,
            birth=parse_birth(person.born, today=first_visit),
            birth_as_told=person.born,
            ethnicity=person.ethnicity,
            phone=person.phone,
            created_at=self.at(first_visit, 9, 5),
        )
        return register_patient(patient, by=self.staff["reception"])

    def known(self, key: str) -> Patient:
        """A patient who was registered by an earlier scenario."""
        return Patient.objects.of(self.clinic).get(name=PEOPLE[key].name)

    def booking(self, key: str, days_ahead: int, time: str, **told: Any) -> Appointment:
        """A visit booked yesterday; whoever was expected over an hour ago has come."""
        patient, day = self.known(key), self.today + datetime.timedelta(days=days_ahead)
        course = Course.objects.going_on().filter(patient=patient).first()
        appointment = Appointment(
            clinic=self.clinic, patient=patient, course=course, day=day, time=parse_time(time), **told
        )
        reception = self.staff["reception"]
        book(appointment, by=reception)
        if appointment.minutes_late > 60:
            return say_what_became(appointment, AppointmentState.CAME, expected_version=1, by=reception)
        return appointment

    def call(self, key: str, outcome: str, *, hours_ago: int, **told: Any) -> Call:
        patient, at = self.known(key), timezone.now() - datetime.timedelta(hours=hours_ago)
        course = Course.objects.going_on().filter(patient=patient).first()
        call = Call(clinic=self.clinic, patient=patient, course=course, outcome=outcome, at=at, created_at=at, **told)
        return note_call(call, by=self.staff["reception"])

    def history(self, patient: Patient, key: str, day: datetime.date, **answers: Any) -> HairHistory:
        onset = PEOPLE[key].onset
        history = HairHistory(
            clinic=self.clinic,
            patient=patient,
            taken_on=of_day(day),
            onset=parse(onset, today=day) if onset else None,
            onset_as_told=onset,
            created_at=self.at(day, 9, 20),
            **{"regions": ["vertex"], "complaint": "thinning", "course": "slow_progressive", **answers},
        )
        return record_history(history, by=self.staff["clinician"])

    def write_consent_forms(self) -> None:
        """The samples, a second version of the first of them, and the treatment's in two more languages."""
        begin = self.months_ago(12 * consent_forms.YEARS_KEPT)
        for sample in SAMPLES:
            told = {"title": sample.title, "body": sample.body.strip(), "uses": dict(sample.uses)}
            self._write(begin, kind=sample.kind, covers_unapproved=sample.covers_unapproved, **told)
        for form in (consent_forms.CHINESE, consent_forms.ARABIC):
            told = {"kind": form.kind, "title": form.title, "body": form.body, "language": form.language}
            self._write(begin, covers_unapproved=form.covers_unapproved, **told)
        first = self._text_signed("treatment", self.today)
        body = first.body.replace("# What else", f"{consent_forms.SENTENCE_ADDED}\n\n# What else")
        written = self._unwritten(
            self.months_ago(consent_forms.MONTHS_SINCE_VERSION_2),
            kind=first.kind,
            title=first.title,
            body=body,
            covers_unapproved=True,
        )
        consent_texts.write_version(written, after=first, by=self.staff["manager"])

    def _write(self, day: datetime.date, **words: Any) -> ConsentText:
        return consent_texts.write_text(self._unwritten(day, **words), by=self.staff["manager"])

    def _unwritten(self, day: datetime.date, language: str = LANGUAGE, **words: Any) -> ConsentText:
        name = LANGUAGES[language]
        at = self.at(day, 8, 30)
        return ConsentText(clinic=self.clinic, language=language, language_name=name, created_at=at, **words)

    def _text_signed(self, kind: str, day: datetime.date) -> ConsentText:
        """The English version that patients signed on that day."""
        texts = ConsentText.objects.of(self.clinic).filter(kind=kind, language=LANGUAGE)
        return texts.filter(created_at__lte=self.at(day, 9, 40)).latest("number")

    def consent(self, patient: Patient, day: datetime.date, kind: str = "treatment", *purposes: str) -> Consent:
        """Signed on the screen that day, under the words of that day."""
        text = self._text_signed(kind, day)
        consent = Consent(
            clinic=self.clinic,
            patient=patient,
            kind=kind,
            purposes=list(purposes),
            text=text,
            form_version=text.named_version,
            language=text.language_name,
            covers_unapproved=text.covers_unapproved,
            covers_source=text.covers_source,
            given_on=day,
            signed_how="on_screen",
            signature=SIGNATURE,
            created_at=self.at(day, 9, 40),
        )
        return record_consent(consent, by=self.staff["nurse"])

    def assess(
        self, patient: Patient, day: datetime.date, measurement: Measurement | None = None, **findings: Any
    ) -> Assessment:
        usual = {"assessor": self.staff["clinician"], "created_at": self.at(day, 9, 30)}
        assessment = Assessment(clinic=self.clinic, patient=patient, assessed_on=day, **{**usual, **findings})
        return record_assessment(
            assessment, measurements=[measurement] if measurement else (), by=self.staff["clinician"]
        )

    def measure(self, patient: Patient, day: datetime.date, **fields: Any) -> Measurement:
        usual = {"site": "vertex", "operator": self.staff["clinician"], "created_at": self.at(day, 9, 35)}
        return Measurement(clinic=self.clinic, patient=patient, measured_on=day, **{**usual, **fields})

    def laboratory(
        self, patient: Patient, day: datetime.date, values: Mapping[str, Sequence[str]], **fields: Any
    ) -> LaboratoryReport:
        """A report with its values by test: the figure, the unit and the ends of the range; "" for no end.

        A test that is not of the catalogue is the clinic's own of that name.
        """
        usual = {"laboratory": "Rain Tree Laboratory", "created_at": self.at(day, 16, 5)}
        report = LaboratoryReport(clinic=self.clinic, patient=patient, sampled_on=day, **{**usual, **fields})
        results = []
        for name, (figure, unit, low, high) in values.items():
            own = LaboratoryTest.objects.of(self.clinic).filter(name=name).first()
            result = LaboratoryResult(analyte="" if own else name, test=own, value=Decimal(figure), unit=unit)
            result.low, result.high = (Decimal(end) if end else None for end in (low, high))
            results.append(result)
        return record_report(report, results=results, by=self.staff["nurse"])

    def plan(self, patient: Patient, baseline: datetime.date, **fields: Any) -> Course:
        usual = {
            "name": "Five monthly sessions",
            "volumes": {"vertex": "3.00"},
            "route": "intradermal_injection",
            "product": self.products[0],
            "checkpoints": [0, 3, 5],
            "views": VIEWS,
            "maintenance_from_month": 6,
            "maintenance_to_month": 9,
            "refresh_months": 12,
            "created_at": self.at(baseline, 9, 45),
        }
        course = Course(clinic=self.clinic, patient=patient, baseline_on=baseline, **{**usual, **fields})
        return plan_course(course, by=self.staff["clinician"])

    def session(
        self,
        course: Course,
        day: datetime.date,
        *,
        lot: str | None = "LT-2602",
        volumes: Mapping[str, str] | None = None,
        region_labels: Mapping[str, str] | None = None,
        events: Sequence[AdverseEvent] = (),
        passed: Sequence[Passed] = (),
        applications: Sequence[Application] = (),
        **fields: Any,
    ) -> ExosomeSession:
        chosen = self.lots[lot] if lot else None
        usual = {
            "route": course.route,
            "product": chosen.product if chosen else None,
            "lot": chosen,
            "lot_is_unknown": chosen is None,
            "lot_confirmed": LotConfirmed.TAPPED.value if chosen else "",
            "needle_gauge": 30 if chosen else None,
            "pain_during": 2 if chosen else None,
            "operator": self.staff["nurse"],
            "since_last": "none",
            "reactions": "yes" if events else "none",
            "created_at": self.at(day, 10, 10),
        }
        session = ExosomeSession(
            clinic=self.clinic, patient=course.patient, course=course, performed_on=day, **{**usual, **fields}
        )
        for event in events:
            event.exosome_session = session
        ml = {region: Decimal(amount) for region, amount in (volumes or course.volumes).items()}
        return log_session(
            session,
            volumes=ml,
            region_labels=region_labels,
            applications=applications,
            events=events,
            passed=passed,
            by=self.staff["nurse"],
        )

    def vial(self, number: str, ml: str, region: str, **fields: Any) -> Application:
        """What was given beside the first product from a lot."""
        lot = self.lots[number]
        tapped = {"lot_confirmed": LotConfirmed.TAPPED.value, "route": "intradermal_injection", **fields}
        return Application(lot=lot, product=lot.product, total_ml=Decimal(ml), volumes={region: ml}, **tapped)

    def own_blood(self, ml: str, region: str, **fields: Any) -> Application:
        """Platelet-rich plasma, which has no lot."""
        given = {"total_ml": Decimal(ml), "volumes": {region: ml}, "route": "intradermal_injection", **fields}
        return Application(product=self.products[2], **given)

    def event(self, patient: Patient, day: datetime.date | None, kind: str, **fields: Any) -> AdverseEvent:
        """An unsaved event, by default mild and over the same day."""
        usual: dict[str, Any] = {
            "onset": parse(day.isoformat(), today=self.today) if day else None,
            "reported_on": day,
            "outcome": "1",
            "grade": 1,
            "causality": "possible",
            "created_at": self.at(day or self.today, 10, 20),
        }
        return AdverseEvent(clinic=self.clinic, patient=patient, kind=kind, **{**usual, **fields})

    def report(self, event: AdverseEvent, passed: Sequence[Passed] = ()) -> AdverseEvent:
        return report(event, passed=passed, by=self.staff["nurse"])

    def photographs(
        self, patient: Patient, key: str, month: int, day: datetime.date, is_card_full: bool = False, **card: Any
    ) -> dict[str, Photo]:
        """File the rendered photographs of that month, view by view, by the action that files an upload.

        Without `is_card_full` only the light, the hair and the product are recorded, which compares nothing.
        """
        head = PEOPLE[key].photos
        photos = {}
        for view, name in VIEW_FILES.items():
            path = PICTURES / f"{head}-{name}-month{month:02d}.jpg"
            if not path.exists():
                continue
            usual: dict[str, Any] = {
                "lighting": "standard_room",
                "hair_state": "dry",
                "product_used": "none",
                "device": "Rendered",
            }
            if is_card_full:
                usual |= {**FULL_CARD, "parting": USUAL_PARTING.get(View(view), "")}
            photo = Photo(
                clinic=self.clinic,
                patient=patient,
                view=view,
                taken_on=day,
                created_at=self.at(day, 9, 50),
                **{**usual, **card},
            )
            result = store_photo(photo, [path.read_bytes()], original_name=path.name, by=self.staff["nurse"])
            photos[view] = result.photo
        return photos

    def waiting_photos(self) -> None:
        """Old photos that a nurse has sent and nobody has given a patient: one named by record number and view, one by
        its day alone, one that says nothing."""
        number = next(iter(Patient.objects.of(self.clinic).by_name())).record_number
        names = (f"{number} crown 2024-03-02.jpg", "2024-03-02 front.jpg", "IMG_4711.jpg")
        batch_id = new_id()
        for path, name in zip(sorted(PICTURES.glob("*.jpg")), names, strict=False):
            receive(
                [_as_another_file(path.read_bytes())],
                waiting_id=new_id(),
                batch_id=batch_id,
                clinic=self.clinic,
                original_name=name,
                folder="Old server/2024",
                by=self.staff["nurse"],
            )

    def align(self, earlier: Photo, later: Photo) -> PhotoPair:
        """Lay one over the other by the points that were marked by eye in these two pictures."""
        points = _marked_points()
        landmarks = Landmarks(points[earlier.original_name], points[later.original_name])
        return save_alignment(
            earlier=earlier, later=later, landmarks=landmarks, expected_version=0, by=self.staff["clinician"]
        )


def _marked_points() -> dict[str, dict[str, Point]]:
    """Each landmark in px of the picture at 1600 px, by the file it was marked in."""
    files = json.loads((PICTURES / "landmarks.json").read_text())
    return {file: {name: (float(x), float(y)) for name, (x, y) in points.items()} for file, points in files.items()}


def _as_another_file(jpeg: bytes) -> bytes:
    """The same picture with a comment in the file: a clinic keeps the same bytes once."""
    comment = b"copied from the old server"
    return jpeg[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + jpeg[2:]
