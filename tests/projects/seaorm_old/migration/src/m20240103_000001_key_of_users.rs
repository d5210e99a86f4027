use sea_orm_migration::prelude::*;

use crate::m20240101_000001_create_users::Users;
use crate::m20240102_000001_create_roles::Roles;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_foreign_key(
                ForeignKey::create()
                    .name("fk_users_role")
                    .from(Users::Table, Users::RoleId)
                    .to(Roles::Table, Roles::Id)
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_foreign_key(ForeignKey::drop().name("fk_users_role").table(Users::Table).to_owned())
            .await
    }
}
