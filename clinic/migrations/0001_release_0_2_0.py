"""The tables of release 0.2.0 at once, for a new database; an older one goes the steps that this replaces."""

import clinic.staff.models
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from clinic.audit import append_only, event_ids

APPEND_ONLY = ["AuditEvent", "AuditSeal"]


def put_up(apps, schema_editor):
    event_ids.put_in_order(schema_editor.connection)
    for name in APPEND_ONLY:
        append_only.refuse_changes(schema_editor.connection, apps.get_model("clinic", name))


def take_down(apps, schema_editor):
    for name in APPEND_ONLY:
        append_only.allow_changes(schema_editor.connection, apps.get_model("clinic", name))
    event_ids.as_before(schema_editor.connection)


class Migration(migrations.Migration):

    replaces = [
        ("clinic", "0001_initial"),
        ("clinic", "0002_tries_to_sign_in"),
        ("clinic", "0003_upkeep"),
        ("clinic", "0004_people_and_devices"),
        ("clinic", "0005_append_only_and_sealed"),
        ("clinic", "0006_links_and_first_start"),
        ("clinic", "0009_wait_noted"),
        ("clinic", "0010_audit_by_action"),
        ("clinic", "0011_own_error_from_repeats"),
        ("clinic", "0012_blind_readers"),
    ]

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='SignInTries',
            fields=[
                ('subject', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('tries', models.PositiveIntegerField(default=0)),
                ('last_at', models.DateTimeField(db_index=True)),
                ('closed_until', models.DateTimeField()),
                ('wait_noted', models.BooleanField(default=False)),
            ],
            options={
                'verbose_name_plural': 'sign-in tries',
            },
        ),
        migrations.CreateModel(
            name='Upkeep',
            fields=[
                ('task', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('faults', models.PositiveIntegerField(default=0)),
            ],
            options={
                'verbose_name_plural': 'upkeep',
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='E-mail')),
                ('name', models.CharField(max_length=120, verbose_name='Name as it stands in the record')),
                ('is_active', models.BooleanField(default=True)),
                ('joined_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('first_signed_in_at', models.DateTimeField(blank=True, null=True)),
                ('signed_out_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='one_account_for_an_email_in_any_case')],
            },
        ),
        migrations.CreateModel(
            name='Clinic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('time_zone', models.CharField(default='Asia/Singapore', max_length=64, validators=[clinic.staff.models.known_zone])),
                ('record_prefix', models.CharField(blank=True, default='HC-', max_length=8, verbose_name='Record numbers begin with')),
                ('thresholds', models.JSONField(blank=True, null=True)),
                ('thresholds_reason', models.CharField(blank=True, max_length=300)),
                ('thresholds_repeats', models.JSONField(blank=True, null=True)),
                ('letterhead', models.TextField(blank=True, max_length=400, verbose_name='Letterhead of what is printed')),
                ('cover_minutes', models.PositiveSmallIntegerField(default=10, verbose_name='Minutes without a touch until a page is covered')),
                ('second_factor_for_all', models.BooleanField(default=False, verbose_name='Ask everybody for a second factor')),
                ('settings_saved_at', models.DateTimeField(blank=True, editable=False, null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('cover_minutes__range', (1, 30))), name='a_page_is_covered_after_1_to_30_minutes')],
            },
        ),
        migrations.CreateModel(
            name='AuditSeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('made_at', models.DateTimeField()),
                ('first_event', models.BigIntegerField()),
                ('last_event', models.BigIntegerField()),
                ('count', models.PositiveIntegerField()),
                ('entries', models.BinaryField()),
                ('mac', models.CharField(max_length=64)),
                ('clinic', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
            ],
            options={
                'indexes': [models.Index(fields=['last_event'], name='seals_by_last_event')],
                'constraints': [models.UniqueConstraint(fields=('clinic', 'number'), name='one_seal_of_a_number_in_a_clinic'), models.UniqueConstraint(condition=models.Q(('clinic', None)), fields=('number',), name='one_seal_of_a_number_outside_clinics')],
            },
        ),
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('action', models.CharField(max_length=32)),
                ('object_type', models.CharField(blank=True, max_length=32)),
                ('object_id', models.CharField(blank=True, max_length=36)),
                ('patient_id', models.UUIDField(null=True)),
                ('detail', models.JSONField(default=dict)),
                ('request_id', models.CharField(blank=True, max_length=36)),
                ('address', models.GenericIPAddressField(null=True)),
                ('session', models.CharField(blank=True, max_length=16)),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='audit_events', to=settings.AUTH_USER_MODEL)),
                ('clinic', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='audit_events', to='clinic.clinic')),
            ],
            options={
                'indexes': [models.Index(fields=['clinic', 'patient_id', 'at'], name='audit_by_patient'), models.Index(fields=['clinic', 'actor', 'at'], name='audit_by_person'), models.Index(fields=['clinic', 'at'], name='audit_by_time'), models.Index(fields=['clinic', 'action', 'at'], name='audit_by_action'), models.Index(fields=['clinic', 'actor', 'action', 'at'], name='audit_by_person_and_action')],
            },
        ),
        migrations.CreateModel(
            name='DevicePin',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('device', models.CharField(max_length=32)),
                ('pin_hash', models.CharField(max_length=128)),
                ('signed_in_at', models.DateTimeField()),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='device_pins', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'device'), name='one_pin_of_a_person_on_a_device')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('manager', 'Manager'), ('clinician', 'Clinician'), ('nurse', 'Nurse'), ('reception', 'Reception'), ('reader', 'Reader'), ('blind_reader', 'Blind reader')], max_length=16)),
                ('is_active', models.BooleanField(default=True)),
                ('since', models.DateTimeField(blank=True, default=django.utils.timezone.now, editable=False, null=True)),
                ('ended_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='clinic.clinic')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'clinic'), name='one_role_for_a_person_in_a_clinic'), models.CheckConstraint(condition=models.Q(('role__in', ['manager', 'clinician', 'nurse', 'reception', 'reader', 'blind_reader'])), name='a_role_is_one_of_the_six')],
            },
        ),
        migrations.CreateModel(
            name='OneTimeLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('new_account', 'First sign-in'), ('reset', 'New password')], max_length=16)),
                ('secret_hash', models.CharField(max_length=64, unique=True)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('expires_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(null=True)),
                ('cancelled_at', models.DateTimeField(null=True)),
                ('removes_second_factor', models.BooleanField(default=False)),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='one_time_links', to='clinic.clinic')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='one_time_links', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('used_at', None), ('cancelled_at', None), _connector='OR'), name='a_link_was_used_or_cancelled_not_both')],
            },
        ),
        migrations.RunPython(put_up, take_down),
    ]
