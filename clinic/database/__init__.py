"""The connection to the database: its address, how long it waits, and what it says when it fails."""
