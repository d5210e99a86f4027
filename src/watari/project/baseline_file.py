"""The file that a project keeps its accepted hazards in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from watari.errors.usage import FileUnreadable, FileUnwritable
from watari.locale import Text
from watari.locale.system import reason_of

__all__ = ["read_document", "write_document"]

_NO_JSON = Text(en="it is not JSON", ja="JSON ではありません")


def read_document(path: Path) -> Any:
    """The JSON of the file; raises `FileUnreadable`."""
    try:
        return json.loads(path.read_bytes())
    except OSError as reason:
        raise FileUnreadable(file=str(path), reason=reason_of(reason)) from reason
    except ValueError as reason:
        raise FileUnreadable(file=str(path), reason=_NO_JSON()) from reason


def write_document(path: Path, document: Any) -> None:
    """Writes the file anew, in an order that is the same each time; raises `FileUnwritable`."""
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as reason:
        raise FileUnwritable(file=str(path), reason=reason_of(reason)) from reason
