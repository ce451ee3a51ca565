"""The aftercare sheet that there is before a clinic has written its own. No Django here.

Its precautions are the cautious ones of a treatment by needle; the events to telephone for are those of
`safety/vocabulary.py` with the onset that they usually have: a lump may come weeks or months later, and skin that turns
pale or dark has followed such injections (JCD 2024, 10.1111/jocd.16206).
"""

DEFAULT_TEXT = """\
# After your session
Small marks, redness, slight swelling and tenderness where the needle went are common. They usually go within two days.

- Do not wash your hair for 24 hours. Then wash it gently, with lukewarm water.
- Do not scratch, rub or massage the places that were treated.
- For two days, do not swim, do not use a sauna or steam bath, and do no hard exercise.
- For two days, keep strong sun off your scalp. A clean, loose hat is enough.
- For 24 hours, put no dye, spray or other product on your scalp.
- Ask us when to begin again with a lotion or foam for your hair.
- Go on with the medicines that your doctor prescribed, unless you were told otherwise.

# Telephone us if
- pain, redness or swelling grows after the first two days
- the skin becomes hot, or there is pus, or you have a fever
- the skin turns pale, blue, grey or black, or forms blisters
- a lump or a hard place appears, even weeks or months later
- anything else worries you

! Call an ambulance at once if it is hard to breathe, if your face, lips or tongue swell, or if you feel faint.
"""
