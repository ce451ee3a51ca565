"""The meter of the checklist: the published report as it is printed, and the same facts from a record."""

from dataclasses import fields, replace
from fractions import Fraction
from typing import Any

import pytest

from tests.evidence.reports import paper
from treatments.evidence.reports.checklist.care import ITEMS, POINTS, marked, score, score_words
from treatments.evidence.reports.checklist.case import BOXES, Case, is_answered, is_of_the_case, is_own_words, is_said

pytestmark = pytest.mark.any_database


def test_published_report_scores_17() -> None:
    """Line by line, by the marks of a strict reading."""
    lines = marked(paper.CASE)
    assert {line.item.number: line.mark for line in lines} == paper.MARKS
    assert score_words(score(lines)) == "17"
    counted = [list(paper.MARKS.values()).count(mark) for mark in "YPN"]
    assert counted == [12, 10, 8] and len(ITEMS) == 30


def test_nothing_is_credited_from_a_blank() -> None:
    lines = marked(Case())
    assert {line.mark for line in lines} == {"N"} and score(lines) == 0
    assert all(len(line.missing) == len(line.item.needs) for line in lines)


@pytest.mark.parametrize("name", [each.name for each in fields(Case) if each.name not in {"contradicted", "title"}])
def test_each_fact_counts(name: str) -> None:
    """Taken away from a case that has everything, each lowers the score, so that no fact is asked for nothing."""
    whole = complete()
    assert score(marked(whole)) == 30
    blank: Any = () if isinstance(getattr(whole, name), tuple) else ""
    less = replace(whole, **{name: blank, **({"harms_denied": ""} if name == "harms" else {})})
    is_either = name == "harms_denied"
    assert (score(marked(less)) < 30) != is_either


def complete() -> Case:
    texts = {
        each.name: f"In this case we report what was found of {each.name}."
        for each in fields(Case)
        if each.name not in {"keywords", "references", "months", "harms", "contradicted", "title", "patient_words"}
    }
    return Case(
        title="Exosomes for hair loss: a case report",
        keywords=("exosomes", "case report"),
        references=("Example A. Hair and vesicles. 2024.",),
        months=("Month 0", "Month 3"),
        harms=(frozenset({"pain"}),),
        patient_words="I have more hair.",
        **texts,
    )


def test_contradicted_text_counts_half() -> None:
    line = {each.item.number: each for each in marked(replace(complete(), contradicted=frozenset({"take_away"})))}
    assert line["11d"].mark == "P" and line["11c"].mark == "Y"
    assert sum(POINTS.values()) == Fraction(3, 2)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "\n\t", "-", "–", ".", "...", "n/a", "N/A.", "TBD", "tbc", "to do", "To be written later.",
        "not asked", "Not recorded.", "? ? ?", "- - - -", "a b c", "1 2 3", "xxx xxx xxx", "asdf asdf asdf",
        "TODO write this text", "This case lorem ipsum dolor", "see above please",
        "lorem ipsum dolor sit amet, consectetur adipiscing elit", "no idea what to write", "not yet known to us",
    ],
)  # fmt: skip
def test_filler_is_credited_nowhere(text: str) -> None:
    """In every box of an author and for the patient's words too, whatever they are filled up with."""
    boxes = dict.fromkeys((*BOXES, "patient_words"), text)
    lines = marked(replace(Case(), references=(text,), **boxes))
    assert {line.item.number for line in lines if line.mark != "N"} == set()


def test_one_text_in_every_box() -> None:
    """It may be what is new and the lesson too; more than that it answers nothing."""
    text = "In this case we report what was found."
    whole = complete()
    lines = marked(replace(whole, **dict.fromkeys(BOXES, text)))
    own = {"3a", "3d", "4", "8b", "9c", "11a", "11b", "11c", "11d"}
    assert {line.item.number for line in lines if line.mark != "Y"} == own
    twice = marked(replace(whole, what_is_new=text, main_lesson=text))
    assert score(twice) == 30


def test_what_counts_as_written() -> None:
    assert not is_said("-") and not is_said("none") and is_said("It was hard to tell.")
    assert is_answered("None.") and is_answered("none") and not is_answered("…") and not is_answered("No idea")
    assert is_said("患者头发变多。") and is_said("Nothing of this is known to be common.")
    assert is_of_the_case("This patient had no symptom.") and not is_of_the_case(paper.LESSON)
    assert is_own_words("I have more hair.") and is_own_words("头发变多了") and is_own_words("Meh haare, danke")
    assert not is_own_words(paper.CASE.patient_words) and not is_own_words(" ")
