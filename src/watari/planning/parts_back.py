"""What the way back of one migration consists of: statements to be planned, and transactions that steps brought with them.

By undo, every step's own. By the team's down script, its statements, but for what they make again and what is still kept: that
comes back instead, with its rows and everything that hung on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from watari.catalog import Kept, KeptKind, Name
from watari.planning.naming import below
from watari.planning.plan import Back, Note, Step
from watari.planning.scene import Scene
from watari.planning.trees import copied, deparsed, parsed, words
from watari.sql.grammar import body, choice, column_references
from watari.sql.statement import Statement
from watari.values import dataclass, replace

__all__ = ["Ready", "down_parts", "undo_parts"]

_COMES_BACK = Note(
    en="{object} comes back from {place} as it was; what the down script does to make it again is left out.",
    ja="{object} は {place} から元の状態で戻します。down スクリプトのうち作り直す部分は実行しません。",
)
_LEFT = Note(
    en="Left as it is, since nothing takes it back: {statement}. Applied again, the migration does it once more.",
    ja="取り消せないため、そのまま残します: {statement}。マイグレーションを再適用すると、もう一度実行されます。",
)


@dataclass(frozen=True, kw_only=True)
class Ready:
    """Transactions of a step's own way back that follow each other, and need no planner; `note` is for the first of them."""

    step: Step
    backs: tuple[Back, ...] = ()
    note: Note | None = None


Parts = Iterator[tuple[Statement, ...] | Ready]


def undo_parts(begun: Sequence[Step], steps: Sequence[Step], file: str) -> Parts:
    """The undo of every step, newest first; of `begun`, which may not have happened, with IF EXISTS."""
    gathered: list[Statement] = []
    line = 0
    for step, certain in (*((step, False) for step in reversed(begun)), *((step, True) for step in reversed(steps))):
        if step.leaves:
            yield from (tuple(gathered), Ready(step=step, note=_left(step)))
            gathered = []
        for planned, backs in groupby(step.back or _undo_of(step), key=lambda back: back.planned):
            if not planned:
                yield from (tuple(gathered), Ready(step=step, backs=tuple(backs)))
                gathered = []
                continue
            for text in (text for back in backs for text in back.sql):
                line += 1
                gathered.append(Statement(text=text if certain else _if_there(text), file=file, line=line))
    yield tuple(gathered)


def _left(step: Step) -> Note:
    shown = "; ".join(" ".join(text.split())[:80] for text in step.leaves)
    return Note(en=_LEFT.en.format(statement=shown), ja=_LEFT.ja.format(statement=shown))


def _undo_of(step: Step) -> tuple[Back, ...]:
    return (Back(sql=step.undo, planned=True),) if step.undo else ()


def _if_there(text: str) -> str:
    node = copied(parsed(text))
    if node.WhichOneof("node") == "drop_stmt":
        node.drop_stmt.missing_ok = True
        return deparsed(node)
    return text


# -- a down script, and what is kept ---------------------------------------------------------------------------------------


def down_parts(statements: Sequence[Statement], steps: Sequence[Step], scene: Scene) -> Parts:
    """The statements of a down script; where one makes again what a step keeps, that step's way back in its place."""
    known = _Returning(steps, scene)
    gathered: list[Statement] = []
    for statement in statements:
        kind, node = body(statement.node)
        for step, kept in known.made_again(kind, node):
            yield tuple(gathered)
            gathered = []
            for number, (planned, backs) in enumerate(groupby(step.back, key=lambda back: back.planned)):
                if planned:
                    texts = (text for back in backs for text in back.sql)
                    yield tuple(replace(statement, text=text) for text in texts)
                else:
                    yield Ready(step=step, backs=tuple(backs), note=None if number else _comes_back(kept))
        rest = known.rest(kind, node, statement)
        gathered += [rest] if rest else []
    yield tuple(gathered)


def _comes_back(kept: Kept) -> Note:
    named = {"object": kept.object, "place": kept.place}
    return Note(en=_COMES_BACK.en.format(**named), ja=_COMES_BACK.ja.format(**named))


class _Returning:
    """What is still kept, by what it was called; and what of it has come back."""

    def __init__(self, steps: Sequence[Step], scene: Scene) -> None:
        self._scene = scene
        found = [(kept, step) for step in steps if step.back for kept in step.keeps]
        self._kept = {kept.object: (step, kept) for kept, step in found if kept.kind in _MADE_AGAIN}
        self._back: dict[str, Kept] = {}

    def made_again(self, kind: str, node: Any) -> Iterator[tuple[Step, Kept]]:
        """The steps whose kept things the statement would make again."""
        for name in self._made(kind, node):
            if found := self._kept.pop(name, None):
                self._back[name] = found[1]
                yield found

    def _made(self, kind: str, node: Any) -> Iterator[str]:
        if kind == "create_stmt":
            yield str(self._scene.name_of(node.relation))
        elif kind == "alter_table_stmt":
            for command in (each.alter_table_cmd for each in node.cmds):
                if choice(command, "subtype") == "AT_AddColumn":
                    yield below(self._scene.name_of(node.relation), getattr(command, "def").column_def.colname)

    def rest(self, kind: str, node: Any, statement: Statement) -> Statement | None:
        """What of the statement is still to be done: nothing of what has come back."""
        table = self._table(kind, node)
        if table is None or not self._back:
            return statement
        if str(table) in self._back:
            return None
        columns = {name for name in self._columns(table) if below(table, name) in self._back}
        if not columns:
            return statement
        if kind == "alter_table_stmt":
            return self._other_commands(node, columns, statement)
        if kind == "update_stmt":
            return None if {target.res_target.name for target in node.target_list} <= columns else statement
        return None if kind == "index_stmt" and columns & _indexed(node) else statement

    def _columns(self, table: Name) -> Iterator[str]:
        prefix = f"{table}."
        for name in self._back:
            if name.startswith(prefix):
                yield name.removeprefix(prefix).strip('"').replace('""', '"')

    def _table(self, kind: str, node: Any) -> Name | None:
        """The table that a statement is about, where everything that it does comes back with the table."""
        if kind in _ABOUT_A_TABLE:
            return self._scene.name_of(node.relation)
        if kind == "comment_stmt" and choice(node, "objtype") == "OBJECT_TABLE":
            return self._scene.dotted(words(node.object))
        return self._scene.name_of(node.table) if kind == "create_policy_stmt" else None

    def _other_commands(self, node: Any, columns: set[str], statement: Statement) -> Statement | None:
        others = [each for each in node.cmds if not _about(each.alter_table_cmd, columns)]
        if len(others) == len(node.cmds):
            return statement
        whole = copied(parsed("ALTER TABLE t ADD c int"))
        whole.alter_table_stmt.CopyFrom(node)
        del whole.alter_table_stmt.cmds[:]
        whole.alter_table_stmt.cmds.extend(others)
        return replace(statement, text=deparsed(whole)) if others else None


_MADE_AGAIN = (KeptKind.TABLE, KeptKind.COLUMN)
#: Statements with a `relation`: a table that came back has what they make, and the rows that they fill it with.
_ABOUT_A_TABLE = frozenset(
    {"create_stmt", "alter_table_stmt", "index_stmt", "create_trig_stmt", "insert_stmt", "copy_stmt", "update_stmt"}
)


def _indexed(node: Any) -> set[str]:
    return {each.index_elem.name for each in (*node.index_params, *node.index_including_params)} | set(
        column_references(node)
    )


def _about(command: Any, columns: set[str]) -> bool:
    """Whether a subcommand of ALTER TABLE does nothing but make or change one of the columns again."""
    if command.name in columns:
        return True
    if not command.HasField("def"):
        return False
    kind, definition = body(getattr(command, "def"))
    if kind == "column_def":
        return choice(command, "subtype") == "AT_AddColumn" and definition.colname in columns
    if kind != "constraint":
        return False
    named = {word.string.sval for word in (*definition.keys, *definition.fk_attrs)} | set(column_references(definition))
    return bool(named & columns)
