"""A framework's own command on the live database: behind the door, with a log of everything it sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watari.crossing.line import Crossing
    from watari.execution.guarded import Guarded
    from watari.migrations import Standing


def guard(crossing: Crossing, argv: tuple[str, ...]) -> Guarded:
    """Runs it, bounded and written down; raises what `execution.guarded.guard` does, and what the framework says against it."""
    from watari.backup.clean import require_no_clean
    from watari.crossing.running import both, circumstances_of, log_of
    from watari.execution.guarded import guard as guard_command

    require_no_clean(argv, crossing.target.url.database)
    standing = _standing(crossing)
    framework = crossing.recognised
    if framework:
        framework.require_sensible(argv, crossing._history()[0] or ())
    circumstances = circumstances_of(crossing)
    crossing.sessions.end()
    with log_of(crossing, "guard", circumstances) as log:
        if standing:
            log.before(standing)
        guarded = guard_command(
            argv,
            url=crossing.address,
            folder=crossing.project.root,
            policy=crossing.target.policy,
            runner_keys=framework.lock_keys() if framework else (),
            circumstances=replace(circumstances, log_file=log.file),
            events=both(crossing.events, log),
        )
        crossing.look_anew()
        if after := _standing(crossing):
            log.after(after)
    return replace(guarded, log_file=log.file)


def _standing(crossing: Crossing) -> Standing | None:
    """Files against history; None where the files cannot be read: the command can be run all the same."""
    from watari.errors.base import ExitStatus, WatariError

    try:
        return crossing.status()
    except WatariError as unreadable:
        if unreadable.status is ExitStatus.REACH:
            raise
        return None
