from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("treatments", "0031_consent_forms")]

    operations = []
