"""What an environment allows, and how patient a run is."""

from __future__ import annotations

from enum import StrEnum

from watari.values import dataclass

#: The least bytes that a row takes: no table holds more rows than its size divided by this.
_LEAST_ROW = 28
#: Rows of a small table are taken to be no wider than this on average; beyond that its bytes make it large.
_WIDE_ROW = 2_000
#: The rules that each safe form of the planner answers, by the form's name.
ANSWERED = {
    "concurrent-index": ("index-blocking",),
    "concurrent-drop": ("index-drop-blocking",),
    "concurrent-reindex": ("index-reindex-blocking",),
    "validated-foreign-key": ("proof-foreign-key",),
    "validated-check": ("proof-check",),
    "validated-alone": ("proof-same-transaction",),
    "proved-not-null": ("proof-set-not-null",),
    "unique-through-index": ("proof-unique", "proof-primary-key"),
    "new-column": ("rewrite-type-change",),
    "filled-column": ("rewrite-volatile-default", "rewrite-serial", "rewrite-stored-generated"),
    "cut-by-key": ("data-unbatched",),
    "proved-attach": ("part-attach-scan",),
    "concurrent-detach": ("part-detach",),
    "concurrent-refresh": ("rewrite-matview",),
    "refused-rewrite": ("rewrite-vacuum-full",),
    "whole-table": ("rewrite-storage",),
    "kept-table": ("destroy-table",),
    "kept-schema": ("destroy-cascade",),
    "kept-truncate": ("destroy-truncate",),
    "kept-column": ("destroy-column",),
    "kept-name": ("compat-rename-table",),
    "kept-column-name": ("compat-rename-column",),
}


class Action(StrEnum):
    """What an environment does about one rule."""

    REWRITE = "rewrite"  # the plan takes the safe form; told as a warning
    WARN = "warn"  # run as written, with a warning
    BLOCK = "block"  # held up until the statement is written otherwise
    ALLOW = "allow"  # run as written; only mentioned


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
    network_timeout: float = 30.0  # a network that is silent for so long is taken for gone; 0: never
    replica_lag: float = 60.0  # a standby this far behind is waited for before the next step; 0: not looked at
    free_space: int | None = (
        None  # bytes free on the server's disk, where neither this machine nor free_space_sql knows
    )
    free_space_sql: str | None = None  # a query that answers them
    disk_margin: float = 1.2  # so many times what a step is thought to write must be free before it; 0: not looked at
    canary_sql: str | None = None  # what the application does all the time, asked beside the run
    canary_url: str | None = None  # HTTP address of the application, asked beside the run
    canary_every: float = 1.0
    canary_limit: float = 1.0  # an answer that takes longer is a bad one
    canary_failures: int = 3  # so many bad answers in a row stop the run
    backfill_batch: float = 0.03  # seconds that one batch of a backfill aims at: for so long its rows are locked
    backfill_speed: float = 1.0  # part of the time in which a backfill works, between 0.01 and 1; the rest it rests
    backfill_lag: float = 10.0  # a backfill rests while a standby is further behind, in seconds; 0: not looked at
    backfill_archive: int = 2_147_483_648  # … while more WAL than this waits to be archived, in bytes; 0: not looked at
    backfill_dead: float = (
        0.0  # … while a larger part of its table is dead rows, until a vacuum has been; 0: not looked at
    )
    backfill_latency: float = 0.1  # … is slowed down while canary_sql takes longer, in seconds; 0: not looked at
    small_table_rows: int = 10_000  # up to here a scan or build is over before anyone notices
    small_table_bytes: int = 0  # and no larger than this; 0: 2,000 for each of those rows
    short_work: float = 0.0  # work that is over in this time is only mentioned, however large the table
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
        "large_update",
        "partition",
        "refresh",
        "vacuum_full",
        "maintenance",
        "drop",
        "rename",
    )
    keep: float = 604_800.0  # what a run drops, replaces or renames is kept, and is due to go after so long; 0: nothing
    keep_bytes: int = (
        1_073_741_824  # rows and values that one statement takes away are copied aside up to so many bytes
    )
    pause_for_deployments: bool = False  # stop where another application must be out before the next step
    rules: tuple[tuple[str, Action], ...] = ()  # what is done about single rules
    clone_rows: str = "all"  # of a clone: "all", "none", or a part ("5%") that keeps foreign keys whole
    clone_image: str | None = None  # a Docker image of PostgreSQL that is there; a clone is made in a container of it
    clone_command: tuple[str, ...] = ()  # makes (create NAME) and removes (remove NAME) a branch at a provider
    mask: tuple[str, ...] = ()  # columns that nobody may read in a clone: "customers.email = hash"
    application_queries: str | None = None  # folder or log with the application's statements; None: pg_stat_statements
    probe_url: str | None = None  # HTTP address that verification asks
    probe_timeout: float = 5.0

    def is_small(self, *, rows: int | None, bytes: int, pages: int = 1) -> bool:
        """Whether work on a table of this size is over before anyone notices; without an estimate its bytes decide."""
        if rows is None:
            return bytes <= _LEAST_ROW * self.small_table_rows and (bytes > 0 or pages == 0)
        return rows <= self.small_table_rows and bytes <= (self.small_table_bytes or _WIDE_ROW * self.small_table_rows)

    def action(self, rule: str) -> Action | None:
        """What is settled for a rule; None: what the facts say."""
        return dict(self.rules).get(rule)

    def rewrites(self, form: str, word: str) -> bool:
        """Whether the planner may use a safe form: the rules that it answers say so, else its `word` is listed in `rewrite`."""
        settled = {action for rule in ANSWERED.get(form, ()) if (action := self.action(rule)) is not None}
        return Action.REWRITE in settled if settled else word in self.rewrite
