pub use sea_orm_migration::prelude::*;

mod m20250511_073638_create_task_table;
mod m20250612_000001_create_users_table;
mod m20250612_000002_create_roles_table;
mod m20250613_000001_add_role_to_users;
mod m20250614_000001_index_tasks_status;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20250511_073638_create_task_table::Migration),
            Box::new(m20250612_000001_create_users_table::Migration),
            Box::new(m20250612_000002_create_roles_table::Migration),
            // Box::new(m20250612_000003_withdrawn::Migration),
            Box::new(m20250613_000001_add_role_to_users::Migration),
            Box::new(m20250614_000001_index_tasks_status::Migration),
        ]
    }
}
