"""Opinions on what statements do: one file a rule, named by its verdict, found by walking this folder.

A module is a rule by its `CARD`, the kinds of statement (`KINDS`) or the reasons for work (`WHYS`) that it listens to, and
its pure function `judge(situation) -> Iterator[Hazard]`.
"""
