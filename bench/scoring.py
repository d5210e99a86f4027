"""Predictions held against measured forms: what is equal, and precision and recall of "others wait while it works".

`blocks_work`: the form reads, rewrites or builds under a lock that stops writers or readers. With L(r) the lock on r: some r
in scans has L(r) >= SHARE, or some r in rewrites has, and r is the target or the target is locked so (or not at all).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from watari.catalog import LockMode
from watari.evidence import Blocks, StatementEffects

Form = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a form does, measured or predicted, by relation name without `public.`."""

    lock: LockMode | None
    others: Mapping[str, LockMode]
    rewrites: frozenset[str]
    scans: frozenset[str]
    blocks: bool

    @property
    def strong(self) -> dict[str, LockMode]:
        """The other relations that more than reading and writing locks."""
        return {name: mode for name, mode in self.others.items() if mode >= LockMode.SHARE_UPDATE_EXCLUSIVE}


def measured(truth: Form, target: str) -> Outcome:
    """The outcome in the data set."""
    lock = LockMode.of(truth["lock"]) if truth["lock"] else None
    others = {name: LockMode.of(mode) for name, mode in truth["others"].items()}
    blocks = truth["blocks_work"] if "blocks_work" in truth else _blocks(target, lock, others, truth)
    return Outcome(
        lock=lock,
        others=others,
        rewrites=frozenset(truth["rewrites"]),
        scans=frozenset(truth["scans"]),
        blocks=blocks,
    )


def _blocks(target: str, lock: LockMode | None, others: Mapping[str, LockMode], truth: Form) -> bool:
    held = {**others, target: lock or 0}
    if any(held.get(name, 0) >= LockMode.SHARE for name in truth["scans"]):
        return True
    at_target = lock is None or lock >= LockMode.SHARE
    return any(held.get(name, 0) >= LockMode.SHARE and (name == target or at_target) for name in truth["rewrites"])


def predicted(effects: Iterable[StatementEffects], target: str) -> Outcome:
    """The outcome of a form's statements as foreseen."""
    effects = list(effects)
    touched = [
        (one.formerly.get(effect.relation, effect.relation).removeprefix("public."), effect)
        for one in effects
        for effect in one.effects
        if not effect.created
    ]
    locks: dict[str, LockMode] = {}
    for name, effect in touched:
        if effect.lock is not None:
            locks[name] = max(effect.lock, locks.get(name, effect.lock))
    return Outcome(
        lock=locks.pop(target, None),
        others=locks,
        rewrites=frozenset(name for name, effect in touched if effect.rewrite),
        scans=frozenset(name for name, effect in touched if effect.scan),
        blocks=any(one.blocks is Blocks.WORK for one in effects),
    )


@dataclass(kw_only=True)
class Score:
    """Counts over all forms of one server version."""

    version: str
    forms: int = 0
    right: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("lock", "others", "strong", "rewrites", "scans", "all"), 0)
    )
    alarms: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("right", "false", "missed", "silent"), 0))
    wrong: list[str] = field(default_factory=list)

    def add(self, form: Form, truth: Outcome, guess: Outcome) -> None:
        """One form more."""
        expect = form["expect"][self.version]
        same = {
            "lock": truth.lock == guess.lock,
            "others": truth.others == guess.others,
            "strong": truth.strong == guess.strong,
            "rewrites": guess.rewrites - set(expect.get("rewrites_empty", ())) == truth.rewrites,
            "scans": guess.scans - set(expect.get("scans_empty", ())) == truth.scans,
        }
        same["all"] = same["lock"] and same["strong"] and same["rewrites"] and same["scans"]
        self.forms += 1
        for key, right in same.items():
            self.right[key] += right
        kind = {(True, True): "right", (False, True): "false", (True, False): "missed", (False, False): "silent"}
        self.alarms[kind[truth.blocks, guess.blocks]] += 1
        if not same["all"] or truth.blocks != guess.blocks:
            self.wrong.append(form["id"])

    @property
    def precision(self) -> float:
        """Of the alarms, the share that is right."""
        return self.alarms["right"] / (self.alarms["right"] + self.alarms["false"])

    @property
    def recall(self) -> float:
        """Of what makes others wait, the share that is told."""
        return self.alarms["right"] / (self.alarms["right"] + self.alarms["missed"])

    def __str__(self) -> str:
        exact = ", ".join(f"{key} {count}" for key, count in self.right.items())
        return (
            f"PostgreSQL {self.version}: of {self.forms} forms right: {exact}; "
            f"blocks: precision {self.precision:.3f}, recall {self.recall:.3f} {self.alarms}; wrong: {self.wrong}"
        )
