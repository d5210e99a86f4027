"""Extensions that a throw-away server lacks and a little SQL stands in for: `NAME.control` and `NAME--VERSION.sql` each.

From PostgreSQL 18 on a server finds them where `extension_control_path` says (release notes of 18, E.1.3).
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

#: The oldest server that looks for extensions in more than one place.
OLDEST = 18


def lay_out(folder: Path, *, major: int) -> dict[str, str]:
    """Writes the stand-ins below `folder`; the server setting by which they are found, none where the server cannot."""
    if major < OLDEST:
        return {}
    place = folder / "extension"
    place.mkdir(parents=True)
    folder.chmod(0o755)
    place.chmod(0o755)
    for file in files(__name__).iterdir():
        if file.name.endswith((".control", ".sql")):
            (place / file.name).write_bytes(file.read_bytes())
    return {"extension_control_path": f"$system:{folder}"}


def stood_in() -> frozenset[str]:
    """The names of the extensions that are stood in for."""
    names = [file.name for file in files(__name__).iterdir()]
    return frozenset(name.removesuffix(".control") for name in names if name.endswith(".control"))
