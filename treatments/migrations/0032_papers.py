import django.db.models.deletion
import django.utils.timezone
import treatments.records.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0010_audit_by_action"),
        ("treatments", "0031_consent_forms"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AftercareSheet",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=treatments.records.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("submission", models.CharField(blank=True, editable=False, max_length=64)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "language",
                    models.CharField(
                        choices=[
                            ("en", "English"),
                            ("ar", "العربية (Arabic)"),
                            ("de", "Deutsch (German)"),
                            ("es", "Español (Spanish)"),
                            ("fr", "Français (French)"),
                            ("id", "Bahasa Indonesia"),
                            ("ja", "日本語 (Japanese)"),
                            ("ms", "Bahasa Melayu"),
                            ("pt", "Português (Portuguese)"),
                            ("ru", "Русский (Russian)"),
                            ("ta", "தமிழ் (Tamil)"),
                            ("vi", "Tiếng Việt (Vietnamese)"),
                            ("zh-Hans", "简体中文 (Chinese, simplified)"),
                            ("zh-Hant", "繁體中文 (Chinese, traditional)"),
                        ],
                        default="en",
                        max_length=8,
                        verbose_name="Language",
                    ),
                ),
                ("number", models.PositiveIntegerField(editable=False)),
                ("text", models.TextField(max_length=6000, verbose_name="What the patient is told")),
                (
                    "clinic",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clinic.clinic",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="entered by",
                    ),
                ),
                (
                    "protocol",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="aftercare_sheets",
                        to="treatments.protocol",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AftercareGiven",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=treatments.records.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("submission", models.CharField(blank=True, editable=False, max_length=64)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("struck_out_at", models.DateTimeField(editable=False, null=True)),
                ("struck_out_reason", models.CharField(blank=True, editable=False, max_length=300)),
                ("given_on", models.DateField(default=django.utils.timezone.localdate, verbose_name="Given on")),
                (
                    "clinic",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clinic.clinic",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="entered by",
                    ),
                ),
                (
                    "exosome_session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="aftercare_given",
                        to="treatments.exosomesession",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="aftercare_given",
                        to="treatments.patient",
                    ),
                ),
                (
                    "struck_out_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "sheet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="given",
                        to="treatments.aftercaresheet",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=treatments.records.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("submission", models.CharField(blank=True, editable=False, max_length=64)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("struck_out_at", models.DateTimeField(editable=False, null=True)),
                ("struck_out_reason", models.CharField(blank=True, editable=False, max_length=300)),
                ("dated", models.DateField(default=django.utils.timezone.localdate, verbose_name="Date of the letter")),
                ("recipient", models.TextField(max_length=400, verbose_name="To")),
                ("subject", models.CharField(max_length=160, verbose_name="About")),
                ("body", models.TextField(max_length=6000, verbose_name="Letter")),
                ("signed_at", models.DateTimeField(editable=False, null=True)),
                ("signed_as", models.CharField(blank=True, editable=False, max_length=160, verbose_name="Signed as")),
                (
                    "clinic",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clinic.clinic",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="entered by",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="letters", to="treatments.patient"
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="signed by",
                    ),
                ),
                (
                    "struck_out_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="aftercaresheet",
            constraint=models.UniqueConstraint(
                condition=models.Q(("protocol__isnull", False)),
                fields=("clinic", "protocol", "language", "number"),
                name="one_aftercare_sheet_of_a_protocol_for_a_version",
            ),
        ),
        migrations.AddConstraint(
            model_name="aftercaresheet",
            constraint=models.UniqueConstraint(
                condition=models.Q(("protocol__isnull", True)),
                fields=("clinic", "language", "number"),
                name="one_aftercare_sheet_of_a_clinic_for_a_version",
            ),
        ),
        migrations.AddConstraint(
            model_name="aftercaresheet",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="an_aftercare_sheet_says_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="aftercaresheet",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1)), name="aftercare_sheets_are_numbered_from_1"
            ),
        ),
        migrations.AddConstraint(
            model_name="aftercaregiven",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("struck_out_at__isnull", True), ("struck_out_by__isnull", True)),
                        models.Q(("struck_out_at__isnull", False), ("struck_out_by__isnull", False)),
                        _connector="OR",
                    ),
                    models.Q(
                        ("struck_out_at__isnull", True),
                        models.Q(("struck_out_reason", ""), _negated=True),
                        _connector="OR",
                    ),
                ),
                name="aftercare_given_struck_out_with_who_and_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="aftercaregiven",
            constraint=models.UniqueConstraint(
                condition=models.Q(("struck_out_at__isnull", True)),
                fields=("exosome_session", "sheet"),
                name="a_version_is_given_once_after_a_session",
            ),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(fields=["patient", "-dated"], name="letters_of_a_patient"),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("struck_out_at__isnull", True), ("struck_out_by__isnull", True)),
                        models.Q(("struck_out_at__isnull", False), ("struck_out_by__isnull", False)),
                        _connector="OR",
                    ),
                    models.Q(
                        ("struck_out_at__isnull", True),
                        models.Q(("struck_out_reason", ""), _negated=True),
                        _connector="OR",
                    ),
                ),
                name="letter_struck_out_with_who_and_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("signed_at__isnull", True), ("signed_by__isnull", True)),
                        models.Q(("signed_at__isnull", False), ("signed_by__isnull", False)),
                        _connector="OR",
                    ),
                    models.Q(("signed_at__isnull", True), models.Q(("signed_as", ""), _negated=True), _connector="OR"),
                ),
                name="a_signed_letter_says_who_signed_and_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="letter",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("recipient", ""), _negated=True), models.Q(("body", ""), _negated=True)),
                name="a_letter_is_to_somebody_and_says_something",
            ),
        ),
    ]
