"""What a text says of one case against a whole record: contradictions that are found, and true sentences, sentences
about other patients and about what would be needed, on which the checks stay silent."""

import pytest

from treatments.evidence.reports.checklist.consistency import Finding, Held, Part, checks
from treatments.evidence.reports.checklist.said import figure, ordinal, regions, sex, stages

pytestmark = pytest.mark.any_database
HELD = Held(
    is_record=True,
    events=frozenset({"injection_site_pain", "headache", "injection_site_erythema"}),
    volumes=frozenset({3.0, 6.0, 9.0, 12.0, 15.0}),
    percents=frozenset({(20.0, 25.0)}),
    counts=frozenset({90.0, 110.0, 20.0}),
    lights=("standard_room", "standard_room"),
    sources=frozenset({"plant"}),
    products=("Rose vesicles",),
    sessions=frozenset({1, 2, 3, 4, 5}),
    given=frozenset({5}),
    interval=1,
    months=frozenset({0, 1, 2, 3, 4, 5}),
    years=frozenset({5}),
    ages=frozenset({60}),
    sex="male",
    stages="Norwood III vertex",
    regions=frozenset({"vertex"}),
    words="Thin at the vertex",
)
CONTRADICTIONS = (
    "The patient received six sessions.",
    "A total of 7 treatments were given.",
    "Seven injections were performed.",
    "He received 6 monthly doses.",
    "He received a total of four sessions.",
    "Three sessions were given.",
    "The sixth session was at Month 5.",
    "4mL was injected.",
    "Four millilitres were given.",
    "3,5 mL was given.",
    "Three and a half mL was given.",
    "This 45-year-old man was content.",
    "In this patient of 45 years it was dense.",
    "The patient, aged 45, was content.",
    "She was happy with the result.",
    "The patient is female.",
    "Norwood stage V was found.",
    "The Ludwig stage was II.",
    "Stage IV improved to stage II.",
    "PRP was given.",
    "Adipose-derived exosomes were injected.",
    "Density improved by forty per cent.",
    "Density rose by twenty to thirty percent.",
    "Hair density doubled.",
    "There were no adverse events.",
    "The treatment was well tolerated without any side effects.",
    "The course was free of complications.",
    "At Month 6 the hair was denser.",
    "At month 9 he came back.",
    "No untoward effects were seen.",
    "After half a year the hair was denser.",
    "The hair was denser after 26 weeks.",
    "A year later the hair was still dense.",
    "The patient had an infection after the second session.",
    "Anaphylaxis occurred.",
    "The patient also took finasteride.",
    "Microneedling was used to deliver it.",
    "A blood test showed low ferritin.",
    "Trichoscopy showed vellus hairs.",
    "The count rose from 90 to 120 hairs/cm².",
    "It was injected at the frontal hairline.",
    "The sessions were two weeks apart.",
    "He was treated seven times.",
    "The vertex was injected twice.",
    "A man in his late forties came.",
    "He was in his 40s then.",
)
TRUE = (
    "In this patient of 60 years it was dense.",
    "The patient received five sessions.",
    "He was treated five times, and minoxidil was never given twice daily.",
    "A man in his early sixties, in his 60s.",
    "Five monthly sessions of 3 mL were given, 15 mL in all.",
    "After three sessions the crown was denser.",
    "Density improved by 20 to 25 per cent, estimated by eye.",
    "Density rose by twenty to twenty-five per cent by eye.",
    "The patient is a 60-year-old man with male pattern hair loss.",
    "It began five years before.",
    "At Month 5, after 5 months, the hair was denser.",
    "The hair was denser at 22 weeks.",
    "Adverse events were pain, redness and headache, all mild.",
    "No serious adverse events were recorded.",
    "There was no infection and no allergic reaction.",
    "He never took minoxidil.",
    "No biopsy was taken.",
    "The Norwood stage was III vertex, and the skin was Fitzpatrick type IV.",
    "The count rose from 90 to 110 hairs/cm², by 20 hairs/cm².",
    "His mother is content too; she noticed it first.",
)
OF_OTHERS = (
    "Larger studies over 12 months are needed.",
    "A follow-up of six months would be better.",
    "Further sessions every 12 months are planned.",
    "In a trial of 30 patients density rose by 35 % after 24 weeks of PRP.",
    "In men of 30 years 10 % have it.",
    "Minoxidil 5 % was never tried in this patient.",
    "One cannot be 100 % certain.",
)
LITERATURE = (
    "Norooznejhad et al. treated a 36-year-old woman with MSC-derived exosomes in three monthly injections of 4 mL.",
    "The patient in that report was a woman who had MSC-derived exosomes for 12 months.",
    "In this case report by Lee et al., the patient was treated with PRP for 12 months.",
    "No adverse events were reported. Biopsies showed new follicles, and two were cured.",
)


def found(text: str, held: Held = HELD, *, of_others: bool = False) -> list[Finding]:
    part = Part("take_away", "Conclusion", text, of_others)
    return [finding for check in checks([part], held) for finding in check.findings]


@pytest.mark.parametrize("text", CONTRADICTIONS)
def test_contradiction_is_found(text: str) -> None:
    assert found(text)


@pytest.mark.parametrize("text", [*TRUE, *OF_OTHERS])
def test_true_sentence_is_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("text", LITERATURE)
def test_literature_is_left_alone(text: str) -> None:
    assert found(text, of_others=True) == []


def test_no_harm_needs_an_answer() -> None:
    """That nothing happened is held only where somebody asked."""
    not_asked = Held(is_record=True, months=frozenset({0}))
    assert [each.said for each in found("There were no adverse events.", not_asked)] == [
        "No row holds that the patient was asked and named none."
    ]
    asked = Held(is_record=True, months=frozenset({0}), harms_denied=True)
    assert found("There were no adverse events.", asked) == []
    assert found("Adverse events were pain.", asked), "the record holds none"
    serious = Held(is_record=True, events=frozenset({"facial_oedema"}), serious=1)
    assert found("There was no serious adverse event.", serious)
    assert found("Adverse events were facial swelling.", serious) == []


def test_numbers_as_they_are_written() -> None:
    assert [figure(each) for each in ("3,5", "twenty-five", "three and a half", "nineteen", "12")] == [
        3.5, 25, 3.5, 19, 12,
    ]  # fmt: skip
    assert ordinal("sixth") == 6 and ordinal("21st") == 21
    assert [(scale, stage) for scale, stage, _ in stages("Norwood stage IIIa, then stage IV; Fitzpatrick type V")] == [
        ("norwood", 3), ("", 4),
    ]  # fmt: skip
    assert sex("She came with male pattern hair loss.") == "female" and sex("His sister said she saw it.") == ""
    assert regions("at the crown and the left eyebrow") == {"vertex", "eyebrow"}
