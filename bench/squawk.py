"""Squawk (`squawk-cli` from PyPI, in a cached environment): which files it warns about, and by which rules."""

from __future__ import annotations

import json
import subprocess
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from bench.peers import python_environment

VERSION = "2.70.0"

#: Rules about timeouts and about style, which do not say that others wait.
STYLE = frozenset(
    """
    require-lock-timeout require-statement-timeout prefer-robust-stmts prefer-bigint-over-int prefer-bigint-over-smallint
    prefer-text-field prefer-timestamp-tz prefer-identity ban-char-field transaction-nesting
    """.split()  # noqa: SIM905
)
#: The rules that say that a statement scans, rewrites or builds while others wait.
CLAIMS = frozenset(
    """
    adding-field-with-default adding-foreign-key-constraint adding-not-nullable-field adding-required-field
    adding-serial-primary-key-field ban-alter-domain-with-add-constraint changing-column-type constraint-missing-not-valid
    disallowed-unique-constraint require-concurrent-index-creation require-concurrent-reindex
    """.split()  # noqa: SIM905
)


def warnings(folder: Path, major: int) -> Mapping[str, list[tuple[int, str]]]:
    """By the name of each `.sql` file: line (from 1) and rule of what Squawk says of it. Raises where it cannot be installed."""
    program = python_environment("squawk", f"squawk-cli=={VERSION}") / "squawk"
    files = sorted(str(file) for file in folder.glob("*.sql"))
    argv = [str(program), "--reporter", "json", "--pg-version", str(major), *files]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for warning in json.loads(done.stdout):
        found[Path(warning["file"]).name].append((warning["line"] + 1, warning["rule_name"]))
    return found
