use sea_orm_migration::prelude::*;

use crate::m20260101_000001_create_customers::Customers;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// As most teams write it: nobody can write to the table while it is built.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_index(
                Index::create().name("idx_customers_email").table(Customers::Table).col(Customers::Email).to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("idx_customers_email").table(Customers::Table).to_owned()).await
    }
}
