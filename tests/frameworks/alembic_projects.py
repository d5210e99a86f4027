"""Small Alembic projects for tests, with a plain env.py and revisions written as text."""

from __future__ import annotations

from pathlib import Path

from fixtures.real_histories import History

ENV = """
from alembic import context
from sqlalchemy import engine_from_config, pool

print("env.py talks to standard output")
config = context.config

if context.is_offline_mode():
    context.configure(url=config.get_main_option("sqlalchemy.url"), literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    engine = engine_from_config(config.get_section(config.config_ini_section), prefix="sqlalchemy.", poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
"""

INI = "[alembic]\nscript_location = migrations\nsqlalchemy.url = driver://user:pass@localhost/dbname\n"


def alembic_project(root: Path, python: Path, revisions: dict[str, str], *, env: str = ENV, ini: str = INI) -> History:
    """A project with these revisions: by id, the body of the file after its identifiers; the first line may name parents."""
    folder = root / "migrations"
    (folder / "versions").mkdir(parents=True, exist_ok=True)
    (folder / "env.py").write_text(env)
    (folder / "script.py.mako").write_text("")
    (root / "alembic.ini").write_text(ini)
    before: str | None = None
    for id, body in revisions.items():
        head, _, rest = body.partition("\n")
        after = f"down_revision = {before!r}" if not head.startswith("down_revision") else head
        text = rest if head.startswith("down_revision") else body
        (folder / "versions" / f"{id}_step.py").write_text(
            f'"""step {id}"""\nfrom alembic import op\nimport sqlalchemy as sa\n\nrevision = {id!r}\n{after}\n{text}\n'
        )
        before = id
    return History(root=root, folder=folder, python=python)


def creating(table: str) -> str:
    """A revision that makes a table, and takes it away."""
    return (
        f"def upgrade():\n    op.create_table({table!r}, sa.Column('id', sa.Integer, primary_key=True))\n\n\n"
        f"def downgrade():\n    op.drop_table({table!r})\n"
    )


def up(*lines: str) -> str:
    """A revision of these lines, without a way down."""
    return "def upgrade():\n" + "".join(f"    {line}\n" for line in lines) + "\n\ndef downgrade():\n    pass\n"
