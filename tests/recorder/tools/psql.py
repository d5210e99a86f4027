"""psql with a file: simple queries, one by one, COPY, a concurrent build, messages of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from recorder.tools import Tool
from watari.postgres.client_tools import tool
from watari.project.url import DatabaseUrl

HEAD = "\\set ON_ERROR_STOP 1\n"
TAIL = """
CREATE TABLE copied (id int, t text);
COPY copied FROM stdin;
1\tone
2\tzwei
\\.
COPY copied TO stdout;
DO $$ BEGIN RAISE NOTICE 'noticed'; END $$;
CREATE INDEX CONCURRENTLY copied_t ON copied (t);
"""


class Psql(Tool):
    name = "psql"
    needs = "sh"

    def install(self) -> None:
        tool("psql", at_least=14)

    def prepare(self, folder: Path, migrations: Sequence[Sequence[str]]) -> None:
        texts = ["BEGIN;\n" + "".join(f"{statement};\n" for statement in each) + "COMMIT;\n" for each in migrations]
        (folder / "all.sql").write_text(HEAD + TAIL + "".join(texts))

    def command(self, folder: Path, url: DatabaseUrl) -> tuple[Sequence[str], Mapping[str, str]]:
        return [str(tool("psql", at_least=14).path), "-X", "-f", "all.sql"], url.child_environment()


TOOL = Psql()
