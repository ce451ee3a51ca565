from collections.abc import Sequence
from typing import Any, ClassVar, cast

from django import forms

from treatments.products.gs1 import parse
from treatments.products.models import Product
from treatments.products.vocabulary import NOT_VESICLES, ConcentrationMethod, RegulatoryBasis
from treatments.products.vocabulary import ProductForm as ProductKind
from treatments.records.forms.record_form import RecordForm, Section

LONGEST_SCAN = 200


def offer(form: forms.BaseForm, name: str, choices: Any) -> None:
    """Let a field offer these, in words of our own for the blank."""
    cast(forms.ChoiceField, form.fields[name]).choices = choices


def decimal_keyboard(form: forms.BaseForm, *names: str) -> None:
    for name in names:
        form.fields[name].widget = forms.TextInput(attrs={"inputmode": "decimal"})


class ProductForm(RecordForm):
    sections: ClassVar[Sequence[Section]] = (
        Section("Product", ("name", ("manufacturer", "country"), ("marketed_as", "gtin"))),
        Section("What is in it", (("source_type", "donor"), ("form", "unit_ml"))),
        Section(
            "Use",
            (("labelled_route", "regulatory_basis"), "regulatory_note", ("storage", "in_use_hours")),
            "On what footing it is given; shown wherever it is used.",
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
            "marketed_as": "The maker’s own word, for example “exosome”.",
            "gtin": "14 figures, or a scan of the vial. It lets a scanned lot find its product.",
            "unit_ml": "Stock is then counted in vials as well.",
            "regulatory_note": "For example: special access, reference 2025/114, checked 3 Mar 2025.",
            "particles_per_ml": "After mixing. Left empty, the dose counts as unknown, not as none.",
            "source_type": "As stated by the maker. Conditioned medium is not a vesicle preparation.",
        }
        error_messages = {"name": {"required": "Enter the name that stands on the vial."}}

    def __init__(self, *args: Any, clinic: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinic = clinic
        self.fields["gtin"] = forms.CharField(
            label=self.fields["gtin"].label,
            help_text=self.fields["gtin"].help_text,
            max_length=LONGEST_SCAN,
            required=False,
        )
        self.fields["unit_ml"].label = "One vial holds, mL"
        offer(self, "form", [("", "Not recorded"), *ProductKind.choices])
        offer(self, "particles_method", [("", "Not recorded"), *ConcentrationMethod.choices])
        decimal_keyboard(self, "unit_ml", "particles_per_ml")

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        taken = Product.objects.of(self.clinic).filter(name__iexact=name)
        if taken.exclude(pk=self.own_id).exists():
            raise forms.ValidationError("A product of this name is listed already. Open it, or add what sets it apart.")
        return name

    def clean_gtin(self) -> str:
        text = str(self.cleaned_data["gtin"]).strip()
        if not text:
            return ""
        plain = "".join(sign for sign in text if sign.isdigit())
        try:
            return parse(f"(01){plain.zfill(14)}" if len(plain) == len(text.replace(" ", "")) else text).gtin
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for name in ("unit_ml", "particles_per_ml"):
            if cleaned.get(name) is not None and cleaned[name] <= 0:
                self.add_error(name, "Enter a number above zero, or leave it empty if it is not known.")
        if cleaned.get("particles_per_ml") and not cleaned.get("particles_method"):
            self.add_error("particles_method", "Say how the particles were counted; “as claimed on the label” will do.")
        basis, source = cleaned.get("regulatory_basis"), cleaned.get("source_type")
        if basis == RegulatoryBasis.SPECIAL_ACCESS and not cleaned.get("regulatory_note"):
            self.warn("regulatory_note", "17", "Special access has a reference. Write it down if you have it.")
        if source in NOT_VESICLES and "exosome" in str(cleaned.get("marketed_as", "")).lower():
            sentence = "Conditioned medium is not a vesicle preparation, whatever it is marketed as."
            self.warn("source_type", "17", sentence)
        return cleaned
