"""A SeaORM migration crate as its source says: which migrations `lib.rs` lists, their names, and what they make."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from watari.frameworks.rust import body_of, bracketed, parts, strings, without_comments
from watari.frameworks.seaorm_keys import DeclaredKey, declared_keys
from watari.frameworks.seaorm_names import table_of
from watari.late import pattern
from watari.values import dataclass

__all__ = ["CrateMigration", "history_table", "is_crate", "listed_migrations", "named_migrations", "unlisted_files"]

_ENTRY = pattern(r"\b(?:crate::|self::)?((?:[a-z_]\w*::)+)[A-Z]\w*")
_PATH = pattern(r'#\[path\s*=\s*"([^"]+)"\]\s*(?:pub(?:\([^)]*\))?\s+)?mod\s+(\w+)\s*;')
_FILE_NAME = pattern(r"m\d{8}_\d{6}_\w+\Z")
_CREATE = pattern(r"\b(Table|Index)::create\(\)")
_ALONE = pattern(r"Some\s*\(\s*false\s*\)")
_TABLE = pattern(r"\.table\(\s*(?:\([^,()]*(?:\([^()]*\))?\s*,\s*)?(?:(\w+)::Table\b|(?:Alias::new\()?\s*\"([^\"]+)\")")
_NAME = pattern(r'\.name\(\s*"([^"]+)"')


@dataclass(frozen=True, kw_only=True)
class CrateMigration:
    """One entry of the list: the name that the history holds, and its file (None: not found).

    `makes` are the tables and indexes that it creates without `IF NOT EXISTS`, `keys` the foreign keys that it adds, as far
    as the source tells. `goes_back`: it has a `down()`; `digest` is the SHA-256 of its file.
    """

    entry: str
    name: str
    file: Path | None
    transactional: bool = True
    makes: tuple[str, ...] = ()
    keys: tuple[DeclaredKey, ...] = ()
    goes_back: bool = False
    digest: str | None = None


def is_crate(folder: Path) -> bool:
    """Whether the folder is a crate that depends on `sea-orm-migration`."""
    manifest = folder / "Cargo.toml"
    if not manifest.is_file() or not (folder / "src" / "lib.rs").is_file():
        return False
    return "sea-orm-migration" in manifest.read_text(encoding="utf-8", errors="replace")


def listed_migrations(crate: Path) -> tuple[CrateMigration, ...] | None:
    """The migrations in the order of the `vec![]` in `migrations()`; None where there is no such list."""
    library = _source(crate / "src" / "lib.rs")
    body = body_of(library, "migrations")
    start = re.search(r"\bvec!\s*(?=[\[({])", body)
    if start is None:
        return None
    elsewhere = {module: crate / "src" / path for path, module in _PATH.findall(library)}
    sources = tuple(_source(file) for file in sorted((crate / "src").rglob("*.rs")))
    return tuple(_entry(crate, entry, elsewhere, sources) for entry in parts(bracketed(body, start.end())))


def named_migrations(crate: Path, names: Sequence[str]) -> tuple[CrateMigration, ...]:
    """The migrations that the crate's own binary names, each with the file that has its name; `lib.rs` where none has."""
    library = crate / "src" / "lib.rs"
    files = sorted((crate / "src").rglob("*.rs"))
    read = {file: _source(file) for file in files}
    by_name = {_name(source, file): file for file, source in read.items()}
    sources = tuple(read.values())
    return tuple(
        _from_file(name, name, by_name[name], sources) if name in by_name else _unseen(name, library) for name in names
    )


def _unseen(name: str, library: Path) -> CrateMigration:
    """A migration whose file nobody knows: only its binary can tell whether it goes back, so it is asked."""
    return CrateMigration(entry=name, name=name, file=library, goes_back=True)


def history_table(crate: Path) -> str | None:
    """The name that the migrator gives its history table, None where it leaves the default."""
    return next(iter(strings(body_of(_source(crate / "src" / "lib.rs"), "migration_table_name"))), None)


def unlisted_files(crate: Path, listed: tuple[CrateMigration, ...]) -> tuple[Path, ...]:
    """Files named like migrations that the list leaves out, so that SeaORM never runs them."""
    known = {migration.file for migration in listed}
    return tuple(
        file for file in sorted((crate / "src").glob("m*.rs")) if _FILE_NAME.match(file.stem) and file not in known
    )


def _entry(crate: Path, entry: str, elsewhere: dict[str, Path], sources: tuple[str, ...]) -> CrateMigration:
    found = _ENTRY.search(entry)
    if found is None:
        return CrateMigration(entry=entry, name=entry, file=None)
    modules = found.group(1).removesuffix("::").split("::")
    file = _file(crate / "src", modules, elsewhere)
    if file is None:
        return CrateMigration(entry=entry, name=modules[-1], file=None)
    return _from_file(entry, _name(_source(file), file), file, sources)


def _from_file(entry: str, name: str, file: Path, sources: tuple[str, ...]) -> CrateMigration:
    source = _source(file)
    return CrateMigration(
        entry=entry,
        name=name,
        file=file,
        transactional=not _ALONE.search(body_of(source, "use_transaction")),
        makes=_makes(source),
        keys=tuple(declared_keys(body_of(source, "up") or source, (source, *sources))),
        goes_back=bool(body_of(source, "down").strip()),
        digest=hashlib.sha256(file.read_bytes()).hexdigest(),
    )


def _file(folder: Path, modules: list[str], elsewhere: dict[str, Path]) -> Path | None:
    path = folder.joinpath(*modules)
    candidates = [elsewhere.get(modules[-1]), path.with_name(f"{path.name}.rs"), path / "mod.rs"]
    return next((file for file in candidates if file is not None and file.is_file()), None)


def _name(source: str, file: Path) -> str:
    """`name()` where it is written by hand, else the file's name, as `DeriveMigrationName` takes it."""
    by_hand = re.search(r"\bimpl\s+(?:\w+::)*MigrationName\s+for\b", source)
    written = strings(body_of(source[by_hand.start() :], "name")) if by_hand else []
    return written[0] if written else file.stem


def _makes(source: str) -> tuple[str, ...]:
    upwards = body_of(source, "up") or source
    found = []
    for create in _CREATE.finditer(upwards):
        chain = upwards[create.end() :].partition(".to_owned()")[0]
        if "if_not_exists()" in chain:
            continue
        if create.group(1) == "Index":
            found += [name.group(1) for name in _NAME.finditer(chain)][:1]
        elif table := _TABLE.search(chain):
            found.append(_table(table, source))
    return tuple(dict.fromkeys(found))


def _table(name: re.Match[str], source: str) -> str:
    enum, literal = name.groups()
    return literal or table_of(enum, (source,))


def _source(file: Path) -> str:
    return without_comments(file.read_text(encoding="utf-8", errors="replace"))
