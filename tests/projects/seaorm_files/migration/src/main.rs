//! Migrations from files: each `statements/NAME.sql` of the working folder is one, a statement a line.

use sea_orm_migration::prelude::*;

struct FromFile {
    name: String,
    statements: Vec<String>,
}

impl MigrationName for FromFile {
    fn name(&self) -> &str {
        &self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for FromFile {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in &self.statements {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}

struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let folder = std::fs::read_dir("statements").expect("a folder statements");
        let mut files: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
            .into_iter()
            .map(|file| {
                let text = std::fs::read_to_string(&file).unwrap();
                Box::new(FromFile {
                    name: file.file_stem().unwrap().to_string_lossy().into_owned(),
                    statements: text.lines().map(str::to_owned).collect(),
                }) as Box<dyn MigrationTrait>
            })
            .collect()
    }
}

#[tokio::main]
async fn main() {
    cli::run_cli(Migrator).await;
}
