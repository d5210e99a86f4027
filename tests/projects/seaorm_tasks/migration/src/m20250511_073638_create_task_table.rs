use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Task::Table)
                    .col(pk_auto(Task::Id))
                    .col(string(Task::Title))
                    .col(text_null(Task::Description))
                    .col(string(Task::Status))
                    .col(integer_null(Task::UserId))
                    .col(timestamp_with_time_zone(Task::CreatedAt).default(Expr::current_timestamp()))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Task::Table).to_owned()).await
    }
}

#[derive(DeriveIden)]
pub enum Task {
    #[sea_orm(iden = "tasks")]
    Table,
    Id,
    Title,
    Description,
    Status,
    UserId,
    CreatedAt,
}
