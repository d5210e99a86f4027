"""The foreign keys of a SeaORM migration, in every way that its source may write them."""

from __future__ import annotations

import pytest

from watari.frameworks.seaorm_keys import DeclaredKey, declared_keys

USERS = """
#[derive(DeriveIden)]
pub enum Users { Table, Id, #[sea_orm(iden = "role")] Role, RoleId }
#[derive(DeriveIden)]
#[sea_orm(iden = "app_roles")]
enum Roles { Table, Id }
"""


def key(**fields: object) -> DeclaredKey:
    given = {
        "name": "fk",
        "table": "users",
        "columns": ("role_id",),
        "parent": "app_roles",
        "parent_columns": ("id",),
    } | fields
    return DeclaredKey(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        ('.name("fk").from(Users::Table, Users::RoleId).to(Roles::Table, Roles::Id)', key()),
        ('.name("fk").from(Users::Table, Users::Role).to(Roles::Table, Roles::Id)', key(columns=("role",))),
        (".from(Users::Table, Users::RoleId).to(Roles::Table, Roles::Id)", key(name=None)),
        (
            '.name("fk").from_tbl(Users::Table).from_col(Users::RoleId).to_tbl(Roles::Table).to_col(Roles::Id)',
            key(),
        ),
        (
            '.name("fk").from(Alias::new("people"), Alias::new("of")).to("teams", "no")',
            key(table="people", columns=("of",), parent="teams", parent_columns=("no",)),
        ),
        (
            '.name("fk").from(Users::Table, (Users::Id, Users::Role)).to(Roles::Table, (Roles::Id, Roles::Of))',
            key(columns=("id", "role"), parent_columns=("id", "of")),
        ),
        ('.name("fk").from(Unknown::Table, Unknown::RoleId).to(Roles::Table, Roles::Id)', key(table="unknown")),
    ],
)
def test_a_key_is_read(chain: str, expected: DeclaredKey) -> None:
    upwards = f"manager.create_foreign_key(ForeignKey::create(){chain}.on_delete(ForeignKeyAction::SetNull).to_owned())"
    assert list(declared_keys(upwards, ("", USERS))) == [expected]


def test_two_keys_of_one_migration_are_two() -> None:
    one = 'ForeignKey::create().name("{}").from(Users::Table, Users::RoleId).to(Roles::Table, Roles::Id)'
    upwards = f".foreign_key({one.format('a')})\n.foreign_key({one.format('b')}).to_owned()"
    assert [key.name for key in declared_keys(upwards, (USERS,))] == ["a", "b"]


def test_what_cannot_be_read_is_left_out() -> None:
    assert list(declared_keys("ForeignKey::create().from(table, column()).to_owned()", (USERS,))) == []
