from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clinic", "0005_append_only_and_sealed")]

    operations = [
        migrations.AddField("signintries", "wait_noted", models.BooleanField(default=False)),
    ]
