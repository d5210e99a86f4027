"""The subcommands of ALTER TABLE, a file for each group of them.

A module takes part by its `ALTERS`: for each subcommand of the grammar (`AT_AddColumn`) the function that gathers what it
does beyond the lock that `watari.risk.facts.subcommands` lists.
"""
