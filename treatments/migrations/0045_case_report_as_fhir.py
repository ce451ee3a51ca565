from django.db import migrations, models


class Migration(migrations.Migration):
    """A case report may leave as FHIR too. Every row that there is keeps the condition."""

    dependencies = [("treatments", "0044_case_series")]

    operations = [
        migrations.RemoveConstraint(model_name="reportrelease", name="a_case_report_is_pdf_or_docx"),
        migrations.AddConstraint(
            model_name="reportrelease",
            constraint=models.CheckConstraint(
                condition=models.Q(("file_format__in", ["pdf", "docx", "fhir"])),
                name="a_case_report_is_pdf_docx_or_fhir",
            ),
        ),
    ]
