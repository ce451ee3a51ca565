"""Figures of outcomes as pages print them; `evidence.outcomes.words` spells them."""

from django import template

from treatments.evidence.outcomes import words
from treatments.evidence.statistics.results import Estimate, Interval, NoAnswer

register = template.Library()

register.filter("whole", words.whole)
register.filter("per_cent", words.per_cent)
register.filter("one_decimal", words.one_decimal)
register.filter("difference", words.difference)
register.filter("share", words.share)


@register.filter
def interval(told: Estimate, kind: str) -> str:
    """ "+4 to +20 %"; "" where there is none."""
    return words.span(told.interval, kind) if isinstance(told.interval, Interval) else ""


@register.filter
def why_not(told: Estimate | NoAnswer) -> str:
    """Why there is no figure, or none with an interval; "" where there is."""
    if isinstance(told, NoAnswer):
        return told.reason
    return told.interval.reason if isinstance(told.interval, NoAnswer) else ""


@register.filter
def level(told: Estimate) -> str:
    """ "95.2 %": of an interval that is another than 95.0 %."""
    if isinstance(told.interval, Interval) and (shown := f"{100 * told.interval.level:.1f}") != "95.0":
        return f"{shown}\u00a0%"
    return ""


@register.filter
def is_figure(told: Estimate | NoAnswer) -> bool:
    return isinstance(told, Estimate)
