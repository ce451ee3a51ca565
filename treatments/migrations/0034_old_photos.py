import django.db.models.deletion
import django.utils.timezone
import treatments.records.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0010_audit_by_action'),
        ('treatments', '0033_imports'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='photo',
            name='dated_by',
            field=models.CharField(blank=True, choices=[('given', 'As entered'), ('session', 'The session’s date'), ('camera', 'The camera’s date'), ('file', 'The file’s date'), ('name', 'The date in the file’s name'), ('today', 'The day it was sent')], editable=False, max_length=8, verbose_name='Date from'),
        ),
        migrations.CreateModel(
            name='PhotoBatch',
            fields=[
                ('id', models.UUIDField(default=treatments.records.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('clinic', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('started_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='WaitingPhoto',
            fields=[
                ('id', models.UUIDField(default=treatments.records.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('sent_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('sha256', models.CharField(max_length=64)),
                ('size_bytes', models.PositiveBigIntegerField()),
                ('original_name', models.CharField(blank=True, max_length=200)),
                ('folder', models.CharField(blank=True, max_length=300)),
                ('facts', models.JSONField()),
                ('measures', models.JSONField()),
                ('entered', models.JSONField(default=dict)),
                ('refusal', models.CharField(blank=True, max_length=600)),
                ('was_there', models.BooleanField(default=False)),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='treatments.photobatch')),
                ('clinic', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('photo', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='treatments.photo')),
                ('sent_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddIndex(
            model_name='photobatch',
            index=models.Index(fields=['clinic', 'started_at'], name='photo_batches_of_a_clinic'),
        ),
        migrations.AddIndex(
            model_name='waitingphoto',
            index=models.Index(condition=models.Q(('photo__isnull', True)), fields=['sent_at'], name='waiting_photos_by_age'),
        ),
        migrations.AddConstraint(
            model_name='waitingphoto',
            constraint=models.UniqueConstraint(condition=models.Q(('photo__isnull', True)), fields=('clinic', 'sha256'), name='a_file_waits_once_in_a_clinic'),
        ),
    ]
