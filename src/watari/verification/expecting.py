"""What a plan lets one expect: which objects, which constraints validated, whose rows may change."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from watari.catalog.catalog import Catalog
from watari.catalog.name import Name, quoted
from watari.errors.usage import UsageError
from watari.evidence.observation import ProbeAnswer, RowCount, Statistics
from watari.evidence.run import Direction
from watari.planning.plan import Plan, StepKind
from watari.sql.grammar import body, choice, function_calls, messages, written
from watari.sql.statement import Statement
from watari.verification.expectation import Expectation, HistoryPromise

#: Statements of which nobody can tell from the text whose rows they change.
_DARK = {"do_stmt", "call_stmt", "execute_stmt"}
#: Functions that write no row of a table.
_HARMLESS = {"setval", "nextval", "currval", "set_config", "current_setting", "now", "count", "max", "min", "coalesce"}
#: Statements that write, or in whose common table expressions something is written.
_WRITING = {"insert_stmt", "delete_stmt", "merge_stmt", "update_stmt", "select_stmt"}


def expect(
    plan: Plan | None,
    *,
    before: Catalog | None = None,
    expected: Catalog | None = None,
    ignore: Collection[str] = (),
    rows_before: Mapping[str, RowCount] | None = None,
    statistics_before: Statistics | None = None,
    probe_before: ProbeAnswer | None = None,
    probe_wanted: bool = False,
    history: Sequence[HistoryPromise] = (),
    may_be_pending: Collection[str] | None = (),
    unfinished: bool = False,
) -> Expectation:
    """The expectation that a plan's end is held against; without a plan, what holds for any database.

    `expected` is the catalog that the rehearsal ended with and `ignore` what does not count against it; `may_be_pending` are
    ids of migrations that need not be applied (None: any). Of a plan that goes back, its own migrations may be pending again.
    """
    touched, changing, validated = (
        _read(plan, before) if plan else (frozenset[str](), frozenset[str](), frozenset[str]())
    )
    back = plan is not None and plan.direction is Direction.BACK
    taken_back = plan.migrations if plan and back else ()
    pending = None if may_be_pending is None else frozenset(may_be_pending) | frozenset(taken_back)
    return Expectation(
        promises=plan.expected if plan else (),
        before=before,
        expected=expected,
        ignore=frozenset(ignore),
        touched=touched,
        validated=validated,
        rows_before=rows_before or {},
        rows_may_change=changing,
        statistics_before=statistics_before,
        probe_before=probe_before,
        probe_wanted=probe_wanted,
        may_be_pending=pending,
        must_be_applied=plan.migrations if plan and not back else (),
        unfinished=unfinished,
        history=tuple(history),
    )


def _read(plan: Plan, before: Catalog | None) -> tuple[frozenset[str] | None, frozenset[str] | None, frozenset[str]]:
    """The relations that the plan names, those of which rows may come or go, and the constraints that it validates."""
    reading = _Reading(before)
    for step in plan.steps:
        reading.touched |= {effect.relation for effect in step.effects}
        reading.changing |= {e.relation for e in step.effects if e.destroys in ("rows", "table")}
        reading.dark |= step.kind is StepKind.COMMAND
        if step.backfill and step.backfill.delete:
            reading.changing |= {step.backfill.table, step.backfill.into} - {""}
        reading.dark_rows |= step.kind is StepKind.AROUND
        for text in step.sql:
            reading.statement(text)
    reading.touched |= {object for kind, object, _ in plan.expected if kind not in ("index", "constraint", "column")}
    changing = None if reading.dark or reading.dark_rows else frozenset(reading.with_cascades())
    return None if reading.dark else frozenset(reading.touched), changing, frozenset(reading.validated)


class _Reading:
    """What the statements of a plan say about relations, rows and validation."""

    def __init__(self, before: Catalog | None) -> None:
        self.before = before
        self.touched: set[str] = set()
        self.changing: set[str] = set()
        self.validated: set[str] = set()
        self.dark = False
        self.dark_rows = False

    def statement(self, text: str) -> None:
        """Takes one statement."""
        try:
            kind, statement = body(Statement(text=text, file="plan").node)
        except UsageError:
            self.dark = True
            return
        self.dark |= kind in _DARK
        if kind == "truncate_stmt":
            self.changing |= {self._name(node.range_var) for node in statement.relations}
        elif kind == "copy_stmt":
            self.changing.add(self._name(statement.relation))
        elif kind in _WRITING:
            self.changing |= {self._name(inner.relation) for inner in _written(statement)}
            self.dark_rows |= kind == "select_stmt" and _calls(statement)
        elif kind == "alter_table_stmt":
            self._alter(statement)

    def with_cascades(self) -> set[str]:
        """The changing tables and those whose rows go with them by ON DELETE CASCADE."""
        found = set(self.changing)
        keys = (
            [c for c in self.before.constraints if c.references and "ON DELETE CASCADE" in c.definition]
            if self.before
            else []
        )
        while more := {str(c.table) for c in keys if str(c.references) in found} - found:
            found |= more
        return found

    def _alter(self, statement: Any) -> None:
        table = self._name(statement.relation)
        self.touched.add(table)
        for command in statement.cmds:
            match choice(command.alter_table_cmd, "subtype"):
                case "AT_DetachPartition" | "AT_AttachPartition":
                    self.changing |= self._above(table)
                case "AT_AddInherit" | "AT_DropInherit":
                    self.changing |= self._above(self._name(getattr(command.alter_table_cmd, "def").range_var))
            if choice(command.alter_table_cmd, "subtype") == "AT_ValidateConstraint":
                self.validated.add(f"{table}.{quoted(command.alter_table_cmd.name)}")

    def _above(self, table: str) -> set[str]:
        """The table and those of which it is a partition or child: they show its rows as theirs."""
        tables = {str(name): found for name, found in self.before.tables.items()} if self.before else {}
        found, waiting = set(), [table]
        while waiting:
            found.add(name := waiting.pop())
            waiting += [str(parent) for parent in tables[name].parents] if name in tables else []
        return found

    def _name(self, range_var: Any) -> str:
        schema, name = written(range_var)
        found = self.before.table(schema, name) if self.before else None
        return str(found.name if found else Name(schema or "public", name))


def _written(statement: Any) -> Iterator[Any]:
    for message in messages(statement):
        if message.DESCRIPTOR.name in ("InsertStmt", "DeleteStmt", "MergeStmt"):
            yield message


def _calls(statement: Any) -> bool:
    return any(function.name not in _HARMLESS for function in function_calls(statement))
