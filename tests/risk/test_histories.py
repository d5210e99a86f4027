"""Four real histories: the committed report of each, and its hazards against the locks of the same migrations on a loaded database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.histories import STORIES, Story, Tally, crossed
from watari.evidence import Blocks
from watari.project.policy import Policy
from watari.project.url import DatabaseUrl
from watari.risk.judge import judge

GOLDEN = Path(__file__).parent / "data" / "histories"

#: One worker takes a history: what it shares takes long to make.
NAMES = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in STORIES]
#: Alembic, which has to run some of mlflow's revisions itself, takes a minute.
LOADED = [
    pytest.param(name, marks=[pytest.mark.xdist_group(name), *([pytest.mark.full] if name == "mlflow" else [])])
    for name in STORIES
]


def story(name: str, folder: Path) -> Story:
    try:
        return STORIES[name](folder / name)
    except FileNotFoundError as reason:
        pytest.skip(f"{name} comes from a package registry by a program that is not installed: {reason.filename}")


def report(told: Story) -> Iterator[str]:
    """What `watari check` says of each file alone: the statements that make others wait, and the hazards."""
    for part in told.parts:
        if part.script is None:
            yield f"{part.name}: not judged, Alembic runs it itself"
            continue
        judgement = judge([(part.name, part.script.statements, True)], None, Policy())
        for judged in judgement.statements:
            if judged.effects.blocks is not Blocks.NONE:
                yield f"{judged.statement.file}:{judged.statement.line} {judged.effects.blocks}"
        for hazard in judgement.hazards:
            yield f"{hazard.file}:{hazard.line} {hazard.level} {hazard.rule} {hazard.object}"


@pytest.mark.parametrize("name", NAMES)
def test_the_report_is_the_committed_one(name: str, tmp_path: Path) -> None:
    text = "\n".join(report(story(name, tmp_path))) + "\n"
    golden = GOLDEN / f"{name}.txt"
    if os.environ.get("WATARI_GOLDEN") == "write":
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8"), "look at the difference; WATARI_GOLDEN=write takes it as it is now"


@pytest.mark.parametrize("name", LOADED)
def test_hazards_are_the_locks_that_were_measured(name: str, database: DatabaseUrl, tmp_path: Path) -> None:
    hazards, blocks, wrong = Tally(), Tally(), []
    for watched in crossed(story(name, tmp_path), database):
        if watched.worked is None:
            continue
        hazards.add(bool(watched.hazards), watched.worked)
        blocks.add(watched.judged.effects.blocks is Blocks.WORK, watched.worked)
        if bool(watched.hazards) != watched.worked:
            wrong.append(f"{watched.migration}: {watched.judged.statement.text[:200]}")
    print(f"\n{name}: right, false, missed, precision, recall: hazards {hazards}; blocks {blocks}")
    assert hazards.right and hazards.precision >= 0.98 and hazards.recall >= 0.98, "\n".join(wrong)
    assert blocks.precision >= 0.98 and blocks.recall >= 0.98
