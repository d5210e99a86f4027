-- How large is this database?
select pg_database_size(current_database());
