"""A case series as a paper."""
