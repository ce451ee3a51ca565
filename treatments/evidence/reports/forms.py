"""The forms of a case report: what only an author can write, a figure, the last question."""

import datetime
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.html import format_html

from clinic.staff.models import Clinic, User
from treatments.courses.models import Course
from treatments.evidence.reports.authors import authors
from treatments.evidence.reports.checklist.care import FEWEST_KEYWORDS, MOST_KEYWORDS
from treatments.evidence.reports.figures import FACIAL, MOST_OF_A_FACE
from treatments.evidence.reports.models import ReportFigure
from treatments.handouts.case_report import CaseReport
from treatments.photos.models import Photo
from treatments.records.forms.fields import VersionField, WholeNumberField
from treatments.records.forms.plain_text import PlainTextForm
from treatments.records.forms.record_form import DUPLICATE_MINUTES, RecordForm, Section
from treatments.records.models import Record

FORMATS = [("pdf", "PDF"), ("docx", "DOCX"), ("fhir", "FHIR R4, with its data")]
_ROWS = {"introduction": 10, "limits": 9, "literature": 10, "references": 8, "rationale": 5}


def _box(name: str) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": _ROWS.get(name, 4), "autocomplete": "off"})


class ReportForm(RecordForm):
    """Everything that only an author can write. Only a title is needed; the rest can wait."""

    sections: ClassVar[Sequence[Section]] = (
        Section("Head", ("title", "keywords")),
        Section("Abstract", ("what_is_new", "main_lesson"), "Findings, treatment and outcome come from the record."),
        Section("Introduction", ("introduction",)),
        Section("Diagnosis and treatment", ("challenges", "reasoning", "changes_why")),
        Section("Discussion", ("limits", "literature", "rationale", "take_away")),
        Section("References", ("references",)),
        Section("Authors and declarations", ("authors", "ethics", "funding", "interests")),
    )  # fmt: skip

    class Meta:
        model = CaseReport
        fields: ClassVar[list[str]] = [name for section in (
            ("title", "keywords", "what_is_new", "main_lesson", "introduction", "challenges", "reasoning"),
            ("changes_why", "limits", "literature", "rationale", "take_away", "references", "authors"),
            ("ethics", "funding", "interests"),
        ) for name in section]  # fmt: skip
        widgets: ClassVar[dict[str, Any]] = {
            "title": forms.TextInput(attrs={"autocomplete": "off"}),
            "keywords": forms.TextInput(attrs={"autocomplete": "off"}),
            **{
                name: _box(name)
                for name in (
                    "what_is_new", "main_lesson", "introduction", "challenges", "reasoning", "changes_why", "limits",
                    "literature", "rationale", "take_away", "references", "authors", "ethics", "funding", "interests",
                )
            },
        }  # fmt: skip
        labels = {
            "introduction": "What is known, and why is this case told?",
            "references": "Which publications are cited?",
        }
        help_texts = {
            "keywords": f"{FEWEST_KEYWORDS} to {MOST_KEYWORDS}, with commas between. One of them is “case report”.",
            "challenges": "If nothing was difficult, write “None”.",
            "changes_why": "If everything was given as planned, write “None”.",
            "limits": "A draft from the record stands here at first. Keep what is true, and add what you know.",
            "references": "Each on a line of its own, in the order of their numbers.",
            "authors": "Each on a line of its own: name; affiliation; ORCID.",
            "interests": "Whoever sells the product, or is paid by its maker, says so here.",
            "ethics": "For example: The patient consented in writing. One case needs no review by a committee here.",
        }
        error_messages = {"title": {"required": "Write a title. It can be changed later."}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("correction_reason", None)

    def offer_limits(self, drafted: str) -> None:
        """Beside limits that were written: those that the record has by now, and the text has not."""
        written = str(self.instance.limits)
        if more := [line for line in drafted.splitlines() if line.rstrip(".") not in written]:
            self.fields["limits"].help_text = format_html("The record also says: {}", " ".join(more))

    def clean_authors(self) -> str:
        text = str(self.cleaned_data["authors"])
        try:
            authors(text)
        except ValueError as wrong:
            raise ValidationError(str(wrong)) from None
        return text

    def change(self, *, by: User) -> dict[str, Any]:
        """What the action that writes on is called with."""
        return {"changes": self.values(), "expected_version": self.expected_version, "by": by}


class BeginForm(ReportForm):
    """A new report: of which course, and its title."""

    sections: ClassVar[Sequence[Section]] = (Section("What is it about?", ("course", "title")),)

    class Meta(ReportForm.Meta):
        fields: ClassVar[list[str]] = ["course", "title"]
        widgets: ClassVar[dict[str, Any]] = {
            "course": forms.RadioSelect,
            "title": forms.TextInput(attrs={"autocomplete": "off"}),
        }
        error_messages = {**ReportForm.Meta.error_messages, "course": {"required": "Choose the course."}}

    def __init__(self, *args: Any, courses: list[Course], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["course"]
        field.queryset = Course.objects.filter(pk__in=[course.pk for course in courses])
        field.empty_label = None
        field.label_from_instance = lambda course: course.distinct_name


class FigureForm(RecordForm):
    """One figure: which photographs, how much of each, and what somebody saw who looked at them."""

    sections: ClassVar = (
        Section("Photos", ("earlier", "later"), "Two of one view, taken before and after, or one alone."),
        Section(
            "What is kept of them",
            (("kept_earlier", "kept_later"), "is_identifiable"),
            "Cut a face above the brow. A black bar over the eyes does not hide who it is. The report then shows it as "
            "it is printed: look at it there, and remove it if it shows more than you thought.",
        ),
        Section("Words", ("caption", "alt")),
    )
    kept_earlier = WholeNumberField(label="First photo: keep from the top, %", low=10, high=100, required=True)
    kept_later = WholeNumberField(label="Second photo: keep from the top, %", low=10, high=100, required=True)
    is_identifiable = forms.TypedChoiceField(
        label="Can the patient be recognised in what is kept?",
        choices=[
            ("no", "No: no face, and no mark by which anybody would know the patient"),
            ("yes", "Yes, or perhaps"),
        ],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": "Look at the photos, then choose one of the two."},
    )

    class Meta:
        model = ReportFigure
        fields: ClassVar[list[str]] = [
            "earlier",
            "later",
            "kept_earlier",
            "kept_later",
            "is_identifiable",
            "caption",
            "alt",
        ]
        widgets: ClassVar[dict[str, Any]] = {
            "caption": forms.TextInput(attrs={"autocomplete": "off"}),
            "alt": forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        }
        help_texts = {
            "caption": "Without a name, a day or a place, for example: Vertex before and after five sessions.",
            "alt": "For example: The crown from above; less scalp is seen in the second photo.",
        }
        error_messages = {
            "earlier": {"required": "Choose a photo."},
            "caption": {"required": "Write what stands under the figure."},
            "alt": {"required": "Write what it shows."},
        }

    def __init__(self, *args: Any, report: CaseReport, labelled: list[tuple[Photo, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.report = report
        labels = {photo.pk: label for photo, label in labelled}
        for name in ("earlier", "later"):
            field: Any = self.fields[name]
            field.queryset = Photo.objects.filter(pk__in=list(labels))
            field.label_from_instance = lambda photo: labels.get(photo.pk, str(photo))
        second: Any = self.fields["later"]
        second.empty_label = "No second photo"
        self.initial.setdefault("kept_earlier", 100)
        self.initial.setdefault("kept_later", 100)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        pairs = (("earlier", "kept_earlier"), ("later", "kept_later"))
        for name, kept in pairs:
            photo = cleaned.get(name)
            if (
                photo
                and photo.view in FACIAL
                and cleaned.get(kept, 0) > MOST_OF_A_FACE
                and not cleaned.get("is_identifiable")
            ):
                self.add_error(
                    kept,
                    f"This view shows the face. Keep {MOST_OF_A_FACE} % or less from the top, so that it ends above "
                    "the brow, or say above that the patient can be recognised.",
                )
        if cleaned.get("later") and cleaned.get("later") == cleaned.get("earlier"):
            self.add_error("later", "This is the first photo again. Choose another one, or leave it empty.")
        return cleaned

    def recent_duplicate(self, *, by: User, clinic: Clinic, patient: Record | None = None) -> Any | None:
        """The same figure in this report, added by this person within half an hour: its patient is the report's."""
        since = timezone.now() - datetime.timedelta(minutes=DUPLICATE_MINUTES)
        rows = ReportFigure.objects.standing().filter(
            report=self.report, created_by=by, submission=self.digest(), created_at__gte=since
        )
        return rows.exclude(pk=self.own_id).order_by("-created_at").first()


class ReleaseForm(PlainTextForm, forms.Form):
    """The last question before a final file is made. `read` is the digest of what stood in the report then."""

    version = VersionField()
    read = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    file_format = forms.ChoiceField(label="File", choices=FORMATS, widget=forms.RadioSelect, initial="pdf")
    knows_nothing = forms.BooleanField(
        label="I have read it through, and know of nothing in it that would identify the patient",
        error_messages={"required": "Read the report through. Then tick this, or change what would identify."},
    )
