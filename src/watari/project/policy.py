"""What an environment allows, and how patient a run is."""

from __future__ import annotations

from dataclasses import dataclass

#: Who can be in the way, by the names that settings use; `application:NAME` names one application's sessions.
KINDS = ("idle_in_transaction", "query", "dump", "autovacuum", "prepared")


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Settings of one environment; the defaults are the lenient policy of a project without `watari.toml`.

    Times are seconds, sizes are rows.
    """

    lock_timeout: float = 0.05  # one wait for a lock; longer stalls the application behind it
    lock_budget: float = 600.0  # all waits for one step together
    concurrent_budget: float = 3600.0  # one concurrent build or validation
    statement_timeout: float = 0.0  # for steps that read or write data; 0: none
    moment_timeout: float = 5.0  # for steps that only change the catalog
    dump_budget: float = 14_400.0  # while somebody else's dump holds the locks; not counted against lock_budget
    give_up_on: tuple[str, ...] = ()  # kinds of blockers (see execution.persuasion) at which a step stops at once
    cancel: tuple[str, ...] = ()  # kinds whose statement is cancelled
    terminate: tuple[str, ...] = ()  # kinds whose session is ended
    blocker_age: float = 60.0  # so old must a transaction be before it is cancelled, ended or given up on
    small_table_rows: int = 10_000  # up to here a scan or build is over before anyone notices
    require_backup: bool = False  # a verified backup younger than backup_max_age
    backup_max_age: float = 86_400.0
    require_rehearsal: bool = False  # sound evidence for this plan
    ways_back: tuple[str, ...] = ("down", "undo", "restore")
    rewrite: tuple[str, ...] = (
        "index",
        "foreign_key",
        "check",
        "not_null",
        "unique",
        "type_change",
        "volatile_default",
    )
    allow_rules: tuple[str, ...] = ()  # rules that are told and do not block
    probe_url: str | None = None  # HTTP address that verification asks
    probe_timeout: float = 5.0
