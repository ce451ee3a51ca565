"""Statistics for the few patients of one clinic, with nothing but the standard library.

Every function takes plain numbers and returns plain numbers, or a `NoAnswer`: a sentence that says why there is none.
Nothing here is 0, NaN or infinite because it could not be computed. Each method names its source; the values in
`tests/evidence/statistics/vectors.json` are published, or were computed with other programs.
"""
