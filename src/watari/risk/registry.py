"""The rules, gathered from the files of `rules/`."""

from __future__ import annotations

import importlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from types import ModuleType

from watari.late import modules
from watari.risk.causes import Why
from watari.risk.hazard import Card, Hazard
from watari.risk.situation import Situation
from watari.values import dataclass

__all__ = ["Rule", "card_of", "rules", "rules_for", "unknown"]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule: its card, what it listens to, and its opinion. The `last` ones speak where no other does."""

    card: Card
    kinds: frozenset[str]
    whys: frozenset[Why]
    judge: Callable[[Situation], Iterator[Hazard]]
    last: bool = False


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, by their id."""
    from watari.risk import rules as folder

    found = (importlib.import_module(name) for name in modules(folder.__path__, f"{folder.__name__}."))
    return tuple(sorted(map(_rule, found), key=lambda rule: rule.card.id))


@cache
def _by_id() -> Mapping[str, Rule]:
    return {rule.card.id: rule for rule in rules()}


def card_of(rule: str) -> Card:
    """The card of one rule; raises KeyError where there is none of that id."""
    return _by_id()[rule].card


def unknown(names: Iterable[str]) -> tuple[str, ...]:
    """Those of the names that are no rule's."""
    return tuple(name for name in names if name not in _by_id())


def _rule(module: ModuleType) -> Rule:
    return Rule(
        card=module.CARD,
        kinds=frozenset(getattr(module, "KINDS", ())),
        whys=frozenset(getattr(module, "WHYS", ())),
        judge=module.judge,
        last=getattr(module, "LAST", False),
    )


@cache
def _by_ear() -> tuple[Mapping[str, tuple[Rule, ...]], Mapping[Why, tuple[Rule, ...]]]:
    kinds: dict[str, list[Rule]] = defaultdict(list)
    whys: dict[Why, list[Rule]] = defaultdict(list)
    for rule in rules():
        for kind in rule.kinds:
            kinds[kind].append(rule)
        for why in rule.whys:
            whys[why].append(rule)
    return {k: tuple(v) for k, v in kinds.items()}, {w: tuple(v) for w, v in whys.items()}


def rules_for(situation: Situation) -> tuple[Rule, ...]:
    """The rules that have to do with a situation, each once."""
    return _listening(situation.kind, frozenset(cause.why for cause in situation.causes if cause.waits))


@lru_cache(maxsize=1024)
def _listening(kind: str, waits: frozenset[Why]) -> tuple[Rule, ...]:
    kinds, whys = _by_ear()
    heard = [*kinds.get("*", ()), *kinds.get(kind, ())]
    for why in sorted(waits):
        heard += whys.get(why, ())
    return tuple({rule.card.id: rule for rule in heard}.values())
