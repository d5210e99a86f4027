use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(Table::create().table(Places::Table).col(pk_auto(Places::Id)).col(string(Places::Name)).to_owned())
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Places::Table).to_owned()).await
    }
}

#[derive(DeriveIden)]
pub enum Places {
    Table,
    Id,
    Name,
}
