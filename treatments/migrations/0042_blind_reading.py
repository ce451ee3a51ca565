import django.db.models.deletion
import django.utils.timezone
import treatments.records.ids
import uuid
from django.conf import settings
from django.db import migrations, models

from clinic.audit import append_only


def put_up(apps, schema_editor):
    append_only.refuse_changes(schema_editor.connection, apps.get_model("treatments", "Reading"))


def take_down(apps, schema_editor):
    append_only.allow_changes(schema_editor.connection, apps.get_model("treatments", "Reading"))


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0012_blind_readers'),
        ('treatments', '0041_case_reports'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReadingRound',
            fields=[
                ('id', models.UUIDField(default=treatments.records.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('submission', models.CharField(blank=True, editable=False, max_length=64)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('name', models.CharField(max_length=120, verbose_name='Name')),
                ('view', models.CharField(choices=[('vertex', 'Vertex'), ('superior_midline', 'Midline'), ('frontal', 'Frontal'), ('frontal_natural', 'Frontal, as worn'), ('temporal_left', 'Left temporal'), ('temporal_right', 'Right temporal'), ('oblique_left', 'Left oblique'), ('oblique_right', 'Right oblique'), ('occipital', 'Occipital'), ('target_macro', 'Target area, close-up'), ('trichoscopy', 'Trichoscopy'), ('treatment_map', 'Treatment map')], max_length=20, verbose_name='View')),
                ('site', models.CharField(blank=True, choices=[('frontal', 'Frontal'), ('temporal_left', 'Left temple'), ('temporal_right', 'Right temple'), ('mid_scalp', 'Mid-scalp'), ('vertex', 'Vertex'), ('parietal_left', 'Left parietal'), ('parietal_right', 'Right parietal'), ('occipital', 'Occipital'), ('beard', 'Beard'), ('eyebrow_left', 'Left eyebrow'), ('eyebrow_right', 'Right eyebrow'), ('whole_scalp', 'Whole scalp')], max_length=20, verbose_name='Site')),
                ('months', models.JSONField(default=list, verbose_name='Months')),
                ('against', models.CharField(choices=[('baseline', 'The baseline photo of the view'), ('earlier', 'Any earlier photo of the view, by chance')], default='baseline', max_length=12, verbose_name='Against')),
                ('comparable_only', models.BooleanField(default=True, verbose_name='Comparable pairs only')),
                ('at_most', models.PositiveSmallIntegerField(default=40, verbose_name='Pairs at most')),
                ('null_percent', models.PositiveSmallIntegerField(default=15, verbose_name='Pairs of one Month, in a hundred')),
                ('repeat_percent', models.PositiveSmallIntegerField(default=15, verbose_name='Repeats, in a hundred')),
                ('found', models.JSONField(default=dict, editable=False)),
                ('closed_at', models.DateTimeField(editable=False, null=True)),
                ('closed_reason', models.CharField(blank=True, editable=False, max_length=300, verbose_name='Why before everybody has read all?')),
                ('clinic', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('closed_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='entered by')),
            ],
        ),
        migrations.CreateModel(
            name='ReadingPair',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('real', 'Two Months'), ('null', 'Two photos of one Month'), ('repeat', 'A pair shown again, sides changed')], max_length=8)),
                ('verdict', models.CharField(max_length=16)),
                ('earlier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='treatments.photo')),
                ('later', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='treatments.photo')),
                ('repeats', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='repeated_by', to='treatments.readingpair')),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pairs', to='treatments.readinground')),
            ],
        ),
        migrations.CreateModel(
            name='ReaderPlace',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('seed', models.CharField(editable=False, max_length=64)),
                ('is_third', models.BooleanField(default=False)),
                ('added_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('added_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reader', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reading_places', to=settings.AUTH_USER_MODEL)),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='places', to='treatments.readinground')),
            ],
        ),
        migrations.CreateModel(
            name='ShownPair',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('later_is_right', models.BooleanField()),
                ('token', models.CharField(max_length=40, unique=True)),
                ('pair', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shown', to='treatments.readingpair')),
                ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shown', to='treatments.readerplace')),
            ],
        ),
        migrations.CreateModel(
            name='Reading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('score', models.SmallIntegerField(null=True)),
                ('cannot_judge', models.CharField(blank=True, choices=[('conditions', 'Light, hair length, parting or wetness differ'), ('quality', 'One of the two is blurred, too dark or too bright'), ('area', 'They do not show the same area'), ('recognised', 'I recognise the patient, or know which photo is later'), ('other', 'Another reason')], max_length=12)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('shown', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='reading', to='treatments.shownpair')),
            ],
        ),
        migrations.AddIndex(
            model_name='readinground',
            index=models.Index(fields=['clinic', '-created_at'], name='reading_rounds_of_a_clinic'),
        ),
        migrations.AddConstraint(
            model_name='readinground',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('closed_by__isnull', True)), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False)), _connector='OR'), name='a_round_is_closed_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='readingpair',
            constraint=models.CheckConstraint(condition=models.Q(('earlier', models.F('later')), _negated=True), name='a_read_pair_is_two_photos'),
        ),
        migrations.AddConstraint(
            model_name='readingpair',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'repeat'), ('repeats__isnull', False)), models.Q(models.Q(('kind', 'repeat'), _negated=True), ('repeats__isnull', True)), _connector='OR'), name='only_a_repeat_repeats_a_pair'),
        ),
        migrations.AddConstraint(
            model_name='readerplace',
            constraint=models.UniqueConstraint(fields=('round', 'reader'), name='a_reader_has_one_place_in_a_round'),
        ),
        migrations.AddConstraint(
            model_name='shownpair',
            constraint=models.UniqueConstraint(fields=('place', 'position'), name='one_pair_at_a_position'),
        ),
        migrations.AddConstraint(
            model_name='shownpair',
            constraint=models.UniqueConstraint(fields=('place', 'pair'), name='a_pair_is_shown_to_a_reader_once'),
        ),
        migrations.AddConstraint(
            model_name='reading',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('cannot_judge', ''), ('score__isnull', False)), models.Q(('score__isnull', True), models.Q(('cannot_judge', ''), _negated=True)), _connector='OR'), name='a_reading_is_a_score_or_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='reading',
            constraint=models.CheckConstraint(condition=models.Q(('score__isnull', True), ('score__range', (-3, 3)), _connector='OR'), name='a_score_is_one_of_seven'),
        ),
        migrations.RunPython(put_up, take_down),
    ]
