"""Who was in the way, in the forms that events, journal and errors want."""

from __future__ import annotations

from collections.abc import Sequence

from watari.locale import Language, Message, Text
from watari.postgres.activity import Blocker

__all__ = ["listed", "told"]

_NOBODY = Text(en="nobody who could be seen", ja="特定できませんでした")


def told(blockers: Sequence[Blocker]) -> dict[str, list[str] | list[int]]:
    """For the data of an event: a line each, in English and in Japanese, and their processes."""
    return {
        "blocker_pids": sorted({blocker.pid or 0 for blocker in blockers}),
        "blockers": [str(blocker) for blocker in blockers],
        "blockers_ja": [blocker.message.render(Language.JA) for blocker in blockers],
    }


def listed(blockers: Sequence[Blocker]) -> Message:
    """All of them in one message, for an error."""
    if not blockers:
        return _NOBODY()
    places = " | ".join(f"{{b{place}}}" for place in range(len(blockers)))
    return Text(en=places, ja=places)(**{f"b{place}": blocker.message for place, blocker in enumerate(blockers)})
