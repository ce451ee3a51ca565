"""What identifies a person in a text, what was answered to that, and what is printed instead: groups of ages."""
