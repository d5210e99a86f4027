"""What the judge found last time, kept beside the project: of the same units on the same facts only what changed is judged.

A judgement depends on what was judged before it (a table that an earlier migration makes is nobody's yet), so that each unit
is kept under a hash over the facts, the policy, the code of the judge and every unit up to it. The file is watari's own,
readable by its owner only; one that is damaged, or of another shape, is as good as none.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from watari import __version__
from watari.values import replace

if TYPE_CHECKING:
    from watari.catalog import Catalog
    from watari.project.policy import Policy
    from watari.risk.hazard import Allowance, Hazard, Judged, Judgement
    from watari.sql.statement import Statement

    Unit = tuple[str | None, tuple[Statement, ...], bool]

__all__ = ["judge_what_changed"]

FORMAT = 1

#: Rooms whose code a judgement comes from.
_ROOMS = ("catalog", "evidence", "locale", "risk", "sql")

#: With fewer statements than this, and than a tenth of the objects that the facts tell of, judging is quicker than looking.
_WORTH = 40


def judge_what_changed(
    memory: Path,
    units: Sequence[Unit],
    catalog: Catalog,
    policy: Policy,
    *,
    databases: Collection[str],
    own_runner: bool,
) -> Judgement:
    """The same judgement as `risk.judge.judge` gives; what was found is kept in the folder `memory` (`.watari`)."""
    from watari.risk.judge import judge

    statements = sum(len(statements) for _, statements, _ in units)
    if statements < max(_WORTH, len(catalog.tables) // 10) or _in_the_way(catalog, policy):
        return judge(units, catalog, policy, databases=databases, own_runner=own_runner)
    keys = list(_keys(units, catalog, policy, [sorted(databases), own_runner]))
    file = memory / f"judged-{hashlib.sha256(catalog.database.encode()).hexdigest()[:12]}.json"
    kept = _kept(file, keys, units)
    if len(kept) == len(units):
        return _whole(kept)
    known = [(unit.hazards, unit.allowances) for unit in kept]
    judgement = judge(units, catalog, policy, databases=databases, own_runner=own_runner, known=known)
    _keep(file, keys, units, judgement)
    return judgement


def _in_the_way(catalog: Catalog, policy: Policy) -> bool:
    """Whether a session holds a lock or a snapshot for so long that rules speak of it."""
    return any(
        session.transaction_age is not None and (session.transaction_age >= policy.blocker_age or session.snapshot_age)
        for session in catalog.sessions
        if session.locks or session.snapshot_age is not None
    )


def _keys(units: Sequence[Unit], catalog: Catalog, policy: Policy, more: list[object]) -> Iterator[str]:
    """One hash a unit, over everything that its judgement may depend on.

    Of the moment's facts only what a hazard would say otherwise: the speed of the server to a factor of two, the
    application's queries without how often they came, standbys and slots without the last digits; where sessions are in
    the way nothing is kept.
    """
    speed = float(2 ** round(math.log2(catalog.scan_rate))) if catalog.scan_rate else None
    queries = tuple(sorted(replace(query, calls=0).text for query in catalog.queries or ()))
    around = catalog.cluster.roughly if catalog.cluster else None
    facts = repr((replace(catalog, sessions=(), scan_rate=speed, queries=None, cluster=around), queries))
    chain = hashlib.sha256(json.dumps([FORMAT, __version__, _code(), repr(policy), more]).encode())
    chain.update(facts.encode("utf-8", "surrogatepass"))
    for migration, statements, transactional in units:
        told = [
            (s.text, s.file, s.line, s.column, s.database, repr(s.copy_data), s.remarks, s.misplaced)
            for s in statements
        ]
        chain.update(json.dumps([migration, transactional, told]).encode("utf-8", "surrogatepass"))
        yield chain.hexdigest()


def _code() -> list[tuple[str, int, int]]:
    """The files of the judge with their sizes and times: another judge, another judgement."""
    package = Path(__file__).parents[1]
    found = []
    for room in _ROOMS:
        for folder, _, names in os.walk(package / room):
            files = [os.path.join(folder, name) for name in names if name.endswith((".py", ".sql"))]  # noqa: PTH118
            found += [(file, (at := os.stat(file)).st_size, at.st_mtime_ns) for file in files]  # noqa: PTH116
    return sorted(found)


class _Unit:
    """What was found in one unit."""

    def __init__(self, judged: Sequence[Judged], hazards: Sequence[Hazard], allowances: Sequence[Allowance]) -> None:
        self.judged = tuple(judged)
        self.hazards = tuple(hazards)
        self.allowances = tuple(allowances)


def _whole(kept: Sequence[_Unit]) -> Judgement:
    from watari.risk.hazard import Judgement

    return Judgement(
        statements=tuple(judged for unit in kept for judged in unit.judged),
        hazards=tuple(hazard for unit in kept for hazard in unit.hazards),
        allowances=tuple(allowance for unit in kept for allowance in unit.allowances),
    )


def _kept(file: Path, keys: Sequence[str], units: Sequence[Unit]) -> list[_Unit]:
    """The first units as they were kept, as far as their keys are the same."""
    import msgspec

    try:
        document = json.loads(file.read_bytes())
        pairs = list(zip(document["keys"], document["units"], keys, units, strict=False))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []
    found: list[_Unit] = []
    with suppress(msgspec.MsgspecError, KeyError, TypeError, ValueError):
        for before, told, key, unit in pairs:
            if before != key:
                break
            found.append(_read(told, unit))
    return found


def _read(told: Any, unit: Unit) -> _Unit:
    import msgspec

    from watari.evidence.effect import StatementEffects
    from watari.risk.hazard import Allowance, Hazard, Judged

    migration, statements, _ = unit
    judged = [
        Judged(
            statement=statement,
            effects=msgspec.convert(effects, StatementEffects),
            migration=migration,
            error=msgspec.convert(error, str | None),
        )
        for statement, (effects, error) in zip(statements, told["statements"], strict=True)
    ]
    hazards = msgspec.convert(told["hazards"], tuple[Hazard, ...])
    return _Unit(judged, hazards, msgspec.convert(told["allowances"], tuple[Allowance, ...]))


def _keep(file: Path, keys: Sequence[str], units: Sequence[Unit], judgement: Judgement) -> None:
    """Writes what was found, unit by unit; a disk that refuses costs the next call its time and nothing else."""
    from watari.ledger.outbox import memory_folder, settled
    from watari.project.files import write_private

    documents, first = [], 0
    hazards, allowances = list(judgement.hazards), list(judgement.allowances)
    for _, statements, _ in units:
        judged = judgement.statements[first : first + len(statements)]
        first += len(statements)
        lines = {(s.file, s.line) for s in statements}
        documents.append(
            {
                "statements": [(settled(one.effects), one.error) for one in judged],
                "hazards": [settled(hazard) for hazard in _taken(hazards, lines)],
                "allowances": [settled(allowance) for allowance in _taken(allowances, lines)],
            }
        )
    if hazards or allowances:  # one stands at no statement of its unit, and would be lost
        return
    with suppress(OSError):
        memory_folder(file.parent.parent)
        write_private(file, json.dumps({"keys": list(keys), "units": documents}).encode())


def _taken(waiting: list[Any], lines: Collection[tuple[str, int]]) -> list[Any]:
    """The first of those that wait, as long as they stand on one of the lines."""
    count = next((place for place, one in enumerate(waiting) if (one.file, one.line) not in lines), len(waiting))
    taken, waiting[:] = waiting[:count], waiting[count:]
    return taken
