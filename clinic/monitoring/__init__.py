"""Anagen seen from outside: a line of the log for each request, counters and figures, reports of errors."""
