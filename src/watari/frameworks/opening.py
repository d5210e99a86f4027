"""The framework of one database of a project: as the settings name it, else as the project's files show it."""

from __future__ import annotations

from pathlib import Path

from watari.errors.usage import NoFramework
from watari.frameworks.folders import told
from watari.frameworks.framework import Detection, Framework, FrameworkSettings
from watari.frameworks.registry import detect, named
from watari.project.settings import Project, Target

__all__ = ["open_framework"]


def open_framework(project: Project, target: Target) -> Framework:
    """The adapter with its settings; what the settings leave open is detected from files.

    A folder that is named may be the migrations' own or one around it (`prisma` for `prisma/migrations`). Raises
    `NoFramework`, `UnknownFramework`.
    """
    found = _found(project, target)
    return named(found.framework)(
        FrameworkSettings(
            root=project.root,
            folder=found.folder,
            database=target.database,
            databases=_sharing(project, target),
            python=target.python,
            history_table=target.history_table,
            schema=target.schema,
            environment=target.environment,
        )
    )


def _found(project: Project, target: Target) -> Detection:
    look = target.folder or project.root
    if target.framework is None:
        best = next(iter(detect(look)), None)
        if best is None:
            raise NoFramework(folder=told(look, project.root) if look != project.root else look)
        return best
    recognised = named(target.framework).detect(look)
    if recognised is not None:
        return recognised
    if target.folder is None:
        raise NoFramework(folder=look)
    # the adapter itself says best what its folder lacks
    return Detection(framework=target.framework, folder=target.folder, certainty=0, why="")


def _sharing(project: Project, target: Target) -> tuple[str, ...]:
    """The project's databases whose migrations stand in the same folder as those of the one at hand."""
    folders = {d.name: project.root / d.folder if d.folder else project.folder for d in project.databases}
    return tuple(name for name, folder in folders.items() if _same(folder, folders.get(target.database)))


def _same(one: Path | None, other: Path | None) -> bool:
    return one == other or (one is not None and other is not None and one.resolve() == other.resolve())
