"""Runs a plan on a database: a plan and an address in, a `Run` with its journal in that database out.

`runner.run` is the way in; `history` reads what earlier runs left in the journal.
"""
