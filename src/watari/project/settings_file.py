"""`watari.toml`: the file in, settings as values out, every key and type checked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from watari.errors.settings import BadSetting, BadSettingsFile, SettingRemoved, UnknownSetting
from watari.late import pattern
from watari.locale import Message, Text
from watari.locale.system import reason_of
from watari.project.policy import KINDS, Action, Policy
from watari.values import dataclass, field, fields

NAME = "watari.toml"

_TEXT = Text(en="a text in quotes", ja="引用符で囲んだ文字列")
_NUMBER = Text(en="a whole number, not below 0", ja="0 以上の整数")
_TIME = Text(
    en='seconds, or a text such as "50ms", "10min" or "24h", not below 0',
    ja='0 以上の秒数、または "50ms"、"10min"、"24h" のような文字列',
)
_SWITCH = Text(en="true or false", ja="true または false")
_LIST = Text(en="a list of texts", ja="文字列の配列")
_TABLE = Text(en="a table", ja="テーブル（[…]）")
_CHOICE = Text(en="one of {choices}", ja="{choices} のいずれか")
_NEAREST = Text(en='Did you mean "{nearest}"? ', ja='"{nearest}" の誤りではありませんか。')
_NOTHING = Text(en="", ja="")

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}
_DURATION = pattern(r"(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d)")
_TOP = ("framework", "dir", "python", "language", "schema", "history_table", "backup_dir", "ledger", "baseline")
_DATABASE = ("dir", "framework", "url", "dbname", "schema", "history_table")
_CHOICES: dict[str, tuple[str, ...]] = {
    "language": ("en", "ja"),
    "ways_back": ("down", "undo", "restore"),
    "rewrite": Policy().rewrite,
    "give_up_on": (*KINDS, "wraparound"),
    "cancel": KINDS,
    "terminate": KINDS,
}
_APPLICATION = "application:"


@dataclass(frozen=True, kw_only=True)
class DatabaseSettings:
    """One `[databases.NAME]`; `dbname` is its name on the server where that differs."""

    name: str
    dbname: str
    folder: str | None = None
    framework: str | None = None
    url: str | None = field(default=None, repr=False)
    schema: str | None = None
    history_table: str | None = None


@dataclass(frozen=True, kw_only=True)
class EnvironmentSettings:
    """One `[environments.NAME]`: where its databases are, and its policy."""

    name: str
    url: str | None = field(default=None, repr=False)
    urls: Mapping[str, str] = field(default_factory=dict, repr=False)
    policy: Policy = field(default_factory=Policy)


@dataclass(frozen=True, kw_only=True)
class FileSettings:
    """A whole `watari.toml`; the defaults are those of a project without one."""

    path: Path | None = None
    texts: Mapping[str, str] = field(default_factory=dict)  # the top-level settings that are written
    databases: tuple[DatabaseSettings, ...] = ()
    environments: tuple[EnvironmentSettings, ...] = ()
    passwords: tuple[int | None, ...] = ()  # lines of addresses with a password in them


def read_settings(path: Path) -> FileSettings:
    """The settings of one file; raises `BadSettingsFile`, `UnknownSetting`, `SettingRemoved`, `BadSetting`."""
    import tomllib

    try:
        text = path.read_bytes().decode("utf-8-sig")
        return _Reader(path, text).settings(tomllib.loads(text))
    except OSError as reason:
        raise BadSettingsFile(place=str(path), reason=reason_of(reason)) from None
    except UnicodeDecodeError:
        raise BadSettingsFile(place=str(path), reason=Text(en="it is not UTF-8", ja="UTF-8 ではありません")()) from None
    except tomllib.TOMLDecodeError as reason:
        line = re.search(r"at line (\d+)", str(reason))
        place = f"{path}:{line[1] if line else len(text.splitlines())}"  # else the message says: at end of document
        raise BadSettingsFile(place=place, reason=re.sub(r" \(at .*\)$", "", str(reason))) from None


class _Reader:
    """Checks one document; keeps the text, to say in which line something stands."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.text = text

    def settings(self, document: dict[str, Any]) -> FileSettings:
        self._known((), document, (*_TOP, "databases", "environments"))
        databases = self._tables(("databases",), document.get("databases", {}))
        environments = self._tables(("environments",), document.get("environments", {}))
        return FileSettings(
            path=self.path,
            texts={name: self._text((name,), document[name]) for name in _TOP if name in document},
            databases=tuple(self._database(name, table) for name, table in databases.items()),
            environments=tuple(self._environment(name, table, databases) for name, table in environments.items()),
            passwords=tuple(self._passwords(databases, environments)),
        )

    def _database(self, name: str, table: dict[str, Any]) -> DatabaseSettings:
        path = ("databases", name)
        self._known(path, table, _DATABASE)
        texts = {key: self._text((*path, key), value) for key, value in table.items()}
        return DatabaseSettings(name=name, folder=texts.pop("dir", None), **({"dbname": name} | texts))

    def _environment(self, name: str, table: dict[str, Any], databases: Mapping[str, Any]) -> EnvironmentSettings:
        path = ("environments", name)
        self._known(path, table, ("url", "urls", "policy"))
        urls = self._table((*path, "urls"), table.get("urls", {}))
        self._known((*path, "urls"), urls, tuple(databases))
        return EnvironmentSettings(
            name=name,
            url=self._text((*path, "url"), table["url"]) if "url" in table else None,
            urls={database: self._text((*path, "urls", database), url) for database, url in urls.items()},
            policy=self._policy((*path, "policy"), self._table((*path, "policy"), table.get("policy", {}))),
        )

    def _policy(self, path: tuple[str, ...], table: dict[str, Any]) -> Policy:
        kinds = {policy.name: str(policy.type) for policy in fields(Policy)}
        if "allow_rules" in table:
            raise SettingRemoved(place=self._place((*path, "allow_rules")), key=".".join((*path, "allow_rules")))
        self._known(path, table, tuple(kinds))
        values = {name: self._value((*path, name), value, kinds[name]) for name, value in table.items()}
        return Policy(**values)

    def _rules(self, path: tuple[str, ...], table: dict[str, Any]) -> tuple[tuple[str, Action], ...]:
        """`[environments.NAME.policy.rules]`; whether there is such a rule is for the judge to say."""
        words = tuple(Action)
        for rule, word in table.items():
            if word not in words:
                self._bad((*path, rule), word, _CHOICE(choices=", ".join(words)))
        return tuple((rule, Action(word)) for rule, word in table.items())

    # -- single values ------------------------------------------------------------------------------------------------

    def _value(self, path: tuple[str, ...], value: Any, kind: str) -> Any:
        if path[-1] == "rules":
            return self._rules(path, self._table(path, value))
        if kind.startswith("bool"):
            return value if isinstance(value, bool) else self._bad(path, value, _SWITCH())
        if kind.startswith("int"):
            whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
            return value if whole else self._bad(path, value, _NUMBER())
        if kind.startswith("float"):
            seconds = _seconds(value)
            return seconds if seconds is not None else self._bad(path, value, _TIME())
        return self._texts(path, value) if kind.startswith("tuple") else self._text(path, value)

    def _text(self, path: tuple[str, ...], value: Any) -> str:
        if not isinstance(value, str):
            self._bad(path, value, _TEXT())
        self._choose(path, value)
        return str(value)

    def _texts(self, path: tuple[str, ...], value: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self._bad(path, value, _LIST())
        for item in value:
            self._choose(path, item)
        return tuple(value)

    def _choose(self, path: tuple[str, ...], value: str) -> None:
        choices = _CHOICES.get(path[-1])
        # only the top level and policies have choices; a database may well be called "language"
        if value.startswith(_APPLICATION) and choices and KINDS[0] in choices:
            return
        if choices and (len(path) == 1 or path[-2:-1] == ("policy",)) and value not in choices:
            self._bad(path, value, _CHOICE(choices=", ".join(choices)))

    def _tables(self, path: tuple[str, ...], value: Any) -> dict[str, dict[str, Any]]:
        return {name: self._table((*path, name), table) for name, table in self._table(path, value).items()}

    def _table(self, path: tuple[str, ...], value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            self._bad(path, value, _TABLE())
        return dict(value)

    # -- complaints ---------------------------------------------------------------------------------------------------

    def _known(self, path: tuple[str, ...], table: Mapping[str, Any], known: Sequence[str]) -> None:
        for key in table:
            if key not in known:
                from difflib import get_close_matches

                near = get_close_matches(key, known, n=1, cutoff=0.5)
                raise UnknownSetting(
                    place=self._place((*path, key)),
                    key=".".join((*path, key)),
                    nearest=_NEAREST(nearest=".".join((*path, near[0]))) if near else _NOTHING(),
                    known=", ".join(known) or "-",
                )

    def _bad(self, path: tuple[str, ...], value: Any, expected: Message) -> Any:
        # an address may hold a password, so its value is not shown
        shown = "…" if path[-1] == "url" or "urls" in path else repr(value)
        raise BadSetting(place=self._place(path), key=".".join(path), value=shown, expected=expected)

    def _place(self, path: tuple[str, ...]) -> str:
        line = line_of(self.text, path)
        return f"{self.path.name}:{line}" if line else self.path.name

    def _passwords(self, databases: Mapping[str, Any], environments: Mapping[str, Any]) -> Sequence[int | None]:
        urls: list[tuple[tuple[str, ...], Any]] = []
        for name, table in databases.items():
            urls.append((("databases", name, "url"), table.get("url")))
        for name, table in environments.items():
            urls.append((("environments", name, "url"), table.get("url")))
            urls += [(("environments", name, "urls", base), url) for base, url in table.get("urls", {}).items()]
        return [line_of(self.text, path) for path, url in urls if isinstance(url, str) and _has_password(url)]


def _seconds(value: Any) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if 0 <= value < float("inf") else None
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    return float(match[1]) * _UNITS[match[2]] if match else None


def _has_password(url: str) -> bool:
    """Whether a password stands in the file itself; a reference to a variable is none."""
    from watari.errors.settings import BadDatabaseUrl
    from watari.project.url import parse_url

    try:
        password = parse_url(url).password
    except BadDatabaseUrl:
        return False  # told when somebody uses it
    return password is not None and "${" not in password.reveal()


def line_of(text: str, path: tuple[str, ...]) -> int | None:
    """The line (from 1) in which the key `path` is written, or the table that holds it; None where it is not found."""
    table: tuple[str, ...] = ()
    best: tuple[int, int | None] = (0, None)
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[+([^\]]+)\]", line):
            table = written = _keys(f"[{header[1]}]")
        elif pair := re.match(r"\s*([^=#]+?)\s*=", line):
            written = (*table, *_keys(f"{pair[1]} = 0"))
        else:
            continue
        same = next((n for n, (a, b) in enumerate(zip(written, path, strict=False)) if a != b), None)
        depth = min(len(written), len(path)) if same is None else 0
        if depth > best[0]:
            best = (depth, number)
    return best[1]


def _keys(line: str) -> tuple[str, ...]:
    """The parts of one dotted key or header, by TOML's own rules."""
    import tomllib

    keys: list[str] = []
    try:
        inner: Any = tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return ()
    while isinstance(inner, dict) and inner:
        key, inner = next(iter(inner.items()))
        keys.append(key)
    return tuple(keys)
