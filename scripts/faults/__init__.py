"""Fault runs: a group's whole installation on this machine, people who work with it, and what dies meanwhile.

docs/operations/fault-runs.md tells what is run, what it needs and what was measured.
"""
