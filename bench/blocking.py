"""Do others wait for as long as it works? Watari and Squawk over the 417 measured forms, in two ways of counting."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from bench import squawk
from bench.lock_forms import foreseen, forms
from bench.scoring import Form, Outcome, measured, predicted
from watari.errors.programs import NoServerPrograms
from watari.postgres.embedded import EmbeddedServer, binaries

FILE = "lock-forms.jsonl"
ALL, CLAIMED = "all rules but timeouts and style", "the rules that claim it, without what only creates"


def run(server: EmbeddedServer, folder: Path) -> None:
    """Prints precision and recall on 18 and, where it is installed, on 15."""
    folder.mkdir(parents=True)
    _compare(server, "18", folder)
    try:
        programs = binaries(major=15)
    except NoServerPrograms:
        print("left out: PostgreSQL 15 is not installed")
        return
    with EmbeddedServer.start(folder / "server-15", bin_folder=programs) as older:
        _compare(older, "15", folder)


def _compare(server: EmbeddedServer, version: str, folder: Path) -> None:
    found = {
        form["id"]: (form, _truth(form, version), predicted(effects, form["target"]))
        for form, effects in foreseen(server, version, forms(FILE))
    }
    said = {"watari": {name for name, (_, _, guess) in found.items() if guess.blocks}}
    try:
        warned = squawk_says((form for form, _, _ in found.values()), folder / version)
        said |= {f"Squawk, {ALL}": warned[ALL], f"Squawk, {CLAIMED}": warned[CLAIMED]}
    except Exception as reason:
        print(f"left out: Squawk: {str(reason).splitlines()[0]}")
    print(f"\nPostgreSQL {version}: which of {len(found)} forms make others wait while they work")
    print(
        "| tool | forms | right | false alarms | missed | precision | recall |\n| --- | --- | --- | --- | --- | --- | --- |"
    )
    for tool, alarms in said.items():
        for counted in (ALL, CLAIMED) if tool == "watari" else (tool.partition(", ")[2],):
            kept = {
                name: truth.blocks
                for name, (form, truth, _) in found.items()
                if counted == ALL or not _creates(form, truth)
            }
            print(_row(f"watari, {counted}" if tool == "watari" else tool, kept, alarms), flush=True)


def _truth(form: Form, version: str) -> Outcome:
    return measured(form["expect"][version], form["target"])


def _creates(form: Form, truth: Outcome) -> bool:
    """Whether a form only makes what is new: nothing that was there is locked."""
    return truth.lock is None and not truth.others and form["sql"].upper().startswith("CREATE ")


def _row(tool: str, truth: Mapping[str, bool], alarms: Collection[str]) -> str:
    right = sum(blocks and name in alarms for name, blocks in truth.items())
    false = sum(not blocks and name in alarms for name, blocks in truth.items())
    missed = sum(blocks and name not in alarms for name, blocks in truth.items())
    return f"| {tool} | {len(truth)} | {right} | {false} | {missed} | {right / (right + false):.3f} | {right / (right + missed):.3f} |"


def squawk_says(wanted: Iterable[Form], folder: Path) -> dict[str, set[str]]:
    """The forms that Squawk warns about, in each way of counting; one file a form, in its default configuration."""
    folder.mkdir(parents=True)
    for form in wanted:
        (folder / f"{form['id']}.sql").write_text(form["sql"] + ";\n", "utf-8")
    found = {
        name.removesuffix(".sql"): {rule for _, rule in said} for name, said in squawk.warnings(folder, 18).items()
    }
    return {
        ALL: {name for name, rules in found.items() if rules - squawk.STYLE},
        CLAIMED: {name for name, rules in found.items() if rules & squawk.CLAIMS},
    }
