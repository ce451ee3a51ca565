import re
from collections.abc import Sequence
from typing import Any, ClassVar, cast

from django import forms

from clinic.staff.models import Clinic
from treatments.products.gs1 import LONGEST_SCAN, gtin, parse
from treatments.products.models import Product
from treatments.products.rules import product_problems
from treatments.products.vocabulary import ConcentrationMethod
from treatments.products.vocabulary import ProductForm as ProductKind
from treatments.records.forms.record_form import RecordForm, Section
from treatments.records.text.text_folding import fold


class ProductForm(RecordForm):
    sections: ClassVar[Sequence[Section]] = (
        Section("Product", ("name", ("manufacturer", "country"), ("marketed_as", "gtin"))),
        Section("What is in it", (("source_type", "donor"), ("form", "unit_ml"))),
        Section(
            "Use",
            (("labelled_route", "regulatory_basis"), "regulatory_note", ("storage", "in_use_hours")),
            "The legal basis for using this product. Shown on every page that uses it.",
        ),
        Section("Strength and ingredients", (("particles_per_ml", "particles_method"), "excipients"), folded=True),
    )

    class Meta:
        model = Product
        fields = [
            "name",
            "manufacturer",
            "country",
            "marketed_as",
            "gtin",
            "source_type",
            "donor",
            "form",
            "unit_ml",
            "labelled_route",
            "regulatory_basis",
            "regulatory_note",
            "storage",
            "in_use_hours",
            "particles_per_ml",
            "particles_method",
            "excipients",
        ]
        help_texts = {
            "marketed_as": "The word that the maker uses, for example “exosome”.",
            "gtin": "14 digits, or scan the vial. Then a scanned lot finds its product.",
            "unit_ml": "Fill in to count the stock in vials too.",
            "regulatory_note": "For example: special access, reference 2025/114, checked 3 Mar 2025.",
            "particles_per_ml": "After mixing. Leave empty if not known: the dose is then unknown, not zero.",
            "source_type": "As the maker states. Conditioned medium is not a vesicle preparation.",
        }
        error_messages = {"name": {"required": "Write the name that is printed on the vial."}}

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinic = clinic
        self.fields["gtin"] = forms.CharField(
            label=self.fields["gtin"].label,
            help_text=self.fields["gtin"].help_text,
            max_length=LONGEST_SCAN,
            required=False,
        )
        self.fields["gtin"].widget.attrs["data-scan"] = ""
        self.fields["unit_ml"].label = "One vial holds, mL"
        for name, choices in (("form", ProductKind.choices), ("particles_method", ConcentrationMethod.choices)):
            cast(forms.ChoiceField, self.fields[name]).choices = [("", "Not recorded"), *choices]

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        if self.is_correction and name == self.instance.name:
            return name  # whatever else is listed under another spelling of it since before names were folded
        taken = Product.objects.of(self.clinic).exclude(pk=self.own_id).values_list("name", flat=True)
        if fold(name) in map(fold, taken):
            raise forms.ValidationError(
                "A product with this name is already listed. Use that one, or add something to the name that makes "
                "it different."
            )
        return name

    def clean_gtin(self) -> str:
        """The number of a scan, or figures as they are typed, which are filled up to the 14 of a GTIN."""
        text = str(self.cleaned_data["gtin"]).strip()
        if not text:
            return ""
        try:
            label = parse(text)
            figures = "" if label.is_scanned else re.sub(r"[\s-]", "", label.lot)
            number = gtin(figures) if re.fullmatch("[0-9]+", figures) else label.gtin
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        if not number:
            raise forms.ValidationError("This carries no product number. Type its 14 figures, or scan the vial.")
        if self.is_correction and number == self.instance.gtin:
            return number
        taken = Product.objects.of(self.clinic).in_use().filter(gtin=number).exclude(pk=self.own_id).first()
        if taken is not None:
            raise forms.ValidationError(f"This is the number of {taken}. Check the vial, or correct {taken} first.")
        return number

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for name in ("unit_ml", "particles_per_ml"):
            if (figure := cleaned.get(name)) is not None and figure <= 0:
                self.add_error(name, "Enter a number above zero, or leave empty if not known.")
        if cleaned.get("particles_per_ml") and not cleaned.get("particles_method"):
            self.add_error(
                "particles_method", ("Choose how the particles were counted. You may choose “As claimed on the label”.")
            )
        names = ("regulatory_basis", "regulatory_note", "source_type", "donor", "marketed_as")
        self.judge(product_problems(**{name: cleaned.get(name, "") for name in names}))
        return cleaned
