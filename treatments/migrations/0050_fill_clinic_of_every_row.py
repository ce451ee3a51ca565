from django.db import migrations
from django.db.models import OuterRef, Subquery

from clinic.audit import append_only

# Each row takes the clinic of the one that it is part of; a place stands below the round, and so on downwards.
PARTS = [
    ("Application", "exosome_session", "ExosomeSession"),
    ("ConsentScan", "consent", "Consent"),
    ("ImportedRecord", "imported", "Import"),
    ("MovedRecord", "move", "RecordMove"),
    ("Pseudonym", "export", "ResearchExport"),
    ("ReaderPlace", "round", "ReadingRound"),
    ("ReadingPair", "round", "ReadingRound"),
    ("RegionVolume", "exosome_session", "ExosomeSession"),
    ("ShownPair", "place", "ReaderPlace"),
    ("Reading", "shown", "ShownPair"),
    ("StockMovement", "lot", "Lot"),
]
APPEND_ONLY = {"Pseudonym", "Reading", "StockMovement"}


def fill(apps, schema_editor):
    for name, whole, of in PARTS:
        model, wholes = apps.get_model("treatments", name), apps.get_model("treatments", of)._base_manager
        if name in APPEND_ONLY:
            append_only.allow_changes(schema_editor.connection, model)
        clinic = wholes.filter(pk=OuterRef(f"{whole}_id")).values("clinic_id")[:1]
        model._base_manager.filter(clinic=None).update(clinic_id=Subquery(clinic))
        if schema_editor.connection.vendor == "postgresql":  # which makes no trigger while a foreign key waits to be checked
            schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")
        if name in APPEND_ONLY:
            append_only.refuse_changes(schema_editor.connection, model)


class Migration(migrations.Migration):
    dependencies = [("treatments", "0049_clinic_of_every_row")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
