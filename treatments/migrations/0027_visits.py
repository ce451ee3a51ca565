from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("treatments", "0026_append_only")]

    operations = [
        migrations.AddField(
            model_name='course',
            name='follow_up_from_month',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='Follow-up visit from month'),
        ),
        migrations.AddField(
            model_name='course',
            name='follow_up_to_month',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='to month'),
        ),
        migrations.AddField(
            model_name='course',
            name='next_due_visit',
            field=models.CharField(choices=[('session', 'Session'), ('follow_up', 'Follow-up')], default='session', editable=False, max_length=9),
        ),
        migrations.AddField(
            model_name='patient',
            name='next_due_visit',
            field=models.CharField(default='session', editable=False, max_length=9),
        ),
        migrations.AddField(
            model_name='protocol',
            name='follow_up_from_month',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='Follow-up visit from month'),
        ),
        migrations.AddField(
            model_name='protocol',
            name='follow_up_to_month',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='to month'),
        ),
        migrations.AlterField(
            model_name='course',
            name='maintenance_from_month',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='Maintenance from month'),
        ),
        migrations.AlterField(
            model_name='course',
            name='state',
            field=models.CharField(choices=[('induction', 'Induction'), ('maintenance', 'Maintenance'), ('follow_up', 'Follow-up'), ('refresh', 'Yearly refresh'), ('finished', 'Finished'), ('stopped', 'Stopped')], default='induction', editable=False, max_length=12),
        ),
        migrations.AlterField(
            model_name='protocol',
            name='maintenance_from_month',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='Maintenance from month'),
        ),
        migrations.AddConstraint(
            model_name='course',
            constraint=models.CheckConstraint(condition=models.Q(('follow_up_to_month__isnull', True), ('follow_up_to_month__gte', models.F('follow_up_from_month')), _connector='OR'), name='a_follow_up_ends_after_it_begins'),
        ),
        migrations.AddConstraint(
            model_name='course',
            constraint=models.CheckConstraint(condition=models.Q(('next_due_visit__in', ['session', 'follow_up'])), name='what_is_due_is_a_session_or_a_follow_up'),
        ),
    ]
