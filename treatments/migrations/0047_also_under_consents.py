from django.db import migrations, models


def name_the_consents(apps, schema_editor):
    """Of each final file of a case report that has left already: the consents to its photos."""
    release = apps.get_model("treatments", "ReportRelease")
    for made in release.objects.select_related("export").iterator():
        others = [each for each in made.consents if each != str(made.export.consent_id)]
        if others:
            type(made.export).objects.filter(pk=made.export_id).update(also_under=others)


class Migration(migrations.Migration):
    """A case report with photos leaves under two kinds of consent: both say so when one is withdrawn."""

    dependencies = [
        ('treatments', '0046_case_series_released'),
    ]

    operations = [
        migrations.AddField(
            model_name='export',
            name='also_under',
            field=models.JSONField(default=list),
        ),
        migrations.RunPython(name_the_consents, migrations.RunPython.noop),
    ]
