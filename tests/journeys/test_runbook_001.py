"""The runbook of a SeaORM team: a database that went its own way, read natively, and its edge cases told with the way out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fixtures.program import Folder
from fixtures.projects import ProjectCopy

from journeys.comparing import asked, told
from watari.project.url import DatabaseUrl

PENDING = [
    "m20250511_073638_create_task_table",
    "m20250612_000001_create_users_table",
    "m20250613_000001_add_role_to_users",
    "m20250614_000001_index_tasks_status",
]
ORPHANS = (
    "select count(*) from users u where role_id is not null and not exists (select from roles r where r.id = u.role_id)"
)


@pytest.fixture
def tasks(project_copy: ProjectCopy, database: DatabaseUrl) -> Folder:
    """The crate, and the database with objects that its history does not know."""
    root = project_copy("seaorm_tasks")
    told(database, (root / "state.sql").read_text())
    return Folder(root, database)


def problems(folder: Folder, kind: str) -> dict[str, str]:
    """The problems of one kind that status names, by migration."""
    (standing,) = folder.watari("status", "--json").document["databases"]
    return {problem["migration"]: problem["message"] for problem in standing["problems"] if problem["kind"] == kind}


def test_status_reads_crate_and_history_without_running_anything(tasks: Folder, database: DatabaseUrl) -> None:
    answer = tasks.watari("status", "--json")
    assert answer.status == 1
    (standing,) = answer.document["databases"]
    assert standing["framework"] == "seaorm"
    assert [row["name"] for row in standing["applied"]] == ["m20250612_000002_create_roles"]
    assert [migration["name"] for migration in standing["pending"]] == PENDING
    assert asked(database, "select to_regnamespace('watari')") == [(None,)]


def test_objects_that_the_history_does_not_know_come_with_the_row_that_it_lacks(
    tasks: Folder, database: DatabaseUrl
) -> None:
    found = problems(tasks, "half_applied")
    assert set(found) == set(PENDING[:2])
    assert '"users", "idx_users_email" is there already' in found[PENDING[1]]
    assert ".if_not_exists()" in found[PENDING[1]]
    assert "履歴に登録してください" in tasks.watari("status", language="ja").out
    for message in found.values():
        way_out = re.search(r"(INSERT INTO .*? ON CONFLICT DO NOTHING)", message)
        assert way_out is not None
        told(database, way_out.group(1))
    (standing,) = tasks.watari("status", "--json").document["databases"]
    assert [migration["name"] for migration in standing["pending"]] == PENDING[2:]
    assert problems(tasks, "half_applied") == {}


def test_the_orphan_rows_are_named_before_the_foreign_key_fails_on_them(tasks: Folder, database: DatabaseUrl) -> None:
    (count,) = asked(database, ORPHANS)[0]
    verified = tasks.watari("verify", "--json")
    (verdict,) = [
        verdict
        for verdict in verified.document["databases"][0]["verdicts"]
        if verdict["object"] == "public.users.fk_users_role_id"
    ]
    assert (verdict["name"], verdict["state"], verdict["actual"]) == ("orphan rows", "warn", str(count))
    assert PENDING[2] in verdict["message"] and "for example 99" in verdict["message"]
    assert len(asked(database, verdict["query"])) == count
    assert f"孤児レコード {count} 件" in tasks.watari("verify", language="ja").out

    told(database, "update users u set role_id = null where not exists (select from roles r where r.id = u.role_id)")
    (verdict,) = [
        verdict
        for verdict in tasks.watari("verify", "--json").document["databases"][0]["verdicts"]
        if verdict["object"] == "public.users.fk_users_role_id"
    ]
    assert verdict["state"] == "pass"


def test_a_foreign_key_that_is_there_and_was_never_validated_fails_verification(
    tasks: Folder, database: DatabaseUrl
) -> None:
    told(database, "alter table users add constraint fk_users_role_id foreign key (role_id) references roles not valid")
    answer = tasks.watari("verify")
    assert answer.status == 1
    assert "10 orphan rows: role_id of public.users finds no row in public.roles (for example 99)" in answer.out
    assert "LEFT JOIN" in answer.out


@pytest.mark.parametrize(("language", "said"), [("en", "nothing was begun"), ("ja", "何も変更していません")])
def test_what_only_seaorm_can_run_is_refused_where_it_cannot_be_built(
    tasks: Folder, database: DatabaseUrl, language: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    for words in (("plan",), ("apply", "--yes")):
        answer = tasks.watari(*words, language=language, PATH=str(tmp_path / "empty"))
        assert answer.status == 4
        assert said in answer.err and PENDING[0] in answer.err
        assert "sea-orm-cli migrate up -n 1" in answer.err and "watari guard" in answer.err
    checked = tasks.watari("check", language=language)
    assert checked.status == 0 and all(name in checked.out for name in PENDING)
    assert asked(database, "select to_regnamespace('watari')") == [(None,)]


def test_the_same_change_as_plain_sql_is_stopped_by_its_orphan_rows_and_then_taken_across(
    tmp_path: Path, database: DatabaseUrl, project_copy: ProjectCopy
) -> None:
    told(database, (project_copy("seaorm_tasks") / "state.sql").read_text())
    folder = Folder(tmp_path, database)
    folder.path = tmp_path / "plain"
    folder.path.mkdir()
    folder.write(
        "migrations/001_role_of_users.sql",
        "ALTER TABLE users ADD CONSTRAINT fk_users_role_id FOREIGN KEY (role_id) REFERENCES roles (id) ON DELETE SET NULL;\n",
    )
    answer = folder.watari("apply", "--yes")
    assert answer.status == 4
    assert "10" in answer.err and "public.users.role_id" in answer.err
    assert asked(database, "select count(*) from pg_constraint where conname = 'fk_users_role_id'") == [(0,)]
    assert "先に該当行を修正してください" in folder.watari("apply", "--yes", language="ja").err

    told(database, "update users u set role_id = null where not exists (select from roles r where r.id = u.role_id)")
    assert folder.watari("apply", "--yes").status == 0
    assert asked(database, "select convalidated from pg_constraint where conname = 'fk_users_role_id'") == [(True,)]
    assert folder.watari("verify").status == 0
