"""A provider's branch by a command of the team's own: here one that copies the database on the same server."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
import traceback
from pathlib import Path

import psycopg
import pytest
from fixtures.runs import plan_of, transaction

from watari.errors.running import NoClone
from watari.evidence.event import ignore
from watari.rehearsal.clones import make_clone
from watari.rehearsal.content import content
from watari.rehearsal.source import Elsewhere, look_at

PLAN = plan_of(transaction("select 1"))

#: What a team would write around its provider's tool.
COMMAND = """
import os, sys, psycopg
word, name = sys.argv[1:]
server, database = open("server").read(), os.environ["WATARI_DATABASE"]
open("calls", "a").write(f"{word} {name} {database}\\n")
with psycopg.connect(server, autocommit=True) as admin:
    if word == "create":
        admin.execute(f'create database "{name}" template "{database}"')
        print("making a branch …")
        print(server.replace("/postgres?", f"/{name}?"))
    else:
        admin.execute(f'drop database if exists "{name}" with (force)')
"""


@pytest.fixture
def provider(tmp_path, server, connection):
    connection.execute(
        "create table t (id int primary key, email text); insert into t select g, g || '@shop.jp' from generate_series(1, 100) g"
    )
    connection.close()
    (tmp_path / "branch.py").write_text(COMMAND)
    (tmp_path / "server").write_text(server.url().reveal().reveal() + "?application_name=provider")
    yield tmp_path
    # what a command that fails leaves written down would be tried again with every clone of this machine
    for owed in Path(tempfile.gettempdir()).glob("watari-clone-*/owed"):
        if str(tmp_path) in owed.read_text():
            shutil.rmtree(owed.parent)


def clone(url, folder, rows="all", masks=(), program="branch.py", way="branch"):
    elsewhere = Elsewhere(command=(sys.executable, program), folder=folder)
    return make_clone(look_at(url, PLAN, content(rows, masks), elsewhere), way=way, events=ignore)


def branches(server) -> list[str]:
    with psycopg.connect(**server.url().conninfo()) as admin:
        return [name for (name,) in admin.execute("select datname from pg_database where datname like 'watari-clone%'")]


def test_a_branch_is_made_masked_and_removed(server, database, provider):
    with clone(database, provider, masks=("t.email = null",), way=None) as copy:
        assert copy.way == "branch" and branches(server) == [copy.url.database]
        with psycopg.connect(**copy.url.conninfo()) as there:
            assert there.execute("select count(*), count(email) from t").fetchone() == (100, 0)
    assert branches(server) == []
    assert [line.split()[0] for line in (provider / "calls").read_text().splitlines()] == ["create", "remove"]


def test_branches_of_killed_rehearsals_go_with_the_next_clone(server, database, provider):
    child = os.fork()
    if child == 0:
        try:
            clone(database, provider)
            os.kill(os.getpid(), signal.SIGKILL)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    os.waitpid(child, 0)
    (left,) = branches(server)
    with clone(database, provider) as copy:
        assert branches(server) == [copy.url.database] and copy.url.database != left


def test_a_branch_that_cannot_be_removed_is_tried_again(server, database, provider):
    with clone(database, provider):
        (provider / "branch.py").rename(provider / "away.py")
    (left,) = branches(server)
    owed = [
        folder
        for folder in Path(tempfile.gettempdir()).glob("watari-clone-*")
        if (folder / "owed").exists() and json.loads((folder / "owed").read_text())["name"] == left
    ]
    assert len(owed) == 1
    (provider / "away.py").rename(provider / "branch.py")
    with clone(database, provider):
        assert left not in branches(server)
    assert not owed[0].exists()


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("import sys; print('no such project', file=sys.stderr); sys.exit(3)", "status 3: no such project"),
        ("print('done')", "printed no database address"),
        ("import os; print(open('own').read())", "that of the database itself"),
    ],
)
def test_a_command_that_makes_no_branch_is_told(program, why, database, provider):
    (provider / "bad.py").write_text(program)
    (provider / "own").write_text(database.reveal().reveal())
    with pytest.raises(NoClone, match=why):
        clone(database, provider, program="bad.py")


def test_a_command_that_is_not_there(database, provider):
    elsewhere = Elsewhere(command=("./nothing",), folder=provider)
    with pytest.raises(NoClone, match=r"\./nothing: No such file"):
        make_clone(look_at(database, PLAN, content("all", ()), elsewhere), way="branch", events=ignore)


def test_a_part_of_the_rows_is_not_a_branch(database, provider):
    with pytest.raises(NoClone, match="a part of them was asked for"):
        clone(database, provider, rows="5%")
