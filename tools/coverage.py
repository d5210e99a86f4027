"""What watari's rules cover: of the catalogue of hazards, and of the rules of six tools, name by name.

`coverage.tsv` holds a line a name: source, name, the rules of watari that speak of it, and where none does (or not alone) the
reason, as one of the words below. `tests/risk/test_coverage.py` proves that every rule in it exists and that no name has
neither a rule nor a reason.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from watari.locale import Text

FILE = Path(__file__).with_name("coverage.tsv")

REASONS = {
    "style": Text(
        en="a matter of taste: nobody waits, nothing is lost, no running code breaks",
        ja="好みの問題: 誰も待たされず、何も失われず、稼働中のコードも壊れない",
    ),
    "session": Text(
        en="watari's own sessions set it in every run, whatever the file says",
        ja="watari の実行時のセッションが常に設定する",
    ),
    "precheck": Text(
        en="known before the run from one query: a precheck of the plan",
        ja="計画の事前チェック（1 つのクエリ）で判明する",
    ),
    "doctor": Text(en="watari doctor looks at it", ja="watari doctor が確認する"),
    "gate": Text(en="a gate refuses the run before anything is changed", ja="実行前のゲートが変更前に拒否する"),
    "runner": Text(
        en="the runner settles it: from the catalog after an interruption, step by step",
        ja="実行時に処理する（中断後はカタログから判定し、ステップ単位で再開）",
    ),
    "planner": Text(en="the plan's own steps take care of it", ja="計画のステップ自体が対処する"),
    "rehearsal": Text(en="only the rehearsal can measure it", ja="リハーサルで初めて測定できる"),
    "status": Text(
        en="watari status and the plan's fingerprint tell it", ja="watari status と計画のフィンガープリントで分かる"
    ),
    "framework": Text(
        en="about a framework's own API or a team's workflow, not about SQL",
        ja="SQL ではなく、フレームワークの API や開発手順の話",
    ),
    "not-postgresql": Text(
        en="about another server or versions before 14", ja="他のサーバーまたは 14 より前のバージョンの話"
    ),
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One name of one source."""

    source: str
    name: str
    rules: tuple[str, ...]
    reason: str


def lines() -> tuple[Line, ...]:
    """The whole table, in its order."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Line(source=row["source"], name=row["name"], rules=tuple(row["rules"].split()), reason=row["reason"])
            for row in csv.DictReader(file, delimiter="\t")
        )
