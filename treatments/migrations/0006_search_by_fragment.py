from django.db import migrations
from django.db.models import Exists, OuterRef

from treatments.patients import search_index


def follow_archived_patients(apps, schema_editor):
    patients = apps.get_model("treatments", "Patient").objects.filter(pk=OuterRef("patient"), archived_at__isnull=False)
    apps.get_model("treatments", "Course").objects.filter(Exists(patients)).update(patient_archived=True)


def build(apps, schema_editor):
    search_index.build(schema_editor.connection)


def take_down(apps, schema_editor):
    search_index.take_down(schema_editor.connection)


class Migration(migrations.Migration):

    dependencies = [
        ("treatments", "0005_lists_at_any_size"),
    ]

    operations = [
        migrations.RunPython(follow_archived_patients, migrations.RunPython.noop),
        migrations.RunPython(build, take_down),
    ]
