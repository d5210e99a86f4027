use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Values that go as parameters: a quote, a number that is no whole one, a moment, NULL.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Grades::Table)
                    .col(integer(Grades::Id).primary_key())
                    .col(string(Grades::Label))
                    .col(double(Grades::Discount))
                    .col(timestamp_with_time_zone_null(Grades::Since))
                    .to_owned(),
            )
            .await?;
        let since = "2026-01-02 03:04:05.678";
        for (id, label, discount) in [(1, "what's new", 0.1_f64), (2, "金", 1.0 / 3.0)] {
            let insert = Query::insert()
                .into_table(Grades::Table)
                .columns([Grades::Id, Grades::Label, Grades::Discount, Grades::Since])
                .values_panic([id.into(), label.into(), discount.into(), Expr::cust(format!("'{since}'"))])
                .to_owned();
            manager.get_connection().execute(&insert).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Grades::Table).to_owned()).await
    }
}

#[derive(DeriveIden)]
pub enum Grades {
    Table,
    Id,
    Label,
    Discount,
    Since,
}
