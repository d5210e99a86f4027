"""What one migration sent, as a script that can be planned: its own statements in its own transactions, and nothing else.

A script is a claim that the same statements are right on the live database too. So nothing is written down that cannot be
vouched for: whoever asks for rows may have been steered by them, and what failed, was taken back or came by COPY is no script.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any

import psycopg

from watari.errors.base import WatariError
from watari.evidence.recording import Ending, RecordedStatement, Recording
from watari.locale import Message, Text
from watari.rehearsal.literals import Inexact, with_literals
from watari.sql.grammar import body, function_calls, relation_references
from watari.sql.names import transaction_word
from watari.sql.statement import Script, Statement
from watari.values import dataclass, replace

__all__ = ["NoScript", "script_of", "short"]

_FAILED = Text(
    en="a statement of it failed and it went on: {sql}", ja="途中の文が失敗した後も処理を続けています: {sql}"
)
_TAKEN_BACK = Text(
    en="a part of it is taken back (savepoints): {sql}", ja="一部が取り消されています（セーブポイント）: {sql}"
)
_ROWS_SENT = Text(
    en="it sends rows by COPY, which are not recorded", ja="COPY で行を送信しており、内容は記録されません"
)
_STEERED = Text(
    en="it asks the database for rows, and what it sends afterwards may depend on the answer: {sql}",
    ja="データベースから行を読み取っており、その後の文が結果に依存する可能性があります: {sql}",
)
_INEXACT = Text(
    en="a value that it binds has no exact literal: {sql}", ja="バインドされた値を正確なリテラルで表せません: {sql}"
)
_MINGLED = Text(
    en="its transactions run side by side on several connections", ja="複数の接続でトランザクションが並行しています"
)
_NO_TEXT = Text(en="it cannot be written down as a script: {sql}", ja="スクリプトとして書き出せません: {sql}")

#: Functions whose answer is another one each time, or counts something up.
_ANSWERS = frozenset(
    {
        *("nextval", "currval", "lastval", "now", "clock_timestamp", "statement_timestamp", "transaction_timestamp"),
        *("random", "gen_random_uuid", "uuid_generate_v4", "txid_current", "pg_current_xact_id"),
    }
)
#: What a driver asks of itself, and nobody is steered by beyond what the plan's fingerprint stands for.
_HARMLESS = frozenset({"version", "current_schema", "current_schemas", "current_database", "current_setting"})
_CATALOGS = ("pg_catalog", "information_schema")
_SHOWN = 80


class NoScript(Exception):
    """The migration cannot be planned from what was recorded of it."""

    def __init__(self, why: Message) -> None:
        self.why = why
        super().__init__(str(why))


@dataclass(frozen=True, kw_only=True)
class _Line:
    """One statement of the migration itself, and the transaction it stood in."""

    statement: Statement
    transaction: int


def script_of(
    recording: Recording, *, file: str, bookkeeping: Callable[[Statement], bool], connection: psycopg.Connection
) -> Script:
    """The script of the one migration that ran in `recording`; raises `NoScript`.

    `bookkeeping` says which statements are the tool's own, `connection` is one to the database in which it ran.
    """
    lines = list(_own(recording, file, bookkeeping, connection))
    text = "".join(f"{statement};\n" for statement in _in_transactions(lines))
    script = Script(file=file, data=text.encode(), lines=dict.fromkeys(range(1, text.count("\n") + 2), 1))
    _require_same(script, [line.statement.text for line in lines])
    return script


def _own(
    recording: Recording,
    file: str,
    bookkeeping: Callable[[Statement], bool],
    connection: psycopg.Connection,
) -> Iterator[_Line]:
    """The migration's own statements, in order."""
    asked: Statement | None = None
    savepoints = _Savepoints()
    for recorded in recording.statements:
        if not recorded.sql.strip():
            continue
        try:
            sent = Statement(text=recorded.sql, file=file)
            if sent.kind == "transaction_stmt":
                savepoints.hear(sent, recorded.connection)
                continue
            if _left_out(sent, bookkeeping):
                continue
            savepoints.count(recorded.connection)
            _require_plain(recorded)
            statement = with_literals(recorded, file, connection)
            statement = replace(statement, text=statement.text.strip().rstrip(";").rstrip())
            asked = statement if _reads_rows(statement) else asked
            if asked is not None:
                raise NoScript(_STEERED(sql=short(asked.text)))
            asked = statement if _learns(statement) else None
        except Inexact:
            raise NoScript(_INEXACT(sql=short(recorded.sql))) from None
        except WatariError:
            raise NoScript(_NO_TEXT(sql=short(recorded.sql))) from None
        yield _Line(statement=statement, transaction=recorded.transaction)


class _Savepoints:
    """Where a tool set savepoints, by connection: going back to one is nothing, unless the migration sent something since."""

    def __init__(self) -> None:
        self._set: dict[int, list[tuple[str, int]]] = {}
        self._sent: dict[int, int] = {}

    def count(self, connection: int) -> None:
        """A statement of the migration's own was sent."""
        self._sent[connection] = self._sent.get(connection, 0) + 1

    def hear(self, statement: Statement, connection: int) -> None:
        """A statement that begins or ends something; raises `NoScript` where it takes back what was sent.

        What a whole transaction takes back is told by the endings of its statements.
        """
        word, name = transaction_word(statement.node), statement.node.transaction_stmt.savepoint_name
        marks, sent = self._set.setdefault(connection, []), self._sent.get(connection, 0)
        if word == "savepoint":
            marks.append((name, sent))
        elif word == "rollback_to":
            if any(mark == name and before < sent for mark, before in marks):
                raise NoScript(_TAKEN_BACK(sql=statement.text))
        elif word in ("begin", "start", "commit", "rollback"):
            marks.clear()
        elif word != "release":
            raise NoScript(_TAKEN_BACK(sql=statement.text))


def _left_out(statement: Statement, bookkeeping: Callable[[Statement], bool]) -> bool:
    """Whether the statement is none of the migration's, or only reads what the plan's fingerprint stands for."""
    return statement.kind == "variable_show_stmt" or bookkeeping(statement) or _reads_catalog(statement)


def _reads_catalog(statement: Statement) -> bool:
    if statement.kind != "select_stmt":
        return False
    named = relation_references(statement.node)
    if not named:
        return {call.name for call in function_calls(statement.node)} <= _HARMLESS
    return all(each.schema in _CATALOGS or (each.schema is None and each.name.startswith("pg_")) for each in named)


def _require_plain(recorded: RecordedStatement) -> None:
    if recorded.error is not None:
        raise NoScript(_FAILED(sql=short(recorded.sql)))
    if recorded.ending is not Ending.COMMITTED:
        raise NoScript(_TAKEN_BACK(sql=short(recorded.sql)))
    if recorded.sql.lstrip()[:4].lower() == "copy":
        raise NoScript(_ROWS_SENT())


def _reads_rows(statement: Statement) -> bool:
    """Whether the tool learns which rows there are: even if nothing follows, it may only have found none to act on."""
    kind, node = body(statement.node)
    if kind == "select_stmt":
        return bool(relation_references(node))
    if kind in ("declare_cursor_stmt", "fetch_stmt", "execute_stmt"):
        return True
    return _returns(node) and (kind != "insert_stmt" or not _inserts_what_it_says(node))


def _inserts_what_it_says(insert: Any) -> bool:
    """Whether the INSERT adds exactly the rows that are written in it, whatever is there."""
    source = insert.select_stmt.select_stmt
    return not insert.HasField("on_conflict_clause") and not source.from_clause


def _learns(statement: Statement) -> bool:
    """Whether the tool asks for a value that is another one each time, and may put it into what follows.

    What an INSERT of written rows returns is none: keys out of sequences that stand elsewhere on the other clone, so that
    whatever is made of them differs (`recorded.py`), or are made by the migrations themselves and come out the same.
    """
    kind, node = body(statement.node)
    return kind == "select_stmt" and any(call.name in _ANSWERS for call in function_calls(node))


def _returns(node: Any) -> bool:
    fields = node.DESCRIPTOR.fields_by_name
    if "returning_clause" in fields and node.HasField("returning_clause"):
        return True
    return "returning_list" in fields and len(node.returning_list) > 0


def _in_transactions(lines: Iterable[_Line]) -> Iterator[str]:
    """The texts, with BEGIN and COMMIT around what was committed together."""
    seen: set[int] = set()
    for transaction, group in groupby(lines, key=lambda line: line.transaction):
        if transaction in seen:
            raise NoScript(_MINGLED())
        seen.add(transaction)
        texts = [line.statement.text for line in group]
        yield from ["BEGIN", *texts, "COMMIT"] if len(texts) > 1 else texts


def _require_same(script: Script, texts: list[str]) -> None:
    """What is read from the script is what was sent, byte for byte."""
    try:
        read = [each.text.rstrip(";").rstrip() for each in script.statements if each.kind != "transaction_stmt"]
    except WatariError as unreadable:
        raise NoScript(_NO_TEXT(sql=unreadable.message)) from None
    for one, other in zip(read, texts, strict=False):
        if one != other:
            raise NoScript(_NO_TEXT(sql=short(other)))
    if len(read) != len(texts):
        raise NoScript(_NO_TEXT(sql=f"{len(read)} != {len(texts)}"))


def short(text: str) -> str:
    """A statement on one line, as people are told of it."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
