"""The rules, gathered from the files of `rules/`."""

from __future__ import annotations

import importlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from types import ModuleType
from typing import NamedTuple

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
    kinds: Mapping[
        str, tuple[frozenset[str], ...]
    ]  # "*" is every kind; with the words that a statement must have, one of them
    whys: frozenset[Why]
    judge: Callable[[Situation], Iterator[Hazard]]
    last: bool = False

    def hears(self, kind: str, words: frozenset[str]) -> bool:
        """Whether the rule listens to statements of this kind that have these words (`Situation.words`)."""
        return any(needed <= words for needed in self.kinds.get(kind, ()))


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
    """What a file of `rules/` says: `KINDS` are kinds of statement, each with the words that it must have ("drop_stmt OBJECT_INDEX")."""
    kinds: dict[str, list[frozenset[str]]] = defaultdict(list)
    for text in getattr(module, "KINDS", ()):
        kind, *words = text.split()
        kinds[kind].append(frozenset(words))
    return Rule(
        card=module.CARD,
        kinds={kind: tuple(words) for kind, words in kinds.items()},
        whys=frozenset(getattr(module, "WHYS", ())),
        judge=module.judge,
        last=getattr(module, "LAST", False),
    )


class Chosen(NamedTuple):
    """The rules that are asked, and those that are asked where the first found nothing."""

    first: tuple[Rule, ...]
    last: tuple[Rule, ...]


def rules_for(situation: Situation) -> Chosen:
    """The rules that have to do with a situation, each once."""
    waits = frozenset([cause.why for cause in situation.causes if cause.waits]) if situation.causes else _NO_WAIT
    return _listening(situation.kind, situation.words, waits)


_NO_WAIT: frozenset[Why] = frozenset()


@lru_cache(maxsize=4096)
def _listening(kind: str, words: frozenset[str], waits: frozenset[Why]) -> Chosen:
    for_all = [rule for rule in rules() if rule.hears("*", words)]
    of_kind = [rule for rule in rules() if rule.hears(kind, words)]
    because = [rule for why in sorted(waits) for rule in rules() if why in rule.whys]
    heard = [*for_all, *of_kind, *because]
    once = {rule.card.id: rule for rule in heard}.values()
    return Chosen(tuple(rule for rule in once if not rule.last), tuple(rule for rule in once if rule.last))
