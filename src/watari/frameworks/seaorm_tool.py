"""The team's own binary of a SeaORM crate: built and newer than its sources, else cargo, which builds what has changed.

`sea-orm-cli migrate` does nothing but `cargo run` on the crate, so that the binary alone is the whole tool (sea-orm-cli 2.0.4).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

__all__ = ["seaorm_tool"]

_PROFILES = ("release", "debug")


def seaorm_tool(crate: Path, root: Path) -> tuple[str, ...] | None:
    """The words that start the crate's own command line; None where it is not built and cannot be.

    `root` is the project's folder: a workspace around the crate is looked for up to there.
    """
    built = [binary for binary in _binaries(crate, root) if binary.is_file() and os.access(binary, os.X_OK)]
    if built:
        newest = max(built, key=_age)
        if _age(newest) >= max(map(_age, _sources(crate))):
            return (str(newest),)
    import shutil

    cargo = shutil.which("cargo")
    if cargo is None:
        return None
    return (cargo, "run", "--quiet", "--manifest-path", str(crate / "Cargo.toml"), "--")


def _binaries(crate: Path, root: Path) -> Iterator[Path]:
    """Where cargo puts the binary: CARGO_TARGET_DIR, else `target` of the crate or of a workspace around it."""
    name = _binary_name(crate)
    named = os.environ.get("CARGO_TARGET_DIR")
    around = [crate, *(parent for parent in crate.parents if parent == root or parent.is_relative_to(root))]
    for target in [Path(named)] if named else [folder / "target" for folder in around]:
        for profile in _PROFILES:
            yield target / profile / name


def _binary_name(crate: Path) -> str:
    """The first `[[bin]]`, else the package; a manifest that cannot be read has the name that SeaORM generates."""
    import tomllib

    try:
        manifest = tomllib.loads((crate / "Cargo.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "migration"
    named = [str(binary["name"]) for binary in manifest.get("bin", ()) if "name" in binary]
    return named[0] if named else str(manifest.get("package", {}).get("name", "migration"))


def _sources(crate: Path) -> Iterator[Path]:
    yield crate / "Cargo.toml"
    yield from (crate / "src").rglob("*.rs")


def _age(file: Path) -> float:
    return file.stat().st_mtime
