"""A name before a table that is no schema: most often a database."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import Name
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.sql.grammar import relation_references

CARD = Card(
    id="script-database-as-schema",
    title=Text(en="A database is named as if it were a schema", ja="データベース名がスキーマ名として使われている"),
    condition=Text(
        en="A table is named with a schema that does not exist, above all one that is called like a database",
        ja="存在しないスキーマ（特にデータベースと同じ名前）でテーブルを修飾している場合",
    ),
    harm=Text(
        en="The statement fails with 3F000 or 42P01: a connection sees one database, and what stands before "
        "the dot is a schema in it.",
        ja="3F000 または 42P01 エラーになります。1 つの接続から見えるのは 1 "
        "つのデータベースで、ドットの前はその中のスキーマです。",
    ),
    fact="schemas of the live catalog; databases of the project",
    safer=Text(
        en="Leave the name out (or write public), and put the statement into the migrations of that "
        "database, or after \\connect.",
        ja="名前を外す（または public と書く）か、そのデータベースのマイグレーション、または \\connect "
        "の後に移します。",
    ),
)
KINDS = ("* absent", "create_stmt")

_THIS = Text(
    en="{schema} is the name of this database, not of a schema in it: the statement fails. Write {name} or "
    "public.{name}.",
    ja="{schema} はこのデータベースの名前で、スキーマではないためエラーになります。{name} または "
    "public.{name} と記述してください。",
)
_OTHER = Text(
    en="{schema} is another database of the project; a connection cannot reach into it. Put the statement "
    "into the migrations of {schema}, or after \\connect {schema}.",
    ja="{schema} はプロジェクトの別のデータベースで、この接続からは操作できません。{schema} "
    "のマイグレーション、または \\connect {schema} の後に移してください。",
)
_NONE = Text(
    en="There is no schema {schema} in this database: the statement fails. If a database is meant, a "
    "statement cannot name one; connect to it.",
    ja="このデータベースにスキーマ {schema} "
    "はないためエラーになります。データベースのことであれば、文では指定できません。接続先を切り替えてください。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard for each such name."""
    catalog = situation.world.catalog
    here_called = situation.statement.database or (catalog.database if catalog else situation.unit.database)
    for name in dict.fromkeys((*situation.absent, *_named_databases(situation), *_made_there(situation))):
        schema = name.schema
        if catalog is not None and situation.world.has_schema(schema):
            continue
        here = schema == here_called
        words = _THIS if here else _OTHER if schema in situation.unit.databases else _NONE
        message = words(schema=schema, name=name.name)
        yield situation.hazard(CARD, Level.BLOCK, name, message)


def _named_databases(situation: Situation) -> Iterator[Name]:
    """Without a catalog: the names whose schema is called like a database of the project."""
    if situation.world.known or not situation.unit.databases:
        return
    for schema, name in relation_references(situation.statement.node):
        if schema in situation.unit.databases:
            yield Name(schema, name)


def _made_there(situation: Situation) -> Iterator[Name]:
    """With a catalog: the table that would be made in a schema called like a database of the project."""
    if situation.kind == "create_stmt" and situation.world.known:
        schema = situation.node.relation.schemaname
        if schema and schema in {*situation.unit.databases, situation.statement.database}:
            yield Name(schema, situation.node.relation.relname)
