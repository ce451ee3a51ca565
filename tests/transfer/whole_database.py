"""Every row of every table, to be compared before and after."""

from typing import Any, Final

from django.apps import apps
from django.db import models

from clinic.audit.append_only import AppendOnly

TRAIL: Final = {"import", "importedrecord", "importhabits", "auditseal", "session", "draft", "loginattempt"}
"""What tells of an import, or of signing in: it stays."""


def rows() -> dict[str, dict[Any, dict[str, Any]]]:
    """By model and primary key, without what is only ever added to."""
    found: dict[str, dict[Any, dict[str, Any]]] = {}
    for model in apps.get_models():
        name = model._meta.model_name or ""
        if issubclass(model, AppendOnly) or name in TRAIL or model._meta.app_label not in {"treatments", "clinic"}:
            continue
        found[name] = {row.pk: _columns(row) for row in model._default_manager.all()}
    return found


def _columns(row: models.Model) -> dict[str, Any]:
    return {field.attname: str(getattr(row, field.attname)) for field in row._meta.concrete_fields}


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    told = []
    for name in before:
        for key in before[name].keys() | after[name].keys():
            if before[name].get(key) != after[name].get(key):
                old, new = before[name].get(key) or {}, after[name].get(key) or {}
                changed = {
                    column: (old.get(column), new.get(column))
                    for column in {*old, *new}
                    if old.get(column) != new.get(column)
                }
                told.append(f"{name} {key}: {changed}")
    return told
