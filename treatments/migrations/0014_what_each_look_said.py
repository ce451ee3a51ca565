"""Say of each event what its report said and what each follow-up added, and work out anew how it stands.

Before, a follow-up wrote its grade, criteria, outcome and end over those of the event. What stood there before is in
the event's corrections, so that the report's own answers are found by going back through them: a correction
"Follow-up of ..." belongs to that follow-up; one that closed an event, or said how it was after a follow-up had been
written, is a look of its own day, with its reason as the note. What no correction changed is the report's own.
"""

import ast
from collections import defaultdict
from datetime import date, timedelta

from django.db import migrations
from django.db.models import F, Q
from django.utils import timezone

from treatments.records.ids import new_id
from treatments.records.partial_dates import parse

BATCH = 200
TOLD = ("grade", "seriousness", "outcome", "ended")
CRITERIA = (
    "death", "life_threatening", "hospitalisation", "disability", "congenital_anomaly", "medically_important",
)  # fmt: skip
ONGOING, FATAL = "3", "5"
CLOSED, OPEN = {"1", "4"}, {"0", "2", "3"}
DECISION = {"report_decision", "report_due_on", "authority", "authority_reported_on", "authority_reference"}


def say_what_each_look_said(apps, schema_editor):
    events = apps.get_model("treatments", "AdverseEvent").objects
    events.update(
        reported_grade=F("grade"),
        reported_seriousness=F("seriousness"),
        reported_outcome=F("outcome"),
        reported_ended=F("ended"),
    )
    concerned = events.filter(
        Q(version__gt=1)
        | Q(is_serious=True)
        | Q(follow_ups__isnull=False)
        | Q(exosome_session__struck_out_at__isnull=False)
    )
    in_order = concerned.order_by("pk").values_list("pk", flat=True).distinct()
    ids = list(in_order[:BATCH])
    while ids:
        for event in _Events(apps, ids).each():
            event.save()
        ids = list(in_order.filter(pk__gt=ids[-1])[:BATCH])


class _Events:
    """Some events with their follow-ups and corrections: three queries."""

    def __init__(self, apps, ids):
        self.apps, self.ids = apps, ids

    def each(self):
        model = self.apps.get_model
        follow_ups, corrections = defaultdict(list), defaultdict(list)
        looks = model("treatments", "FollowUp").objects.filter(event_id__in=self.ids).order_by("created_at", "id")
        for look in looks:
            follow_ups[look.event_id].append(look)
        for each in model("treatments", "Correction").objects.filter(record_id__in=self.ids).order_by("version"):
            corrections[each.record_id].append(each)
        events = model("treatments", "AdverseEvent").objects.filter(pk__in=self.ids)
        for event in events.select_related("exosome_session"):
            yield _Event(event, follow_ups[event.pk], corrections[event.pk], model("treatments", "FollowUp"))


class _Event:
    def __init__(self, event, follow_ups, corrections, look_model):
        self.event, self.follow_ups, self.corrections, self.look_model = event, follow_ups, corrections, look_model

    def save(self):
        event = self.event
        self._replay()
        for look in self.follow_ups:
            look.save()
        self._find_deadline_set_by_hand()
        looks = self._looks()
        for name, value in _standing(looks).items():
            setattr(event, name, value)
        computed = _due(event.kind, looks)
        is_by_hand = event.due_by_hand_on and (event.is_serious or event.report_decision == "required")
        event.report_due_on = event.due_by_hand_on if is_by_hand else computed
        event.fell_with_session = self._falls()
        event.save()

    def _replay(self):
        told, steps = self._steps()
        last = None
        for correction, before, after in steps:
            changed = {name for name in TOLD if before[name] != after[name]}
            if correction.reason.startswith("Follow-up of "):
                last = self._follow_up_of(correction) or last
                if last is not None:
                    last.criteria = [code for code in after["seriousness"] if code not in before["seriousness"]]
                    last.ended = after["ended"] if "ended" in changed else last.ended
                continue
            told |= {name: after[name] for name in changed & {"grade", "seriousness"}}
            how = changed & {"outcome", "ended"}
            closes = "outcome" in how and after["outcome"] in CLOSED and changed <= {"outcome", "ended"}
            if "outcome" in how and (closes or last is not None):
                last = self._look_of(correction, after)
            elif how and last is not None:
                last.ended = after["ended"]
            else:
                told |= {name: after[name] for name in how}
        for name in TOLD:
            setattr(self.event, f"reported_{name}", told[name])

    def _steps(self):
        """What the report said at first, and each correction with the four answers before and after it."""
        after = {name: getattr(self.event, name) for name in TOLD}
        after["ended"] = after["ended"] or None
        steps = []
        for correction in reversed(self.corrections):
            before = dict(after)
            for change in correction.changes:
                if change["field"] in TOLD:
                    before[change["field"]] = _read(change["field"], change["raw"])
            steps.append((correction, before, after))
            after = before
        return dict(after), reversed(steps)

    def _follow_up_of(self, correction):
        """The follow-up that was written with this correction, in the same moment."""
        near = [look for look in self.follow_ups if abs(look.created_at - correction.at) < timedelta(minutes=1)]
        said = [look for look in near if correction.reason == f"Follow-up of {_day(look.seen_on)}"]
        return (said or near or [None])[-1]

    def _look_of(self, correction, after):
        look = self.look_model(
            id=new_id(),
            clinic_id=self.event.clinic_id,
            patient_id=self.event.patient_id,
            event=self.event,
            seen_on=timezone.localdate(correction.at),
            grade=5 if after["outcome"] == FATAL else None,
            criteria=["death"] if after["outcome"] == FATAL else [],
            outcome=after["outcome"],
            ended=after["ended"] if after["outcome"] != ONGOING else None,
            note=correction.reason,
            created_at=correction.at,
            created_by_id=correction.by_id,
        )
        self.follow_ups.append(look)
        return look

    def _find_deadline_set_by_hand(self):
        """A day that the page of the decision changed. Any other day was computed, and is computed anew."""
        for correction in self.corrections:
            fields = {change["field"] for change in correction.changes}
            if "report_due_on" in fields and fields <= DECISION and self.event.report_due_on is not None:
                self.event.due_by_hand_on = self.event.report_due_on
                self.event.due_by_hand_by_id, self.event.due_by_hand_at = correction.by_id, correction.at

    def _looks(self):
        """(day, order, grade, criteria, outcome, end) of the report and of each follow-up that stands."""
        event = self.event
        on = event.reported_on or timezone.localdate(event.created_at)
        report = (
            on, -1, event.reported_grade, event.reported_seriousness, event.reported_outcome, event.reported_ended
        )  # fmt: skip
        standing = sorted((look for look in self.follow_ups if look.struck_out_at is None), key=lambda x: x.created_at)
        later = [
            (look.seen_on, place, look.grade or 1, look.criteria, look.outcome, look.ended)
            for place, look in enumerate(standing)
        ]
        return sorted([report, *later], key=lambda look: look[:2])

    def _falls(self):
        """With its session, where that was struck out and nothing says that the event was of a later day."""
        event, session = self.event, self.event.exosome_session
        if session is None or session.struck_out_at is None or event.is_serious:
            return False
        last_day = session.performed_on
        if session.performed_precision.startswith("month"):
            last_day = (last_day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        began_later = bool(event.onset) and event.onset.bounds()[0] > last_day
        told_later = event.reported_on is not None and event.reported_on > last_day
        return not (began_later or told_later)


def _standing(looks):
    """As `treatments.safety.looks.standing` had it when this was written."""
    is_fatal = any(_is_fatal(look) for look in looks)
    grade = 5 if is_fatal else max(look[2] for look in looks)
    named = {code for look in looks for code in look[3]} | ({"death"} if is_fatal else set())
    outcome, ended = (FATAL if is_fatal else looks[-1][4]), None
    for look in looks:
        ended = look[5] or (None if look[4] in OPEN else ended)
    return {
        "grade": grade,
        "seriousness": [code for code in CRITERIA if code in named],
        "is_serious": any(_is_serious(look) for look in looks),
        "outcome": outcome,
        "ended": None if outcome == ONGOING else ended,
        "serious_since": min((look[0] for look in looks if _is_serious(look)), default=None),
    }


def _is_fatal(look):
    return look[2] == 5 or look[4] == FATAL or "death" in look[3]


def _is_serious(look):
    return bool(look[3]) or look[2] >= 4 or _is_fatal(look)


def _due(kind, looks):
    serious = [look[0] for look in looks if _is_serious(look)]
    if not serious:
        return None
    if kind == "anaphylaxis":
        return min(serious)
    return min([min(serious) + timedelta(days=15), *(look[0] for look in looks if _is_fatal(look))])


def _read(name, raw):
    """A value before a correction, from the text that the correction holds of it."""
    match name:
        case "grade":
            return int(raw or 1)
        case "seriousness":
            return list(ast.literal_eval(raw or "[]"))
        case "ended":
            return parse(raw, today=date.max.replace(month=1, day=1)) if raw else None
        case _:
            return raw


def _day(value):
    return f"{value.day} {value:%b %Y}"


class Migration(migrations.Migration):
    dependencies = [("treatments", "0013_looks_at_events")]

    operations = [migrations.RunPython(say_what_each_look_said, migrations.RunPython.noop, elidable=True)]
