"""Copies of the whole record: made while people work, read back, restored, and moved to another database."""
