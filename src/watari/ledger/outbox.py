"""What a command has to remember, as one small file each: writing costs no library and cannot fail a run.

`watari.ledger.ledger` folds the files into its tables when somebody next reads.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from watari.evidence.event import Event, EventKind, EventSink, ignore, said
from watari.evidence.run import Run
from watari.locale import Language, Message, Text
from watari.locale.system import reason_of
from watari.planning.plan import Plan
from watari.project.files import write_private
from watari.values import fields, is_dataclass

__all__ = ["Kind", "memory_folder", "remember"]

Kind = Literal["plan", "evidence", "backup", "run", "report", "recording"]

FORMAT = 1
FOLDER = ".watari"
OUTBOX = "outbox"

_NOT_KEPT = Text(
    en='{kind} could not be kept in "{folder}" ({reason}); the work goes on, but "watari runs" and "watari report" will not know of it',
    ja='{kind}を "{folder}" に記録できませんでした（{reason}）。処理は続行しますが、watari runs と watari report には現れません',
)
_KINDS: dict[Kind, Text] = {
    "plan": Text(en="this plan", ja="この計画"),
    "evidence": Text(en="this rehearsal", ja="このリハーサルの結果"),
    "backup": Text(en="this backup", ja="このバックアップ"),
    "run": Text(en="this run", ja="この実行"),
    "report": Text(en="this report", ja="このレポート"),
    "recording": Text(en="what was recorded of the migrations", ja="マイグレーションの記録"),
}


def remember(
    root: Path, kind: Kind, value: Any, *, events: EventSink = ignore, now: datetime | None = None
) -> Path | None:
    """Keeps one value (a `Plan`, `Evidence`, `Backup`, `Run` or `Report`, or its JSON as bytes) for the project in `root`.

    The file appears whole or not at all, readable by its owner only. Where the folder cannot be written, a warning is told
    and None comes back: memory never fails a run.
    """
    at = now or datetime.now(UTC)
    try:
        folder = memory_folder(root) / OUTBOX
        # the name orders the entries by time; the process and a random part keep two writers apart
        path = folder / f"{at:%Y%m%dT%H%M%S%f}-{kind}-{os.getpid()}-{os.urandom(4).hex()}.json"
        write_private(path, _entry(kind, at, value))
    except OSError as reason:
        told = _NOT_KEPT(kind=_KINDS[kind](), folder=str(root / FOLDER), reason=reason_of(reason))
        events(Event(kind=EventKind.WARNING, data=said(told)))
        return None
    return path


def memory_folder(root: Path) -> Path:
    """The project's `.watari`, made for its owner only and hidden from git; raises `OSError`."""
    folder = root / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ignored = folder / ".gitignore"
    if not ignored.exists():
        write_private(ignored, b"*\n")
    return folder


def _entry(kind: Kind, at: datetime, value: Any) -> bytes:
    import msgspec

    document = msgspec.Raw(value) if isinstance(value, bytes) else settled(value)
    return msgspec.json.encode({"format": FORMAT, "kind": kind, "at": at, "value": document})


def settled(value: Any) -> Any:
    """The value as plain JSON values, with each `Message` as its finished sentence in both languages.

    What a message holds in its places need not be a JSON value, and the sentence is what people were told.
    """
    import msgspec

    return msgspec.to_builtins(_without_places(value), enc_hook=str)


#: What is written as it stands: nowhere in a plan or a run, of thousands of steps each, is a message.
_PLAIN = frozenset({str, int, float, bool, type(None), bytes, datetime, Plan, Run})

_HOLDS: dict[Any, tuple[str, ...]] = {}


def _without_places(value: Any) -> Any:
    kind = type(value)
    if kind in _PLAIN:
        return value
    if names := _field_names(kind):
        return {name: _without_places(getattr(value, name)) for name in names}
    if isinstance(value, Message):
        sentence = Text(en=_braced(str(value)), ja=_braced(value.render(Language.JA)))
        return {"text": {"en": sentence.en, "ja": sentence.ja}, "fields": {}}
    if isinstance(value, dict | Mapping):
        return {str(name): _without_places(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_without_places(inner) for inner in value]
    return value


def _field_names(kind: Any) -> tuple[str, ...]:
    """What a dataclass holds; a message is told as its sentence instead."""
    if kind not in _HOLDS:
        told = not is_dataclass(kind) or kind is Message
        _HOLDS[kind] = () if told else tuple(field.name for field in fields(kind))
    return _HOLDS[kind]


def _braced(sentence: str) -> str:
    return sentence.replace("{", "{{").replace("}", "}}")
