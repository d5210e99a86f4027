"""Statements that touch no relation of people: they change the catalog, the session or the server alone."""

from __future__ import annotations

from typing import Any

from watari.risk.footprint import Footprint
from watari.risk.world import World
from watari.sql.grammar import choice


def nothing(statement: Any, footprint: Footprint) -> None:
    """No relation is locked, read or changed."""


def set_variable(statement: Any, footprint: Footprint) -> None:
    """SET: the search path and the time zone decide what later statements mean."""
    values = [node.a_const for node in statement.args if node.WhichOneof("node") == "a_const"]
    words = tuple(v.sval.sval if v.WhichOneof("val") == "sval" else str(v.ival.ival) for v in values)
    reset = not choice(statement, "kind").endswith("SET_VALUE")
    if statement.name == "search_path":
        follow_path(None if reset else words, footprint.world)
    elif statement.name == "timezone":
        follow_timezone(None if reset else " ".join(words), footprint.world)


def follow_path(path: tuple[str, ...] | None, world: World) -> None:
    """The search path is another one; None: the session's own."""
    own = world.catalog.search_path if world.catalog else ("public",)
    words = own if path is None else tuple(word for word in path if word and word != "$user")
    world.tell("set_path", words)


def follow_timezone(zone: str | None, world: World) -> None:
    """The time zone is another one; None: the session's own."""
    own = world.catalog.settings.get("TimeZone") if world.catalog else None
    world.tell("set_timezone", own if zone is None else zone)


_KINDS = """
    alter_collation_stmt alter_database_refresh_coll_stmt alter_database_set_stmt alter_database_stmt
    alter_default_privileges_stmt alter_event_trig_stmt alter_fdw_stmt alter_foreign_server_stmt alter_function_stmt
    alter_op_family_stmt alter_operator_stmt alter_role_set_stmt alter_role_stmt
    alter_stats_stmt alter_subscription_stmt alter_system_stmt alter_table_space_options_stmt alter_tsconfiguration_stmt
    alter_tsdictionary_stmt alter_user_mapping_stmt check_point_stmt close_portal_stmt constraints_set_stmt create_am_stmt
    create_cast_stmt create_conversion_stmt create_event_trig_stmt create_extension_stmt create_fdw_stmt
    create_foreign_server_stmt create_op_class_stmt create_op_family_stmt create_plang_stmt create_range_stmt
    create_role_stmt create_subscription_stmt create_table_space_stmt create_transform_stmt create_user_mapping_stmt
    createdb_stmt deallocate_stmt define_stmt discard_stmt drop_role_stmt drop_subscription_stmt drop_table_space_stmt
    drop_user_mapping_stmt dropdb_stmt  grant_role_stmt import_foreign_schema_stmt listen_stmt load_stmt
    notify_stmt transaction_stmt unlisten_stmt variable_show_stmt alter_extension_contents_stmt
    """.split()  # noqa: SIM905  # a list of words is read more easily as words

FORESEES = {**dict.fromkeys(_KINDS, nothing), "variable_set_stmt": set_variable}
