from typing import Any

from django import template

from treatments.records.drafts import store as drafts

register = template.Library()


@register.simple_tag(takes_context=True)
def draft_ticket(context: dict[str, Any]) -> str:
    """The right to keep a draft of this page's form for the person who opened it; "" where nobody works."""
    request = context["request"]
    clinic = getattr(request, "clinic", None)
    return (
        drafts.ticket(owner=request.user, clinic=clinic, form=context.get("draft_form", request.path)) if clinic else ""
    )
