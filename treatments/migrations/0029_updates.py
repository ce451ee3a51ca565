import treatments.records.fields
from django.db import migrations, models

from clinic.audit import append_only


def put_up(apps, schema_editor):
    """The table of corrections is made anew by SQLite, and its triggers with it."""
    append_only.refuse_changes(schema_editor.connection, apps.get_model("treatments", "Correction"), but=["patient_id"])


def take_down(apps, schema_editor):
    append_only.allow_changes(schema_editor.connection, apps.get_model("treatments", "Correction"))


class Migration(migrations.Migration):

    dependencies = [
        ("treatments", "0028_laboratory_values"),
    ]

    operations = [
        migrations.RunPython(take_down, put_up),
        migrations.RemoveConstraint(
            model_name='correction',
            name='a_correction_has_a_reason',
        ),
        migrations.AddField(
            model_name='correction',
            name='confirmed',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='correction',
            name='kind',
            field=models.CharField(choices=[('correction', 'Corrected'), ('update', 'Changed')], default='correction', max_length=10),
        ),
        migrations.AddField(
            model_name='correction',
            name='since',
            field=treatments.records.fields.PartialDateField(blank=True, max_length=11),
        ),
        migrations.AddField(
            model_name='therapy',
            name='dose',
            field=models.DecimalField(blank=True, decimal_places=3, max_digits=9, null=True, verbose_name='Dose'),
        ),
        migrations.AddField(
            model_name='therapy',
            name='dose_unit',
            field=models.CharField(blank=True, choices=[('mg', 'mg'), ('ug', 'µg'), ('percent', '%'), ('mL', 'mL'), ('units', 'units')], max_length=8, verbose_name='Unit'),
        ),
        migrations.AddField(
            model_name='therapy',
            name='grafted_regions',
            field=models.JSONField(blank=True, default=list, verbose_name='Where were they placed'),
        ),
        migrations.AddField(
            model_name='therapy',
            name='grafts',
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name='Number of grafts'),
        ),
        migrations.AddField(
            model_name='therapy',
            name='place',
            field=models.CharField(blank=True, max_length=160, verbose_name='Where was it done'),
        ),
        migrations.AlterField(
            model_name='correction',
            name='reason',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AlterField(
            model_name='therapy',
            name='detail',
            field=models.CharField(blank=True, max_length=160, verbose_name='How it is taken'),
        ),
        migrations.AddConstraint(
            model_name='correction',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'update'), models.Q(('reason', ''), _negated=True), _connector='OR'), name='a_correction_has_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='correction',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'update'), models.Q(('since', ''), _negated=True)), models.Q(('kind', 'correction'), ('since', '')), _connector='OR'), name='an_update_has_its_day'),
        ),
        migrations.AddConstraint(
            model_name='therapy',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('dose__isnull', True), ('dose_unit', '')), models.Q(('dose__isnull', False), models.Q(('dose_unit', ''), _negated=True)), _connector='OR'), name='a_dose_has_its_unit'),
        ),
        migrations.AddConstraint(
            model_name='therapy',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['hair_transplant_fue', 'hair_transplant_fut']), models.Q(('grafts__isnull', True), ('place', '')), _connector='OR'), name='only_a_transplant_has_grafts'),
        ),
        migrations.RunPython(put_up, take_down),
    ]
