"""Is there a row whose foreign key finds nothing in the table that it refers to?"""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import Constraint, ConstraintKind, Name, quoted
from watari.catalog.facts import on_table
from watari.evidence.observation import OrphanCount
from watari.locale import Text
from watari.sql.compose import Raw, composed
from watari.verification.check import Check, Subject
from watari.verification.compared import Compared
from watari.verification.verdict import Verdict

NONE = Text(en="no orphan row for {constraint} of {table}", ja="{table} の {constraint} に孤児レコードはありません")
FOUND = Text(
    en="{count} orphan rows: {columns} of {table} finds no row in {parent} (for example {examples}); "
    "correct them, or set them to NULL where the column allows it",
    ja="孤児レコード {count} 件: {table} の {columns} に対応する行が {parent} にありません(例: {examples})。"
    "値を修正するか、NULL 可のカラムであれば NULL を設定してください",
)
COMING = Text(
    en="{count} orphan rows: {columns} of {table} finds no row in {parent} (for example {examples}); pending migration "
    '"{migration}" adds {constraint} and will fail on them; correct them first, or set them to NULL where the column '
    "allows it",
    ja="孤児レコード {count} 件: {table} の {columns} に対応する行が {parent} にありません(例: {examples})。"
    '未適用のマイグレーション "{migration}" の {constraint} がこれらの行で失敗します。'
    "先に値を修正するか、NULL 可のカラムであれば NULL を設定してください",
)
AT_LEAST = Text(en="at least {count}", ja="{count} 件以上の")
NOT_SEARCHED = Text(
    en="orphan rows for {constraint} of {table} were not searched: {why}",
    ja="{table} の {constraint} の孤児レコードは確認していません: {why}",
)
NOT_ASKED = Text(en="orphan rows were not searched", ja="孤児レコードを確認していません")
NO_KEYS = Text(en="there is no foreign key", ja="外部キー制約はありません")
UNKNOWN = Text(en="it was not asked", ja="確認の対象外です")


def _compare(compared: Compared) -> Iterator[Verdict]:
    counts, whole = compared.observation.orphans, Subject(check=CHECK.name, object=compared.catalog.database)
    if counts is None:
        yield whole.skipped(NOT_ASKED())
    elif not counts:
        yield whole.passed(NO_KEYS())
    keys = {(str(c.table), c.name): c for c in compared.catalog.constraints if c.kind is ConstraintKind.FOREIGN_KEY}
    coming = {(str(key.table), key.name): (id, key) for id, key in compared.observation.pending_keys}
    for count in counts or ():
        place = count.table, count.constraint
        if key := keys.get(place):
            yield _verdict(count, key)
        elif place in coming:
            yield _verdict(count, coming[place][1], pending=coming[place][0])


def _verdict(count: OrphanCount, key: Constraint, *, pending: str | None = None) -> Verdict:
    fields = {"constraint": quoted(count.constraint), "table": count.table}
    subject = Subject(check=CHECK.name, object=on_table(key), expected="0", query=left_join(key))
    if count.rows is None:
        return subject.skipped(NOT_SEARCHED(**fields, why=count.why or UNKNOWN()))
    if count.rows == 0:
        return subject.passed(NONE(**fields), "0")
    full = bool(count.limit) and count.rows >= count.limit
    message = (COMING if pending else FOUND)(
        migration=pending,
        constraint=quoted(count.constraint),
        count=AT_LEAST(count=count.rows) if full else count.rows,
        columns=", ".join(map(quoted, key.columns)),
        table=count.table,
        parent=str(key.references),
        examples="; ".join(count.examples),
    )
    return (subject.warned if pending else subject.failed)(message, f"{'>= ' if full else ''}{count.rows}")


def left_join(key: Constraint) -> str:
    """The query that lists the orphan rows of a foreign key, as the runbooks write it."""
    parent = key.references or Name("", "")
    pairs = list(zip(key.columns, key.referenced_columns, strict=True))
    equal = [composed("child.{mine} = parent.{theirs}", mine=mine, theirs=theirs) for mine, theirs in pairs]
    filled = [composed("child.{mine} IS NOT NULL", mine=mine) for mine, _ in pairs]
    absent = composed("parent.{theirs} IS NULL", theirs=pairs[0][1])
    return composed(
        "SELECT child.* FROM {child} AS child LEFT JOIN {parent} AS parent ON {equal} WHERE {filled} AND {absent}",
        child=key.table,
        parent=parent,
        equal=Raw(" AND ".join(equal)),
        filled=Raw(" AND ".join(filled)),
        absent=Raw(absent),
    )


CHECK = Check(
    name="orphan rows",
    title=Text(en="no row refers to a row that is not there", ja="孤児レコードの確認"),
    question=None,
    compare=_compare,
)
