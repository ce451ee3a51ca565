"""The clinic's own repeat counts: pairs that were typed, pairs found in the record, and the error they give."""
