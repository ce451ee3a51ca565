"""Many cases told together: a case series as a paper, and the rows behind it as a file for research."""
