"""Triggers are switched on and off."""

from __future__ import annotations

from watari.catalog import ConstraintKind, LockMode, TableKind
from watari.risk.alteration import Alteration
from watari.sql.grammar import choice
from watari.values import replace


def switch(alteration: Alteration) -> None:
    """ENABLE and DISABLE TRIGGER: the partitions too, where there is a trigger that fires for each row."""
    enabled = "D" if "Disable" in choice(alteration.command, "subtype") else "O"
    for trigger in alteration.world.triggers_of(alteration.name):
        if alteration.command.name in ("", trigger.name):
            alteration.world.tell("put_trigger", replace(trigger, enabled=enabled))
    table = alteration.table(alteration.name)
    if table.kind is TableKind.PARTITIONED and _has_any(alteration):
        for member in alteration.world.family(alteration.name):
            alteration.footprint.lock(member, LockMode.SHARE_ROW_EXCLUSIVE)


def _has_any(alteration: Alteration) -> bool:
    triggers = alteration.world.triggers_of(alteration.name)
    named = alteration.command.name
    if named:
        return any(trigger.name == named and "FOR EACH ROW" in trigger.definition.upper() for trigger in triggers)
    keys = alteration.world.constraints_of(alteration.name, ConstraintKind.FOREIGN_KEY)
    return bool(triggers or keys or alteration.world.referencing(alteration.name))


ALTERS = dict.fromkeys(
    (
        "AT_EnableTrig",
        "AT_EnableAlwaysTrig",
        "AT_EnableReplicaTrig",
        "AT_DisableTrig",
        "AT_EnableTrigAll",
        "AT_DisableTrigAll",
        "AT_EnableTrigUser",
        "AT_DisableTrigUser",
    ),
    switch,
)
