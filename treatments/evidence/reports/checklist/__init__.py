"""The two meters of a report: how far it meets the checklist, and whether it says one thing and only what is held."""
