"""The database that is to be cloned, as far as a copy must know it."""

from __future__ import annotations

from pathlib import Path

from watari.errors.reach import DatabaseMissing
from watari.execution.steps.create_database import maintenance
from watari.planning.plan import Plan
from watari.postgres.connection import connect, server_version
from watari.project.url import DatabaseUrl
from watari.rehearsal.content import EVERYTHING, Content
from watari.rehearsal.queries import load
from watari.values import dataclass


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """Where a clone may be had besides this machine and the source's own server.

    `staging` is a database of a server to rehearse on, `image` a Docker image, `command` makes and removes a provider's
    branch, run in `folder`.
    """

    staging: DatabaseUrl | None = None
    image: str | None = None
    command: tuple[str, ...] = ()
    folder: Path | None = None


#: Nowhere else.
NOWHERE = Elsewhere()


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where it is and what it holds; `there` is False for a database that the plan itself makes.

    `content` is what the clone is to hold of it.
    """

    url: DatabaseUrl
    plan: Plan
    server_version: int
    there: bool = True
    bytes: int = 0
    cluster_bytes: int = 0  # of all databases of its server, as far as this user may know
    encoding: str = "UTF8"
    collate: str = "C"
    character_type: str = "C"
    extensions: tuple[str, ...] = ()
    content: Content = EVERYTHING
    elsewhere: Elsewhere = NOWHERE

    @property
    def major(self) -> int:
        """The server's major version: 15."""
        return self.server_version // 10000


def look_at(url: DatabaseUrl, plan: Plan, content: Content = EVERYTHING, elsewhere: Elsewhere = NOWHERE) -> Source:
    """The source at `url`; raises a `ReachError`."""
    try:
        connection = connect(url, purpose="rehearsal")
    except DatabaseMissing:
        with maintenance(url) as beside:
            return Source(url=url, plan=plan, server_version=server_version(beside), there=False, elsewhere=elsewhere)
    with connection:
        row = connection.execute(load("source")).fetchone()
        version = server_version(connection)
    if row is None:
        return Source(url=url, plan=plan, server_version=version)
    size, encoding, collate, character_type, extensions, cluster = row
    return Source(
        url=url,
        plan=plan,
        server_version=version,
        bytes=size,
        cluster_bytes=cluster,
        encoding=encoding,
        collate=collate,
        character_type=character_type,
        extensions=tuple(extensions or ()),
        content=content,
        elsewhere=elsewhere,
    )
