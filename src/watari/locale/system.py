"""What the operating system says, in both languages: the English words are its own, the Japanese those of glibc."""

from __future__ import annotations

import errno

from watari.locale import Message, Text

__all__ = ["reason_of", "spoken"]

#: glibc's Japanese (po/ja.po) without its です・ます, because the words stand inside a sentence.
_JAPANESE = {
    errno.EACCES: "アクセス権限がありません",
    errno.EBUSY: "使用中です",
    errno.ECONNREFUSED: "接続を拒否されました",
    errno.ECONNRESET: "接続が相手から切断されました",
    errno.EDQUOT: "ディスク使用量の上限を超えました",
    errno.EEXIST: "同名のファイルが存在します",
    errno.EHOSTUNREACH: "ホストへの経路がありません",
    errno.EIO: "入出力エラーです",
    errno.EISDIR: "ファイルではなくディレクトリです",
    errno.ELOOP: "シンボリックリンクが循環しています",
    errno.EMFILE: "開いているファイルが多すぎます",
    errno.ENAMETOOLONG: "ファイル名が長すぎます",
    errno.ENETUNREACH: "ネットワークに到達できません",
    errno.ENOENT: "ファイルまたはディレクトリがありません",
    errno.ENOSPC: "デバイスに空き領域がありません",
    errno.ENOTDIR: "ディレクトリではありません",
    errno.EPERM: "許可されていない操作です",
    errno.EROFS: "読み取り専用のファイルシステムです",
    errno.ETIMEDOUT: "接続がタイムアウトしました",
}
#: The same conditions as libraries pass them on, in words only.
_PHRASES = {
    "Connection refused": _JAPANESE[errno.ECONNREFUSED],
    "Connection reset by peer": _JAPANESE[errno.ECONNRESET],
    "Connection timed out": _JAPANESE[errno.ETIMEDOUT],
    "Name or service not known": "ホスト名を解決できません",
    "Temporary failure in name resolution": "ホスト名を一時的に解決できません",
    "Network is unreachable": _JAPANESE[errno.ENETUNREACH],
    "No route to host": _JAPANESE[errno.EHOSTUNREACH],
    "No such file or directory": "ソケットファイルがありません",
    "connection timeout expired": "応答がないままタイムアウトしました",
    "timeout expired": "応答がないままタイムアウトしました",
    "server closed the connection unexpectedly": "サーバーが接続を突然閉じました",
}


def reason_of(failure: OSError) -> Message:
    """Why the system refused: "No space left on device"; in Japanese where the condition is a common one."""
    english = failure.strerror or str(failure) or type(failure).__name__
    return _words(english, _JAPANESE.get(failure.errno or 0, english))


def spoken(words: str) -> Message:
    """A library's words about a connection; in Japanese where they hold a known phrase."""
    return _words(words, next((told for phrase, told in _PHRASES.items() if phrase in words), words))


def _words(english: str, japanese: str) -> Message:
    return Text(en="{english}", ja="{japanese}")(english=english, japanese=japanese)
