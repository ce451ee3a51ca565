"""The case report: one course of one patient, written from the record, for a journal."""
