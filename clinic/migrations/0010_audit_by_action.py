from django.db import migrations, models


def take_the_time_it_takes(apps, schema_editor):
    """The indexes of ten million events are not made within the time that a statement of a page may take."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET LOCAL statement_timeout = 0")


class Migration(migrations.Migration):
    dependencies = [("clinic", "0006_links_and_first_start")]

    operations = [
        migrations.RunPython(take_the_time_it_takes, migrations.RunPython.noop),
        migrations.AddIndex("auditevent", models.Index(fields=["clinic", "action", "at"], name="audit_by_action")),
        migrations.AddIndex(
            "auditevent",
            models.Index(fields=["clinic", "actor", "action", "at"], name="audit_by_person_and_action"),
        ),
    ]
