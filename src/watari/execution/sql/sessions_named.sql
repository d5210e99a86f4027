-- Which sessions of this database go by this application name?
select pid from pg_stat_activity
where datname = current_database() and application_name = %s and pid <> pg_backend_pid();
