"""Published results, as they were read, with what stands in the way of setting them beside a clinic's own. No Django.

Only what was read in a public copy, or is computed from it here. Nothing is pooled and nothing tested. The changes of
minoxidil and of placebo are those of tables 2 and 3 of a review (Suchonwanit and others, Drug Des Devel Ther
2019;13:2777, PMC6691938): "mean difference hair density/cm² (SD) between baseline and end of the study"; the numbers of
patients in a group are its too. How many were randomised is told where the trial's own abstract was read.
"""

from dataclasses import dataclass
from typing import Final, Literal

PER_CM2: Final = "hairs/cm²"
OTHER_SITE = "not comparable: other site, method and counted area"
_REVIEW = "PMC6691938"


@dataclass(frozen=True)
class Group:
    """One group of a trial: the `mean` change at `week` in hairs per cm² with its `sd`, None where it was not printed.

    `n` were analysed; `missing` were begun with and not analysed, None where that is not told.
    """

    product: str
    n: int
    week: int
    mean: float
    sd: float | None = None
    missing: int | None = None
    is_placebo: bool = False


@dataclass(frozen=True)
class Share:
    """How many of how many: patients that improved, that had a harm. `kind` is the interval that its authors' question
    asks for: "exact" for harms and none seen, "wilson" else."""

    what: str
    k: int
    n: int
    kind: Literal["wilson", "exact"] = "wilson"


@dataclass(frozen=True)
class Study:
    """`key` is a stable short name; `people` who they were; `n` all together, for the sum of `parts`.

    `parts` are groups or categories that must add up to `n`. `words` are what was told without figures, or beside them.
    `caution` is printed with the study wherever it is shown.
    """

    key: str
    name: str
    source: str
    people: str
    n: int
    groups: tuple[Group, ...] = ()
    shares: tuple[Share, ...] = ()
    parts: tuple[int, ...] = ()
    words: str = ""
    harms: str = ""
    caution: str = ""
    why_not: str = OTHER_SITE

    @property
    def short_name(self) -> str:
        """ "Olsen 2002"."""
        return self.name.partition(",")[0]

    @property
    def has_figures(self) -> bool:
        return bool(self.groups or self.shares)


STUDIES: Final[tuple[Study, ...]] = (
    Study(
        key="olsen-2002",
        name="Olsen 2002, minoxidil solution",
        source=f"{_REVIEW}, table 2",
        people="men, mean age 36.5 years",
        n=358,
        groups=(
            Group("Placebo", 78, 48, 3.9, 21.7, is_placebo=True),
            Group("Minoxidil 5 % solution", 139, 48, 18.6, 25.4),
            Group("Minoxidil 2 % solution", 141, 48, 12.7, 20.7),
        ),
        parts=(78, 139, 141),
        harms="5 %: itching 4 %, headache 3 %; 2 %: itching 1 %, headache 0.6 %",
    ),
    Study(
        key="olsen-2007",
        name="Olsen 2007, minoxidil foam",
        source=f"{_REVIEW}, table 2",
        people="men, mean age 39.2 years",
        n=352,
        groups=(
            Group("Placebo", 172, 16, 4.7, 19.7, is_placebo=True),
            Group("Minoxidil 5 % foam", 180, 16, 20.9, 22.5),
        ),
        parts=(172, 180),
        harms="Redness 3.9 %, dryness or scaling 2.8 %, folliculitis 1.1 %",
        why_not=f"{OTHER_SITE}; 16 weeks",
    ),
    Study(
        key="lucky-2004",
        name="Lucky 2004, minoxidil solution",
        source=f"{_REVIEW}, table 3; randomised: the trial’s abstract",
        people="women, mean age 37 years",
        n=260,
        groups=(
            Group("Placebo", 51, 48, 9.4, 14.6, missing=74 - 51, is_placebo=True),
            Group("Minoxidil 5 % solution", 101, 48, 26.0, 19.5, missing=153 - 101),
            Group("Minoxidil 2 % solution", 108, 48, 20.7, 17.6, missing=154 - 108),
        ),
        parts=(51, 101, 108),
        harms="5 %: itching 5 %, headache 4 %, unwanted hair 3 %",
        caution="Of 381 women who were randomised 121 are not in these figures.",
    ),
    Study(
        key="blume-peytavi-2011",
        name="Blume-Peytavi 2011, minoxidil",
        source=f"{_REVIEW}, table 3",
        people="women, mean age 49.9 years",
        n=100,
        groups=(
            Group("Minoxidil 5 % foam, once a day", 50, 24, 31.9, 19.9),
            Group("Minoxidil 2 % solution", 50, 24, 28.4, 19.9),
        ),
        parts=(50, 50),
        harms="Facial hair: foam 33 %, solution 51 %",
        caution="No placebo group.",
    ),
    Study(
        key="berger-2003",
        name="Berger 2003, minoxidil solution",
        source=f"{_REVIEW}, table 2",
        people="men, mean age 40 years",
        n=100,
        groups=(
            Group("Placebo shampoo", 50, 26, -0.58, is_placebo=True),
            Group("Minoxidil 5 % solution, placebo shampoo", 50, 26, 12.3),
        ),
        parts=(50, 50),
        harms="Local intolerance 7 %",
        caution="No standard deviation was printed, so there is no interval.",
    ),
    Study(
        key="alrv5xr-2022",
        name="ALRV5XR 2022, two randomised trials",
        source="Frontiers 2022",
        people="women and men, 46 each",
        n=92,
        shares=(Share("women who responded", 12, 18), Share("men who responded", 11, 11)),
        words=(
            "Density rose by 30.1 hairs/cm² (19.7 %) in women and 21.0 hairs/cm² (16.4 %) in men, without a standard "
            "deviation."
        ),
        harms="None",
        caution="39 of 46 women and 22 of 46 men could be evaluated.",
    ),
    Study(
        key="prp-microneedling-60",
        name="Platelet-rich plasma with microneedling",
        source="PMC8423195",
        people="60 patients",
        n=60,
        shares=(Share("excellent or very good, by objective grading", 28, 60),),
        parts=(2, 26, 21, 7, 4),
        words="Excellent 2, very good 26, good 21, fair 7, none 4.",
        harms="None",
        caution="No control group.",
    ),
    Study(
        key="borhan-2015",
        name="Borhan 2015, platelet-rich plasma",
        source="Borhan 2015",
        people="14 patients",
        n=14,
        shares=(
            Share("density went up", 11, 14),
            Share("visible to three readers who did not know which photo was later", 2, 14),
        ),
        caution="What was counted and what was seen differ: 11 of 14 against 2 of 14.",
    ),
    Study(
        key="ersan-2024",
        name="Ersan 2024, exosomes of foreskin stem cells",
        source="Ersan 2024, abstract",
        people="30 men, Norwood III to VI, 22 to 65 years",
        n=30,
        shares=(Share("with a harm", 0, 30, "exact"),),
        words="Density up at weeks 4 and 12; the figures are not in the abstract.",
        caution="No control group is named in the abstract.",
    ),
    Study(
        key="review-exosomes-harms",
        name="Review of exosomes in hair loss: harms",
        source="Review of 9 studies",
        people="125 patients",
        n=125,
        shares=(Share("if no serious harm was seen", 0, 125, "exact"),),
        words="Harms were rare. At least 10 serious ones are reported of exosomes elsewhere in dermatology.",
    ),
    Study(
        key="rs-5252508",
        name="Exosomes of placental stem cells, preprint",
        source="Research Square rs-5252508",
        people="12 patients",
        n=12,
        words="Density 96.5 hairs/cm² before, 111.7 at week 3, 163.5 at week 6; diameter 0.049 to 0.059 mm.",
        harms="None",
        caution=(
            "Outlier: +69 % in six weeks is outside hair biology, and no other study listed here comes near. A "
            "preprint, not reviewed."
        ),
    ),
    Study(
        key="gressenberger-2020",
        name="Gressenberger 2020, platelet-rich plasma against saline, randomised",
        source="Gressenberger 2020",
        people="20 patients, 10 with saline",
        n=30,
        parts=(20, 10),
        words="No difference, neither by TrichoScan nor to a reader who did not know the groups.",
    ),
    Study(
        key="kaufman-1998",
        name="Kaufman 1998, finasteride against placebo",
        source="Kaufman 1998",
        people="1,553 men",
        n=1553,
        words=(
            "From 876 hairs in 5.1 cm² (172/cm²), 107 more than placebo after one year and 138 more after two: 21 and "
            "27 hairs/cm². These are differences from placebo, without a standard deviation."
        ),
    ),
    Study(
        key="split-head-30",
        name="Microneedling with and without platelet-rich plasma, one on each half of the head",
        source="PMC7759059",
        people="30 patients",
        n=30,
        words=(
            "The halves gained 14.6 and 10.8 hairs/cm²; the reader did not know which was which. The authors found no "
            "clear difference."
        ),
        harms="None major",
    ),
    Study(
        key="pmid-39155501",
        name="Exosomes of fat stem cells, Int J Dermatol 2024",
        source="PMID 39155501, abstract",
        people="30 patients, 24 weeks",
        n=30,
        words="“Density up”; no figures in the abstract.",
        harms="None severe",
    ),
    Study(
        key="rs-6938290",
        name="Exosomes of stem cells, preprint",
        source="Research Square rs-6938290",
        people="8 patients",
        n=8,
        words="Density and diameter up at 12 and 24 weeks; no figures in the abstract.",
        harms="None serious",
        caution="A preprint, not reviewed.",
    ),
    Study(
        key="al-ameer-2025",
        name="Review of exosomes, Al Ameer 2025",
        source="Clin Cosmet Investig Dermatol 18:2215",
        people="11 studies",
        n=11,
        words="Gains from 9.5 to 35 hairs/cm², thickness up to 13 µm more; the studies are not alike.",
    ),
)


def adds_up(study: Study) -> bool:
    """Whether its groups or categories come to its number of patients; true where it names none."""
    return not study.parts or sum(study.parts) == study.n
