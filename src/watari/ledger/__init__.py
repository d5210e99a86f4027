"""Watari's own memory outside the databases it works on: plans, evidence, backups, runs and reports go in, and come out tomorrow."""
