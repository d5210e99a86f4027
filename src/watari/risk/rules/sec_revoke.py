"""A right is taken away, or the owner changes: running code loses its access."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.sql.grammar import choice

CARD = Card(
    id="sec-revoke",
    title=Text(en="Running code may lose its access", ja="稼働中のコードが権限を失いうる"),
    condition=Text(
        en="REVOKE of a right, or OWNER TO, on something that was there before",
        ja="既存オブジェクトへの REVOKE または OWNER TO を実行する場合",
    ),
    harm=Text(
        en=("Statements of the role fail with 42501 from that moment on; OWNER TO closes the table for a moment too."),
        ja="対象ロールの文はその瞬間から 42501 で失敗します。OWNER TO は一瞬テーブルも止めます。",
    ),
    fact=("ACCESS EXCLUSIVE on table and indexes for OWNER TO, measured on 15 and 18; manual, REVOKE"),
    safer=Text(
        en="Try the application's statements as that role on a clone first (SET ROLE).",
        ja="先にクローン上で、そのロール（SET ROLE）でアプリケーションの文を試します。",
    ),
)
KINDS = ("grant_stmt", "alter_table_stmt AT_ChangeOwner")

_REVOKED = Text(
    en="Statements of {roles} that need the right on {object} fail from here on (42501).",
    ja="以後、{object} のこの権限を必要とする {roles} の文は失敗します（42501）。",
)
_OWNER = Text(
    en="{table} belongs to {role} from here on: the owner of before needs rights of its own.",
    ja="以後 {table} の所有者は {role} です。これまでの所有者には別途権限が必要です。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard an object."""
    node = situation.node
    if situation.kind == "alter_table_stmt":
        table = situation.target
        for command in situation.commands("AT_ChangeOwner"):
            known = situation.world.table(table)
            role = command.newowner.rolename
            if situation.old(table) and not (known is not None and known.owner == role):
                yield situation.hazard(CARD, Level.WARN, table, _OWNER(table=table, role=role or "CURRENT_USER"))
        return
    if node.is_grant or choice(node, "objtype") not in (
        "OBJECT_TABLE",
        "OBJECT_SCHEMA",
        "OBJECT_SEQUENCE",
        "OBJECT_FUNCTION",
    ):
        return
    roles = ", ".join(item.role_spec.rolename or "PUBLIC" for item in node.grantees)
    for item in node.objects:
        if item.WhichOneof("node") == "range_var":
            name = situation.name(item.range_var)
            known = situation.world.table(name)
            if situation.old(name) and not (known is not None and known.owner and not known.acl):
                yield situation.hazard(CARD, Level.WARN, name, _REVOKED(object=name, roles=roles))
        elif item.WhichOneof("node") == "string":
            yield situation.hazard(CARD, Level.WARN, item.string.sval, _REVOKED(object=item.string.sval, roles=roles))
