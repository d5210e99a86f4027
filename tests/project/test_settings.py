"""Flags, environment, `.env` and `watari.toml`, as a team meets them."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from watari.errors.settings import (
    BadDatabaseUrl,
    BadSetting,
    BadSettingsFile,
    EnvironmentAmbiguous,
    UnknownDatabase,
    UnknownEnvironment,
    UnknownSetting,
)
from watari.errors.usage import NoDatabaseUrl
from watari.locale import Language
from watari.project.policy import Policy
from watari.project.settings import Project, load
from watari.project.settings_file import line_of
from watari.project.variables import Origin


def project(root: Path, toml: str = "", dotenv: str = "", **environ: str) -> Project:
    if toml:
        (root / "watari.toml").write_text(textwrap.dedent(toml), encoding="utf-8")
    if dotenv:
        (root / ".env").write_text(textwrap.dedent(dotenv), encoding="utf-8")
    return load(root, environ=environ)


THREE = """\
    framework = "sql"

    [databases.authdb]
    [databases.apidb]
    dir = "db/api"
    [databases.admindb]
    dbname = "admin"
    history_table = "ops.history"

    [environments.default]
    url = "env:DATABASE_URL"

    [environments.production]
    url = "postgresql://deploy@prod/postgres"
    [environments.production.urls]
    apidb = "postgresql://deploy@prod2/api_v2"
    [environments.production.policy]
    lock_timeout = "40ms"
    require_backup = true
    backup_max_age = "12h"
    ways_back = ["down", "undo"]
    """


def test_without_a_file_the_default_environment_is_database_url(tmp_path: Path) -> None:
    (target,) = project(tmp_path, DATABASE_URL="postgresql://u@h/shop?schema=app").targets()
    assert (target.database, target.environment, target.source, target.schema) == (
        "shop",
        "default",
        "DATABASE_URL",
        "app",
    )
    assert target.policy == Policy()


def test_staging_and_any_other_environment_have_a_variable_of_their_own(tmp_path: Path) -> None:
    found = project(tmp_path, STAGING_DATABASE_URL="postgresql://h/a", PROD_EU_DATABASE_URL="postgresql://h/b")
    assert found.targets("staging")[0].url.database == "a"
    assert found.targets("prod-eu")[0].url.database == "b"
    with pytest.raises(NoDatabaseUrl) as caught:
        found.targets("production")
    assert "PRODUCTION_DATABASE_URL" in str(caught.value.advice)


def test_the_environment_wins_over_dotenv_and_flags_win_over_both(tmp_path: Path) -> None:
    found = project(tmp_path, dotenv="DATABASE_URL=postgresql://h/dotenv", DATABASE_URL="postgresql://h/environ")
    assert found.targets()[0].url.database == "environ"
    assert found.targets(url="postgresql://h/flag")[0].url.database == "flag"
    assert project(tmp_path).targets()[0].url.database == "dotenv"


def test_one_server_address_reaches_every_database_of_the_project(tmp_path: Path) -> None:
    targets = project(tmp_path, THREE, DATABASE_URL="postgresql://u@h:1/postgres").targets()
    assert [(t.database, str(t.url)) for t in targets] == [
        ("authdb", "postgresql://u@h:1/authdb"),
        ("apidb", "postgresql://u@h:1/apidb"),
        ("admindb", "postgresql://u@h:1/admin"),
    ]
    assert [t.folder for t in targets] == [None, tmp_path / "db/api", None]
    assert [t.history_table for t in targets] == [None, None, "ops.history"]
    assert {t.framework for t in targets} == {"sql"}


def test_an_environment_may_name_an_address_for_one_database_and_brings_its_policy(tmp_path: Path) -> None:
    targets = project(tmp_path, THREE).targets("production")
    assert [str(t.url) for t in targets] == [
        "postgresql://deploy@prod:5432/authdb",
        "postgresql://deploy@prod2:5432/api_v2",
        "postgresql://deploy@prod:5432/admin",
    ]
    policy = targets[0].policy
    assert (policy.lock_timeout, policy.require_backup, policy.backup_max_age) == (0.04, True, 43_200.0)
    assert policy.ways_back == ("down", "undo")


def test_one_database_of_several_can_be_named_and_its_flag_address_is_taken_as_it_stands(tmp_path: Path) -> None:
    found = project(tmp_path, THREE, DATABASE_URL="postgresql://h/postgres")
    assert [t.database for t in found.targets(database="apidb")] == ["apidb"]
    assert found.targets(database="apidb", url="postgresql://h/api_copy")[0].url.database == "api_copy"
    assert [t.url.database for t in found.targets(url="postgresql://h/postgres")] == ["authdb", "apidb", "admin"]
    with pytest.raises(UnknownDatabase):
        found.targets(database="apidbb")


def test_a_database_of_its_own_address_serves_the_default_environment_only(tmp_path: Path) -> None:
    toml = """\
        [databases.a]
        url = "env:A_URL"
        [databases.b]
        url = "env:B_URL"
        """
    found = project(tmp_path, toml, A_URL="postgresql://h/one", B_URL="postgresql://h/two")
    assert [t.url.database for t in found.targets()] == ["one", "two"]
    with pytest.raises(NoDatabaseUrl):
        found.targets("production")


def test_an_address_that_belongs_to_an_environment_carries_its_policy(tmp_path: Path) -> None:
    toml = """\
        [environments.default]
        url = "postgresql://localhost/dev"
        [environments.production]
        url = "postgresql://deploy@prod/shop"
        [environments.production.policy]
        require_backup = true
        [environments.elsewhere]
        url = "env:NOT_SET_HERE"
        """
    (target,) = project(tmp_path, toml).targets(url="postgresql://somebody@prod:5432/shop?sslmode=require")
    assert (target.environment, target.policy.require_backup) == ("production", True)
    (target,) = project(tmp_path, toml).targets(url="postgresql://prod/other")
    assert (target.environment, target.policy.require_backup) == ("default", False)


def test_only_declared_environments_exist_once_some_are_declared(tmp_path: Path) -> None:
    toml = '[environments.production]\nurl = "postgresql://h/p"\n'
    found = project(tmp_path, toml, STAGING_DATABASE_URL="postgresql://h/s")
    assert found.targets()[0].environment == "production"
    with pytest.raises(UnknownEnvironment):
        found.targets("staging")
    two = project(tmp_path, toml + '[environments.test]\nurl = "postgresql://h/t"\n')
    with pytest.raises(EnvironmentAmbiguous, match="production, test"):
        two.targets()
    assert load(tmp_path, environ={"WATARI_ENV": "test"}).targets()[0].url.database == "t"


def test_references_inside_an_address_are_encoded_and_may_hold_any_character(tmp_path: Path) -> None:
    toml = '[environments.default]\nurl = "postgresql://app:${DB_PASSWORD}@${DB_HOST}/shop"\n'
    (target,) = project(tmp_path, toml, DB_PASSWORD="p@s/s:%41#", DB_HOST="db:6000").targets()
    assert target.url.password is not None and target.url.password.reveal() == "p@s/s:%41#"
    assert (target.url.host, target.url.port) == ("db", 6000)
    with pytest.raises(NoDatabaseUrl, match="default"):
        project(tmp_path, toml, DB_HOST="db").targets()


def test_the_direct_address_is_used_where_database_url_goes_through_a_pooler(tmp_path: Path) -> None:
    pooled = {"DATABASE_URL": "postgresql://pool:6543/d?pgbouncer=true"}
    (target,) = project(tmp_path, **pooled, DIRECT_URL="postgresql://db:5432/d").targets()
    assert (target.url.host, target.source) == ("db", "DIRECT_URL")
    assert "pooler" in target.notes[0].render(Language.EN)
    assert project(tmp_path, **pooled).targets()[0].url.host == "pool"


def test_flags_name_folder_and_framework_for_every_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = project(tmp_path, THREE, DATABASE_URL="postgresql://h/postgres")
    targets = found.targets(folder=Path("elsewhere"), framework="prisma")
    assert {t.folder for t in targets} == {tmp_path / "elsewhere"}
    assert {t.framework for t in targets} == {"prisma"}


def test_every_setting_says_where_it_comes_from(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        'framework = "sql"\ndir = "db"\nschema = "app"\nlanguage = "ja"\nledger = "postgresql://u:hunter2@h/l"\n',
        dotenv="WATARI_DIR=other",
        WATARI_FRAMEWORK="prisma",
    )
    told = {source.setting: (source.value, source.origin) for source in found.sources}
    assert told["framework"] == ("prisma", Origin.ENVIRONMENT)
    assert told["dir"] == ("other", Origin.DOTENV)
    assert told["schema"] == ("app", Origin.FILE)
    assert told["backup_dir"] == (".watari/backups", Origin.DEFAULT)
    assert "hunter2" not in str(found.sources)
    assert found.language is Language.JA
    assert found.ledger == "postgresql://u:hunter2@h/l"


def test_the_teams_interpreter_is_the_setting_then_the_active_environment_then_the_projects(tmp_path: Path) -> None:
    for folder in ("active", ".venv"):
        (tmp_path / folder / "bin").mkdir(parents=True)
        (tmp_path / folder / "bin" / "python").touch()
    assert project(tmp_path).python == tmp_path / ".venv/bin/python"
    active = str(tmp_path / "active")
    assert project(tmp_path, VIRTUAL_ENV=active).python == tmp_path / "active/bin/python"
    assert project(tmp_path, 'python = "x/bin/python"', VIRTUAL_ENV=active).python == tmp_path / "x/bin/python"
    assert project(tmp_path, 'python = "no-such-python"').python == Path("no-such-python")


def test_a_password_in_the_file_is_accepted_and_told(tmp_path: Path) -> None:
    toml = '[environments.default]\nurl = "postgresql://u:hunter2@h/d"\n[environments.b]\nurl = "postgresql://u:${PW}@h/d"\n'
    found = project(tmp_path, toml)
    assert [warning.render(Language.EN).split()[0] for warning in found.warnings] == ["watari.toml:2"]
    assert found.targets()[0].url.password is not None
    assert "hunter2" not in repr(found) + str(found.warnings)


@pytest.mark.parametrize(
    ("toml", "line", "key", "advice"),
    [
        ('framwork = "sql"', 1, "framwork", '"framework"'),
        ('\n[enviroments.production]\nurl = "x"', 2, "enviroments", '"environments"'),
        ('[environments.p]\nurl="x"\npolicy.lock_timout = 1', 3, "environments.p.policy.lock_timout", ".lock_timeout"),
        (
            "[environments.p.policy]\n# lock_timout\n lock_timout=1",
            3,
            "environments.p.policy.lock_timout",
            "lock_timeout",
        ),
        ('[databases."my.db"]\nfolder = "x"', 2, "databases.my.db.folder", "dir, framework"),
        ('[databases.a]\n[environments.p.urls]\nb = "x"', 3, "environments.p.urls.b", "Known here: a."),
    ],
)
def test_an_unknown_key_is_told_with_its_line_and_the_nearest_known_one(
    tmp_path: Path, toml: str, line: int, key: str, advice: str
) -> None:
    with pytest.raises(UnknownSetting) as caught:
        project(tmp_path, toml)
    assert str(caught.value) == f'watari.toml:{line}: unknown setting "{key}"'
    assert advice in str(caught.value.advice)


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("framework = 3", 'watari.toml:1: setting "framework" is 3, expected a text in quotes'),
        ('language = "fr"', "expected one of en, ja"),
        ('databases = "x"', "expected a table"),
        ("[environments]\np = 1", 'watari.toml:2: setting "environments.p" is 1'),
        ('[environments.p.policy]\nlock_timeout = "soon"', "'soon', expected seconds"),
        ("[environments.p.policy]\nlock_timeout = -1", "is -1, expected seconds"),
        ("[environments.p.policy]\nlock_timeout = nan", "expected seconds"),
        ("[environments.p.policy]\nsmall_table_rows = true", "expected a whole number"),
        ("[environments.p.policy]\nrequire_backup = 1", "expected true or false"),
        ('[environments.p.policy]\nways_back = "down"', "expected a list of texts"),
        ('[environments.p.policy]\nways_back = ["up"]', "expected one of down, undo, restore"),
        ("[environments.p]\nurl = 12345", 'setting "environments.p.url" is …'),
    ],
)
def test_a_wrong_value_is_told_with_its_line_and_what_is_expected(tmp_path: Path, toml: str, said: str) -> None:
    with pytest.raises(BadSetting) as caught:
        project(tmp_path, toml)
    assert said in str(caught.value)
    assert caught.value.message.render(Language.JA)


def test_every_field_of_the_policy_can_be_set(tmp_path: Path) -> None:
    values = {bool: "true", int: "7", float: '"7s"', tuple: "[]", str: '"x"', type(None): '"x"'}
    names = [name for name in Policy.__dataclass_fields__ if name != "rules"]
    fields = Policy.__dataclass_fields__
    numbers = {name for name in names if str(fields[name].type).startswith("int")}
    lines = [f"{name} = {7 if name in numbers else values[type(getattr(Policy(), name))]}" for name in names]
    (environment,) = project(tmp_path, "[environments.p.policy]\n" + "\n".join(lines)).environments
    for name in names:
        assert getattr(environment.policy, name) in (True, 7, 7.0, (), "x"), name


def test_a_file_that_is_no_toml_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(BadSettingsFile, match=r"watari\.toml:2"):
        project(tmp_path, 'framework = "sql"\ndir = ')
    (tmp_path / "watari.toml").write_bytes(b"\xff")
    with pytest.raises(BadSettingsFile, match="UTF-8"):
        load(tmp_path, environ={})
    with pytest.raises(BadSettingsFile, match="no such file"):
        load(tmp_path, config=tmp_path / "other.toml", environ={})
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(BadSettingsFile, match="directory"):
        load(tmp_path, config=tmp_path / "folder.toml", environ={})


def test_a_bad_address_is_told_by_the_variable_that_holds_it(tmp_path: Path) -> None:
    with pytest.raises(BadDatabaseUrl, match="DATABASE_URL"):
        project(tmp_path, DATABASE_URL="mysql://h/d").targets()


def test_damaged_lines_of_dotenv_are_told_by_number_and_not_shown(tmp_path: Path) -> None:
    found = project(tmp_path, dotenv="A=1\nhunter2\nDATABASE_URL=postgresql://h/d")
    assert [warning.render(Language.EN) for warning in found.warnings] == [
        ".env:2 is not NAME=VALUE and was passed over"
    ]
    assert found.targets()[0].url.database == "d"


def test_lines_are_found_by_tomls_own_rules() -> None:
    text = 'a = 1\n[x."y.z"]\n b.c = 2\n[[list]]\nq=1\n'
    assert line_of(text, ("a",)) == 1
    assert line_of(text, ("x", "y.z", "b", "c")) == 3
    assert line_of(text, ("x", "y.z", "missing")) == 2
    assert line_of(text, ("nowhere",)) is None
