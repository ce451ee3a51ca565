"""Hamilton-Norwood, as Norwood revised it in 1975. Hamilton's own scale of 1951 is another one.

Definitions are paraphrased. The mid-coronal line runs over the head from ear canal to ear canal.
III and III vertex are two patterns at one number: neither is better or worse than the other.
"""

from __future__ import annotations

from treatments.assessments.scales.stages import Scale, Stage


def _type(code: str, rank: int, pattern: str, definition: str) -> Stage:
    label = "Type " + code.replace("-", " ")
    return Stage(code, label, definition, rank, pattern, f"norwood-{code}", ("top", "side"))


NORWOOD = Scale(
    code="norwood_1975",
    name="Hamilton-Norwood",
    short_name="Norwood",
    version="Norwood 1975",
    source="Norwood OT. South Med J 1975",
    usual_for=frozenset({"male"}),
    stages=(
        _type("I", 1, "none", "No recession at the front edge, or barely any."),
        _type(
            "II",
            2,
            "frontotemporal",
            "Triangular recession at the temples, usually alike on both sides, staying at least "
            "about 2 cm in front of the mid-coronal line.",
        ),
        _type(
            "IIa",
            2,
            "anterior",
            "The whole front edge sits high; only a few sparse hairs are left of the mid-frontal "
            "island; the bare strip is no deeper than 2 cm.",
        ),
        _type(
            "III",
            3,
            "frontotemporal",
            "Deep recession at the temples, bare or nearly so, to about 2 cm in front of the "
            "mid-coronal line. The least extent Norwood counts as baldness.",
        ),
        _type(
            "IIIa",
            3,
            "anterior",
            "A bare area moving back from the front reaches the mid-coronal line.",
        ),
        _type(
            "III-vertex",
            3,
            "vertex",
            "Loss mainly at the vertex; recession at the front absent or no worse than type III.",
        ),
        _type(
            "IV",
            4,
            "frontotemporal+vertex",
            "Recession at front and temples beyond type III and a sparse or bare vertex, kept "
            "apart by a fairly dense band that joins the side fringes.",
        ),
        _type(
            "IVa",
            4,
            "anterior",
            "The bare area passes the mid-coronal line; thinning may reach behind it.",
        ),
        _type(
            "V",
            5,
            "frontotemporal+vertex",
            "Both bare areas are larger; the band between them is narrower and sparser.",
        ),
        _type(
            "Va",
            5,
            "anterior",
            "The most advanced variant from the front; the bare area still stops short of the vertex.",
        ),
        _type(
            "VI",
            6,
            "confluent",
            "The band is gone: front and vertex areas merge; the sides are still fairly high.",
        ),
        _type(
            "VII",
            7,
            "confluent",
            "Only a narrow horseshoe of hair is left at the sides and back.",
        ),
    ),
)
