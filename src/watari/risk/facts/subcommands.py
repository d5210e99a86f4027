"""What each subcommand of ALTER TABLE takes, and which of its tables it goes down to.

Source: `AlterTableGetLockLevel`, `ATPrepCmd` and `ATRewriteCatalogs` (tablecmds.c, the same in 14 to 18 where both have a form),
`reloptions.c`; each measured on 15 and 18 ("Source: measured" in the data set of `tests/risk/data`).
"""

from __future__ import annotations

from collections.abc import Mapping

from watari.catalog import LockMode
from watari.values import dataclass

__all__ = ["ORDER", "SUBCOMMANDS", "Subcommand", "option_lock"]

_AE = LockMode.ACCESS_EXCLUSIVE
_SRE = LockMode.SHARE_ROW_EXCLUSIVE
_SUE = LockMode.SHARE_UPDATE_EXCLUSIVE


@dataclass(frozen=True)
class Subcommand:
    """The lock on the table itself; `family`: its partitions and children get the same one, since this major version."""

    lock: LockMode
    family: bool = False
    since: int = 0


#: AddConstraint, SetRelOptions and DetachPartition have a lock that depends on what they say; this is their strongest.
SUBCOMMANDS: Mapping[str, Subcommand] = {
    "AT_AddColumn": Subcommand(_AE, family=True),
    "AT_ColumnDefault": Subcommand(_AE, family=True),
    "AT_DropNotNull": Subcommand(_AE, family=True),
    "AT_SetNotNull": Subcommand(_AE, family=True),
    "AT_SetExpression": Subcommand(_AE, family=True),
    "AT_DropExpression": Subcommand(_AE, family=True),
    "AT_SetStatistics": Subcommand(_SUE, family=True),
    "AT_SetOptions": Subcommand(_SUE),
    "AT_ResetOptions": Subcommand(_SUE),
    "AT_SetStorage": Subcommand(_AE, family=True),
    "AT_SetCompression": Subcommand(_AE),
    "AT_DropColumn": Subcommand(_AE, family=True),
    "AT_AddConstraint": Subcommand(_AE, family=True),
    "AT_AlterConstraint": Subcommand(_AE),
    "AT_ValidateConstraint": Subcommand(_SUE, family=True),
    "AT_DropConstraint": Subcommand(_AE, family=True),
    "AT_AlterColumnType": Subcommand(_AE, family=True),
    "AT_AlterColumnGenericOptions": Subcommand(_AE),
    "AT_ChangeOwner": Subcommand(_AE),
    "AT_ClusterOn": Subcommand(_SUE),
    "AT_DropCluster": Subcommand(_SUE),
    "AT_SetLogged": Subcommand(_AE),
    "AT_SetUnLogged": Subcommand(_AE),
    "AT_DropOids": Subcommand(_AE),
    "AT_SetAccessMethod": Subcommand(_AE),
    "AT_SetTableSpace": Subcommand(_AE),
    "AT_SetRelOptions": Subcommand(_AE),
    "AT_ResetRelOptions": Subcommand(_AE),
    "AT_EnableTrig": Subcommand(_SRE),
    "AT_EnableAlwaysTrig": Subcommand(_SRE),
    "AT_EnableReplicaTrig": Subcommand(_SRE),
    "AT_DisableTrig": Subcommand(_SRE),
    "AT_EnableTrigAll": Subcommand(_SRE),
    "AT_DisableTrigAll": Subcommand(_SRE),
    "AT_EnableTrigUser": Subcommand(_SRE),
    "AT_DisableTrigUser": Subcommand(_SRE),
    "AT_EnableRule": Subcommand(_AE),
    "AT_EnableAlwaysRule": Subcommand(_AE),
    "AT_EnableReplicaRule": Subcommand(_AE),
    "AT_DisableRule": Subcommand(_AE),
    "AT_AddInherit": Subcommand(_AE),
    "AT_DropInherit": Subcommand(_AE),
    "AT_AddOf": Subcommand(_AE),
    "AT_DropOf": Subcommand(_AE),
    "AT_ReplicaIdentity": Subcommand(_AE),
    "AT_EnableRowSecurity": Subcommand(_AE),
    "AT_DisableRowSecurity": Subcommand(_AE),
    "AT_ForceRowSecurity": Subcommand(_AE),
    "AT_NoForceRowSecurity": Subcommand(_AE),
    "AT_GenericOptions": Subcommand(_AE),
    "AT_AttachPartition": Subcommand(_SUE),
    "AT_DetachPartition": Subcommand(_AE),
    "AT_DetachPartitionFinalize": Subcommand(_SUE),
    "AT_AddIdentity": Subcommand(_AE, family=True, since=17),
    "AT_SetIdentity": Subcommand(_AE, family=True, since=17),
    "AT_DropIdentity": Subcommand(_AE, family=True, since=17),
}

#: The server sorts the subcommands of one statement into passes: drops go first, then types, columns, constraints. What is
#: not named here keeps the middle. Source: `AT_PASS_*`.
ORDER: Mapping[str, int] = {
    "AT_DropColumn": 0,
    "AT_DropConstraint": 0,
    "AT_DropNotNull": 0,
    "AT_DropExpression": 0,
    "AT_AlterColumnType": 1,
    "AT_SetExpression": 1,
    "AT_AddColumn": 2,
    "AT_SetNotNull": 4,
    "AT_AddConstraint": 5,
}
MIDDLE = 3

#: Storage options that need more than SHARE UPDATE EXCLUSIVE.
_STRONG_OPTIONS = frozenset(
    """
    user_catalog_table security_barrier security_invoker check_option fastupdate buffering gin_pending_list_limit
    pages_per_range autosummarize
    """.split()  # noqa: SIM905
)


def option_lock(names: frozenset[str]) -> LockMode:
    """The lock for setting or resetting these storage options."""
    return _AE if names & _STRONG_OPTIONS else _SUE
