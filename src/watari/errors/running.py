"""Out of reach for a run or a rehearsal: the database is taken, its journal unknown, no clone to be had. Nothing was changed."""

from __future__ import annotations

from watari.errors.reach import ReachError
from watari.locale import Text


class RunBusy(ReachError):
    """Another run holds the database, or the framework's own runner does."""

    text = Text(
        en='database "{database}" is held by {holder}',
        ja='データベース "{database}" は使用中です: {holder}',
    )
    hint = Text(
        en="Two runs never overlap; wait for it to end (watari runs shows how far it is) and start again.",
        ja="同じデータベースで同時に実行できるのは 1 つだけです。終了を待って (進捗は watari runs) 再実行してください。",
    )


class JournalTooNew(ReachError):
    """A newer watari has written the journal of this database."""

    text = Text(
        en='the journal in database "{database}" has version {found}, this program knows {known}',
        ja='データベース "{database}" のジャーナルはバージョン {found} です (このプログラムの対応は {known} まで)',
    )
    hint = Text(
        en="Use the watari version that wrote it, or a later one.",
        ja="ジャーナルを書いたバージョン以降の watari を使ってください。",
    )


class NoClone(ReachError):
    """None of the ways to get a clone is open here."""

    text = Text(
        en='no clone of database "{database}" can be had: {reasons}',
        ja='データベース "{database}" のクローンを作成できません: {reasons}',
    )
    hint = Text(
        en="Make one of these ways possible, or name a staging database to rehearse on.",
        ja="いずれかの方法を使えるようにするか、リハーサル用のステージングデータベースを指定してください。",
    )
