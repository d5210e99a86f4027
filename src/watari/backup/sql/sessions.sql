-- Which sessions stand in a database?
select pid, usename, coalesce(application_name, '') as application
from pg_catalog.pg_stat_activity
where datname = %(database)s
  and pid <> pg_catalog.pg_backend_pid()
  and backend_type is distinct from 'autovacuum worker' -- null where the role may not see it
