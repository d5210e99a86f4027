-- Which sessions stand in a database?
select pid, usename, coalesce(application_name, '') as application
from pg_catalog.pg_stat_activity
where datname = %(database)s
  and pid <> pg_catalog.pg_backend_pid()
  and backend_type <> 'autovacuum worker'
