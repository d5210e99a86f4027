use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection.execute_unprepared("CREATE INDEX CONCURRENTLY idx_customers_name ON customers (name)").await?;
        connection.execute_unprepared("COMMENT ON INDEX idx_customers_name IS 'by name'").await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP INDEX CONCURRENTLY idx_customers_name").await?;
        Ok(())
    }
}
