-- Who else is in that database?
select a.pid, a.usename::text, coalesce(a.application_name, '')
from pg_stat_activity a
where a.datname = %s and a.pid <> pg_backend_pid() and a.backend_type is distinct from 'autovacuum worker'
order by a.backend_start;
