"""A team's project: flags, environment, `.env` and `watari.toml` in; databases to work on out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from watari.errors.settings import (
    BadDatabaseUrl,
    BadSettingsFile,
    EnvironmentAmbiguous,
    UnknownDatabase,
    UnknownEnvironment,
)
from watari.errors.usage import NoDatabaseUrl
from watari.locale import Language, Message, Text, language_of_environment
from watari.locale.system import reason_of
from watari.project.dotenv import read_dotenv
from watari.project.policy import Policy
from watari.project.settings_file import NAME, DatabaseSettings, EnvironmentSettings, FileSettings, read_settings
from watari.project.url import DatabaseUrl, parse_url
from watari.project.variables import Origin, Variables, reference
from watari.values import dataclass, field, replace

__all__ = ["Project", "Source", "Target", "load"]

DEFAULT = "default"
STAGING = "staging"
_STANDARD = {DEFAULT: "DATABASE_URL", STAGING: "STAGING_DATABASE_URL"}
#: Where Prisma's users keep the address that goes past the pooler.
_DIRECT = ("DIRECT_URL", "DIRECT_DATABASE_URL")

_PASSWORD_IN_FILE = Text(
    en='{place} holds a password; keep the address in .env or the environment and write url = "env:NAME"',
    ja='{place} にパスワードが書かれています。接続先は .env か環境変数に置き、url = "env:変数名" と記述してください',
)
_DOTENV_LINE = Text(
    en=".env:{line} is not NAME=VALUE and was passed over", ja=".env:{line} は 名前=値 の形式でないため無視しました"
)
_DOTENV_UNREADABLE = Text(en=".env cannot be read: {reason}", ja=".env を読み取れません: {reason}")
_NO_FILE = Text(en="there is no such file", ja="ファイルがありません")
_PAST_POOLER = Text(
    en='"{variable}" is used, because DATABASE_URL goes through a pooler (pgbouncer=true)',
    ja='DATABASE_URL はプーラー経由（pgbouncer=true）のため、"{variable}" を使います',
)


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where one setting comes from; `place` is "watari.toml:3", a variable's name or empty. No secret in `value`."""

    setting: str
    value: str
    origin: Origin
    place: str = ""


@dataclass(frozen=True, kw_only=True)
class Target:
    """One database of one environment, with everything that is needed to work on it.

    `framework` and `folder` are None where they are to be detected; `schema` and `history_table` where the framework's own
    default holds. `source` says where the address comes from, `notes` what a person should know about it.
    """

    database: str
    environment: str
    url: DatabaseUrl
    framework: str | None = None
    folder: Path | None = None
    policy: Policy = field(default_factory=Policy)
    schema: str | None = None
    history_table: str | None = None
    python: Path | None = None
    source: str = ""
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Project:
    """Everything that was settled before a command began."""

    root: Path
    config: Path | None = None
    framework: str | None = None
    folder: Path | None = None
    python: Path | None = None
    language: Language = Language.EN
    schema: str | None = None
    history_table: str | None = None
    backup_folder: Path
    baseline: Path | None = None  # hazards that the project has accepted as they are
    ledger: str | None = None  # SQLAlchemy address of a team's ledger; None: `.watari/ledger.sqlite`
    databases: tuple[DatabaseSettings, ...] = ()
    environments: tuple[EnvironmentSettings, ...] = ()
    sources: tuple[Source, ...] = ()
    warnings: tuple[Message, ...] = ()
    surroundings: Variables = field(default_factory=Variables, repr=False, compare=False)

    @property
    def database_names(self) -> tuple[str, ...]:
        """The names of the project's databases; empty where none is named in `watari.toml`."""
        return tuple(database.name for database in self.databases)

    @property
    def variables(self) -> dict[str, str]:
        """The variables that hold addresses of databases, each with where it is set; never their values."""
        named = sorted({*self.surroundings.environ, *self.surroundings.dotenv})
        holding = [name for name in named if name.endswith("DATABASE_URL") or name in _DIRECT]
        return {name: str(origin) for name in holding if (origin := self.surroundings.origin(name))}

    def targets(
        self,
        environment: str | None = None,
        database: str | None = None,
        url: str | None = None,
        folder: Path | None = None,
        framework: str | None = None,
    ) -> tuple[Target, ...]:
        """The databases that a command works on, in the project's order; the arguments are the caller's flags.

        Raises `UnknownEnvironment`, `EnvironmentAmbiguous`, `UnknownDatabase`, `NoDatabaseUrl`, `BadDatabaseUrl`.
        """
        given = self._given(url)
        place = self._environment(environment or self.surroundings.get("WATARI_ENV"), given[0] if given else None)
        targets = self._declared(place, database, given) if self.databases else self._single(place, database, given)
        if folder:
            targets = tuple(replace(target, folder=folder.absolute()) for target in targets)
        return tuple(replace(target, framework=framework) for target in targets) if framework else targets

    def policy(self, environment: str | None = None) -> Policy:
        """The policy of an environment, where no database is asked for. Raises `UnknownEnvironment`, `EnvironmentAmbiguous`."""
        return self._environment(environment or self.surroundings.get("WATARI_ENV"), None).policy

    # -- which environment --------------------------------------------------------------------------------------------

    def _environment(self, name: str | None, given: DatabaseUrl | None) -> EnvironmentSettings:
        declared = {environment.name: environment for environment in self.environments}
        if name in declared:
            return declared[name]
        if name and declared:
            raise UnknownEnvironment(environment=name, known=", ".join(declared))
        if name or not declared:
            return EnvironmentSettings(name=name or DEFAULT)
        # an address that belongs to an environment carries that environment's policy
        if given and (owner := next(self._owners(given), None)):
            return owner
        if DEFAULT in declared or given:
            return declared.get(DEFAULT, EnvironmentSettings(name=DEFAULT))
        if len(declared) > 1:
            raise EnvironmentAmbiguous(known=", ".join(declared))
        return self.environments[0]

    def _owners(self, given: DatabaseUrl) -> Iterator[EnvironmentSettings]:
        for environment in self.environments:
            try:
                targets = (
                    self._declared(environment, None, None) if self.databases else self._single(environment, None, None)
                )
            except (NoDatabaseUrl, BadDatabaseUrl):
                continue  # its address is not known here, so it cannot be the one given
            if any(given.same_database(target.url) for target in targets):
                yield environment

    # -- which databases ----------------------------------------------------------------------------------------------

    def _single(self, place: EnvironmentSettings, name: str | None, given: _Address | None) -> tuple[Target, ...]:
        url, source, notes = given or self._address_of(place)
        if name:
            url = url.of_database(name)
        return (self._target(place, DatabaseSettings(name=url.database, dbname=url.database), url, source, notes),)

    def _declared(self, place: EnvironmentSettings, name: str | None, given: _Address | None) -> tuple[Target, ...]:
        chosen = [database for database in self.databases if name in (None, database.name)]
        if not chosen:
            raise UnknownDatabase(database=name, known=", ".join(self.database_names))
        # one address for several databases names their server; an address for a single one is meant as it stands
        alone = len(self.databases) == 1 or (given is not None and name is not None)
        targets = []
        for database in chosen:
            url, source, notes = given or self._address_of(place, database)
            if not alone and not self._own_address(place, database):
                url = url.of_database(database.dbname)
            targets.append(self._target(place, database, url, source, notes))
        return tuple(targets)

    def _own_address(self, place: EnvironmentSettings, database: DatabaseSettings) -> str | None:
        """The address written for this one database, if there is one."""
        own = database.url if place.name == DEFAULT and place.url is None else None
        return place.urls.get(database.name, own)

    def _target(
        self,
        place: EnvironmentSettings,
        database: DatabaseSettings,
        url: DatabaseUrl,
        source: str,
        notes: tuple[Message, ...],
    ) -> Target:
        folder = self.root / database.folder if database.folder else self.folder
        return Target(
            database=database.name,
            environment=place.name,
            url=url,
            framework=database.framework or self.framework,
            folder=folder,
            policy=place.policy,
            schema=database.schema or self.schema or url.schema,
            history_table=database.history_table or self.history_table,
            python=self.python,
            source=source,
            notes=(*notes, *url.notes),
        )

    # -- which address ------------------------------------------------------------------------------------------------

    def _given(self, url: str | None) -> _Address | None:
        if url:
            return parse_url(url), "--url", ()
        named = self.surroundings.get("WATARI_URL")
        return (parse_url(named, source="WATARI_URL"), "WATARI_URL", ()) if named else None

    def _address_of(self, place: EnvironmentSettings, database: DatabaseSettings | None = None) -> _Address:
        written = (self._own_address(place, database) if database else None) or place.url
        if written is None:
            return self._standard_address(place.name)
        source = reference(written) or NAME
        filled = self.surroundings.fill(
            written, missing=lambda name: NoDatabaseUrl(environment=place.name, variable=name)
        )
        return parse_url(filled, source=source), source, ()

    def _standard_address(self, environment: str) -> _Address:
        variable = _STANDARD.get(environment, environment.upper().replace("-", "_") + "_DATABASE_URL")
        text = self.surroundings.get(variable)
        if text is None:
            raise NoDatabaseUrl(environment=environment, variable=variable)
        url = parse_url(text, source=variable)
        if environment == DEFAULT and url.framework_parameters.get("pgbouncer") == "true":
            for direct in _DIRECT:
                if past := self.surroundings.get(direct):
                    return parse_url(past, source=direct), direct, (_PAST_POOLER(variable=direct),)
        return url, variable, ()


#: An address, where it comes from, and what a person should know about that.
_Address = tuple[DatabaseUrl, str, tuple[Message, ...]]


def load(
    root: Path, *, config: Path | None = None, environ: Mapping[str, str], language: Language | None = None
) -> Project:
    """The project in the folder `root`: flags before environment before `.env` before `watari.toml` before defaults.

    `config` names another settings file than `root/watari.toml`. Raises `BadSettingsFile`, `UnknownSetting`, `BadSetting`.
    Addresses are read when `targets` asks for them, so that a missing one disturbs only those who need it.
    """
    variables, complaints = _variables(root, environ)
    file = _file(root, config)
    found = _Settled(variables, file)
    folder = found.text("dir")
    return Project(
        root=root,
        config=file.path,
        framework=found.text("framework"),
        folder=root / folder if folder else None,
        python=found.python(root),
        language=language or found.language(),
        schema=found.text("schema"),
        history_table=found.text("history_table"),
        backup_folder=root / (found.text("backup_dir", default=".watari/backups") or ""),
        baseline=root / baseline if (baseline := found.text("baseline")) else None,
        ledger=found.text("ledger"),
        databases=file.databases,
        environments=file.environments,
        sources=tuple(found.sources),
        warnings=(*complaints, *_passwords(file)),
        surroundings=variables,
    )


def _file(root: Path, config: Path | None) -> FileSettings:
    path = config or root / NAME
    if path.exists():
        return read_settings(path)
    if config:
        raise BadSettingsFile(place=str(config), reason=_NO_FILE())
    return FileSettings()


def _variables(root: Path, environ: Mapping[str, str]) -> tuple[Variables, tuple[Message, ...]]:
    try:
        dotenv = read_dotenv((root / ".env").read_bytes(), environ)
    except (FileNotFoundError, NotADirectoryError):
        return Variables(environ=environ), ()
    except OSError as reason:
        return Variables(environ=environ), (_DOTENV_UNREADABLE(reason=reason_of(reason)),)
    return Variables(environ=environ, dotenv=dotenv.values), tuple(_DOTENV_LINE(line=line) for line in dotenv.damaged)


def _passwords(file: FileSettings) -> Iterator[Message]:
    for line in file.passwords:
        name = file.path.name if file.path else NAME
        yield _PASSWORD_IN_FILE(place=f"{name}:{line}" if line else name)


class _Settled:
    """Settles the single settings one by one and keeps where each came from."""

    def __init__(self, variables: Variables, file: FileSettings) -> None:
        self.variables = variables
        self.file = file
        self.sources: list[Source] = []

    def text(self, setting: str, *, default: str | None = None) -> str | None:
        variable = f"WATARI_{setting.upper()}"
        if origin := self.variables.origin(variable):
            return self._from(setting, self.variables.get(variable), origin, variable)
        if setting in self.file.texts:
            return self._from(setting, self.file.texts[setting], Origin.FILE, NAME)
        return self._from(setting, default, Origin.DEFAULT)

    def python(self, root: Path) -> Path | None:
        """The team's interpreter: as set, else the active virtual environment's, else the one in the project."""
        if named := self.text("python"):
            from shutil import which

            return root / Path(named).expanduser() if "/" in named else Path(which(named) or named)
        active = self.variables.environ.get("VIRTUAL_ENV")
        if active and (python := Path(active) / "bin" / "python").exists():
            self._from("python", str(python), Origin.ENVIRONMENT, "VIRTUAL_ENV")
            return python
        for folder in (".venv", "venv"):
            if (python := root / folder / "bin" / "python").exists():
                self._from("python", str(python), Origin.DEFAULT)
                return python
        return None

    def language(self) -> Language:
        """`WATARI_LANG`, else the file's `language`, else the locale."""
        if origin := self.variables.origin("WATARI_LANG"):
            chosen = language_of_environment({"WATARI_LANG": self.variables.get("WATARI_LANG") or ""})
            self._from("language", chosen.value, origin, "WATARI_LANG")
        elif "language" in self.file.texts:
            chosen = Language(self.file.texts["language"])
            self._from("language", chosen.value, Origin.FILE, NAME)
        else:
            chosen = language_of_environment(self.variables.environ)
            self._from("language", chosen.value, Origin.DEFAULT)
        return chosen

    def _from(self, setting: str, value: str | None, origin: Origin, place: str = "") -> str | None:
        if value is not None:
            shown = "…" if setting == "ledger" else value  # a team's ledger may have a password in its address
            self.sources.append(Source(setting=setting, value=shown, origin=origin, place=place))
        return value
