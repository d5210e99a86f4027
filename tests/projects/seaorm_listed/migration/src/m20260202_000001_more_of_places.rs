use sea_orm_migration::prelude::*;

/// One migration a column, with a name of its own.
pub struct Column(&'static str, String);

pub fn all() -> Vec<Box<dyn MigrationTrait>> {
    ["height", "depth"]
        .into_iter()
        .map(|column| Box::new(Column(column, format!("m20260202_add_{column}"))) as Box<dyn MigrationTrait>)
        .collect()
}

impl MigrationName for Column {
    fn name(&self) -> &str {
        &self.1
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Column {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = format!("ALTER TABLE places ADD COLUMN {} integer", self.0);
        manager.get_connection().execute_unprepared(&sql).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = format!("ALTER TABLE places DROP COLUMN {}", self.0);
        manager.get_connection().execute_unprepared(&sql).await?;
        Ok(())
    }
}
