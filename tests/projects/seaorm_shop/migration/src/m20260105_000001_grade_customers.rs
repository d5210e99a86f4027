use sea_orm_migration::{prelude::*, sea_orm::Statement};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// One statement a customer: what it sends depends on the rows.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        connection.execute_unprepared("ALTER TABLE customers ADD COLUMN grade integer").await?;
        let found = connection
            .query_all_raw(Statement::from_string(backend, "SELECT id FROM customers ORDER BY id LIMIT 3"))
            .await?;
        for row in found {
            let id: i32 = row.try_get("", "id")?;
            let values = [(1 + id % 2).into(), id.into()];
            let text = "UPDATE customers SET grade = $1 WHERE id = $2";
            connection.execute_raw(Statement::from_sql_and_values(backend, text, values)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("ALTER TABLE customers DROP COLUMN grade").await?;
        Ok(())
    }
}
