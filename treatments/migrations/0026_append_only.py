from django.db import migrations

from clinic.audit import append_only

APPEND_ONLY = {"Correction": ["patient_id"], "PassedWarning": ["patient_id"], "StockMovement": []}


def put_up(apps, schema_editor):
    for name, changeable in APPEND_ONLY.items():
        append_only.refuse_changes(schema_editor.connection, apps.get_model("treatments", name), but=changeable)


def take_down(apps, schema_editor):
    for name in APPEND_ONLY:
        append_only.allow_changes(schema_editor.connection, apps.get_model("treatments", name))


class Migration(migrations.Migration):

    dependencies = [
        ("clinic", "0005_append_only_and_sealed"),
        ("treatments", "0025_record_numbers_in_any_spelling"),
    ]

    operations = [migrations.RunPython(put_up, take_down)]
