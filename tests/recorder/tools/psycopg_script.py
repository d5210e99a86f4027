"""A script with psycopg: parameters, prepared statements, a pipeline, binary values, COPY."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from recorder.tools import Tool
from watari.project.url import DatabaseUrl

SCRIPT = """
import os, psycopg, json
migrations = json.load(open("migrations.json"))
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    for statements in migrations:
        with connection.transaction(), connection.pipeline():
            for statement in statements:
                connection.execute(statement)
    with connection.cursor(binary=True) as cursor:
        cursor.execute("create table typed (i int, b bytea, t timestamptz)")
        for n in range(8):
            cursor.execute("insert into typed values (%b, %b, %s)", [n, bytes([n, 0, 255]), "2026-01-01 00:00+00"])
        cursor.executemany("insert into typed (i) values (%s)", [(n,) for n in range(20)])
        with cursor.copy("copy typed (i) from stdin") as copy:
            for n in range(100):
                copy.write_row([n])
    print(connection.execute("select count(*), sum(i) from typed").fetchone())
"""


class Psycopg(Tool):
    name = "psycopg"
    needs = "sh"

    def install(self) -> None:
        return None

    def prepare(self, folder: Path, migrations: Sequence[Sequence[str]]) -> None:
        import json

        (folder / "migrations.json").write_text(json.dumps(migrations))
        (folder / "script.py").write_text(SCRIPT)

    def command(self, folder: Path, url: DatabaseUrl) -> tuple[Sequence[str], Mapping[str, str]]:
        return [sys.executable, "script.py"], {"DATABASE_URL": url.reveal().reveal()}


TOOL = Psycopg()
