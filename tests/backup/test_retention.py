"""Which backups stay, which go, and why; and that removing can be cut off."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from watari.backup import manifest, storage
from watari.backup.retention import decide, prune
from watari.backup.shelf import find, leftovers, list_backups, stats
from watari.errors.backups import BackupFolderUnusable
from watari.errors.usage import BackupUnknown
from watari.evidence import Backup, BackupContent, BackupFormat, VerificationLevel

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def backup(days: float, **more: object) -> Backup:
    """A backup of so many days ago."""
    at = NOW - timedelta(days=days)
    values: dict[str, object] = {
        "database": "shop",
        "environment": "production",
        "content": BackupContent.FULL,
        "format": BackupFormat.CUSTOM,
        "compression": "gzip",
        "started_at": at,
        "seconds": 1.0,
        "server_version": 180_006,
        "client_version": "18.6",
        "system_identifier": "7",
        "schema_fingerprint": "f",
    } | more
    content = values["content"]
    id = str(values.pop("id", None) or f"{at:%Y%m%d-%H%M%S}-{values['database']}-{content}")
    return Backup(id=id, **values)  # type: ignore[arg-type]


def kept(
    *backups: Backup, last: int = 1, days: float = 3, unfinished: Collection[tuple[str, str]] = ()
) -> dict[float, str]:
    """Ages of those that stay, with the reason."""
    decisions = decide(backups, keep_last=last, keep_days=days, now=NOW, unfinished=unfinished)
    assert [d.backup for d in decisions] == sorted(backups, key=lambda b: (b.started_at, b.id)), "one decision each"
    return {(NOW - d.backup.started_at) / timedelta(days=1): str(d.reason) for d in decisions if d.kept}


def test_the_newest_n_and_the_young_stay() -> None:
    backups = [backup(days) for days in (1, 2, 10, 20, 30)]
    assert set(kept(*backups)) == {1, 2}
    assert set(kept(*backups, last=3)) == {1, 2, 10}
    assert set(kept(*backups, last=0, days=0)) == {1}
    assert "among the newest 4" in kept(*backups, last=4)[20]
    assert "younger than 3 days" in kept(*backups)[2]


def test_the_newest_of_each_kind_stays_however_old() -> None:
    backups = [backup(400), backup(300, content=BackupContent.SCHEMA), backup(500), backup(90, database="auth")]
    assert set(kept(*backups)) == {400, 300, 90}


def test_another_server_begins_a_kind_of_its_own() -> None:
    assert set(kept(backup(100, system_identifier="1"), backup(1, system_identifier="2"))) == {100, 1}


def test_the_last_full_backup_that_was_restored_stays() -> None:
    proved = {"verified": VerificationLevel.RESTORED}
    stays = kept(backup(1), backup(40, **proved), backup(50, **proved), backup(60, verified=VerificationLevel.READ))
    assert set(stays) == {1, 40}
    assert "restored and compared" in stays[40]


def test_a_backup_that_an_unfinished_run_names_stays() -> None:
    old = backup(40)
    stays = kept(backup(1), old, unfinished=[("20261120-1", old.id), ("20261120-2", "no-such-backup")])
    assert set(stays) == {1, 40}
    assert "20261120-1" in stays[40]


def test_rows_keep_the_schema_that_they_need() -> None:
    rows = backup(1, content=BackupContent.DATA, schema_fingerprint="old")
    schema = backup(50, content=BackupContent.SCHEMA, schema_fingerprint="old")
    newer = backup(2, content=BackupContent.SCHEMA, schema_fingerprint="new")
    stays = kept(rows, schema, newer)
    assert set(stays) == {1, 2, 50}
    assert rows.id in stays[50]


def test_order_is_by_time_and_never_by_name() -> None:
    assert set(kept(backup(1, id="aaa"), backup(40, id="zzz"))) == {1}


def test_a_backup_from_the_future_stays() -> None:
    stays = kept(backup(-1), backup(1), backup(50), days=0)
    assert -1 in stays and 50 not in stays
    assert "future" in stays[-1]


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder of five backups, 1 to 50 days old."""
    for days in (1, 2, 10, 40, 50):
        put(tmp_path, backup(days))
    return tmp_path


def put(folder: Path, made: Backup) -> Path:
    place = folder / made.id
    place.mkdir()
    (place / "archive.dump").write_bytes(b"PGDMP" + made.id.encode())
    manifest.write(place, Backup(**{**vars(made), "files": manifest.measure(place)}))
    return place


def test_pruning_removes_the_old_ones_and_says_why_the_others_stay(shelf: Path) -> None:
    before = {path.name for path in shelf.iterdir()}
    dry = prune(shelf, keep_last=2, keep_days=30, now=NOW, dry_run=True)
    assert {path.name for path in shelf.iterdir()} == before
    decisions = prune(shelf, keep_last=2, keep_days=30, now=NOW)
    assert decisions == dry
    assert [d.kept for d in decisions] == [False, False, True, True, True]
    assert {path.name for path in shelf.iterdir()} == {d.backup.id for d in decisions if d.kept}
    assert prune(shelf, keep_last=2, keep_days=30, now=NOW)[0].kept


def test_only_what_is_asked_for_is_pruned(shelf: Path) -> None:
    put(shelf, backup(90, database="auth"))
    put(shelf, backup(80, database="auth", environment="staging"))
    prune(shelf, keep_last=1, keep_days=0, now=NOW, database="auth", environment="staging")
    assert len(list_backups(shelf)) == 7


def test_a_removal_that_was_cut_off_is_no_backup_and_ends_next_time(shelf: Path) -> None:
    oldest = list_backups(shelf)[0]
    half = Path(oldest.folder).rename(shelf / (oldest.id + storage.REMOVED))
    assert oldest.id not in {b.id for b in list_backups(shelf)}
    assert [left.path for left in leftovers(shelf)] == [half]
    prune(shelf, keep_last=9, now=NOW, dry_run=True)
    assert half.exists()
    prune(shelf, keep_last=9, now=NOW)
    assert not half.exists()
    assert len(list_backups(shelf)) == 4


def test_a_folder_that_is_not_there_is_an_empty_shelf(tmp_path: Path) -> None:
    assert list_backups(tmp_path / "none") == ()
    assert prune(tmp_path / "none") == ()
    assert stats(()).oldest is None


def test_what_is_no_folder_cannot_be_a_shelf(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BackupFolderUnusable):
        list_backups(tmp_path / "file")


def test_a_shelf_in_figures(shelf: Path) -> None:
    put(shelf, backup(3, content=BackupContent.SCHEMA))
    figures = stats(list_backups(shelf))
    assert (figures.count, figures.restored) == (6, 0)
    assert (figures.oldest, figures.newest) == (NOW - timedelta(days=50), NOW - timedelta(days=1))
    assert figures.bytes == sum(b.bytes for b in list_backups(shelf)) > 0
    assert {content.value: part.count for content, part in figures.by_content.items()} == {"full": 5, "schema": 1}


def test_a_backup_is_found_by_the_beginning_of_its_id(shelf: Path) -> None:
    put(shelf, backup(0.5, content=BackupContent.SCHEMA))
    assert find(shelf, "20261120").id == "20261120-120000-shop-full"
    assert find(shelf, None).id == "20261120-120000-shop-full", "the newest full one"
    with pytest.raises(BackupUnknown) as several:
        find(shelf, "202611")
    assert "20261119-120000-shop-full" in str(several.value)
    for name in ("1999", None):
        with pytest.raises(BackupUnknown):
            find(shelf, name, database="auth")
