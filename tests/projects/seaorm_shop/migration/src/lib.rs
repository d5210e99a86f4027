pub use sea_orm_migration::prelude::*;

mod m20260101_000001_create_customers;
mod m20260102_000001_create_grades;
mod m20260103_000001_index_customers;
mod m20260104_000001_index_names;
mod m20260105_000001_grade_customers;
mod m20260106_000001_mark_customers;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20260101_000001_create_customers::Migration),
            Box::new(m20260102_000001_create_grades::Migration),
            Box::new(m20260103_000001_index_customers::Migration),
            Box::new(m20260104_000001_index_names::Migration),
            Box::new(m20260105_000001_grade_customers::Migration),
            Box::new(m20260106_000001_mark_customers::Migration),
        ]
    }
}
