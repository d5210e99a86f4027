"""Django's migrate: models' own operations beside SQL and Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.peers.django import PEER
from recorder.tools import Tool
from watari.project.url import DatabaseUrl

MIGRATION = """
from django.db import migrations, models

def count(apps, editor):
    with editor.connection.cursor() as cursor:
        cursor.execute("select count(*) from users where id > %s", [3])

class Migration(migrations.Migration):
    dependencies = {dependencies}
    operations = [{operations}migrations.RunPython(count, migrations.RunPython.noop),
        migrations.CreateModel("Model{n}", [("id", models.BigAutoField(primary_key=True)), ("t", models.TextField(db_index=True))])]
"""


class Django(Tool):
    name = "Django"
    needs = "sh"

    def install(self) -> None:
        PEER.install()

    def prepare(self, folder: Path, migrations: Sequence[Sequence[str]]) -> None:
        PEER.prepare(folder, 0)
        for n, statements in enumerate(migrations):
            operations = "".join(f"migrations.RunSQL({statement!r}), " for statement in statements)
            dependencies = f'[("shop", "m{n - 1}")]' if n else "[]"
            text = MIGRATION.format(n=n, dependencies=dependencies, operations=operations)
            (folder / f"shop/migrations/m{n}.py").write_text(text)

    def command(self, folder: Path, url: DatabaseUrl) -> tuple[Sequence[str], Mapping[str, str]]:
        argv, environ = PEER.command(folder, url)
        return [*argv[:-2], "-v", "1", "--no-color"], environ


TOOL = Django()
