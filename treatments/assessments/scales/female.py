"""Scales made for the female pattern: Ludwig, Sinclair, Savin, Olsen.

The papers themselves could not all be read: year and wording of the Sinclair grades, the Savin
labels and the limits of Ludwig's area are still to be confirmed against them.
"""

from __future__ import annotations

from treatments.assessments.scales.stages import Scale, Stage

_WOMEN = frozenset({"female"})


def _stages(name: str, drawing: str, definitions: dict[str, str]) -> tuple[Stage, ...]:
    """Stages in the order of their rank, each with a drawing of its own."""
    return tuple(
        Stage(code, f"{name} {code}", definition, rank, drawing=f"{drawing}-{code}")
        for rank, (code, definition) in enumerate(definitions.items(), start=1)
    )


_SINCLAIR_GRADES = {
    "1": "Normal part, the same width from front to back.",
    "2": "The part is wider.",
    "3": "The part is wider, and the hair on both sides thin enough to see through.",
    "4": "Diffuse loss over the top, with an open bald spot at the front of the part.",
    "5": "Advanced loss.",
}

LUDWIG = Scale(
    code="ludwig_1977",
    name="Ludwig",
    short_name="Ludwig",
    version="Ludwig 1977",
    source="Ludwig E. Br J Dermatol 1977",
    usual_for=_WOMEN,
    stages=_stages(
        "Ludwig",
        "ludwig",
        {
            "I": "Thinning over the crown that can be seen but is still easy to hide; front hairline kept.",
            "II": "Marked thinning of the same area; scalp visible.",
            "III": "That area is nearly bare; front hairline kept.",
        },
    ),
)

SINCLAIR = Scale(
    code="sinclair_2004",
    name="Sinclair",
    short_name="Sinclair",
    version="Sinclair 2004",
    source="Sinclair R et al. 2004; grades by photographs of the midline part",
    usual_for=_WOMEN,
    stages=_stages("Sinclair", "sinclair", _SINCLAIR_GRADES),
)

SINCLAIR_MEN = Scale(
    code="sinclair_modified_men",
    name="Sinclair, modified for men",
    short_name="Sinclair (men)",
    version="Modified Sinclair scale for men",
    source="Modified Sinclair scale for men with thinning of the female type",
    usual_for=frozenset({"male"}),
    stages=_stages("Sinclair (men)", "sinclair", _SINCLAIR_GRADES),
)

SAVIN = Scale(
    code="savin_1996",
    name="Savin",
    short_name="Savin",
    version="Savin 1996",
    source="Savin RC 1996; eight pictures of crown density and one of the front",
    usual_for=_WOMEN,
    stages=(
        Stage("I-1", "Savin I-1", "No loss to be seen.", 1),
        Stage("I-2", "Savin I-2", "The part is slightly wider.", 2),
        Stage("I-3", "Savin I-3", "The part is wider still.", 3),
        Stage("I-4", "Savin I-4", "The widest part before the whole top thins.", 4),
        Stage("II-1", "Savin II-1", "Diffuse thinning of the top.", 5),
        Stage("II-2", "Savin II-2", "Further diffuse thinning of the top.", 6),
        Stage("III", "Savin III", "Marked diffuse thinning; some hair survives.", 7),
        Stage("ADV", "Savin advanced", "Extensive loss; little hair left in the area.", 8),
    ),
    modifiers=(Stage("FRONTAL", "frontal accentuation", "Loss is accentuated at the front of the part."),),
)

OLSEN = Scale(
    code="olsen_1999",
    name="Olsen",
    short_name="Olsen",
    version="Olsen 1999",
    source="Olsen EA 1999; frontal accentuation seen from above with a central part",
    usual_for=_WOMEN,
    stages=(
        Stage("1", "Olsen 1", "Mild to moderate loss, widest at the front.", 1),
        Stage("2", "Olsen 2", "Frontal accentuation and diffuse loss together.", 2),
        Stage("3", "Olsen 3", "Severe; mainly diffuse thinning remains to be seen.", 3),
    ),
)
