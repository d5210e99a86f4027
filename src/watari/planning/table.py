"""A plan as people read it: one row a step, in words; rendering is the face's."""

from __future__ import annotations

from collections.abc import Sequence

from watari.catalog import KeptKind, blocks_reads, blocks_writes
from watari.evidence.effect import Effect
from watari.evidence.run import Direction
from watari.locale import Message, Text
from watari.planning.deployment import awaited
from watari.planning.kind import kind_of
from watari.planning.plan import Backfill, Phase, Plan, Step, StepKind
from watari.planning.rewrite import own_name
from watari.planning.trees import words
from watari.sql.grammar import body, choice
from watari.sql.statement import Statement
from watari.values import dataclass

__all__ = ["Row", "rows"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One step: its id, phase, what happens, the locks as `public.orders: SHARE`, and how the others fare."""

    step: str
    phase: Message
    what: Message
    locks: str
    waits: Message


_PHASES = {
    Phase.EXPAND: Text(en="expand", ja="拡張"),
    Phase.MIGRATE: Text(en="migrate", ja="移行"),
    Phase.CONTRACT: Text(en="contract", ja="縮小"),
}
_BACKFILL = Text(en="bring the rows of {table} over in batches", ja="{table} の行をバッチで移行（バックフィル）")
_UPDATE = Text(en="update rows of {table} in batches along {key}", ja="{table} の行を {key} の順にバッチで更新")
_DELETE = Text(en="delete rows of {table} in batches along {key}", ja="{table} の行を {key} の順にバッチで削除")
_ARRIVALS = Text(
    en="write down the keys of rows that are inserted into {table} meanwhile",
    ja="これ以降 {table} に挿入される行のキーを記録",
)
_ARRIVALS_END = Text(en="stop writing down the rows inserted into {table}", ja="{table} に挿入される行の記録を終了")
_ROOM = Text(en="make {place} for the rows of {object}", ja="{object} の行の移動先 {place} を作成")
_BACK = Text(en="bring the rows of {table} back in batches", ja="{table} の行をバッチで元に戻す")
_COMMAND = Text(en="run the framework's own command for {migration}", ja="{migration} をフレームワークのコマンドで実行")
_AROUND = {
    "before": Text(
        en="let the framework's own tool do what it does before its migrations",
        ja="マイグレーション前の処理をフレームワークのツールで実行",
    ),
    "after": Text(
        en="let the framework's own tool do what it does after its migrations",
        ja="マイグレーション後の処理をフレームワークのツールで実行",
    ),
}
_RECORD = Text(en="record {migration} in the history", ja="{migration} を履歴に記録")
_FORGET = Text(en="take {migration} out of the history", ja="{migration} を履歴から削除")
_EXCHANGE = Text(
    en="put the new column {column} of {table} in the place of the old one",
    ja="{table} の新しいカラム {column} を旧カラムと入れ替え",
)
_PAUSE = Text(en="stop until it is out: {application}", ja="デプロイ完了まで停止: {application}")
_KEPT = {
    KeptKind.COLUMN: Text(
        en="drop column {object}, its values kept as {place}", ja="カラム {object} を削除（値は {place} として保持）"
    ),
    KeptKind.REPLACED: Text(
        en="put the new column {object} in the place of the old one, kept as {place}",
        ja="{object} を新しいカラムと入れ替え（旧カラムは {place} として保持）",
    ),
    KeptKind.TABLE: Text(
        en="drop table {object}, its rows kept as {place}", ja="テーブル {object} を削除（行は {place} として保持）"
    ),
    KeptKind.SCHEMA: Text(
        en="drop schema {object}, kept under another name with {place}",
        ja="スキーマ {object} を削除（別名で保持: {place}）",
    ),
    KeptKind.ROWS: Text(en="delete rows of {object}, kept as {place}", ja="{object} の行を削除（{place} として保持）"),
    KeptKind.VALUES: Text(
        en="update rows of {object}, the values of before kept as {place}",
        ja="{object} の行を更新（変更前の値は {place} として保持）",
    ),
    KeptKind.NAME: Text(
        en="rename {object} to {new}, the old name kept as a view",
        ja="{object} を {new} に改名（旧名はビューとして維持）",
    ),
    KeptKind.COLUMN_NAME: Text(
        en="rename column {object} to {new}, the old name kept as a second column",
        ja="カラム {object} を {new} に改名（旧名は 2 つ目のカラムとして維持）",
    ),
}
_RELEASE = Text(en="let go of {object}, kept as {place}", ja="{place} として保持していた {object} を削除")
_NAME_ENDS = Text(en="end the old name {object}", ja="旧名 {object} を廃止")
_NAME_BACK = Text(en="rename {new} back to {object}", ja="{new} を {object} に改名して戻す")
_RETURN = Text(en="bring {object} back from {place}", ja="{place} から {object} を元に戻す")
_AND_MORE = Text(en="{first}, and {count} more", ja="{first} ほか {count} 件")

#: Forms that work through a table in batches along its key.
_IN_BATCHES = ("cut-by-key", "kept-truncate")
#: Questions of steps that build and drop indexes beside those who read and write.
_BUILDS = ("index_", "reindexed")

_NOBODY = Text(en="nobody waits", ja="待ちなし")
_MOMENT = Text(en="a moment, with patience", ja="一瞬のみ（ロックは短時間で再試行）")
_WRITERS = Text(en="writers, while it works", ja="処理中は書き込みが待機")
_EVERYBODY = Text(en="everybody, while it works", ja="処理中は読み書きとも待機")
_ROWS = Text(en="only writers of the same rows", ja="同じ行への書き込みのみ待機")
_UNKNOWN = Text(en="not known beforehand", ja="事前には不明")


def rows(plan: Plan) -> tuple[Row, ...]:
    """One row for each step, in order."""
    return tuple(_row(step, plan) for step in plan.steps)


def _row(step: Step, plan: Plan) -> Row:
    return Row(
        step=step.id,
        phase=_PHASES[step.phase](),
        what=_what(step, plan),
        locks=", ".join(f"{effect.relation}: {effect.lock}" for effect in _shown(step.effects)),
        waits=_waits(step)(),
    )


def _shown(effects: Sequence[Effect]) -> list[Effect]:
    """The effects whose lock somebody else could meet, one a relation, the strongest."""
    strongest: dict[str, Effect] = {}
    for effect in effects:
        if effect.lock is None or effect.created:
            continue
        before = strongest.get(effect.relation)
        if before is None or before.lock is None or effect.lock > before.lock:
            strongest[effect.relation] = effect
    return list(strongest.values())


def _what(step: Step, plan: Plan) -> Message:
    record = (_FORGET if plan.direction is Direction.BACK else _RECORD)(migration=step.migration)
    if step.kind is StepKind.COMMAND:
        return _COMMAND(migration=step.migration)
    if step.kind is StepKind.AROUND and step.settle:
        return _AROUND[step.settle.relation]()
    if step.backfill:
        return _rows_of(step.backfill)
    if step.kind is StepKind.PAUSE:
        return _PAUSE(application=awaited(step)())
    if step.rewritten in _IN_BATCHES and step.sql and not step.releases:
        return _around_batches(step)
    for kept in step.keeps:
        return _KEPT[kept.kind](object=kept.object, place=kept.place, new=kept.new_name)
    for kept in step.releases:
        back, ends = (_NAME_BACK, _NAME_ENDS) if kept.is_name else (_RETURN, _RELEASE)
        said = back if plan.direction is Direction.BACK else ends
        return said(object=kept.object, place=kept.place, new=kept.new_name)
    if not step.sql:
        return record
    if special := _exchange(step):
        return special
    first, *others = step.sql
    told = _said(first)
    return _AND_MORE(first=told, count=len(others)) if others else told


def _around_batches(step: Step) -> Message:
    """What a step is about that stands before or behind the batches of an UPDATE, DELETE or TRUNCATE."""
    for text in step.sql if step.rewritten == "cut-by-key" else ():
        kind, node = body(Statement(text=text, file="").node)
        if kind == "create_trig_stmt":
            return _ARRIVALS(table=node.relation.relname)
        if kind == "drop_stmt" and choice(node, "remove_type") == "OBJECT_TRIGGER":
            return _ARRIVALS_END(table=words(node.objects[0])[-2])
    for kept in step.keeps:
        return _ROOM(object=kept.object, place=kept.place)
    return _said(step.sql[-1])


def _said(text: str) -> Message:
    kind, inner = body(Statement(text=text, file="").node)
    return kind_of(kind).words(inner)


def _rows_of(work: Backfill) -> Message:
    if not work.key:
        return _BACKFILL(table=work.table)
    if work.table.startswith("watari."):
        return _BACK(table=work.into)
    return (_DELETE if work.delete else _UPDATE)(table=work.table, key=", ".join(work.key))


def _exchange(step: Step) -> Message | None:
    """What a step is about that gives a new column the name of the old one, among much else."""
    if step.rewritten is None:
        return None
    for text in step.sql:
        kind, node = body(Statement(text=text, file="").node)
        if kind == "rename_stmt" and node.subname == own_name("new", node.newname):
            return _EXCHANGE(column=node.newname, table=node.relation.relname)
    return None


def _waits(step: Step) -> Text:
    if step.kind is StepKind.PAUSE:
        return _NOBODY
    if not step.effects and step.waits_for_locks:
        return _UNKNOWN
    strong = [e for e in step.effects if e.lock is not None and not e.created and blocks_writes(e.lock)]
    builds = step.kind is StepKind.CONCURRENT and step.settle is not None and step.settle.kind.startswith(_BUILDS)
    if not step.waits_for_locks or builds:
        return _NOBODY
    if step.kind is StepKind.BACKFILL or not strong:
        writes = any(effect.lock is not None and effect.lock.name == "ROW_EXCLUSIVE" for effect in step.effects)
        return _ROWS if writes else _NOBODY
    if not any(effect.scan or effect.rewrite for effect in strong):
        return _MOMENT
    return _EVERYBODY if any(effect.lock is not None and blocks_reads(effect.lock) for effect in strong) else _WRITERS
