import django.db.models.deletion
import django.utils.timezone
import treatments.courses.vocabulary
import treatments.records.ids
from django.conf import settings
from django.db import migrations, models
from django.db.models import Max, OuterRef, Subquery
from django.db.models.functions import Coalesce, Greatest


def fill_last_seen(apps, schema_editor):
    """The day of each patient's last standing session or assessment."""
    rows = {
        name: apps.get_model("treatments", name).objects.filter(struck_out_at__isnull=True, patient=OuterRef("pk"))
        for name in ("ExosomeSession", "Assessment")
    }
    session = _last(rows["ExosomeSession"], "performed_on")
    assessment = _last(rows["Assessment"], "assessed_on")
    either = Greatest(Coalesce(session, assessment), Coalesce(assessment, session))
    apps.get_model("treatments", "Patient").objects.update(last_seen_on=either)


def _last(rows, column):
    return Subquery(rows.order_by().values("patient").annotate(last=Max(column)).values("last"))


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0010_audit_by_action'),
        ('treatments', '0027_visits'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LaboratoryReport',
            fields=[
                ('id', models.UUIDField(default=treatments.records.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('submission', models.CharField(blank=True, editable=False, max_length=64)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('struck_out_at', models.DateTimeField(editable=False, null=True)),
                ('struck_out_reason', models.CharField(blank=True, editable=False, max_length=300)),
                ('sampled_on', models.DateField(verbose_name='Date of the sample')),
                ('sampled_precision', models.CharField(choices=[('day', 'Day'), ('month', 'Month (day not recorded)'), ('day~', 'About that day'), ('month~', 'About that month')], default='day', editable=False, max_length=8)),
                ('laboratory', models.CharField(blank=True, max_length=120, verbose_name='Laboratory')),
                ('note', models.CharField(blank=True, max_length=400, verbose_name='Note')),
            ],
        ),
        migrations.CreateModel(
            name='LaboratoryResult',
            fields=[
                ('id', models.UUIDField(default=treatments.records.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('submission', models.CharField(blank=True, editable=False, max_length=64)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('struck_out_at', models.DateTimeField(editable=False, null=True)),
                ('struck_out_reason', models.CharField(blank=True, editable=False, max_length=300)),
                ('analyte', models.CharField(blank=True, choices=[('ferritin', 'Ferritin'), ('tsh', 'TSH (thyroid-stimulating hormone)'), ('vitamin_d', 'Vitamin D (25-hydroxy)'), ('testosterone', 'Testosterone (total)')], max_length=32, verbose_name='What was measured')),
                ('comparator', models.CharField(blank=True, choices=[('<', 'less than'), ('>', 'more than')], max_length=1, verbose_name='Exact, or a bound')),
                ('value', models.DecimalField(decimal_places=4, max_digits=12, verbose_name='Value')),
                ('unit', models.CharField(max_length=24, verbose_name='Unit')),
                ('low', models.DecimalField(blank=True, decimal_places=4, max_digits=12, null=True, verbose_name='Range from')),
                ('high', models.DecimalField(blank=True, decimal_places=4, max_digits=12, null=True, verbose_name='to')),
            ],
        ),
        migrations.CreateModel(
            name='LaboratoryTest',
            fields=[
                ('id', models.UUIDField(default=treatments.records.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('submission', models.CharField(blank=True, editable=False, max_length=64)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('name', models.CharField(max_length=80, verbose_name='What is measured')),
                ('unit', models.CharField(max_length=24, verbose_name='Unit')),
                ('archived_at', models.DateTimeField(editable=False, null=True)),
            ],
        ),
        migrations.AddField(
            model_name='assessment',
            name='stage_how',
            field=models.CharField(blank=True, choices=[('picked', 'Chosen from the drawings'), ('confirmed', 'Looked at, and the same as last time')], max_length=12, verbose_name='How the stage was chosen'),
        ),
        migrations.AddField(
            model_name='course',
            name='assessment_parts',
            field=models.JSONField(blank=True, default=treatments.courses.vocabulary.usual_assessment_parts, verbose_name='Asked at an assessment'),
        ),
        migrations.AddField(
            model_name='patient',
            name='last_seen_on',
            field=models.DateField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='protocol',
            name='assessment_parts',
            field=models.JSONField(blank=True, default=treatments.courses.vocabulary.usual_assessment_parts, verbose_name='Asked at an assessment'),
        ),
        migrations.AddIndex(
            model_name='patient',
            index=models.Index(condition=models.Q(('archived_at__isnull', True)), fields=['clinic', 'last_seen_on', 'search_text', 'id'], name='active_by_last_seen'),
        ),
        migrations.AddIndex(
            model_name='patient',
            index=models.Index(condition=models.Q(('archived_at__isnull', True)), fields=['clinic', 'record_number', 'id'], name='active_by_number'),
        ),
        migrations.AddField(
            model_name='laboratoryreport',
            name='clinic',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic'),
        ),
        migrations.AddField(
            model_name='laboratoryreport',
            name='course',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='laboratory_reports', to='treatments.course', verbose_name='Course'),
        ),
        migrations.AddField(
            model_name='laboratoryreport',
            name='created_by',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by'),
        ),
        migrations.AddField(
            model_name='laboratoryreport',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='laboratory_reports', to='treatments.patient'),
        ),
        migrations.AddField(
            model_name='laboratoryreport',
            name='struck_out_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='laboratoryresult',
            name='clinic',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic'),
        ),
        migrations.AddField(
            model_name='laboratoryresult',
            name='created_by',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by'),
        ),
        migrations.AddField(
            model_name='laboratoryresult',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='laboratory_results', to='treatments.patient'),
        ),
        migrations.AddField(
            model_name='laboratoryresult',
            name='report',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='results', to='treatments.laboratoryreport'),
        ),
        migrations.AddField(
            model_name='laboratoryresult',
            name='struck_out_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='laboratorytest',
            name='clinic',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic'),
        ),
        migrations.AddField(
            model_name='laboratorytest',
            name='created_by',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by'),
        ),
        migrations.AddField(
            model_name='laboratoryresult',
            name='test',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='results', to='treatments.laboratorytest', verbose_name='What was measured'),
        ),
        migrations.AddIndex(
            model_name='laboratoryreport',
            index=models.Index(fields=['patient', 'sampled_on'], name='laboratory_reports_of_patient'),
        ),
        migrations.AddIndex(
            model_name='laboratoryreport',
            index=models.Index(fields=['clinic', 'id'], name='laboratory_reports_of_a_clinic'),
        ),
        migrations.AddConstraint(
            model_name='laboratoryreport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('struck_out_at__isnull', True), ('struck_out_by__isnull', True)), models.Q(('struck_out_at__isnull', False), ('struck_out_by__isnull', False)), _connector='OR'), models.Q(('struck_out_at__isnull', True), models.Q(('struck_out_reason', ''), _negated=True), _connector='OR')), name='laboratory_report_struck_out_with_who_and_why'),
        ),
        migrations.AddConstraint(
            model_name='laboratorytest',
            constraint=models.UniqueConstraint(fields=('clinic', 'name'), name='a_laboratory_test_is_listed_once_in_a_clinic'),
        ),
        migrations.AddConstraint(
            model_name='laboratorytest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('unit', ''), _negated=True)), name='a_laboratory_test_has_name_and_unit'),
        ),
        migrations.AddIndex(
            model_name='laboratoryresult',
            index=models.Index(fields=['patient'], name='laboratory_values_of_a_patient'),
        ),
        migrations.AddIndex(
            model_name='laboratoryresult',
            index=models.Index(fields=['clinic', 'id'], name='laboratory_values_of_a_clinic'),
        ),
        migrations.AddConstraint(
            model_name='laboratoryresult',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('struck_out_at__isnull', True), ('struck_out_by__isnull', True)), models.Q(('struck_out_at__isnull', False), ('struck_out_by__isnull', False)), _connector='OR'), models.Q(('struck_out_at__isnull', True), models.Q(('struck_out_reason', ''), _negated=True), _connector='OR')), name='laboratory_result_struck_out_with_who_and_why'),
        ),
        migrations.AddConstraint(
            model_name='laboratoryresult',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('analyte', ''), _negated=True), ('test__isnull', True)), models.Q(('analyte', ''), ('test__isnull', False)), _connector='OR'), name='a_laboratory_result_is_of_one_test'),
        ),
        migrations.AddConstraint(
            model_name='laboratoryresult',
            constraint=models.CheckConstraint(condition=models.Q(('value__gte', 0)), name='a_laboratory_value_is_not_below_zero'),
        ),
        migrations.AddConstraint(
            model_name='laboratoryresult',
            constraint=models.CheckConstraint(condition=models.Q(('low__isnull', True), ('high__isnull', True), ('low__lte', models.F('high')), _connector='OR'), name='a_reference_range_runs_from_low_to_high'),
        ),
        migrations.AddConstraint(
            model_name='laboratoryresult',
            constraint=models.UniqueConstraint(condition=models.Q(('struck_out_at__isnull', True), ('test__isnull', True)), fields=('report', 'analyte'), name='a_report_has_one_value_of_an_analyte'),
        ),
        migrations.AddConstraint(
            model_name='laboratoryresult',
            constraint=models.UniqueConstraint(condition=models.Q(('struck_out_at__isnull', True), ('test__isnull', False)), fields=('report', 'test'), name='a_report_has_one_value_of_a_test'),
        ),
        migrations.RunPython(fill_last_seen, migrations.RunPython.noop),
    ]
