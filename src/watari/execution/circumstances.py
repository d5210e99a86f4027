"""Who starts a run, where, and with what in hand: for the journal only."""

from __future__ import annotations

from watari.values import dataclass


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """The facts of a start that the database cannot know; written down, never acted upon."""

    by: str = ""  # the person's login
    host: str = ""
    version: str = ""  # of watari
    git_commit: str | None = None
    backup: str | None = None  # id of the backup that the run leans on
    log_file: str | None = None
