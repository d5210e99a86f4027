"""What ALTER TABLE changes of the table as a whole: row security, triggers, owner, options, inheritance, partitions."""

from __future__ import annotations

from typing import Any, LiteralString

from watari.catalog import Name, Table
from watari.locale import Text
from watari.planning.kind import Undo
from watari.planning.plan import Phase
from watari.planning.scene import Scene
from watari.planning.subcommand import DROP, MISC, Subcommand, key_of
from watari.planning.trees import copied, deparsed, options, parsed
from watari.sql.compose import Raw, Value, composed
from watari.values import replace

_ROW_SECURITY = Text(en="change row level security", ja="行レベルセキュリティを変更")
_TRIGGERS = Text(en="switch triggers on or off", ja="トリガーの有効・無効を切り替え")
_OWNER = Text(en="change the owner", ja="所有者を変更")
_OPTIONS = Text(en="change storage options", ja="ストレージ設定を変更")
_ATTACH = Text(en="attach partition {name}", ja="パーティション {name} をアタッチ")
_DETACH = Text(en="detach partition {name}", ja="パーティション {name} をデタッチ")
_INHERIT = Text(en="change inheritance", ja="継承関係を変更")
_LOGGED = Text(en="change logging of the table", ja="テーブルのログ有無を変更")

#: Subcommands that another one takes back, with what is written for it.
_OPPOSITES: dict[str, LiteralString] = {
    "AT_EnableRowSecurity": "DISABLE ROW LEVEL SECURITY",
    "AT_DisableRowSecurity": "ENABLE ROW LEVEL SECURITY",
    "AT_ForceRowSecurity": "NO FORCE ROW LEVEL SECURITY",
    "AT_NoForceRowSecurity": "FORCE ROW LEVEL SECURITY",
    "AT_EnableTrigAll": "DISABLE TRIGGER ALL",
    "AT_DisableTrigAll": "ENABLE TRIGGER ALL",
    "AT_EnableTrigUser": "DISABLE TRIGGER USER",
    "AT_DisableTrigUser": "ENABLE TRIGGER USER",
    "AT_SetLogged": "SET UNLOGGED",
    "AT_SetUnLogged": "SET LOGGED",
}
_ALTER: LiteralString = "ALTER TABLE {table} {rest}"


def _opposite(command: Any, table: Name, scene: Scene) -> Undo:
    return () if _as_wanted(command, scene.table(table)) else (
        composed(_ALTER, table=table, rest=Raw(_OPPOSITES[key_of(command)])),
    )  # fmt: skip


def _as_wanted(command: Any, found: Table | None) -> bool:
    """Whether the table already is what the subcommand makes of it."""
    if found is None:
        return False
    state = {
        "AT_EnableRowSecurity": found.row_security,
        "AT_DisableRowSecurity": not found.row_security,
        "AT_ForceRowSecurity": found.force_row_security,
        "AT_NoForceRowSecurity": not found.force_row_security,
        "AT_SetLogged": found.persistence == "p",
        "AT_SetUnLogged": found.persistence == "u",
    }
    return bool(state.get(key_of(command), False))


def _set_state(command: Any, table: Name, scene: Scene) -> None:
    found = scene.table(table)
    key = key_of(command)
    if found is None:
        return
    if key in ("AT_EnableRowSecurity", "AT_DisableRowSecurity"):
        scene.change(replace(found, row_security=key == "AT_EnableRowSecurity"))
    elif key in ("AT_ForceRowSecurity", "AT_NoForceRowSecurity"):
        scene.change(replace(found, force_row_security=key == "AT_ForceRowSecurity"))
    elif key in ("AT_SetLogged", "AT_SetUnLogged"):
        scene.change(replace(found, persistence="p" if key == "AT_SetLogged" else "u"))


def _trigger_back(command: Any, table: Name, scene: Scene) -> Undo:
    enabled = key_of(command) == "AT_EnableTrig"
    old = next((t.enabled for t in scene.triggers_of(table) if t.name == command.name), "D" if enabled else "O")
    words: dict[str, LiteralString] = {"D": "DISABLE", "O": "ENABLE", "R": "ENABLE REPLICA", "A": "ENABLE ALWAYS"}
    template: LiteralString = "ALTER TABLE {table} {state} TRIGGER {name}"
    return (composed(template, table=table, state=Raw(words[old]), name=command.name),)


def _owner_back(command: Any, table: Name, scene: Scene) -> Undo:
    found = scene.table(table)
    if found is None or not found.owner:
        return ()
    return (composed("ALTER TABLE {table} OWNER TO {owner}", table=table, owner=found.owner),)


def _options_back(command: Any, table: Name, scene: Scene) -> Undo:
    found = scene.table(table)
    if found is None:
        return None
    changed = list(options(getattr(command, "def").list.items))
    old = {name: value for name, _, value in (option.partition("=") for option in found.options)}
    kept = [composed("{name} = {old}", name=name, old=Value(old[name])) for name in changed if name in old]
    reset = [composed("{name}", name=name) for name in changed if name not in old]
    parts: list[tuple[LiteralString, list[str]]] = [("SET ({options})", kept), ("RESET ({options})", reset)]
    return tuple(
        composed(_ALTER, table=table, rest=Raw(composed(template, options=Raw(", ".join(words)))))
        for template, words in parts
        if words
    )


def _partition(command: Any, scene: Scene) -> Name:
    return scene.name_of(getattr(command, "def").partition_cmd.name)


def _attach_back(command: Any, table: Name, scene: Scene) -> Undo:
    template: LiteralString = "ALTER TABLE {table} DETACH PARTITION {part}"
    return (composed(template, table=table, part=_partition(command, scene)),)


def _detach_back(command: Any, table: Name, scene: Scene) -> Undo:
    part = scene.table(_partition(command, scene))
    if part is None or not part.partition_bound:
        return None
    template: LiteralString = "ALTER TABLE {table} ATTACH PARTITION {part} {bound}"
    return (composed(template, table=table, part=part.name, bound=Raw(part.partition_bound)),)


def _attach(command: Any, table: Name, scene: Scene) -> None:
    part = scene.table(_partition(command, scene))
    if part:
        scene.change(replace(part, parents=(*part.parents, table), partition_bound=_bound(command)))
        scene.put_below(table, part.name)


def _bound(command: Any) -> str:
    """The bound as SQL: FOR VALUES …, or DEFAULT."""
    whole = copied(parsed("ALTER TABLE t ATTACH PARTITION p DEFAULT"))
    own = getattr(whole.alter_table_stmt.cmds[0].alter_table_cmd, "def").partition_cmd
    own.bound.CopyFrom(getattr(command, "def").partition_cmd.bound)
    return deparsed(whole).removeprefix("ALTER TABLE t ATTACH PARTITION p ")


def _detach(command: Any, table: Name, scene: Scene) -> None:
    part = scene.table(_partition(command, scene))
    if part:
        kept = tuple(parent for parent in part.parents if parent not in (table, scene.live_name(table)))
        scene.change(replace(part, parents=kept, partition_bound=None))


def _inherit_back(command: Any, table: Name, scene: Scene) -> Undo:
    parent = scene.name_of(getattr(command, "def").range_var)
    word: LiteralString = "NO INHERIT" if key_of(command) == "AT_AddInherit" else "INHERIT"
    return (composed("ALTER TABLE {table} {word} {parent}", table=table, word=Raw(word), parent=parent),)


_ROW_SECURITY_KEYS = ("AT_EnableRowSecurity", "AT_DisableRowSecurity", "AT_ForceRowSecurity", "AT_NoForceRowSecurity")
_TRIGGER_KEYS = ("AT_EnableTrigAll", "AT_DisableTrigAll", "AT_EnableTrigUser", "AT_DisableTrigUser")

SUBCOMMANDS = (
    Subcommand(
        keys=_ROW_SECURITY_KEYS, words=lambda c: _ROW_SECURITY(), turn=MISC, undo=_opposite, happens=_set_state,
        phase=Phase.CONTRACT,
    ),
    Subcommand(keys=_TRIGGER_KEYS, words=lambda c: _TRIGGERS(), turn=MISC, undo=_opposite, phase=Phase.MIGRATE),
    Subcommand(
        keys=("AT_EnableTrig", "AT_DisableTrig", "AT_EnableAlwaysTrig", "AT_EnableReplicaTrig"),
        words=lambda c: _TRIGGERS(), turn=MISC, undo=_trigger_back, phase=Phase.MIGRATE,
    ),
    Subcommand(
        keys=("AT_SetLogged", "AT_SetUnLogged"), words=lambda c: _LOGGED(), turn=MISC, undo=_opposite,
        happens=_set_state, phase=Phase.MIGRATE,
    ),
    Subcommand(keys=("AT_ChangeOwner",), words=lambda c: _OWNER(), turn=MISC, undo=_owner_back),
    Subcommand(
        keys=("AT_SetRelOptions", "AT_ResetRelOptions"), words=lambda c: _OPTIONS(), turn=MISC, undo=_options_back
    ),
    Subcommand(
        keys=("AT_AttachPartition",), turn=MISC, undo=_attach_back, happens=_attach,
        words=lambda c: _ATTACH(name=getattr(c, "def").partition_cmd.name.relname),
    ),
    Subcommand(
        keys=("AT_DetachPartition",), turn=MISC, undo=_detach_back, happens=_detach, phase=Phase.CONTRACT,
        words=lambda c: _DETACH(name=getattr(c, "def").partition_cmd.name.relname),
    ),
    Subcommand(keys=("AT_AddInherit",), words=lambda c: _INHERIT(), turn=MISC, undo=_inherit_back),
    Subcommand(keys=("AT_DropInherit",), words=lambda c: _INHERIT(), turn=DROP, undo=_inherit_back),
)  # fmt: skip
