"""Wrong use: what a rehearsal was told of its clone and of the application. Nothing was changed."""

from __future__ import annotations

from watari.errors.usage import UsageError
from watari.locale import Text


class QueriesUnreadable(UsageError):
    """The application's statements were to be read from a place that holds none."""

    text = Text(en='no statements can be read from "{path}": {reason}', ja='"{path}" から文を読み取れません: {reason}')
    hint = Text(
        en="Name a folder of .sql files, one such file, or a server log (.log, .csv, .json) with log_statement on.",
        ja=".sql ファイルのフォルダー、.sql ファイル、または log_statement を有効にしたサーバーログ（.log、.csv、.json）を指定してください。",
    )


class BadRows(UsageError):
    """The part of the rows that a clone is to hold was given in another form."""

    text = Text(en='"{rows}" is no part of the rows', ja='"{rows}" は行の割合として解釈できません')
    hint = Text(
        en='Write "all", "none", or a part such as "5%".', ja='"all"、"none"、または "5%" のように指定してください。'
    )


class BadMask(UsageError):
    """A line of the setting `mask` is none."""

    text = Text(en='"{mask}" is no mask', ja='"{mask}" はマスク指定として解釈できません')
    hint = Text(
        en='Write "table.column = kind", where kind is one of: {kinds} (text with its value: text:masked).',
        ja='"テーブル.カラム = 種類" の形で指定してください。種類: {kinds}（text は text:値 の形）。',
    )


class MaskUnfit(UsageError):
    """A mask names what the database does not have, or what it must not change."""

    text = Text(en='mask of "{column}" does not fit: {reason}', ja='"{column}" のマスクは使えません: {reason}')
    hint = Text(en="Correct the setting mask in watari.toml.", ja="watari.toml の mask の設定を修正してください。")
