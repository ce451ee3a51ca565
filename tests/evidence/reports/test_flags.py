"""What might identify: a planted set, of which it is counted how many are found, and texts in which nothing is."""

import pytest

from treatments.evidence.deidentification.ages import age_words
from treatments.evidence.deidentification.flags import EPONYMS, Flag, Known, flags, unanswered

pytestmark = pytest.mark.any_database
KNOWN = Known(
    names=(
        ("the patient", "Tan Wei Ming"),
        ("the patient", "陈英杰"),
        ("the patient", "Nguyễn Thị Hoài Ân"),
        ("the patient", "محمد علي"),
        ("the patient", "สมชาย"),
        ("the patient", "Will Grace"),
        ("a person of the clinic", "Dr Iris Bloom"),
    ),
    places=("Lime Tree Hair Clinic", "12 Invented Road"),
    codes=("HC-0417", "LT-2602"),
    numbers=("+65 5550 0101",),
    addresses=("ida@example.test",),
)
PLANTED = {
    "Mr Tan came back.": "Tan",
    "Wei said that it was denser.": "Wei",
    "患者陈英杰来诊。": "陈英杰",
    "英杰觉得头发变多。": "英杰",
    "NGUYEN was content.": "NGUYEN",
    "Dr Bloom examined the scalp.": "Bloom",
    "He was seen at Lime Tree Hair Clinic.": "Lime Tree Hair Clinic",
    "His record is HC 0417.": "HC 0417",
    "The lot was LT-2602.": "LT-2602",
    "Call him on 5550 0101.": "5550 0101",
    "Write to ida@example.test.": "ida@example.test",
    "He came on 14 May 2025.": "14 May 2025",
    "He came in January 2025.": "January 2025",
    "The first visit was on 2025-05-14.": "2025-05-14",
    "It began in 2019.": "in 2019",
    "He lives in Sentosa.": "Sentosa",
    "He lives at 7 Bukit Timah Road.": "Bukit Timah Road",
    "His wife Siew Ling noticed it.": "Siew Ling",
    "He is the only piano tuner in Sentosa.": "only piano tuner",
    "He works as a pilot.": "works as a pilot",
    "She was 93 years old.": "93",
    "His identity card is S1234567D.": "S1234567D",
    "Mrs Example came along.": "Mrs Example",
    "His site is www.example.test.": "www.example.test",
    "She was in Kuala Lumpur then.": "Kuala Lumpur",
    "Her neighbour Hui Min noticed it.": "Hui Min",
    "wei ming said so, tan said otherwise.": "wei",
    "Mr. tan came back.": "tan",
    "Ming’s hair is denser.": "Ming",
    "قال محمد إن شعره أكثر.": "محمد",
    "ومُحَمَّد راضٍ.": "مُحَمَّد",
    "สมชายพอใจ": "สมชาย",
    "陈先生很满意。": "陈先生",
    "Record 0417 was read.": "0417",
    "The lot was LT/2602.": "LT/2602",
    "Call 5550.0101 then.": "5550.0101",
    "He came on May 3.": "May 3",
    "He came on 3-May-25.": "3-May-25",
    "He came on 3 / 5 / 2025.": "3 / 5 / 2025",
    "He came on the third of May.": "third of May",
    "Am 3. Mai 2025 kam er.": "3 Mai 2025",
    "2025년 5월 3일에 왔다.": "2025년 5월 3일",
    "5月3日来诊。": "5月3日",
    "Khám ngày 12 tháng 3 năm 2025.": "ngày 12",
    "He came back in May.": "in May",
    "He came at Christmas.": "Christmas",
    "He came in early 2025.": "early 2025",
    "Her friend (Kumar) noticed it.": "Kumar",
    "He is nicknamed “Curly”.": "Curly",
    "He lives in bedok.": "bedok",
    "He is a taxi driver.": "taxi driver",
    "A 92 yo man came.": "92 yo",
    "See IMG_0417.jpg for it.": "IMG_0417.jpg",
    "Taken at 1.3521, 103.8198 by phone.": "1.3521, 103.8198",
    "See @curlyhair for more.": "@curlyhair",
    "He has a stall on Orchard Road.": "Orchard Road",
    "She is a butcher.": "butcher",
    "Professor Smith saw him.": "Professor Smith",
    "His brother-in-law Raj noticed it.": "Raj",
    "Her stepmother Aunt Lily has less hair.": "Lily",
    "The lot was of batch EX 2231.": "EX 2231",
    "It was lot no. 7741-B.": "7741-B",
    "He won the marathon of his town.": "marathon",
    "Bedok residents know him.": "Bedok",
}
"""Sentences that identify, with what is to be found in each. The last two are known to be missed."""
MISSED = {"He won the marathon of his town.", "Bedok residents know him."}
CLEAN = (
    "The stage was III vertex by the Norwood scale, and Fitzpatrick III.",
    "Hamilton reported it; Ludwig, Sinclair, Savin and Olsen described other scales.",
    "Five sessions of 3 mL were given, one month apart, at the vertex.",
    "At Month 5 the density had changed by +20–25 %.",
    "It may be that 20 may respond.",
    "The patient was 60 years old, and the onset was 5 years before Month 0.",
    "No lymph node was felt. The pull test was negative (2 of 60 hairs).",
    "This is seen in Asian men and in Figure 1.",
    "His father and his brother have less hair.",
    "Trichoscopy showed yellow dots at a magnification of 70.",
    "Pain was rated 2 of 10.",
    "Minoxidil 5 % was stopped for itching.",
    "The hair was 24 mm long, and the light was standard room light.",
    "She was content with the result.",
    "The effect will fade, but with grace; it may last, and may 3 more follow.",
    "There were 5 sessions in 3 months, 60 of 100 hairs, at 1.5 – 2.5 – 3.5 mm.",
    "وجد عليه تحسن.",
    "A nurse gave it, and the doctor examined the scalp.",
    "One lot of 3 mL was used, and the next lot 3 weeks later.",
    "Each batch was checked by 2 of 3 people; a nurse counted.",
    "The interval was 1 month; the ratio was 3.5 to 1.",
)


def found(text: str) -> list[str]:
    return [flag.found for flag in flags("Conclusion", text, KNOWN)]


@pytest.mark.parametrize("text", list(PLANTED))
def test_planted_is_found(text: str) -> None:
    """What only somebody who knows him understands is missed, and a place that nothing tells from a name."""
    is_found = any(PLANTED[text] in each or each in PLANTED[text] for each in found(text))
    assert is_found == (text not in MISSED), found(text)


@pytest.mark.parametrize("text", CLEAN)
def test_clean_is_not_flagged(text: str) -> None:
    assert found(text) == []


def test_eponyms_are_no_people() -> None:
    known = Known(names=(("the patient", "Olsen Hamilton"),))
    assert flags("x", "Graded by Hamilton and Olsen.", known) == []
    assert {"norwood", "fitzpatrick", "savin"} <= EPONYMS


def test_references_name_other_people() -> None:
    """Of a list of references only what this record knows is looked for."""
    reference = "Lee WS. Hair in Singapore, May 2012. Ann Dermatol 24:243."
    assert flags("References", reference, KNOWN, is_of_others=True) == []
    assert [flag.kind for flag in flags("References", "Tan W. 2012.", KNOWN, is_of_others=True)] == [
        "the name of the patient"
    ]


def test_answer_is_for_one_sentence() -> None:
    """What was answered in one sentence is asked again in another, and where the sentence was changed."""
    first, again = flags("Conclusion", "It began in 2019. It was worse in 2019 already.", KNOWN)
    assert first.key != again.key
    assert unanswered([first, again], [first.key]) == [again]
    other = Flag(first.kind, first.found, first.sentence, "Introduction")
    assert other.key != first.key


def test_ages_above_89_are_one_group() -> None:
    assert age_words(60) == "60 years old" and age_words(60, is_approximate=True) == "about 60 years old"
    assert age_words(89) == "89 years old" and age_words(90) == age_words(103) == "over 89 years old"
