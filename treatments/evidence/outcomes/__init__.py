"""What the clinic's courses came to at Month 3, 6 and 12, with how many are missing before anything else."""
