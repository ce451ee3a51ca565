import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import treatments.records.ids


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0010_audit_by_action"),
        ("treatments", "0032_papers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportHabits',
            fields=[
                ('clinic', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='clinic.clinic')),
                ('headings', models.JSONField(default=dict)),
                ('words', models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name='Import',
            fields=[
                ('id', models.UUIDField(default=treatments.records.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('file_name', models.CharField(editable=False, max_length=200)),
                ('sha256', models.CharField(editable=False, max_length=64)),
                ('mapping', models.JSONField(default=dict, editable=False)),
                ('counts', models.JSONField(default=dict, editable=False)),
                ('warnings_reason', models.CharField(blank=True, editable=False, max_length=300)),
                ('taken_back_at', models.DateTimeField(editable=False, null=True)),
                ('taken_back_reason', models.CharField(blank=True, editable=False, max_length=300)),
                ('by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('clinic', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('taken_back_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ImportedRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('record_type', models.CharField(editable=False, max_length=32)),
                ('record_id', models.UUIDField(editable=False)),
                ('is_tied', models.BooleanField(default=False, editable=False)),
                ('field', models.CharField(blank=True, editable=False, max_length=32)),
                ('imported', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='records', to='treatments.import')),
            ],
        ),
        migrations.CreateModel(
            name='ImportFile',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('uploaded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('name', models.CharField(max_length=200)),
                ('sha256', models.CharField(max_length=64)),
                ('size_bytes', models.PositiveIntegerField()),
                ('content', models.BinaryField(default=b'')),
                ('tables', models.BinaryField(default=b'')),
                ('layout', models.JSONField(default=dict)),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinic.clinic')),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddIndex(
            model_name='import',
            index=models.Index(fields=['clinic', '-at'], name='imports_of_a_clinic'),
        ),
        migrations.AddConstraint(
            model_name='import',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('taken_back_at__isnull', True), ('taken_back_by__isnull', True)), models.Q(('taken_back_at__isnull', False), ('taken_back_by__isnull', False)), _connector='OR'), name='an_import_taken_back_says_by_whom'),
        ),
        migrations.AddConstraint(
            model_name='import',
            constraint=models.CheckConstraint(condition=models.Q(('taken_back_at__isnull', True), models.Q(('taken_back_reason', ''), _negated=True), _connector='OR'), name='an_import_taken_back_says_why'),
        ),
        migrations.AddIndex(
            model_name='importedrecord',
            index=models.Index(fields=['record_id'], name='imports_of_a_record'),
        ),
        migrations.AddIndex(
            model_name='importfile',
            index=models.Index(fields=['uploaded_at'], name='import_files_by_age'),
        ),
    ]
