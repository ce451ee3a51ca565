"""A clinic on SQLite and in a folder brought to PostgreSQL and to a store."""
