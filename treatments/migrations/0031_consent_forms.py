import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import treatments.records.ids
from clinic.audit import append_only


def put_up(apps, schema_editor):
    model = apps.get_model("treatments", "ConsentText")
    append_only.refuse_changes(schema_editor.connection, model, but=["retired_at", "retired_by_id"])


def take_down(apps, schema_editor):
    append_only.allow_changes(schema_editor.connection, apps.get_model("treatments", "ConsentText"))


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0010_audit_by_action"),
        ("treatments", "0030_appointments"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="consent",
            name="form_version",
            field=models.CharField(max_length=120, verbose_name="Form and version"),
        ),
        migrations.CreateModel(
            name="ConsentText",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("treatment", "Treatment"),
                            ("photography", "Photography"),
                            ("data_processing", "Use of personal data"),
                            ("research", "Research"),
                        ],
                        max_length=16,
                        verbose_name="Consent to",
                    ),
                ),
                ("title", models.CharField(max_length=80, verbose_name="Title of the form")),
                ("language", models.CharField(max_length=35, verbose_name="Language")),
                ("language_name", models.CharField(max_length=40, verbose_name="Name of the language")),
                ("number", models.PositiveIntegerField(verbose_name="Version")),
                ("body", models.TextField(max_length=40000, verbose_name="The words")),
                ("uses", models.JSONField(blank=True, default=dict, verbose_name="Words for each use of photographs")),
                (
                    "covers_unapproved",
                    models.BooleanField(
                        default=False, verbose_name="The form says that the product is not approved for this use"
                    ),
                ),
                (
                    "covers_source",
                    models.CharField(blank=True, max_length=120, verbose_name="Product source that the form names"),
                ),
                ("is_sample", models.BooleanField(default=False, editable=False)),
                ("retired_at", models.DateTimeField(editable=False, null=True)),
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
                    "retired_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("clinic", "kind", "title", "language", "number"),
                        name="one_number_for_a_version_of_a_text",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1)), name="versions_of_a_text_count_from_one"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("title", ""), _negated=True),
                            models.Q(("language", ""), _negated=True),
                            models.Q(("body", ""), _negated=True),
                        ),
                        name="a_text_has_title_language_and_words",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("retired_at__isnull", True), ("retired_by__isnull", True)),
                            models.Q(("retired_at__isnull", False), ("retired_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_text_is_retired_by_somebody",
                    ),
                ]
            },
        ),
        migrations.RunPython(put_up, take_down),
        migrations.AddField(
            model_name="consent",
            name="text",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="consents",
                to="treatments.consenttext",
            ),
        ),
    ]
