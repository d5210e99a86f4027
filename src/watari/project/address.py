"""The writing of a database address: text in, its decoded parts out. What they mean is decided in `watari.project.url`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from watari.late import pattern
from watari.locale import Message, Text
from watari.values import dataclass

_SCHEMES = frozenset({"postgres", "postgresql", "pgsql", "postgis", "psql"})
_SCHEME = pattern(r"(?:jdbc:)?([A-Za-z][A-Za-z0-9.-]*)(?:\+([A-Za-z0-9_.-]+))?://")
_KEYWORD = pattern(r"\s*([A-Za-z_]+)\s*=\s*")
_VALUE = pattern(r"'((?:[^'\\]|\\.)*)'(?=\s|$)|([^\s'\\](?:[^\s\\]|\\.)*|)(?=\s|$)", re.DOTALL)

_NAME = pattern(r"[A-Za-z0-9_.%-]+")

_EMPTY = Text(en="it is empty", ja="値が空です")
_NEITHER = Text(en='it is neither a URL nor a list of "name=value"', ja='URL でも "name=value" の並びでもありません')
_SCHEME_UNKNOWN = Text(en='"{scheme}://" is not PostgreSQL', ja='"{scheme}://" は PostgreSQL ではありません')
_PROXY = Text(
    en='"{scheme}://" is Prisma\'s proxy, which takes no migrations; the direct address is needed',
    ja='"{scheme}://" は Prisma のプロキシで、マイグレーションは実行できません。データベースへ直接つながる接続先が必要です',
)
_LOGIN = Text(
    en='a "/" or "?" stands as it is in user or password',
    ja='ユーザー名かパスワードに "/" または "?" がエンコードされずに含まれています',
)
_BRACKET = Text(en="an IPv6 address lacks its closing bracket", ja="IPv6 アドレスの閉じ括弧がありません")
_NUL = Text(en="it holds a NUL byte", ja="NUL 文字が含まれています")
_ENCODING = Text(en="a percent-encoded part is not UTF-8", ja="パーセントエンコードされた部分が UTF-8 ではありません")
_PAIR = Text(
    en='the list of "name=value" cannot be read from its item {place} on',
    ja='"name=value" の並びの {place} 番目以降を読み取れません',
)


@dataclass(frozen=True, kw_only=True)
class Written:
    """An address as it stands in the text, decoded and not yet understood; lists of hosts and ports hold commas."""

    host: str = ""
    port: str = ""
    user: str = ""
    password: str = ""
    database: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    driver: str | None = None


class Unreadable(Exception):
    """Why a text is no address, in words that show no part of it."""

    def __init__(self, reason: Message) -> None:
        self.reason = reason
        super().__init__()


def read_address(text: str) -> Written:
    """The parts of a URL or of a list of `name=value`; raises `Unreadable`."""
    if not text:
        raise Unreadable(_EMPTY())
    if match := _SCHEME.match(text):
        return _of_url(match, text[match.end() :])
    if "=" in text:
        return Written(parameters=tuple(_keywords(text)))
    raise Unreadable(_NEITHER())


def _of_url(match: re.Match[str], rest: str) -> Written:
    scheme, driver = match[1].lower(), match[2]
    if scheme == "prisma" or (scheme, driver) == ("prisma", "postgres"):
        raise Unreadable(_PROXY(scheme=match[0].removesuffix("://")))
    if scheme not in _SCHEMES:
        raise Unreadable(_SCHEME_UNKNOWN(scheme=match[0].removesuffix("://")))
    rest, _, query = rest.partition("?")
    authority, _, database = rest.partition("/")
    if "@" in database:
        raise Unreadable(_LOGIN())
    # the last @ ends the login, as in a browser: an unescaped one inside a password is still understood
    login, _, place = authority.rpartition("@")
    user, _, password = login.partition(":")
    hosts, ports = places_of(place)
    return Written(
        host=hosts,
        port=ports,
        user=_decoded(user),
        password=_decoded(password),
        database=_decoded(database),
        parameters=tuple(_query(query)),
        driver=driver,
    )


def places_of(text: str) -> tuple[str, str]:
    """`a:1,b:2` taken apart into `a,b` and `1,2`."""
    hosts, ports = [], []
    for place in text.split(","):
        if place.startswith("["):
            host, closed, port = place[1:].partition("]")
            if not closed:
                raise Unreadable(_BRACKET())
            port = port.removeprefix(":")
        else:
            host, _, port = place.partition(":")
        hosts.append(_decoded(host))
        ports.append(port)
    return ",".join(hosts), ",".join(ports) if any(ports) else ""


def _query(text: str) -> Iterator[tuple[str, str]]:
    for pair in text.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            if not _NAME.fullmatch(name):
                raise Unreadable(_LOGIN())
            yield _decoded(name), _decoded(value)


def _keywords(text: str) -> Iterator[tuple[str, str]]:
    place, item = 0, 0
    text = text.rstrip()
    while place < len(text):
        item += 1
        name = _KEYWORD.match(text, place)
        value = _VALUE.match(text, name.end()) if name else None
        if not name or not value:
            raise Unreadable(_PAIR(place=item))
        yield name[1], re.sub(r"\\(.)", r"\1", value[1] if value[1] is not None else value[2], flags=re.DOTALL)
        place = value.end()


def _decoded(text: str) -> str:
    try:
        decoded = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise Unreadable(_ENCODING()) from None
    if "\0" in decoded:
        raise Unreadable(_NUL())
    return decoded
