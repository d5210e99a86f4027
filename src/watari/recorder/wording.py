"""What a statement is for the recorder, told by its first words: whether to look after it, and how.

Only how the recorder goes about it hangs on these words, never what it reports: that is measured. A statement taken for
something else is looked at less closely, or fails loudly; it is never changed.
"""

from __future__ import annotations

import re
from functools import lru_cache

from watari.late import pattern
from watari.values import dataclass

_WORD = pattern(rb"(?:\s|--[^\n]*(?:\n|\Z)|/\*.*?\*/|\(|;)*+([A-Za-z]*)", re.S)
_TO = pattern(rb"\bTO\b", re.I)
_PREPARED = pattern(rb"\bPREPARED\b", re.I)
_ALONE = pattern(
    rb"""\bCONCURRENTLY\b | ^\s*(?:CREATE|DROP|ALTER)\s+(?:DATABASE|TABLESPACE|SYSTEM|SUBSCRIPTION)\b
    | ^\s*(?:VACUUM|CLUSTER|REINDEX|DISCARD)\b""",
    re.I | re.X,
)
_FORGETS = pattern(rb"\b(?:DEALLOCATE|DISCARD)\b", re.I)
_FORGETS_ALL = pattern(rb"\b(?:DEALLOCATE|DISCARD)\s+(?:PREPARE\s+)?(?:ALL|PLANS)\b", re.I)
_RENAMES = pattern(rb"\bRENAME\b|\bSCHEMA\b", re.I)

#: Of the statements after which nothing is looked for, those that lock or read relations all the same: what they did is
#: looked up before the next look.
_TOUCHES = frozenset({"SELECT", "LOCK", "FETCH", "MOVE", "EXECUTE", "EXPLAIN", "VALUES", "TABLE", "DECLARE"})
_TRANSACTIONS = frozenset({"BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE"})
_SESSION = frozenset({"SHOW", "SET", "RESET", "CLOSE", "DEALLOCATE", "DISCARD", "PREPARE", "CHECKPOINT"})
_QUIET = _TOUCHES | _TRANSACTIONS | _SESSION | {"LISTEN", "UNLISTEN", "NOTIFY", ""}
_ENDS = frozenset({"COMMIT", "END", "ROLLBACK", "ABORT"})
#: Statements that read a table without counting that as a scan.
READS_BY_PAGES = frozenset({"VACUUM", "ANALYZE"})
_RUNS_CODE = frozenset({"DO", "CALL"})


@dataclass(frozen=True)
class Wording:
    """What the words of a statement tell."""

    word: str
    quiet: bool  # not to be looked at
    touches: bool  # may lock or read relations
    ends: bool  # the transaction
    back_to: bool  # ROLLBACK TO a savepoint
    begins: bool  # a transaction
    alone: bool  # refuses a transaction block
    several: bool  # there may be more than one statement
    forgets: bool  # prepared statements of the session, or hides that it does
    forgets_all: bool
    renames: bool  # names may be others afterwards


@lru_cache(maxsize=4096)
def wording(sql: bytes) -> Wording:
    """The wording of a statement or a batch."""
    found = _WORD.match(sql)
    word = found.group(1).decode().upper() if found else ""
    to = word == "ROLLBACK" and _TO.search(sql) is not None
    return Wording(
        word=word,
        quiet=word in _QUIET,
        touches=word in _TOUCHES or word not in _QUIET,
        ends=word in _ENDS and not to and _PREPARED.search(sql) is None,
        back_to=to,
        begins=word in ("BEGIN", "START"),
        alone=_ALONE.search(sql) is not None,
        several=b";" in sql.rstrip(b"; \t\r\n"),
        forgets=_FORGETS.search(sql) is not None,
        forgets_all=_FORGETS_ALL.search(sql) is not None,
        renames=word in _RUNS_CODE or _RENAMES.search(sql) is not None,
    )


def parts(sql: bytes) -> tuple[bytes, ...] | None:
    """The statements of a batch, each as it stands in the text; None where PostgreSQL's grammar refuses it."""
    import postgast

    try:
        cut = [part.encode() for part in postgast.split(sql.decode())]
    except (postgast.PgQueryError, UnicodeDecodeError, ValueError):
        return None
    place = 0
    for part in cut:
        place = sql.find(part, place)
        if place < 0:
            return None
        place += len(part)
    return tuple(cut)
