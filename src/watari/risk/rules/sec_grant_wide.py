"""A right for everybody, or every right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.sql.grammar import choice, option_words

CARD = Card(
    id="sec-grant-wide",
    title=Text(en="A grant that is wider than it has to be", ja="必要以上に広い権限付与"),
    condition=Text(
        en="GRANT to PUBLIC, GRANT ALL, WITH GRANT OPTION, or a role with SUPERUSER or BYPASSRLS",
        ja=("PUBLIC への GRANT、GRANT ALL、WITH GRANT OPTION、または SUPERUSER・BYPASSRLS のロールの場合"),
    ),
    harm=Text(
        en="Roles that exist today or come later read and write what was not meant for them.",
        ja="現在および将来のロールが、意図しないデータを読み書きできるようになります。",
    ),
    fact="manual, GRANT, CREATE ROLE",
    safer=Text(
        en="Name the role and the right: GRANT SELECT ON … TO role.",
        ja="ロールと権限を明示します（GRANT SELECT ON … TO ロール）。",
    ),
)
KINDS = (
    "grant_stmt",
    "create_role_stmt",
    "alter_role_stmt",
)

_WIDE = Text(en="{role} gets more than one named right ({what}).", ja="{role} に広い権限（{what}）が付与されます。")


_ROLE = ("superuser", "bypassrls")


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    node = situation.node
    if situation.kind != "grant_stmt":
        options = option_words(node.options)
        words = [word.upper() for word in _ROLE if options.get(word) in ("true", "1")]
        role = node.role if situation.kind == "create_role_stmt" else node.role.rolename
        if words:
            yield situation.hazard(CARD, Level.WARN, role, _WIDE(what=", ".join(words), role=role))
        return
    if not node.is_grant or (node.objects and all(_is_new(situation, item) for item in node.objects)):
        return
    what = _what(node)
    if what is not None:
        roles = ", ".join(item.role_spec.rolename or "PUBLIC" for item in node.grantees)
        yield situation.hazard(CARD, Level.WARN, roles, _WIDE(what=what, role=roles))


def _what(node: Any) -> str | None:
    if any(choice(item.role_spec, "roletype") == "ROLESPEC_PUBLIC" for item in node.grantees):
        return "PUBLIC"
    if node.grant_option:
        return "WITH GRANT OPTION"
    return "ALL" if not node.privileges else None


def _is_new(situation: Situation, item: Any) -> bool:
    """A table that these migrations made may well be given to its application whole."""
    return item.WhichOneof("node") == "range_var" and not situation.old(situation.name(item.range_var))
