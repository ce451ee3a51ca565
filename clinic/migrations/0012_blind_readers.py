from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0011_own_error_from_repeats'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='membership',
            name='a_role_is_one_of_the_five',
        ),
        migrations.AlterField(
            model_name='membership',
            name='role',
            field=models.CharField(choices=[('manager', 'Manager'), ('clinician', 'Clinician'), ('nurse', 'Nurse'), ('reception', 'Reception'), ('reader', 'Reader'), ('blind_reader', 'Blind reader')], max_length=16),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['manager', 'clinician', 'nurse', 'reception', 'reader', 'blind_reader'])), name='a_role_is_one_of_the_six'),
        ),
    ]
