"""The published report (Chieh and Lee 2025, J Clin Pract Med Case Rep 2(1):1-6, CC BY 4.0) as it is printed: its own
sentences and facts, and the marks that a strict reading gives it, line by line."""

from typing import Final

from treatments.evidence.reports.checklist.case import Case
from treatments.evidence.reports.checklist.consistency import Held, Part

LESSON: Final = (
    "These mechanisms are essential for the hair regrowth cycle and Exosomes play a role in the treatment of "
    "androgenetic alopecia."
)
INTRODUCTION: Final = (
    "Androgenetic alopecia is the most common form of hair loss and does affect both men and women. Androgenetic "
    "alopecia is reported to affect 50% of the population by the age of 50 years in males and a decade later in "
    "females in Singapore."
)
FINDINGS: Final = (
    "On examination, there is thinning at the crown and vertex of scalp and recession at temples. There is no erythema "
    "of scalp and pull test was negative."
)
TIMELINE: Final = (
    "Scalp visibility through crown under bright light. Noticeable thickening at the crown and vertex of scalp. "
    "Overall hair density improved 20-25% compared to baseline. Scalp less visible under standard lighting compared to "
    "baseline."
)
INTERVENTION: Final = (
    "3cc of Exosomes manually injection over crown and vertex of scalp during each treatment session. Each treatment "
    "session is 1 month apart. Patient received total of 5 treatment sessions."
)
FOLLOW_UP: Final = (
    "Patient has significant improvement in hair density after a course of exosomes therapy. Reported adverse events "
    "were predominantly mild and transient including mild pain during treatment, local scalp irritation, redness and "
    "swelling. There was no need to stop treatment because these side effects went away on their own. Crucially, no "
    "allergic reactions, severe systemic complications, or long term negative effects were noted."
)
LITERATURE: Final = (
    "Thirty patients with androgenetic alopecia (AGA) participated in a clinical study where the treatment improved "
    "global photographic assessments and resulted in a statistically significant increase in hair density over a "
    "24-week period, without severe adverse reactions. On the other hand, studies on plant-derived exosomes, such as "
    "RSCEs, have demonstrated their ability to suppress inflammatory pathways."
)
RATIONALE: Final = (
    "This aligns with the case's outcome, where a significant hair regrowth and follicular repigmentation were "
    "observed after six months."
)
CONCLUSION: Final = (
    "In summary, the patient with androgenetic alopecia was successfully treated with exosomes therapy, resulting in "
    "significant hair regrowth after 5 monthly treatments. In addition, Exosome therapy exhibited a favorable safety "
    "profile. The majority of adverse events were minor and temporary, and included itching, redness, swelling, and "
    "irritation of the scalp, as well as sporadic headaches. No serious systemic side effects, infections, or "
    "immunogenic reactions were reported. This case underscores the potential of plant-derived exosome therapy as a "
    "viable treatment option for androgenetic alopecia."
)
REFERENCES: Final = (
    "Goh CL. (2002) A retrospective study on the characteristic of androgenic alopecia among Asian races.",
    "Lee WS, Lee HJ. (2012) Characteristics of androgenetic alopecia in Asian. Ann Dermatol. 24(3):243-252.",
)
TITLE: Final = "Exosome Therapy for Androgenetic Alopecia: Case Report"
KEYWORDS: Final = "Exosome Therapy; Androgenetic Alopecia; MicroRNA; Vascular endothelial growth factor"

CASE: Final = Case(
    title=TITLE,
    keywords=tuple(KEYWORDS.split("; ")),
    what_is_new=LESSON,
    main_lesson=LESSON,
    # The abstract never mentions the patient.
    abstract_findings="",
    abstract_course="",
    introduction=INTRODUCTION,
    references=REFERENCES,
    age="A 60-year-old",
    sex="male",
    complaint="progressive hair loss localized at vertex of scalp",
    since="The onset of alopecia began 5 years ago",
    # "A thorough clinic assessment including a detailed history": none of it is told.
    medical="",
    family="",
    psychosocial="",
    earlier="no treatment was sought prior to this",
    earlier_outcome="no treatment was sought prior to this",
    scalp="thinning at the crown and vertex of scalp and recession at temples",
    tests="no erythema of scalp and pull test was negative",
    months=("Month 0", "Month 3", "Month 5"),
    examined="A thorough clinic assessment including a detailed history and physical examination were performed.",
    pictured="Baseline photo and after treatment photo were taken for comparison.",
    challenges="",
    diagnosis_basis="the characteristic pattern of hair loss with no evidence of a scarring pattern",
    differentials="",
    stage="Presented with Norwood stage 3 vertex hair loss",
    intervention="Exosomes",
    route="manually injection",
    volume="3cc",
    interval="Each treatment session is 1 month apart",
    strength="",
    technique="",
    changes_why="",
    outcome="Overall hair density improved 20-25% compared to baseline; happy with the improvements",
    outcome_clinician="",
    outcome_patient="",
    follow_up_tests="",
    given="Patient received total of 5 treatment sessions",
    tolerated="",
    harms=(
        frozenset({"pain", "irritation", "redness", "swelling"}),
        frozenset({"itching", "redness", "swelling", "irritation", "headache"}),
    ),
    limits="",
    literature=LITERATURE,
    rationale=RATIONALE,
    take_away=CONCLUSION,
    contradicted=frozenset({"rationale", "take_away"}),
    patient_words="Patient reports he has more hair, happy with the improvements",
    consent="",
)
MARKS: Final = {
    "1": "Y", "2": "Y", "3a": "P", "3b": "N", "3c": "N", "3d": "P", "4": "Y", "5a": "Y", "5b": "Y", "5c": "N",
    "5d": "Y", "6": "Y", "7": "Y", "8a": "Y", "8b": "N", "8c": "P", "8d": "Y", "9a": "Y", "9b": "P", "9c": "N",
    "10a": "P", "10b": "N", "10c": "P", "10d": "P", "11a": "N", "11b": "Y", "11c": "P", "11d": "P", "12": "P",
    "13": "N",
}  # fmt: skip
"""12 Y, 10 P, 8 N: 17 of 30."""
PARTS: Final = [
    Part("introduction", "Introduction", INTRODUCTION, speaks_of_others=True),
    Part("findings", "Clinical findings", FINDINGS),
    Part("timeline", "Timeline", TIMELINE),
    Part("intervention", "Therapeutic intervention", INTERVENTION),
    Part("follow_up", "Follow-up", FOLLOW_UP),
    Part("literature", "The literature", LITERATURE, speaks_of_others=True),
    Part("rationale", "Rationale", RATIONALE),
    Part("take_away", "Conclusion", CONCLUSION),
]
HELD: Final = Held(
    volumes=frozenset({3.0, 15.0}),
    sessions=frozenset({1, 2, 3, 4, 5}),
    months=frozenset({0, 1, 2, 3, 4, 5}),
    years=frozenset({5, 60}),
    products=(),
    words=f"{FINDINGS} {TIMELINE}",
)
"""What the paper's own case presentation states: a per cent without a method, and a product that it never names."""
