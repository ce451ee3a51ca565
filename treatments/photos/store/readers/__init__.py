"""What the bytes of a file say by themselves, format by format: its parts, its dates, its colours. No Django here."""
