"""A baseline: the hazards that an old project has and accepts, so that only new ones are loud.

A hazard is known again by its rule, its file, its object and its statement without regard to white space: lines that move
do not matter, a statement that changes does. Two equal statements in one file are two.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from watari.risk.hazard import Hazard, Judgement, Level
from watari.values import dataclass, replace

__all__ = ["VERSION", "Baseline", "baseline_of", "read_baseline", "settled"]

#: Of the file's format.
VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """How many hazards there are of each key."""

    keys: Mapping[str, int]


def baseline_of(judgements: Iterable[Judgement]) -> dict[str, Any]:
    """The document of a baseline that holds every hazard found; what people allow with a reason needs none."""
    found = (hazard for judgement in judgements for hazard in judgement.hazards)
    hazards = [hazard for hazard in found if "allowed" not in hazard.facts]
    entries = [
        {"rule": hazard.rule, "file": _file(hazard), "object": hazard.object, "key": key_of(hazard)}
        for hazard in hazards
    ]
    return {"version": VERSION, "hazards": sorted(entries, key=lambda entry: tuple(entry.values()))}


def read_baseline(document: Any) -> Baseline | None:
    """The baseline of such a document; None where it is none."""
    if not isinstance(document, dict) or document.get("version") != VERSION:
        return None
    entries = document.get("hazards")
    if not isinstance(entries, list) or not all(isinstance(e, dict) and isinstance(e.get("key"), str) for e in entries):
        return None
    return Baseline(keys=Counter(entry["key"] for entry in entries))


def settled(judgement: Judgement, baseline: Baseline) -> Judgement:
    """The judgement with what the baseline holds made quiet; `baseline` is among the facts of those."""
    left = Counter(baseline.keys)
    hazards = []
    for hazard in judgement.hazards:
        key = key_of(hazard)
        if left[key] > 0:
            left[key] -= 1
            hazard = replace(hazard, level=Level.INFO, facts={**hazard.facts, "baseline": True})
        hazards.append(hazard)
    return replace(judgement, hazards=tuple(hazards))


def key_of(hazard: Hazard) -> str:
    """What a hazard is known again by."""
    parts = (hazard.rule, _file(hazard), hazard.object, " ".join(hazard.sql.split()))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _file(hazard: Hazard) -> str:
    return posixpath.normpath(hazard.file.replace("\\", "/"))
