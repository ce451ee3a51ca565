import base64

from django.db import migrations, transaction

AT_ONCE = 200


def out_of_the_rows(apps, schema_editor):
    """Each batch by itself, so that this can be stopped and begun again; only what was copied is emptied."""
    photos, fingerprints = (apps.get_model("treatments", name)._base_manager for name in ("Photo", "PhotoFingerprint"))
    last = None
    while True:
        rows = photos.filter(pk__gt=last) if last else photos.all()
        with transaction.atomic():
            chunk = list(rows.order_by("pk").select_for_update().only("pk", "clinic_id", "quality_checks")[:AT_ONCE])
            kept = [each for each in chunk if _levels(each)]
            fingerprints.bulk_create(
                [fingerprints.model(photo_id=each.pk, clinic_id=each.clinic_id, levels=_levels(each)) for each in kept],
                ignore_conflicts=True,
            )
            for each in kept:
                each.quality_checks["measures"]["fingerprint"] = ""
            photos.bulk_update(kept, ["quality_checks"])
        if not chunk:
            return
        last = chunk[-1].pk


def _levels(photo):
    try:
        return base64.b64decode(photo.quality_checks["measures"]["fingerprint"], validate=True)
    except (KeyError, TypeError, ValueError):
        return b""


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("treatments", "0051_photo_fingerprint")]

    operations = [migrations.RunPython(out_of_the_rows, migrations.RunPython.noop)]
