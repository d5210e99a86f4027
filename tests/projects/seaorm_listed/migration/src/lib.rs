pub use sea_orm_migration::prelude::*;

mod m20260201_000001_create_places;
mod m20260202_000001_more_of_places;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    /// Put together while it runs: only the binary knows the list.
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut all: Vec<Box<dyn MigrationTrait>> = Vec::new();
        all.push(Box::new(m20260201_000001_create_places::Migration));
        all.extend(m20260202_000001_more_of_places::all());
        all
    }

    fn migration_table_name() -> sea_orm::DynIden {
        Alias::new("places_history").into_iden()
    }
}
