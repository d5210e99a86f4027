"""What can happen to a backup after it was made, and which level of verification finds it."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fixtures.shops import SHOP, databases, drop, run

from watari.backup import beside, manifest, storage
from watari.backup.create import create
from watari.backup.shelf import archive, leftovers, list_backups
from watari.backup.verification import hashed, verify
from watari.evidence import Backup, VerificationLevel
from watari.locale import Language
from watari.postgres.embedded import EmbeddedServer
from watari.project.url import DatabaseUrl

EXISTS, HASHED, READ, RESTORED = VerificationLevel


def data_file(backup: Backup) -> Path:
    """The archive, or the largest file of its folder."""
    path = archive(backup)
    return path if path.is_file() else max(path.iterdir(), key=lambda file: file.stat().st_size)


def cut(path: Path, to: float) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: round(len(data) * to)])


def cut_five_bytes(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def gone(path: Path) -> None:
    path.unlink()


def swapped_bytes(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-9], data[-8] = data[-8] ^ 1, data[-9]
    path.write_bytes(data)


def a_stranger(path: Path) -> None:
    (path.parent / "extra.dat").write_bytes(b"x")


FAULTS: dict[str, Callable[[Path], None]] = {
    "cut to 60 %": lambda path: cut(path, 0.6),
    "cut by five bytes": cut_five_bytes,
    "empty": empty,
    "missing": gone,
    "changed, same size": swapped_bytes,
    "a file too many": a_stranger,
}


KINDS = ("custom-gzip", "custom-none", "directory-gzip")


@pytest.fixture(scope="module")
def stock(server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DatabaseUrl, Path]]:
    """A shop and sound backups of it, of which tests damage copies."""
    url = server.url(f"faults_{os.getpid()}")
    run(server.url(), f"create database {url.database}")
    run(url, SHOP)
    folder = tmp_path_factory.mktemp("stock")
    for kind in KINDS:
        format, _, compression = kind.partition("-")
        create(url, folder=folder / kind, format=format, compression=compression)
    yield url, folder
    drop(server.url(), url.database)


@pytest.fixture
def shop(stock: tuple[DatabaseUrl, Path]) -> DatabaseUrl:
    """The shop that the backups are of."""
    return stock[0]


@pytest.fixture(params=KINDS)
def made(request: pytest.FixtureRequest, stock: tuple[DatabaseUrl, Path], folder: Path) -> Backup:
    """A sound backup of the shop."""
    shutil.copytree(stock[1] / request.param, folder)
    return list_backups(folder)[0]


def reseal(backup: Backup) -> Backup:
    """Writes manifest and checksums anew, as if the files had been made as they are."""
    folder = Path(backup.folder)
    backup = replace(backup, files=manifest.measure(folder))
    return replace(manifest.write(folder, backup), folder=backup.folder)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_damaged_archive_is_found_by_its_checksums(made: Backup, fault: str) -> None:
    FAULTS[fault](data_file(made))
    proved = verify(made, level=HASHED)
    assert proved.verified is EXISTS
    assert proved.findings


def test_every_flipped_bit_is_found_by_its_checksums(made: Backup) -> None:
    path = data_file(made)
    sound = path.read_bytes()
    dice = random.Random(3)
    for _ in range(60):
        place, bit = dice.randrange(len(sound)), dice.randrange(8)
        damaged = bytearray(sound)
        damaged[place] ^= 1 << bit
        path.write_bytes(damaged)
        assert hashed(made), (place, bit)
    path.write_bytes(sound)
    assert not hashed(made)


@pytest.mark.parametrize("fault", ["cut to 60 %", "empty", "missing"])
def test_an_archive_that_was_damaged_before_its_manifest_does_not_read_through(made: Backup, fault: str) -> None:
    FAULTS[fault](data_file(made))
    proved = verify(reseal(made), level=READ)
    assert proved.verified is HASHED
    assert proved.findings


def test_flipped_bits_in_gzip_are_nearly_always_found_by_reading_and_without_compression_hardly_ever(
    shop: DatabaseUrl, folder: Path
) -> None:
    """Why the checksums of the manifest are what counts: a full read of plain data decodes a flipped bit to another row."""
    found = {}
    for compression in ("gzip", "none"):
        backup = create(shop, folder=folder, compression=compression)
        path = data_file(backup)
        sound = path.read_bytes()
        dice = random.Random(5)
        found[compression] = 0
        for _ in range(8):
            damaged = bytearray(sound)
            damaged[dice.randrange(len(sound) // 2, len(sound))] ^= 1
            path.write_bytes(damaged)
            found[compression] += verify(reseal(backup), level=READ).verified is HASHED
    assert found["gzip"] >= 7
    assert found["none"] < found["gzip"]


def test_an_edited_manifest_is_found(made: Backup) -> None:
    path = Path(made.folder) / storage.MANIFEST
    path.write_text(path.read_text().replace('"public.customers": 2000', '"public.customers": 1999'))
    for known in (made, list_backups(Path(made.folder).parent)[0]):  # with and without memory of the real one
        proved = verify(known, level=HASHED)
        assert proved.verified is EXISTS
        assert "SHA-256" in proved.findings[0]


def test_a_forged_manifest_is_found_by_whoever_remembers_the_real_one(made: Backup) -> None:
    reseal(replace(made, rows={**made.rows, "public.customers": 1999}))
    proved = verify(made, level=HASHED)
    assert proved.verified is EXISTS
    assert "manifest" in proved.findings[0]


@pytest.mark.parametrize("text", ["", "{", '{"id": 3}', "\x00"])
def test_a_manifest_that_cannot_be_read_is_no_backup_and_is_told(made: Backup, text: str) -> None:
    (Path(made.folder) / storage.MANIFEST).write_text(text)
    proved = verify(made, level=HASHED)
    assert proved.verified is EXISTS
    assert any("manifest.json" in finding for finding in proved.findings)
    folder = Path(made.folder).parent
    assert list_backups(folder) == ()
    assert [left.path.name for left in leftovers(folder)] == [made.id]


def test_without_a_manifest_there_is_no_backup(made: Backup) -> None:
    (Path(made.folder) / storage.MANIFEST).unlink()
    assert list_backups(Path(made.folder).parent) == ()
    assert verify(made, level=HASHED).verified is EXISTS
    assert not (Path(made.folder) / storage.VERIFICATION).exists()


def test_rows_that_the_archive_lacks_are_found_by_reading(made: Backup) -> None:
    sealed = reseal(replace(made, rows={**made.rows, "public.customers": 2001, "public.more": 1}))
    proved = verify(sealed, level=READ)
    assert proved.verified is HASHED
    assert len(proved.findings) == 2
    assert "2,000" in proved.findings[0] and "2,001" in proved.findings[0]


def test_an_object_that_the_archive_lacks_is_found_by_restoring(made: Backup, shop: DatabaseUrl) -> None:
    path = Path(made.folder) / storage.OBJECTS
    lines = path.read_text().splitlines()
    index = next(json.loads(line) for line in lines if json.loads(line)[0] == "index")
    lines.append(json.dumps(["index", "public.lost", index[2]]))
    path.write_text("\n".join(lines) + "\n")
    proved = verify(reseal(made), url=shop, language=Language.EN)
    assert proved.verified is READ
    assert proved.findings == ("the restored copy differs: index public.lost is missing",)
    assert verify(reseal(made), url=shop, language=Language.JA).findings != proved.findings


def test_a_sequence_that_stands_behind_is_found_by_restoring(made: Backup, shop: DatabaseUrl) -> None:
    sealed = reseal(replace(made, sequences={**made.sequences, "public.customers_id_seq": 2001}))
    proved = verify(sealed, url=shop)
    assert proved.verified is READ
    assert "customers_id_seq" in proved.findings[0]


def test_a_copy_that_was_restored_to_prove_a_backup_is_dropped(made: Backup, shop: DatabaseUrl) -> None:
    before = databases(shop)
    assert verify(made, url=shop).verified is RESTORED
    assert databases(shop) == before


def test_a_proof_does_not_count_for_files_that_changed_afterwards(made: Backup) -> None:
    folder = Path(made.folder)
    assert verify(made, level=READ).verified is READ
    assert manifest.load(folder).verified is READ
    cut_five_bytes(data_file(made))
    now = manifest.load(folder)
    assert now.verified is EXISTS
    assert now.findings


def test_a_proof_of_another_backup_does_not_count(made: Backup, shop: DatabaseUrl) -> None:
    other = create(shop, folder=Path(made.folder).parent)
    verify(made, level=READ)
    shutil.copy(Path(made.folder) / storage.VERIFICATION, Path(other.folder) / storage.VERIFICATION)
    assert manifest.load(Path(other.folder)).verified is EXISTS


def test_a_backup_that_was_moved_is_as_good_as_before(made: Backup, tmp_path: Path) -> None:
    verify(made, level=READ)
    moved = shutil.move(made.folder, tmp_path / "elsewhere")
    backup = manifest.load(Path(moved))
    assert backup.verified is READ
    assert verify(backup, level=READ).verified is READ


def test_without_a_server_a_throw_away_one_of_the_same_version_proves_it(made: Backup) -> None:
    proved = verify(made)
    if made.server_version // 10_000 == 18:
        assert (proved.verified, proved.findings) == (RESTORED, ())
    else:
        assert proved.verified >= READ


def test_what_no_server_can_have_stays_lower_and_says_why(made: Backup, shop: DatabaseUrl) -> None:
    sealed = reseal(replace(made, extensions=("pg_cron 1.6", "plpgsql 1.0")))
    proved = verify(sealed, url=shop, language=Language.EN)
    assert proved.verified is READ
    assert len(proved.findings) == 2
    assert all("pg_cron" in finding for finding in proved.findings)


def test_checksums_written_by_hand_are_the_manifests(made: Backup) -> None:
    text = (Path(made.folder) / storage.MANIFEST).read_bytes()
    assert hashlib.sha256(text).hexdigest() == made.manifest_sha256
    assert json.loads(text)["rows"] == made.rows
    assert beside.objects_of(made)["table"].keys() >= {"public.customers"}
