"""A plain Django page of one patient, against which the pages of the application are measured."""
