"""The first `watari.toml` says what was found, and reads back as that."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from watari.frameworks.framework import Detection
from watari.locale import Language
from watari.project.initialise import initialise, key, quoted
from watari.project.settings import Project, load


def detection(root: Path, framework: str = "prisma", folder: str = "prisma/migrations", **more: object) -> Detection:
    return Detection(framework=framework, folder=root / folder, certainty=90, why=f"{folder} is there", **more)


def written(
    root: Path, *detections: Detection, language: Language = Language.EN, **environ: str
) -> tuple[str, Project]:
    text = initialise(load(root, environ=environ), detections, language=language)
    (root / "watari.toml").write_text(text, encoding="utf-8")
    return text, load(root, environ=environ)


@pytest.mark.parametrize("language", list(Language))
def test_it_names_framework_folder_and_variables_and_reads_back(tmp_path: Path, language: Language) -> None:
    environ = {"DATABASE_URL": "postgresql://h/shop", "STAGING_DATABASE_URL": "postgresql://h/stage"}
    text, project = written(tmp_path, detection(tmp_path), language=language, **environ)
    assert (project.framework, project.folder, project.language) == ("prisma", tmp_path / "prisma/migrations", language)
    assert [e.name for e in project.environments] == ["default", "staging"]
    assert project.targets()[0].url.database == "shop"
    assert project.targets("staging")[0].url.database == "stage"
    assert "postgresql://h" not in text


def test_every_commented_setting_is_one_that_watari_knows(tmp_path: Path) -> None:
    text, _ = written(tmp_path)
    uncommented = re.sub(r"^# (?=\[|[a-z_]+ = )", "", text, flags=re.MULTILINE)
    assert uncommented.count("\n#") < text.count("\n#") - 10
    (tmp_path / "watari.toml").write_text(uncommented, encoding="utf-8")
    project = load(tmp_path, environ={"PRODUCTION_DATABASE_URL": "postgresql://h/p"})
    policy = project.targets("production", database="authdb")[0].policy
    assert (policy.require_backup, policy.require_rehearsal, policy.lock_timeout) == (True, True, 0.05)


def test_the_databases_that_the_files_name_are_declared(tmp_path: Path) -> None:
    found = detection(tmp_path, "sql", "db", databases=("authdb", "apidb", "admin db"))
    _, project = written(tmp_path, found, DATABASE_URL="postgresql://h/postgres")
    assert [t.url.database for t in project.targets()] == ["authdb", "apidb", "admin db"]


def test_other_frameworks_found_stand_as_a_comment(tmp_path: Path) -> None:
    other = detection(tmp_path, "alembic", "x\nframework = 'evil'")
    text, project = written(tmp_path, detection(tmp_path), other)
    assert project.framework == "prisma"
    assert "\n# Also found: alembic" in text


def test_without_a_framework_the_file_says_how_to_name_one(tmp_path: Path) -> None:
    text, project = written(tmp_path)
    assert "No framework was recognised" in text
    assert project.framework is None


def test_an_address_past_the_pooler_is_the_one_that_is_written(tmp_path: Path) -> None:
    environ = {"DATABASE_URL": "postgresql://pool/d?pgbouncer=true", "DIRECT_URL": "postgresql://db/d"}
    _, project = written(tmp_path, **environ)
    assert project.targets()[0].url.host == "db"


def test_variables_are_named_with_where_they_are_set(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DATABASE_URL=postgresql://h/d\nOTHER=1\nSTAGING_DATABASE_URL=\n")
    assert load(tmp_path, environ={"PROD_DATABASE_URL": "x"}).variables == {
        "DATABASE_URL": ".env",
        "PROD_DATABASE_URL": "environment",
    }


def test_names_are_written_as_toml_needs_them() -> None:
    assert (key("auth-db_1"), key("my.db"), key("é")) == ("auth-db_1", '"my.db"', '"é"')
    assert quoted('a"b\\c\nd') == '"a\\"b\\\\c\\nd"'
