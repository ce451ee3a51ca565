from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("treatments", "0026_append_only")]

    operations = []
