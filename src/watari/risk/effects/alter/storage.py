"""Where and how a table is stored, who owns it, what it inherits from."""

from __future__ import annotations

from typing import Any

from watari.catalog import LockMode, Name, TableKind
from watari.risk.alteration import Alteration
from watari.risk.causes import Why
from watari.risk.world import World
from watari.sql.grammar import kept, written
from watari.values import replace

_AE = LockMode.ACCESS_EXCLUSIVE


def _set_persistence(alteration: Alteration, wanted: str) -> None:
    table = alteration.table(alteration.name)
    unknown = not alteration.world.known and not alteration.world.is_new(alteration.name)
    if table.persistence != wanted or unknown:
        alteration.footprint.rewrite_whole(alteration.name, Why.PERSISTENCE)
        for sequence in alteration.world.sequences_of(alteration.name):
            alteration.footprint.lock(sequence.name, _AE)
        alteration.world.tell("put_table", replace(table, persistence=wanted))


def set_logged(alteration: Alteration) -> None:
    """SET LOGGED: table and indexes are written anew, unless it is logged already."""
    _set_persistence(alteration, "p")


def set_unlogged(alteration: Alteration) -> None:
    """SET UNLOGGED: table and indexes are written anew, unless it is unlogged already."""
    _set_persistence(alteration, "u")


def set_access_method(alteration: Alteration) -> None:
    """SET ACCESS METHOD: everything is written anew, unless it is the same one."""
    table, catalog = alteration.table(alteration.name), alteration.world.catalog
    default = catalog.settings.get("default_table_access_method", "heap") if catalog else "heap"
    wanted = alteration.command.name or default
    if table.access_method != wanted:
        alteration.footprint.rewrite_whole(alteration.name, Why.ACCESS_METHOD)
        alteration.world.tell("put_table", replace(table, access_method=wanted))


def set_tablespace(alteration: Alteration) -> None:
    """SET TABLESPACE: the table's file is copied block by block; its indexes stay where they are."""
    table = alteration.table(alteration.name)
    wanted = None if alteration.command.name == "pg_default" else alteration.command.name
    if table.kind is not TableKind.PARTITIONED and table.tablespace != wanted:
        alteration.footprint.rewrite(alteration.name, Why.TABLESPACE)
        alteration.world.tell("put_table", replace(table, tablespace=wanted))


def change_owner(alteration: Alteration) -> None:
    """OWNER TO: the indexes and the sequences of the columns go along."""
    table = alteration.table(alteration.name)
    owner = role_of(alteration.command.newowner, alteration.world)
    if table.owner and table.owner == owner:
        return
    alteration.footprint.lock_indexes(alteration.name, _AE)
    for sequence in alteration.world.sequences_of(alteration.name):
        alteration.footprint.lock(sequence.name, _AE)
    alteration.world.tell("put_table", replace(table, owner=owner))


def role_of(spec: Any, world: World) -> str:
    """The role that a statement names; of CURRENT_USER and the like, who that is."""
    settings = world.catalog.settings if world.catalog else {}
    return str(spec.rolename) or settings.get("role", "")


def cluster_on(alteration: Alteration) -> None:
    """CLUSTER ON an index."""
    name = Name(alteration.name.schema, alteration.command.name)
    alteration.footprint.lock(name, LockMode.SHARE_UPDATE_EXCLUSIVE)


def replica_identity(alteration: Alteration) -> None:
    """REPLICA IDENTITY USING INDEX."""
    identity = kept(alteration.command)
    if identity.name:
        alteration.footprint.lock(Name(alteration.name.schema, identity.name), LockMode.SHARE)


def add_inherit(alteration: Alteration) -> None:
    """INHERIT a parent."""
    parent = alteration.footprint.named(written(kept(alteration.command)))
    if parent:
        alteration.footprint.lock(parent.name, LockMode.SHARE_UPDATE_EXCLUSIVE)
        alteration.world.tell("attach", parent.name, alteration.name)


def drop_inherit(alteration: Alteration) -> None:
    """NO INHERIT."""
    parent = alteration.footprint.named(written(kept(alteration.command)))
    if parent:
        alteration.footprint.lock(parent.name, LockMode.ACCESS_SHARE)
        alteration.world.tell("detach", parent.name, alteration.name)


ALTERS = {
    "AT_SetLogged": set_logged,
    "AT_SetUnLogged": set_unlogged,
    "AT_SetAccessMethod": set_access_method,
    "AT_SetTableSpace": set_tablespace,
    "AT_ChangeOwner": change_owner,
    "AT_ClusterOn": cluster_on,
    "AT_ReplicaIdentity": replica_identity,
    "AT_AddInherit": add_inherit,
    "AT_DropInherit": drop_inherit,
}
