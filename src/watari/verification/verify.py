"""Every check of expected against actual; one file a check in `checks/`, found by walking the folder."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from watari.evidence.observation import Observation
from watari.late import modules
from watari.verification.check import Check
from watari.verification.compared import Compared
from watari.verification.expectation import Expectation
from watari.verification.verdict import Verdict

__all__ = ["Expectation", "Observation", "checks", "verify"]

#: The order in which a person looks; a check that is not named comes after these, by name.
_ORDER = (
    "status",
    "history",
    "tables",
    "columns",
    "indexes",
    "index use",
    "constraints",
    "foreign keys",
    "rows",
    "orphan rows",
)


def verify(expectation: Expectation, observation: Observation) -> tuple[Verdict, ...]:
    """What every check has to say, check by check; asks and changes nothing."""
    compared = Compared(expectation, observation)
    return tuple(verdict for check in checks() for verdict in check.compare(compared))


@cache
def checks() -> tuple[Check, ...]:
    """Every check of the folder."""
    from watari.verification import checks as folder

    found = [import_module(name).CHECK for name in modules(folder.__path__, f"{folder.__name__}.")]
    places = {name: place for place, name in enumerate(_ORDER)}
    return tuple(sorted(found, key=lambda check: (places.get(check.name, len(places)), check.name)))
