"""Everything that gates may know, read by whoever asks them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from watari.evidence.backup import Backup
from watari.evidence.evidence import Evidence
from watari.migrations import Standing
from watari.planning.plan import Plan
from watari.project.policy import Policy
from watari.risk.hazard import Judgement
from watari.values import dataclass


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What holds at the moment `at`, for one plan on one database.

    `fingerprint` is that of the database now, taken as the plan's was. `judgement` is of what the plan will run, not of
    what the team's files say: a statement that was rewritten into its safe form is no hazard any more; None where nobody
    judged. `backups` are all that are known for this database, `system_identifier` is that of its server. `resumes` is the
    run that this start continues. `edited` are the files that the plan was made from and that are others now. Bytes are of
    the server's disk, None where nobody can tell.
    """

    at: datetime
    policy: Policy
    plan: Plan
    fingerprint: str | None
    standing: Standing | None = None
    judgement: Judgement | None = None
    evidence: Evidence | None = None
    backups: Sequence[Backup] = ()
    database: str = ""  # the database's own name; empty: the plan's
    named: str = ""  # what the project calls it, as plans do; empty: its own name
    system_identifier: str | None = None
    resumes: str | None = None
    edited: Sequence[str] = ()
    needed_bytes: int | None = None
    free_bytes: int | None = None
