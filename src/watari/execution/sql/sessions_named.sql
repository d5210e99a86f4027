-- Which sessions of this database go by this application name?
select pid, usename, coalesce(application_name, ''), backend_type, state,
       extract(epoch from clock_timestamp() - xact_start)::float8, left(query, 500)
from pg_stat_activity
where datname = current_database() and application_name = %s and pid <> pg_backend_pid();
