"""The shop's project as its team has it: a folder with migrations, settings and the address of the database."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from watari.project.url import DatabaseUrl

__all__ = ["SHOP", "add_pending", "lay_out", "pending_files"]

#: The shop's files inside the package: migrations, pending, data.
SHOP = Path(__file__).parent / "shop"


def lay_out(folder: Path, url: DatabaseUrl) -> None:
    """Makes the project with the migrations that are applied; the address goes into `.env`, for this user only."""
    shutil.copytree(SHOP / "migrations", folder / "migrations", dirs_exist_ok=True)
    shutil.copy(SHOP / "watari.toml", folder / "watari.toml")
    address = f"DATABASE_URL={url.reveal().reveal()}\n"
    with os.fdopen(os.open(folder / ".env", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(address)


def add_pending(folder: Path) -> None:
    """A colleague's branch is merged: the pending migrations arrive."""
    shutil.copytree(SHOP / "pending", folder / "migrations", dirs_exist_ok=True)


def pending_files() -> tuple[Path, ...]:
    """The way up of each pending migration, in order."""
    return tuple(sorted((SHOP / "pending").glob("*.up.sql")))
