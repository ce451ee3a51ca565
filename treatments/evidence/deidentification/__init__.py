"""What identifies a person in a text, and what is printed instead: months, groups of ages. No database here."""
