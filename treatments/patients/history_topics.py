"""The questions of a history that are asked again at a later visit; of each, since when it is known, and before."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from treatments.patients.models import HairHistory
from treatments.records.actions import display_value
from treatments.records.formatting import uncapitalised
from treatments.records.models import Correction
from treatments.records.partial_dates import PartialDate
from treatments.records.past_values import Former, former_values
from treatments.records.vocabulary import Asked


@dataclass(frozen=True)
class Topic:
    """What is asked together. `name` is how it is kept and said: "allergies". `columns`: the answer, then its names."""

    name: str
    title: str
    columns: tuple[str, ...]

    @property
    def code(self) -> str:
        return self.columns[0]


TOPICS = (
    Topic("allergies", "Allergies", ("allergies", "allergies_text")),
    Topic("reasons not to inject", "Reasons not to inject", ("cautions_asked", "cautions")),
    Topic("medicines", "Medicines", ("medicines", "medicines_text")),
    Topic("other illness", "Other illness", ("conditions", "conditions_text")),
    Topic("hair loss", "Hair loss", ("course", "complaint", "regions")),
    Topic("family", "Family", ("family", "relatives", "family_note")),
    Topic("smoking", "Smoking", ("smoking",)),
    Topic("what it means to the patient", "What it means to the patient", ("impact",)),
)


@dataclass(frozen=True)
class Answer:
    """What is known of one topic: in words, when it was asked last, and what was true before."""

    topic: Topic
    text: str
    asked: PartialDate | None
    former: tuple[Former, ...]


def answers(history: HairHistory, updates: Sequence[Correction]) -> list[Answer]:
    """In the order in which they are asked. `updates` are those of this history."""
    former = former_values(updates)
    return [
        Answer(
            topic,
            _text(history, topic),
            last_asked(history, topic, updates),
            tuple(each for column in reversed(topic.columns) for each in former.get(column, ())),
        )
        for topic in TOPICS
    ]


def last_asked(history: HairHistory, topic: Topic, updates: Iterable[Correction]) -> PartialDate | None:
    """The last day on which it was asked or told; None where it never was, or no answer stands."""
    if not is_answered(history, topic):
        return None
    days = [each.since for each in updates if each.since and (topic.name in each.confirmed or _touches(each, topic))]
    if days:
        return max(days, key=lambda when: when.earliest)
    return history.when


def changed_topics(update: Correction) -> list[Topic]:
    return [topic for topic in TOPICS if _touches(update, topic)]


def in_words(update: Correction, *, leaving_out: Sequence[str] = ()) -> str:
    """ "allergies: asked, none → yes; which allergies: not recorded → penicillin; medicines unchanged"."""
    changed = [
        f"{uncapitalised(each['label']).rstrip('?')}: {_short(each)}"
        for each in update.shown_changes
        if each["field"] not in leaving_out
    ]
    return "; ".join([*changed, *(f"{name} unchanged" for name in update.confirmed)])


def _short(change: dict[str, str]) -> str:
    return f"{uncapitalised(change['before'])} → {change['after']}"


def _touches(update: Correction, topic: Topic) -> bool:
    return bool({change["field"] for change in update.changes} & set(topic.columns))


def is_answered(history: HairHistory, topic: Topic) -> bool:
    return any(getattr(history, name) not in (None, "", [], {}, Asked.NOT_ASKED) for name in topic.columns)


def _text(history: HairHistory, topic: Topic) -> str:
    """The answer in words; after a "yes" only what it names."""
    return ", ".join(_parts(history, topic)) or "not asked"


def _parts(history: HairHistory, topic: Topic) -> Iterator[str]:
    said = {"cautions": history.caution_labels, "regions": history.region_labels, "relatives": [history.relatives_text]}
    values = {name: getattr(history, name) for name in topic.columns}
    is_named = any(values[name] for name in topic.columns[1:])
    for name, value in values.items():
        if value in (None, "", [], {}, Asked.NOT_ASKED) or (value == Asked.YES and is_named):
            continue
        listed = said.get(name)
        yield ", ".join(listed) if listed else display_value(history._meta.get_field(name), value)
