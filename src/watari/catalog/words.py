"""What kinds of objects and their attributes are called by people."""

from __future__ import annotations

from watari.locale import Text

ADDED = Text(en="{kind} {object} was added", ja="{kind} {object} が追加されています")
REMOVED = Text(en="{kind} {object} is missing", ja="{kind} {object} がありません")
CHANGED = Text(
    en="{kind} {object}: {attribute} is {after}, was {before}",
    ja="{kind} {object}: {attribute}が {before} から {after} に変わっています",
)
NOTHING = Text(en="empty", ja="なし")
YES = Text(en="yes", ja="はい")
NO = Text(en="no", ja="いいえ")

_KINDS = {
    "schema": Text(en="schema", ja="スキーマ"),
    "table": Text(en="table", ja="テーブル"),
    "view": Text(en="view", ja="ビュー"),
    "materialized view": Text(en="materialized view", ja="マテリアライズドビュー"),
    "foreign table": Text(en="foreign table", ja="外部テーブル"),
    "column": Text(en="column", ja="カラム"),
    "index": Text(en="index", ja="インデックス"),
    "check constraint": Text(en="check constraint", ja="CHECK 制約"),
    "foreign key": Text(en="foreign key", ja="外部キー制約"),
    "primary key": Text(en="primary key", ja="主キー制約"),
    "unique constraint": Text(en="unique constraint", ja="ユニーク制約"),
    "exclusion constraint": Text(en="exclusion constraint", ja="排他制約"),
    "not-null constraint": Text(en="not-null constraint", ja="NOT NULL 制約"),
    "trigger": Text(en="trigger", ja="トリガー"),
    "policy": Text(en="policy", ja="ポリシー"),
    "sequence": Text(en="sequence", ja="シーケンス"),
    "routine": Text(en="routine", ja="関数・プロシージャ"),
    "type": Text(en="type", ja="型"),
    "extension": Text(en="extension", ja="拡張機能"),
    "statistics": Text(en="extended statistics", ja="拡張統計"),
    "rule": Text(en="rule", ja="ルール"),
    "event trigger": Text(en="event trigger", ja="イベントトリガー"),
    "publication": Text(en="publication", ja="パブリケーション"),
    "collation": Text(en="collation", ja="照合順序"),
    "default privileges": Text(en="default privileges", ja="デフォルト権限"),
    "operator": Text(en="operator", ja="演算子"),
    "cast": Text(en="cast", ja="キャスト"),
}

_ATTRIBUTES = {
    "type": Text(en="type", ja="型"),
    "not_null": Text(en="NOT NULL", ja="NOT NULL "),
    "default": Text(en="default", ja="デフォルト値"),
    "generated": Text(en="generation", ja="生成方式"),
    "identity": Text(en="identity", ja="IDENTITY "),
    "collation": Text(en="collation", ja="照合順序"),
    "statistics_target": Text(en="statistics target", ja="統計目標値"),
    "comment": Text(en="comment", ja="コメント"),
    "acl": Text(en="privileges", ja="権限"),
    "storage": Text(en="storage", ja="格納方式"),
    "compression": Text(en="compression", ja="圧縮方式"),
    "options": Text(en="options", ja="オプション"),
    "owner": Text(en="owner", ja="所有者"),
    "columns": Text(en="order of columns", ja="カラムの順序"),
    "kind": Text(en="kind", ja="種類"),
    "persistence": Text(en="persistence", ja="永続性"),
    "parents": Text(en="parents", ja="親テーブル"),
    "partition_bound": Text(en="partition bound", ja="パーティション境界"),
    "partition_key": Text(en="partition key", ja="パーティションキー"),
    "definition": Text(en="definition", ja="定義"),
    "access_method": Text(en="access method", ja="アクセスメソッド"),
    "tablespace": Text(en="tablespace", ja="テーブル空間"),
    "replica_identity": Text(en="replica identity", ja="レプリカ識別"),
    "row_security": Text(en="row level security", ja="行レベルセキュリティ"),
    "force_row_security": Text(en="row level security for the owner", ja="所有者への行レベルセキュリティ"),
    "valid": Text(en="validity", ja="有効性"),
    "ready": Text(en="readiness", ja="準備状態"),
    "validated": Text(en="validation", ja="検証状態"),
    "enforced": Text(en="enforcement", ja="強制"),
    "enabled": Text(en="enabled state", ja="有効状態"),
    "labels": Text(en="labels", ja="ラベル"),
    "owned_by": Text(en="owning column", ja="所有カラム"),
    "version": Text(en="version", ja="バージョン"),
}


def kind_word(kind: str) -> Text:
    """What a kind of object is called."""
    return _KINDS.get(kind) or Text(en=kind, ja=kind)


def attribute_word(attribute: str) -> Text:
    """What an attribute is called."""
    plain = attribute.replace("_", " ")
    return _ATTRIBUTES.get(attribute) or Text(en=plain, ja=plain)
