"""Consent forms that a clinic may begin with, in English. No Django here.

They say what a consent to this treatment should say (what is treated, that it is not approved, where the product comes
from, the alternatives, what is not known, the harms, cost and plan, the right to stop), and are no legal advice: until
the clinic has written a version of its own, every page says that a lawyer should read it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from treatments.consents.purposes import ConsentKind, PhotoPurpose


@dataclass(frozen=True)
class Sample:
    """`key` names it in a form; the rest are columns of ConsentText."""

    key: str
    kind: ConsentKind
    title: str
    body: str
    uses: dict[str, str] = field(default_factory=dict)
    covers_unapproved: bool = False


_TREATMENT: Final = """\
# What is treated
You have hair loss. Your clinician has examined your scalp, has told you which kind of hair loss it is and how \
far it has gone, and has written this in your record.

# What is given
Exosomes are very small particles that cells release. They are given into the skin of your scalp with a needle, \
in several sessions, usually a month apart. Before the first session we tell you the name of the product, who \
makes it and what it is made from: plants, animals or human cells. Ask us if we have not told you. If the \
product changes, we ask you again.

# This use is not approved
No authority has approved this product for treating hair loss by injection. How well it works and how safe it is \
have been studied in few people and for a short time.

# What we do not know
- Whether it will work for you. Some people see no change.
- How long a change lasts. Hair loss can go on during the treatment and after it.
- All harms. Rare ones, and those that come after years, may not be known yet.

# What may happen
- Often: pain, redness, swelling, small bleeding or bruises, itching, headache. Most of it goes away within \
days.
- Sometimes: more hair falls out for some weeks.
- Rarely: infection, an allergic reaction, lumps under the skin that stay (granulomas), a scar.
- Very rarely: skin that dies at the place of the needle, or a severe allergic reaction that needs help at once.

Call the clinic at once if you have fever, pain that grows, pus, skin that turns white or dark, trouble \
breathing or a swollen face. At night, go to an emergency department.

# What else you can do
You can use medicines with more evidence (minoxidil, finasteride), have a hair transplant, or do nothing. Each \
has benefits and harms of its own. You can ask about them now, and you can choose them later.

# What you must tell us
Tell us before each session about allergies, medicines, illnesses, pregnancy or breast feeding, and about \
everything that happened since the last one.

# Plan and cost
We have told you how many sessions are planned, how far apart, what each costs and that a session that was given \
is not paid back if it does not work.

# You decide
- You do not have to say yes. If you say no, you are looked after as well as before.
- You can stop at any time, also in the middle of a session, and you do not have to say why.
- You had time to ask, and your questions were answered.
- You can have a copy of this form.

By signing you say that you have read this form, or that it was read to you, and that you agree to the \
treatment.
"""

_PHOTOGRAPHY: Final = """\
# Why photographs are taken
We photograph your scalp at the same places and in the same light each time, so that we can see with you whether \
anything has changed. The pictures are kept in your record, with the date.

# You decide on each use
Below is a list of uses. We ask you about each one on its own. You can say yes to some and no to others. Your \
treatment does not depend on it.

# Your face
If you do not want to be recognised, tell us. We then take or show only pictures in which your face cannot be \
recognised. Nobody can promise that a person is never recognised.

# You can change your mind
You can take back each yes at any time. From that day we make no new use of the pictures. What is already \
printed or on other people’s devices cannot be got back, neither by us nor by you. The pictures that are a part \
of your record stay in it.

# What you do not get
You are not paid for the pictures, and you have no right to see them before they are published, unless we agree \
on that.

By signing you say that you have read this form, or that it was read to you, and that you agree to the uses that \
are ticked.
"""

_PERSONAL_DATA: Final = """\
# What we keep
We keep your name, how to reach you, your history, what was examined, what was given, photographs, and who wrote \
it down and when. This is your record.

# Why
We need it to treat you safely, to tell what has changed, to call you if a product turns out to be harmful, and \
because the law asks clinics to keep records.

# Who sees it
The people of this clinic who look after you, as far as their work needs it. Every look at your record is noted. \
Nobody else gets it, unless you ask us to send it, or the law orders us to.

# How long
As long as the law asks us to keep medical records. After that it is deleted or made anonymous.

# What you can ask for
- to see your record and to have a copy;
- to have corrected what is wrong, and to see what was corrected;
- to know who has looked at it;
- to take this consent back. Then we treat you no further, and keep only what the law asks for.

If you are not content with how we handle your data, tell us. You can also complain to the authority for data \
protection.

By signing you say that you have read this form, or that it was read to you, and that you agree.
"""

_CASE: Final = """\
# What is published
A clinician of this clinic wants to write about your treatment in a medical journal, so that other clinicians can \
learn from it. The text says what was found, what was given, what changed and what went wrong. It is your case, \
told in words and figures. Photographs are another question: they are asked about on the form for photographs.

# What others will know
Your name, your date of birth, your address and your record number are not printed. Dates are printed as “Month 3”, \
counted from your first visit. Your age, your sex and where your family comes from may be printed. The names of your \
clinicians and of this clinic are printed. Somebody who knows you may still recognise you. Nobody can promise \
that this never happens.

# You can read it first
You can read the text before it is sent to the journal. Tell us what you want changed or left out. The journal may \
still change its wording.

# Where it can be read
The journal is named on this form. Everybody can buy it or read it, also on the internet and in all countries, for \
ever. Others may copy it and translate it, if the journal allows that.

# You decide
- You do not have to say yes. If you say no, you are treated as well as before.
- You can take this back at any time until it is printed. From that day we send nothing more. What is printed cannot \
be got back, neither by us nor by you.
- You are not paid for it.
- You can have a copy of this form.

By signing you say that you have read this form, or that it was read to you, and that you agree that your case is \
published.
"""

SAMPLES: Final[tuple[Sample, ...]] = (
    Sample(
        "treatment", ConsentKind.TREATMENT, "Treatment of the scalp with exosomes", _TREATMENT, covers_unapproved=True
    ),
    Sample(
        "photography",
        ConsentKind.PHOTOGRAPHY,
        "Photographs and what they are used for",
        _PHOTOGRAPHY,
        {
            PhotoPurpose.RECORD: "In my record, seen only by the people who look after me.",
            PhotoPurpose.TEACHING: "Shown to staff and students of this clinic, for teaching.",
            PhotoPurpose.PUBLICATION: (
                "Printed, without my name, in a medical journal or report that the clinic names to me."
            ),
            PhotoPurpose.RESEARCH: "Used in a study that the clinic names to me and that an ethics committee approved.",
            PhotoPurpose.MARKETING_WEB: "Shown, without my name, on the clinic’s own website.",
            PhotoPurpose.MARKETING_SOCIAL: (
                "Shown, without my name, on the clinic’s pages in social media, where others can copy them."
            ),
        },
    ),
    Sample("data_processing", ConsentKind.DATA_PROCESSING, "Your personal data", _PERSONAL_DATA),
    Sample("case_publication", ConsentKind.CASE_PUBLICATION, "Your case in a medical journal", _CASE),
)
LANGUAGE: Final = "en"
