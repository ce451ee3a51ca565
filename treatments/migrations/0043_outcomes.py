"""What became of each course at Month 3, 6 and 12, stored; and filled from what the record holds.

Who changes later what a row says computes all of them anew in a migration of their own, and takes `fill` out of this one.
"""

import django.db.models.deletion
import django.utils.timezone
import treatments.records.ids
from django.conf import settings
from django.db import migrations, models

from treatments.assessments.outcomes.computing import Tables, in_portions, store


def fill(apps, schema_editor):
    tables = Tables(apps.get_model)
    for portion in in_portions(tables.Patient.objects.all()):
        store(portion, tables)


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0010_audit_by_action'),
        ('treatments', '0042_blind_reading'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CourseOutcome',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.PositiveSmallIntegerField()),
                ('has_several_products', models.BooleanField(default=False)),
                ('sex', models.CharField(blank=True, max_length=8)),
                ('is_struck_out', models.BooleanField(default=False)),
                ('begun_on', models.DateField(null=True)),
                ('place', models.PositiveSmallIntegerField(null=True)),
                ('scale', models.CharField(blank=True, max_length=24)),
                ('baseline_stage', models.CharField(blank=True, max_length=16)),
                ('sessions', models.PositiveSmallIntegerField(default=0)),
                ('sessions_asked', models.PositiveSmallIntegerField(default=0)),
                ('draw', models.PositiveSmallIntegerField(default=0)),
                ('window_from', models.DateField(null=True)),
                ('window_until', models.DateField(null=True)),
                ('rung', models.CharField(choices=[('course', 'The course itself'), ('not_seen', 'Not seen about that Month'), ('unsure', 'Seen, but the day is known to the month only'), ('outside', 'Seen, but outside the window'), ('not_measured', 'Assessed, density not measured'), ('estimate', 'Estimate only'), ('not_comparable', 'Measured, not comparable'), ('analysed', 'Analysed')], default='course', max_length=16)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('measurement', models.UUIDField(null=True)),
                ('site', models.CharField(blank=True, max_length=20)),
                ('method', models.CharField(blank=True, max_length=32)),
                ('before', models.FloatField(null=True)),
                ('after', models.FloatField(null=True)),
                ('log_ratio', models.FloatField(null=True)),
                ('further_counts', models.PositiveSmallIntegerField(default=0)),
                ('is_matched_spot', models.BooleanField(default=False)),
                ('chance_variance', models.FloatField(null=True)),
                ('stage', models.CharField(blank=True, max_length=16)),
                ('has_other_scale', models.BooleanField(default=False)),
                ('global_change', models.SmallIntegerField(null=True)),
                ('patient_change', models.SmallIntegerField(null=True)),
                ('other_treatment', models.CharField(blank=True, choices=[('', 'None recorded'), ('perhaps', 'Perhaps'), ('certain', 'Yes')], default='', max_length=8)),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('course', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='outcomes', to='treatments.course')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='treatments.patient')),
                ('product', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='treatments.product')),
                ('protocol', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='treatments.protocol')),
            ],
            options={
                'indexes': [
                    models.Index(fields=['clinic', 'month', 'rung', 'window_until', 'place', 'patient', 'is_struck_out', 'begun_on', 'other_treatment', 'protocol', 'product', 'sex', 'scale', 'baseline_stage'], name='outcomes_by_rung'),
                    models.Index(condition=models.Q(('stage', ''), _negated=True), fields=['clinic', 'month', 'scale', 'baseline_stage', 'stage', 'window_until', 'place', 'patient', 'is_struck_out', 'begun_on', 'other_treatment', 'protocol', 'product', 'sex'], name='outcomes_graded'),
                    models.Index(condition=models.Q(('log_ratio__isnull', False)), fields=['clinic', 'month', 'draw', 'window_until', 'place', 'patient', 'is_struck_out', 'begun_on', 'other_treatment', 'protocol', 'product', 'sex', 'scale', 'baseline_stage', 'before', 'after', 'log_ratio', 'is_matched_spot', 'chance_variance', 'further_counts'], name='outcomes_analysed'),
                    models.Index(condition=models.Q(('rung', 'not_comparable')), fields=['clinic', 'month', 'reason', 'window_until', 'place', 'patient', 'is_struck_out', 'begun_on', 'other_treatment', 'protocol', 'product', 'sex', 'scale', 'baseline_stage'], name='outcomes_not_comparable'),
                    models.Index(condition=models.Q(('month', 0)), fields=['clinic', 'patient', 'is_struck_out', 'begun_on', 'place', 'protocol', 'product', 'sex', 'scale', 'baseline_stage', 'sessions', 'sessions_asked', 'has_several_products'], name='outcomes_of_courses'),
                    models.Index(condition=models.Q(('month', 0)), fields=['clinic', 'scale', 'baseline_stage'], name='stages_at_baseline'),
                    models.Index(condition=models.Q(('has_other_scale', True)), fields=['clinic', 'month'], name='outcomes_of_another_scale'),
                    models.Index(fields=['patient', 'month'], name='outcomes_of_a_patient'),
                ],
                'constraints': [models.UniqueConstraint(fields=('course', 'month'), name='one_outcome_of_a_course_at_a_month'), models.CheckConstraint(condition=models.Q(models.Q(('after__gt', 0), ('before__gt', 0), ('log_ratio__isnull', False), ('rung', 'analysed')), models.Q(models.Q(('rung', 'analysed'), _negated=True), ('log_ratio__isnull', True)), _connector='OR'), name='only_what_is_analysed_has_figures')],
            },
        ),
        migrations.CreateModel(
            name='ResponderDefinition',
            fields=[
                ('id', models.UUIDField(default=treatments.records.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('submission', models.CharField(blank=True, editable=False, max_length=64)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('number', models.PositiveSmallIntegerField(editable=False)),
                ('name', models.CharField(max_length=80, verbose_name='Name of the definition')),
                ('measure', models.CharField(choices=[('count', 'Hair count at the same spot rose by more than the error of counting'), ('reading', 'Blinded readers: median reading'), ('patient', 'The patient’s own assessment')], max_length=8, verbose_name='A responder is a patient of whom this is true')),
                ('month', models.PositiveSmallIntegerField(choices=[(3, 'Month 3'), (6, 'Month 6'), (12, 'Month 12')], verbose_name='Read at')),
                ('least', models.SmallIntegerField(blank=True, null=True, verbose_name='At least')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='Why this definition')),
                ('result_before', models.JSONField(default=dict, editable=False)),
                ('clinic', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('created_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('clinic', 'number'), name='one_definition_of_a_clinic_with_a_number'), models.CheckConstraint(condition=models.Q(models.Q(('least__isnull', True), ('measure', 'count')), models.Q(models.Q(('measure', 'count'), _negated=True), ('least__range', (0, 3))), _connector='OR'), name='only_a_reading_or_an_answer_has_a_least')],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
