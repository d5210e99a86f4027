"""The manifest of a backup: a `Backup` in and out of the files that say what it is and how far it has been proved."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from watari.backup import storage
from watari.errors.usage import ManifestUnreadable
from watari.evidence.backup import Backup, BackupFile, VerificationLevel
from watari.locale import Language, Text, language_of_environment
from watari.values import replace

VERSION = 1
#: What is not of the manifest: it changes with each verification, or with the place.
_ELSEWHERE = ("verified", "verified_at", "findings", "folder", "manifest_sha256")
_PIECE = 1 << 20

_NEWER = Text(
    en="its format is {version}, this watari reads {known}",
    ja="形式 {version} です（この watari の対応は {known} まで）",
)
MISSING = Text(en='file "{file}" is missing', ja='ファイル "{file}" がありません')
OTHER_SIZE = Text(
    en='file "{file}" has {found} bytes, the manifest says {wanted}',
    ja='ファイル "{file}" は {found} バイトですが、マニフェストでは {wanted} バイトです',
)


def measure(folder: Path) -> tuple[BackupFile, ...]:
    """Size and SHA-256 of every file of a backup."""
    return tuple(
        BackupFile(path=path.relative_to(folder).as_posix(), bytes=path.stat().st_size, sha256=sha256(path))
        for path in storage.files_of(folder)
    )


def write(folder: Path, backup: Backup) -> Backup:
    """Writes manifest and checksums, the manifest last but one; the backup with the manifest's own SHA-256."""
    data = _encode(backup)
    digest = hashlib.sha256(data).hexdigest()
    sums = [(file.sha256, file.path) for file in backup.files] + [(digest, storage.MANIFEST)]
    storage.write(folder / storage.MANIFEST, data)
    storage.write(folder / storage.SUMS, "".join(f"{sha}  {path}\n" for sha, path in sums).encode())
    return replace(backup, manifest_sha256=digest)


def write_verification(backup: Backup) -> None:
    """Remembers how far a backup has been proved, bound to the manifest that was proved."""
    import msgspec

    kept = {
        "manifest_sha256": backup.manifest_sha256,
        "verified": backup.verified,
        "verified_at": backup.verified_at,
        "findings": backup.findings,
    }
    data = msgspec.json.format(msgspec.json.encode(kept), indent=2) + b"\n"
    storage.write(Path(backup.folder) / storage.VERIFICATION, data)


def load(folder: Path, *, language: Language | None = None) -> Backup:
    """The backup in a folder; one whose files are gone or of another size counts as not verified.

    Raises `ManifestUnreadable`.
    """
    import msgspec

    path = folder / storage.MANIFEST
    try:
        data = path.read_bytes()
        backup = msgspec.json.decode(data, type=Backup)
    except (OSError, msgspec.MsgspecError) as failure:
        raise ManifestUnreadable(file=path, reason=failure) from None
    if backup.manifest_version > VERSION:
        raise ManifestUnreadable(file=path, reason=_NEWER(version=backup.manifest_version, known=VERSION))
    backup = replace(backup, folder=str(folder.absolute()), manifest_sha256=hashlib.sha256(data).hexdigest())
    backup = _with_verification(backup)
    if wrong := tuple(_wrong_sizes(backup, language or language_of_environment())):
        return replace(backup, verified=VerificationLevel.EXISTS, findings=(*backup.findings, *wrong))
    return backup


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def written_sums(folder: Path) -> dict[str, str]:
    """The checksums that were written with the backup, by file; empty where they are missing."""
    try:
        text = (folder / storage.SUMS).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return {}
    pairs = (line.split("  ", 1) for line in text.splitlines() if "  " in line)
    return {path: sha for sha, path in pairs}


def _encode(backup: Backup) -> bytes:
    import msgspec

    fields: dict[str, Any] = msgspec.to_builtins(backup)
    kept = {key: value for key, value in fields.items() if key not in _ELSEWHERE}
    return msgspec.json.format(msgspec.json.encode(kept), indent=2) + b"\n"


def _with_verification(backup: Backup) -> Backup:
    import msgspec

    try:
        data = (Path(backup.folder) / storage.VERIFICATION).read_bytes()
        kept = msgspec.json.decode(data, type=dict[str, Any])
    except (OSError, msgspec.MsgspecError):
        return backup
    if kept.get("manifest_sha256") != backup.manifest_sha256:
        return backup  # it proves another manifest
    return replace(
        backup,
        verified=VerificationLevel(kept["verified"]),
        verified_at=msgspec.convert(kept["verified_at"], datetime | None),
        findings=tuple(kept["findings"]),
    )


def _wrong_sizes(backup: Backup, language: Language) -> Iterator[str]:
    for file in backup.files:
        path = Path(backup.folder) / file.path
        try:
            found = path.stat().st_size
        except OSError:
            yield MISSING(file=file.path).render(language)
            continue
        if found != file.bytes:
            yield OTHER_SIZE(file=file.path, found=found, wanted=file.bytes).render(language)
