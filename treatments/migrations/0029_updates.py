from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("treatments", "0028_laboratory_values")]

    operations = []
