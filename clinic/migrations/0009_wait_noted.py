from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clinic", "0004_people_and_devices")]

    operations = [
        migrations.AddField("signintries", "wait_noted", models.BooleanField(default=False)),
    ]
