from django.db import migrations, models

from clinic.audit import append_only


def put_up_again(apps, schema_editor):
    """SQLite makes the table anew for a constraint, and loses its triggers with the old one."""
    model = apps.get_model("treatments", "ReportRelease")
    append_only.allow_changes(schema_editor.connection, model)
    append_only.refuse_changes(schema_editor.connection, model)


class Migration(migrations.Migration):
    """A case report may leave as FHIR too. Every row that there is keeps the condition."""

    dependencies = [("treatments", "0044_case_series")]

    operations = [
        # Backwards the last is the first, and must find the table as the step before it left it.
        migrations.RunPython(migrations.RunPython.noop, put_up_again),
        migrations.RemoveConstraint(model_name="reportrelease", name="a_case_report_is_pdf_or_docx"),
        migrations.AddConstraint(
            model_name="reportrelease",
            constraint=models.CheckConstraint(
                condition=models.Q(("file_format__in", ["pdf", "docx", "fhir"])),
                name="a_case_report_is_pdf_docx_or_fhir",
            ),
        ),
        migrations.RunPython(put_up_again, migrations.RunPython.noop),
    ]
