"""With which session a photo was sent; and of photos that are there already, whose day it is that they stand at.

Only this is known of them: a day that was corrected, and a month without its day, were typed by a person. Of all others
nothing is claimed: the page that took them in sent the day of sending as if it had been typed.
"""

from django.db import migrations, models

AT_ONCE = 500


def tell_what_was_typed(apps, schema_editor):
    photos, corrections = apps.get_model("treatments", "Photo").objects, apps.get_model("treatments", "Correction").objects
    untold = photos.filter(dated_by="")
    untold.exclude(taken_precision="day").update(dated_by="given")
    rows = corrections.filter(record_type="photo").values_list("record_id", "changes").iterator()
    corrected = [photo for photo, changes in rows if any(each["field"] == "taken_on" for each in changes)]
    for start in range(0, len(corrected), AT_ONCE):
        untold.filter(pk__in=corrected[start : start + AT_ONCE]).update(dated_by="given")


class Migration(migrations.Migration):
    dependencies = [("treatments", "0022_where_a_photo_has_its_date")]

    operations = [
        migrations.AddField(
            model_name="photo",
            name="sent_with",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.RunPython(tell_what_was_typed, migrations.RunPython.noop),
    ]
