import django.db.models.deletion
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


def carry_volumes_over(apps, schema_editor):
    """Until now a session had one product: all that was given was of it."""
    apps.get_model("treatments", "ExosomeSession").objects.update(first_ml=models.F("total_ml"))


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
        migrations.CreateModel(
            name='Application',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.PositiveSmallIntegerField()),
                ('lot_is_unknown', models.BooleanField(default=False)),
                ('lot_confirmed', models.CharField(blank=True, choices=[('tapped', 'Chosen from the list by hand'), ('typed', 'Its number was typed'), ('scanned', 'Its label was scanned')], max_length=8)),
                ('route', models.CharField(blank=True, choices=[('intradermal_injection', 'Injection into the skin (intradermal)'), ('subcutaneous_injection', 'Injection under the skin (subcutaneous)'), ('microneedling_topical', 'Microneedling with topical product'), ('topical_only', 'Topical only'), ('mesotherapy_gun', 'Mesotherapy gun'), ('fractional_laser_topical', 'Fractional laser with topical product'), ('other', 'Other')], max_length=32)),
                ('total_ml', models.DecimalField(decimal_places=2, max_digits=5, null=True)),
                ('volumes', models.JSONField(default=dict)),
                ('regions', models.JSONField(default=list)),
                ('depth_mm', models.DecimalField(decimal_places=1, max_digits=4, null=True)),
                ('device', models.CharField(blank=True, max_length=120)),
                ('note', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'ordering': ['place'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='regionvolume',
            name='only_a_known_region_is_charged',
        ),
        migrations.AddField(
            model_name='assessment',
            name='assessor_name',
            field=models.CharField(blank=True, max_length=120, verbose_name='Graded by somebody without an account'),
        ),
        migrations.AddField(
            model_name='assessment',
            name='visit',
            field=models.CharField(choices=[('assessment', 'Assessment'), ('follow_up', 'Follow-up')], default='assessment', editable=False, max_length=10, verbose_name='Kind of visit'),
        ),
        migrations.AddField(
            model_name='exosomesession',
            name='first_ml',
            field=models.DecimalField(decimal_places=2, default=0, editable=False, max_digits=5, verbose_name='Volume of the first product, mL'),
            preserve_default=False,
        ),
        migrations.RunPython(carry_volumes_over, migrations.RunPython.noop),
        migrations.AddField(
            model_name='exosomesession',
            name='operator_name',
            field=models.CharField(blank=True, max_length=120, verbose_name='Given by somebody without an account'),
        ),
        migrations.AddField(
            model_name='protocol',
            name='takes_walk_ins',
            field=models.BooleanField(default=False, verbose_name='A walk-in may be logged within it'),
        ),
        migrations.AlterField(
            model_name='assessment',
            name='pull_site',
            field=models.CharField(blank=True, choices=[('frontal', 'Frontal'), ('temporal_left', 'Left temple'), ('temporal_right', 'Right temple'), ('mid_scalp', 'Mid-scalp'), ('vertex', 'Vertex'), ('parietal_left', 'Left parietal'), ('parietal_right', 'Right parietal'), ('occipital', 'Occipital'), ('beard', 'Beard'), ('eyebrow_left', 'Left eyebrow'), ('eyebrow_right', 'Right eyebrow'), ('whole_scalp', 'Whole scalp')], max_length=20, verbose_name='Where'),
        ),
        migrations.AlterField(
            model_name='measurement',
            name='site',
            field=models.CharField(choices=[('frontal', 'Frontal'), ('temporal_left', 'Left temple'), ('temporal_right', 'Right temple'), ('mid_scalp', 'Mid-scalp'), ('vertex', 'Vertex'), ('parietal_left', 'Left parietal'), ('parietal_right', 'Right parietal'), ('occipital', 'Occipital'), ('beard', 'Beard'), ('eyebrow_left', 'Left eyebrow'), ('eyebrow_right', 'Right eyebrow'), ('whole_scalp', 'Whole scalp')], max_length=20, verbose_name='Where'),
        ),
        migrations.AlterField(
            model_name='photo',
            name='site',
            field=models.CharField(blank=True, choices=[('frontal', 'Frontal'), ('temporal_left', 'Left temple'), ('temporal_right', 'Right temple'), ('mid_scalp', 'Mid-scalp'), ('vertex', 'Vertex'), ('parietal_left', 'Left parietal'), ('parietal_right', 'Right parietal'), ('occipital', 'Occipital'), ('beard', 'Beard'), ('eyebrow_left', 'Left eyebrow'), ('eyebrow_right', 'Right eyebrow'), ('whole_scalp', 'Whole scalp')], max_length=20, verbose_name='Site'),
        ),
        migrations.AlterField(
            model_name='product',
            name='source_type',
            field=models.CharField(choices=[('msc_umbilical_cord', 'Stromal cells, umbilical cord'), ('msc_wharton_jelly', 'Stromal cells, Wharton’s jelly'), ('msc_adipose', 'Stromal cells, fat'), ('msc_bone_marrow', 'Stromal cells, bone marrow'), ('msc_placenta_amnion', 'Stromal cells, placenta or amnion'), ('msc_foreskin', 'Stromal cells, foreskin'), ('msc_unspecified', 'Stromal or stem cells, tissue not stated'), ('hair_follicle_cell', 'Hair follicle cells'), ('platelet', 'Platelets'), ('platelet_rich_plasma', 'Platelet-rich plasma (PRP)'), ('plant_rose_stem_cell', 'Plant, rose stem cells'), ('plant_other', 'Plant, other'), ('salmon_marine', 'Salmon or other marine source'), ('milk', 'Milk'), ('bacterial', 'Bacteria'), ('synthetic', 'Synthetic'), ('conditioned_medium_secretome', 'Conditioned medium (secretome)'), ('other', 'Other'), ('unknown', 'Not identified')], default='unknown', max_length=32, verbose_name='Source'),
        ),
        migrations.AlterField(
            model_name='regionvolume',
            name='region',
            field=models.CharField(choices=[('frontal', 'Frontal'), ('temporal_left', 'Left temple'), ('temporal_right', 'Right temple'), ('mid_scalp', 'Mid-scalp'), ('vertex', 'Vertex'), ('parietal_left', 'Left parietal'), ('parietal_right', 'Right parietal'), ('occipital', 'Occipital'), ('beard', 'Beard'), ('eyebrow_left', 'Left eyebrow'), ('eyebrow_right', 'Right eyebrow')], max_length=20),
        ),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.CheckConstraint(condition=models.Q(('assessor__isnull', True), ('assessor_name', ''), _connector='OR'), name='a_visit_was_graded_by_one_or_the_other'),
        ),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.CheckConstraint(condition=models.Q(('visit', 'assessment'), models.Q(('stage', ''), ('visit', 'follow_up')), _connector='OR'), name='a_follow_up_is_not_graded'),
        ),
        migrations.AddConstraint(
            model_name='exosomesession',
            constraint=models.CheckConstraint(condition=models.Q(('first_ml__gt', 0), ('first_ml__lte', models.F('total_ml'))), name='the_first_product_is_part_of_the_total'),
        ),
        migrations.AddConstraint(
            model_name='exosomesession',
            constraint=models.CheckConstraint(condition=models.Q(('operator__isnull', True), ('operator_name', ''), _connector='OR'), name='a_session_was_given_by_one_or_the_other'),
        ),
        migrations.AddConstraint(
            model_name='regionvolume',
            constraint=models.CheckConstraint(condition=models.Q(('region__in', ['frontal', 'temporal_left', 'temporal_right', 'mid_scalp', 'vertex', 'parietal_left', 'parietal_right', 'occipital', 'beard', 'eyebrow_left', 'eyebrow_right'])), name='only_a_known_region_is_charged'),
        ),
        migrations.AddField(
            model_name='application',
            name='exosome_session',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='applications', to='treatments.exosomesession'),
        ),
        migrations.AddField(
            model_name='application',
            name='lot',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='applications', to='treatments.lot'),
        ),
        migrations.AddField(
            model_name='application',
            name='product',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='applications', to='treatments.product'),
        ),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(fields=['lot', 'exosome_session'], name='applications_of_a_lot'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.UniqueConstraint(fields=('exosome_session', 'place'), name='an_application_has_its_own_place'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('place__gte', 2)), name='the_first_product_stands_in_the_session'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('total_ml__isnull', True), models.Q(('total_ml__gt', 0), ('total_ml__lte', Decimal('20'))), _connector='OR'), name='an_application_gives_up_to_20_ml'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('lot__isnull', True), models.Q(('lot_is_unknown', False), ('total_ml__isnull', False)), _connector='OR'), name='what_came_from_a_lot_has_its_volume'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('lot_confirmed', ''), ('lot__isnull', False), _connector='OR'), name='only_a_known_lot_was_chosen_for_it'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(('total_ml__isnull', False), models.Q(('route', ''), _negated=True), _connector='OR'), name='an_application_is_a_volume_or_a_technique'),
        ),
        migrations.AddField(
            model_name='assessment',
            name='since_last',
            field=models.CharField(choices=[('not_asked', 'Not asked'), ('none', 'Asked, none'), ('yes', 'Yes')], default='not_asked', max_length=10, verbose_name='Anything since last time?'),
        ),
    ]
