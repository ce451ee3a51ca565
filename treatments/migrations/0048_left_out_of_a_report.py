from django.db import migrations, models

from clinic.audit import append_only


def put_up_again(apps, schema_editor):
    """SQLite makes the table anew for a column, and loses its triggers; PostgreSQL's do not know the new column."""
    model = apps.get_model("treatments", "FlagAnswer")
    append_only.allow_changes(schema_editor.connection, model)
    append_only.refuse_changes(schema_editor.connection, model)


def take_down(apps, schema_editor):
    append_only.allow_changes(schema_editor.connection, apps.get_model("treatments", "FlagAnswer"))


class Migration(migrations.Migration):
    """A passage of a case report that might identify can be left out of it."""

    dependencies = [("treatments", "0047_also_under_consents")]

    operations = [
        migrations.RunPython(take_down, put_up_again),
        migrations.AddField(
            model_name="flaganswer",
            name="is_left_out",
            field=models.BooleanField(default=False),
        ),
        migrations.RunPython(put_up_again, take_down),
    ]
