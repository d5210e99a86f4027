"""Values that a tool bound to a statement, as literals in its text; only where the literal is exactly the value."""

from __future__ import annotations

import psycopg
from psycopg import pq, sql

from watari.evidence.recording import Parameter, RecordedStatement
from watari.sql.grammar import messages
from watari.sql.statement import Statement

_INT4 = 23
_NEEDS_BRACKETS = ("[", ".")


class Inexact(Exception):
    """A value has no literal that is it for certain."""


def with_literals(recorded: RecordedStatement, file: str, connection: psycopg.Connection) -> Statement:
    """The statement with its values in the places of `$1`, `$2`; raises `Inexact`, `ScriptSyntax`.

    `connection` is one to the database in which it ran: the server itself writes each value, and must read it back as it was.
    """
    statement = Statement(text=recorded.sql, file=file)
    if not recorded.parameters:
        return statement
    text = recorded.sql.encode()
    for at, number in sorted(_places(statement), reverse=True):
        if not 0 < number <= len(recorded.parameters):
            raise Inexact
        end = at + len(f"${number}")
        if text[at:end] != f"${number}".encode():
            raise Inexact
        value = _literal(recorded.parameters[number - 1], connection)
        if text[end : end + 1].decode(errors="replace") in _NEEDS_BRACKETS:
            value = f"({value})"
        text = text[:at] + value.encode() + text[end:]
    return Statement(text=text.decode(), file=file)


def _places(statement: Statement) -> set[tuple[int, int]]:
    """Where parameters stand, in bytes, and their numbers."""
    found = [each for each in messages(statement.node) if each.DESCRIPTOR.name == "ParamRef"]
    return {(each.location, each.number) for each in found}


def _literal(parameter: Parameter, connection: psycopg.Connection) -> str:
    if parameter.type_oid == 0:
        if parameter.binary:
            raise Inexact
        return "NULL" if parameter.data is None else _quoted(parameter.data)
    type = _type_name(parameter.type_oid, connection)
    if parameter.data is None:
        return f"NULL::{type}"
    text = _written(parameter, connection)
    if parameter.type_oid == _INT4 and text.isdigit():
        return text.decode()  # what stands there without a type is an integer
    return f"{_quoted(text)}::{type}"


def _written(parameter: Parameter, connection: psycopg.Connection) -> bytes:
    """The value as its type writes it; raises `Inexact` where reading that gives another value."""
    assert parameter.data is not None
    text = _asked(parameter.data, parameter.type_oid, connection, given=int(parameter.binary), wanted=0)
    back = _asked(text, parameter.type_oid, connection, given=0, wanted=1)
    original = (
        parameter.data
        if parameter.binary
        else _asked(parameter.data, parameter.type_oid, connection, given=0, wanted=1)
    )
    if back != original:
        raise Inexact
    return text


def _asked(value: bytes, type: int, connection: psycopg.Connection, *, given: int, wanted: int) -> bytes:
    result = connection.pgconn.exec_params(b"select $1", [value], [type], [given], wanted)
    found = result.get_value(0, 0) if result.status == pq.ExecStatus.TUPLES_OK else None
    if found is None:
        raise Inexact
    return found


def _type_name(oid: int, connection: psycopg.Connection) -> str:
    result = connection.pgconn.exec_params(b"select format_type($1, null)", [str(oid).encode()], [26])
    name = result.get_value(0, 0) if result.status == pq.ExecStatus.TUPLES_OK else None
    if not name or name.startswith((b"?", b"-", b"unknown")):
        raise Inexact
    return name.decode()


def _quoted(value: bytes) -> str:
    try:
        return sql.Literal(value.decode()).as_string(None).strip()
    except UnicodeDecodeError:
        raise Inexact from None
