"""What became of each course at Month 3, 6 and 12, computed from the record and stored where a clinic can be counted.

Nothing here is typed by anybody. `rules` says what a row holds, `computing` brings the rows of a patient in line, in
the transaction of the act that changed the record.
"""
